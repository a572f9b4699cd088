"""The endpoints of a server from its metadata (RFC 8414 s3, OpenID Connect Discovery 1.0 s4), a built-in vendor, or by
name; only hosts that were named are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from refreshproof.harness.vendor_check.asking.carrier import Carrier
from refreshproof.harness.vendor_check.asking.limits import Meter
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.target import origin_of
from refreshproof.harness.vendor_check.asking.trouble import StopError, TroubleError
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.wire import WireRequest

MEMBERS: Mapping[str, str] = {
    "authorization_endpoint": "authorization", "token_endpoint": "token", "revocation_endpoint": "revocation",
    "introspection_endpoint": "introspection", "userinfo_endpoint": "userinfo",
}  # fmt: skip
"""Members of the metadata that are addresses to ask, and the views of a profile that answer there."""


def addresses_of(issuer: str) -> tuple[str, ...]:
    """Return where the metadata of an issuer may stand."""
    split = urlsplit(issuer)
    path = split.path.rstrip("/")
    base = f"{split.scheme}://{split.netloc}"
    return (
        f"{base}{path}/.well-known/openid-configuration",
        f"{base}/.well-known/oauth-authorization-server{path}",
    )


def metadata_of(issuer: str, carrier: Carrier, meter: Meter) -> dict[str, Any]:
    """Fetch the metadata of an issuer; raises `TroubleError` where there is none, `StopError` where nobody answers or
    no more may be asked."""
    replies = []
    for url in addresses_of(issuer):
        meter.count()
        carrier.wait(meter.due(carrier.now()))
        reply: Reply = carrier.send(WireRequest(method="GET", url=url, headers=(("Accept", "application/json"),)))
        if reply.response is None:
            raise StopError(f"{url}: no answer: {reply.why}")
        if reply.status == 200 and "token_endpoint" in reply.members:
            return dict(reply.members)
        replies.append(f"{url} answered {reply.words}")
    raise TroubleError(f"no metadata: {'; '.join(replies)}; name the endpoints one by one")


def endpoints_in(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the endpoints that metadata names, by the names of the options."""
    return {name: url for name in MEMBERS if isinstance(url := metadata.get(name), str)}


def endpoints_of(profile: Profile) -> dict[str, str]:
    """Return the endpoints of a built-in vendor, by the names of the options."""
    found = {name: profile.url(view) for name, view in MEMBERS.items()}
    return {name: url for name, url in found.items() if url is not None and "{" not in url}


def unnamed(endpoints: Mapping[str, str], named: Iterable[str]) -> dict[str, str]:
    """Return the endpoints at origins that nobody named."""
    origins = {origin_of(url) for url in named if url}
    return {name: url for name, url in endpoints.items() if origin_of(url) not in origins}
