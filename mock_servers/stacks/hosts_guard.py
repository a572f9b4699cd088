"""No way to somebody else: a request that is carried to a vendor must be for one of its hosts; the error names the
host, the stack and those that there are."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.client_code import line_of
from refreshproof.mock_servers.stacks.led import wall
from refreshproof.mock_servers.stacks.sockets_guard import NetworkForbidden
from refreshproof.mock_servers.wire import WireRequest, WireResponse


def at_home(profile: Profile, carrier: Carrier) -> Carrier:
    """Return the carrier for a vendor's hosts; a request for another is a `NetworkForbidden`."""

    def carry(request: WireRequest, timeout: float | None) -> WireResponse:
        if request.host not in profile.hosts:
            raise _refusal(profile, request)
        return carrier(request, timeout)

    return carry


def _refusal(profile: Profile, request: WireRequest) -> NetworkForbidden:
    advice = f"{profile.title} answers at {', '.join(profile.hosts)}; nothing else can be reached in here"
    error, led = NetworkForbidden(request.host, line_of(), advice), wall()
    if led is not None:
        led.refuse(error)
    return error
