"""Which vendors have a case for rules that take more of a vendor than refresh tokens."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.requirement import serves_well


def renews_again(vendor: Vendor) -> bool:
    """Apply where a login is good for more than one refresh."""
    return vendor.profile.renews and vendor.profile.refresh.renews_again


def renews_again_and_serves_well(vendor: Vendor) -> bool:
    """Apply where a login is good for more than one refresh, and every request is answered as the profile says."""
    return renews_again(vendor) and serves_well(vendor)


def renews_late(vendor: Vendor) -> bool:
    """Apply where refresh tokens may be used, also after the access token that came with them has ended."""
    return vendor.profile.renews and not vendor.profile.refresh.while_access_token_lives


def renews_late_and_serves_well(vendor: Vendor) -> bool:
    """Apply where that is so, and every request is answered as the profile says."""
    return renews_late(vendor) and serves_well(vendor)


def has_a_secret(vendor: Vendor) -> bool:
    """Apply where that is so, and the client has a secret that can be wrong."""
    return renews_late(vendor) and not (vendor.profile.public_clients or vendor.profile.signs_assertions)


def tells_the_end(vendor: Vendor) -> bool:
    """Apply where a client can know that its grant is over: the refusal of a dead refresh token has words."""
    reply = vendor.profile.reply(Cause.REFRESH_TOKEN_REVOKED)
    return vendor.profile.renews and (reply.error is not None or bool(reply.members))
