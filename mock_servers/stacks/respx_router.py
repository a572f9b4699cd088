"""respx in process: routes for every host of a vendor, so that any httpx client in the block meets the emulation."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import httpx
import respx

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.httpx_transport import CarrierTransport
from refreshproof.mock_servers.stacks.led import Walled
from refreshproof.mock_servers.stacks.plugging import HOOKS

ADVICE = "a router leads httpx only; oauth_provider.in_process() leads every HTTP stack"


class WalledRouter(respx.MockRouter):
    """A router of respx in which whatever respx does not know of cannot leave the machine either."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._wall = ExitStack()

    def start(self) -> None:
        """Begin."""
        self._wall.enter_context(HOOKS)
        self._wall.enter_context(Walled(ADVICE))
        super().start()

    def stop(self, *arguments: Any, **options: Any) -> None:
        """End."""
        try:
            super().stop(*arguments, **options)
        finally:
            self._wall.close()


def router(profile: Profile, carrier: Carrier) -> respx.MockRouter:
    """Return a router that carries requests for the profile's hosts; requests elsewhere fail, and so do those of other
    stacks, with `NetworkForbidden`.

    Use it as a context manager or decorator: `with router(GOOGLE, carrier): httpx.get(...)`.
    """
    transport = CarrierTransport(carrier)
    mock = WalledRouter(assert_all_called=False)
    for host in profile.hosts:
        mock.route(host=host).mock(side_effect=_forward(transport))
    return mock


def _forward(transport: httpx.BaseTransport) -> respx.types.SideEffectTypes:
    return lambda request: transport.handle_request(request)
