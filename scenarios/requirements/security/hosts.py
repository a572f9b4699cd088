"""Security: whatever makes a client, a code or a refresh token usable goes to the hosts that a registration names."""

from __future__ import annotations

import re

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.wire import WireRequest
from refreshproof.scenarios.evidence.evidence import Evidence, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import FIRST_SECRET, configuration
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.sights import NotObservedError
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Disconnect, Fault, Until
from refreshproof.scenarios.world.second_server import HOST as SECOND_HOST

ELSEWHERE = "https://auth.elsewhere.example.net"
NAMED = frozenset({"authorization", "token", "revocation", "device_authorization"})
"""The endpoints that a registration names besides the resource."""
_ALIAS = re.compile(r"\b(?:RT|CODE|SECRET)\d+\b")
"""How the journal names a refresh token, a code, a client's secret."""

_HINTS = {
    "token_endpoint": f"{ELSEWHERE}/token",
    "revocation_endpoint": f"{ELSEWHERE}/revoke",
    "issuer": ELSEWHERE,
    "instance_url": ELSEWHERE,
    "api_domain": ELSEWHERE,
    "region": "elsewhere",
}
"""Members that some vendors have in an answer, of which this client was told nothing."""


def kept_to_named_hosts(evidence: Evidence) -> Verdict:
    """No request with a refresh token, a code or the client's secret goes to a place that is not named."""
    carrying, callers = [], evidence.shows("caller")
    known = {FIRST_SECRET} if evidence.shows("setting") and configuration(evidence).get("secret") else set()
    for one in evidence.exchanges():
        # Whose request it was is not always seen, and a browser carries a code to the client.
        secrets = sorted(alias for alias in known & _aliases(one) if callers or not alias.startswith("CODE"))
        if one.view == "token":
            known |= {alias for alias in (one.presented, refresh_token_of(one)) if alias is not None}
        if not secrets or (callers and one.actor == "browser"):
            continue
        carrying.append(one)
        if one.view is None and one.origin not in origins_named(evidence.profile):
            return violated(
                f"A {one.method} with {' and '.join(secrets)} went to {one.origin}, which no registration names.",
                one.number,
                expected="Refresh tokens, codes and the client's secret go to the endpoints of the registration.",
            )
    if not evidence.shows("elsewhere"):
        raise NotObservedError("elsewhere")
    return exercised(bool(carrying), "No request carried a secret.")


def origins_named(profile: Profile) -> frozenset[str]:
    """Return the origins of a vendor's endpoints for clients, and that of the second server which some clients know."""
    asked = (WireRequest(method="GET", url=one.url) for one in profile.endpoints if one.view in NAMED)
    own = (request.origin for request in asked)
    return frozenset((*own, f"https://{SECOND_HOST}"))


def _aliases(one: Exchange) -> set[str]:
    """Return the aliases of secrets that a request shows anywhere: address, header, parameter at whatever depth."""
    texts = (one.url, one.presented or "", *(value for _, value in (*one.request_headers, *one.parameters)))
    return {alias for text in texts for alias in _ALIAS.findall(text)}


def _names_hosts(grant_type: str) -> tuple[Fault, ...]:
    return tuple(
        Fault(fault="member", parameters={"name": name, "value": value}, grant_type=grant_type, times=None)
        for name, value in _HINTS.items()
    )


_EXPIRED = Until(limit="access_token_expiry", offset=1)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="security-named-hosts-only",
        keyword="MUST NOT",
        statement="Client secret, code and refresh token never go to a host that the registration does not name.",
        source=(
            "RFC 6749 s10.4; RFC 9700 s4.4; https://github.com/tickernelz/opencode-kiro-auth/pull/118 (seen 2026-11-30)"
        ),
        effect=(
            "Every refresh fails at a server that never issued the token, and whoever runs it has the refresh token "
            "and the client's secret."
        ),
        fix="Take the token endpoint from the registration, stored with the grant; guess no region, host or path.",
        anomaly="A7",
        check=kept_to_named_hosts,
        recorded="whole",
        scenarios=(
            flow(Call(), _EXPIRED, Call(), Advance(seconds=60), Call(), Disconnect(), name="login to logout"),
            Scenario(
                steps=(
                    *_names_hosts("authorization_code"), Authorize(), Call(),
                    *_names_hosts("refresh_token"), _EXPIRED, Call(), _EXPIRED, Call(), Disconnect(),
                ),
                name="answers name other hosts",
            ),
        ),
        invariant=True,
    ),
)  # fmt: skip
"""What the family has on hosts."""
