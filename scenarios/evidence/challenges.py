"""What a resource tells a client that it refuses: the scopes that it wants (RFC 6750 s3), and where it says more of
itself (RFC 9728 s5.1)."""

from __future__ import annotations

import re

from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange

_PARAMETER = re.compile(r'\b(\w+)="([^"]*)"')


def challenge_of(exchange: Exchange) -> dict[str, str]:
    """Return the parameters of the challenge that came with an answer, none where none came."""
    headers = " ".join(value for name, value in exchange.response_headers if name.lower() == "www-authenticate")
    return dict(_PARAMETER.findall(headers)) if exchange.delivered else {}


def wanted_scopes(exchange: Exchange) -> frozenset[str]:
    """Return the scopes that a refusal of a resource names."""
    return frozenset(challenge_of(exchange).get("scope", "").split())


def challenged_scopes(evidence: Evidence, before: Exchange) -> frozenset[str]:
    """Return the scopes that the resource had named before a request, in refusals or in what it tells of itself."""
    told = [one for one in evidence.exchanges("resource") if before.follows(one)]
    published = [one for one in evidence.exchanges("resource_metadata") if before.follows(one)]
    listed = [one.members.get("scopes_supported") or () for one in published]
    return frozenset().union(*map(wanted_scopes, told), *listed)
