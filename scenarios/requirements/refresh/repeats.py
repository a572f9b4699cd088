"""Refreshing: what a vendor wants to be told again of the login, and what may not differ from it."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import logins
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
    """Say what a refresh lacked of the login before it, or had otherwise, by what it was refused for."""
    before = [one for one in logins(evidence) if refresh.follows(one)][-1:]
    login = before[0].values if before else {}
    if refresh.cause is Cause.INVALID_TARGET and refresh.values.get("resource"):
        asked = login.get("resource") or "none"
        return f"The refresh named the resource {refresh.values['resource']}, and the login {asked}."
    if refresh.cause in (Cause.MISSING_PARAMETER, Cause.REDIRECT_URI_MISMATCH) and refresh.presented:
        wanted = [name for name in _wanted(evidence.profile_at(refresh.sent_at)) if login.get(name)]
        lacking = [name for name in wanted if not refresh.values.get(name)]
        return f"The refresh had no {' and no '.join(lacking)}, which the vendor wants again." if lacking else None
    return None


def _wanted(profile: Profile) -> tuple[str, ...]:
    """Return the parameters of a login that a vendor wants with a refresh."""
    wanted = profile.token_request
    return (*wanted.repeated_on_refresh, *(("redirect_uri",) if wanted.redirect_uri_on_refresh else ()))


def takes_a_resource(vendor: Vendor) -> bool:
    """Apply where refresh tokens may be used, and a resource means nothing of the vendor's own."""
    profile = vendor.profile
    rules = profile.authorization
    own = rules.resource_parameter or rules.resource_by_scope or profile.resource_indicators
    return profile.renews and serves_well(vendor) and not own


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
