"""Refreshing: what a vendor wants to be told again of the login, and what may not differ from it."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import Requirement, serves_well
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Restart, Until

RESOURCE = "https://api.example.com"
REPEATED = ("resource", "scope", "redirect_uri")


def repeats_the_login(evidence: Evidence) -> Verdict:
    """No refresh is refused for a parameter of the login that it lacks, or has otherwise."""
    for one in evidence.refreshes:
        fault = _difference(evidence, one)
        if fault is not None:
            return violated(fault, one.number, expected="What the vendor wants again is sent as it was at the login.")
    repeated = [one for one in evidence.refreshes if one.committed and set(REPEATED) & set(one.values)]
    return exercised(bool(repeated), "No refresh repeated anything of the login.")


def _difference(evidence: Evidence, refresh: Exchange) -> str | None:
    """Say what a refresh lacked, or had otherwise than the login before it, by what it was refused for."""
    logins = [one for one in evidence.consents if refresh.follows(one)]
    if refresh.cause is Cause.INVALID_TARGET:
        asked = logins[-1].values.get("resource") if logins else None
        return f"The refresh named the resource {refresh.values.get('resource')}, and the login {asked or 'none'}."
    if refresh.cause in (Cause.MISSING_PARAMETER, Cause.REDIRECT_URI_MISMATCH) and refresh.presented:
        lacking = [name for name in REPEATED if not refresh.values.get(name, "").strip()]
        return f"The refresh had no {' and no '.join(lacking)}, and was refused for what it lacks of the login."
    return None


def takes_a_resource(vendor: Vendor) -> bool:
    """Apply where refresh tokens may be used, and a resource means nothing of the vendor's own."""
    profile = vendor.profile
    own = profile.authorization.resource_parameter or profile.resource_indicators
    return profile.renews and serves_well(vendor) and own is None


_EXPIRED = Until(limit="access_token_expiry", offset=1)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="refresh-repeats-login",
        keyword="VENDOR",
        statement=(
            "A refresh repeats what the vendor needs of the login (resource, scope, redirect_uri), as it was there."
        ),
        source=(
            "RFC 8707 s2.2; misb rot-needs-login-parameters, iss-other-resource-refused, rot-needs-redirect-uri; "
            "https://github.com/modelcontextprotocol/rust-sdk/pull/1084 (seen 2026-11-30); "
            "https://github.com/openai/codex/issues/33403 (seen 2026-11-30)"
        ),
        effect="The login works, and the first refresh is refused: an hour later the user has to log in again.",
        fix="Keep the resource with the grant and the scopes that were granted, and send them with every refresh.",
        anomaly="A15",
        check=repeats_the_login,
        scenarios=(
            flow(
                Call(), _EXPIRED, Call(), Restart(), _EXPIRED, Call(),
                name="a vendor that wants resource and scope again",
                profile={
                    "client_parameters.resource": RESOURCE,
                    "token_request.repeated_on_refresh": ["resource", "scope"],
                    "token_request.other_resource": "refused",
                },
            ),
        ),
        applies=takes_a_resource,
        needs=frozenset({"repeats_login"}),
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
"""What the family has on repeating a login."""
