"""respx in process: routes for every host of a vendor, so that any httpx client in the block meets the emulation."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import respx

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.httpx_transport import CarrierTransport


def router(profile: Profile, carrier: Carrier) -> respx.MockRouter:
    """Return a router that carries requests for the profile's hosts; requests elsewhere fail.

    Use it as a context manager or decorator: `with router(GOOGLE, carrier): httpx.get(...)`.
    """
    transport = CarrierTransport(carrier)
    mock = respx.MockRouter(assert_all_called=False)
    for host in dict.fromkeys(urlsplit(endpoint.url).hostname or "" for endpoint in profile.endpoints):
        mock.route(host=host).mock(side_effect=_forward(transport))
    return mock


def _forward(transport: httpx.BaseTransport) -> respx.types.SideEffectTypes:
    return lambda request: transport.handle_request(request)
