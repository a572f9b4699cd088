"""Several servers: what one authorization server issued or knows never goes to another, whoever sends the browser
where."""

from __future__ import annotations

from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import FIRST_SECRET, configuration, deliveries
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, AuthorizeAtSecond, Call, Until
from refreshproof.scenarios.steps.subject import Capability

_NEEDS: frozenset[Capability] = frozenset({"two_servers"})


def code_to_its_server(evidence: Evidence) -> Verdict:
    """After a mix-up neither the code nor the client's secret of one server reaches the other one."""
    strayed = _strayed(evidence)
    mixed_up = [one for one in deliveries(evidence) if one.tamper == "mix_up"]
    return strayed or exercised(bool(mixed_up), "No server sent the browser on to another one.")


def no_mix_up(evidence: Evidence) -> Verdict:
    """No code, token or secret of one server is presented at another one."""
    strayed = _strayed(evidence)
    foreign = [one for one in evidence.exchanges("token") if one.issued and not _is_first(one, evidence.profile)]
    used = [
        one for one in evidence.exchanges() if foreign and one.follows(foreign[0]) and _is_first(one, evidence.profile)
    ]
    return strayed or exercised(bool(used), "The client did not use the first server after a login at the second.")


def _is_first(one: Exchange, profile: Profile) -> bool:
    """Tell whether a request went to the vendor under test."""
    return urlsplit(one.url).hostname in {urlsplit(endpoint.url).hostname for endpoint in profile.endpoints}


def _strayed(evidence: Evidence) -> Verdict | None:
    """Find a credential that was presented at another server than its own."""
    home = {alias: _is_first(one, evidence.profile) for one in evidence.exchanges() for alias in one.issued}
    if configuration(evidence).get("secret"):
        home[FIRST_SECRET] = True
    for one in evidence.exchanges():
        if one.actor == "browser":
            continue
        for alias in (one.presented, *(value for _, value in one.parameters)):
            if alias in home and home[alias] != _is_first(one, evidence.profile):
                return violated(
                    f"{alias} of {'the' if home[alias] else 'the second'} server went to {one.origin}.",
                    one.number,
                    expected="Credentials go to the server that they came from.",
                )
    return None


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="callback-code-to-right-issuer",
        keyword="MUST",
        statement="A code goes only to the token endpoint of the server that the login was begun with.",
        source="RFC 9700 s4.4.2; OAuth 2.1 s7.15; RFC 8252 s8.10; seed 003 (a redirect URI for each endpoint)",
        effect="A hostile server that one user connects collects the codes and the secret of another server.",
        fix="Give every server a redirect URI of its own, and compare iss where the server sends it.",
        anomaly="A6",
        check=code_to_its_server,
        scenarios=(
            Scenario(steps=(AuthorizeAtSecond(mix_up=True), Authorize(), Call()), name="a mix-up, then a plain login"),
            flow(Call(), AuthorizeAtSecond(mix_up=True), Call(), name="a mix-up of a user who is logged in"),
        ),
        needs=_NEEDS,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="security-no-mix-up",
        keyword="MUST NOT",
        statement="Codes, tokens and secrets of one server never go to another.",
        source="RFC 6749 s10.4; RFC 9700 s4.4; misb rot-cross-product-coupling",
        effect="One vendor receives the keys to another vendor's data, or both integrations break in turn.",
        fix="Key stored grants and caches by issuer and account, not by client id.",
        anomaly="A6",
        check=no_mix_up,
        scenarios=(
            flow(
                Call(),
                AuthorizeAtSecond(),
                Call(),
                Until(limit="access_token_expiry", offset=1),
                Call(),
                Advance(seconds=60),
                Call(),
                name="two servers with the same client id",
            ),
            Scenario(
                steps=(
                    *(AuthorizeAtSecond(), Authorize(), Call(), AuthorizeAtSecond(), Advance(seconds=3601)),
                    *(Call(), Advance(seconds=60), Call()),
                ),
                name="logins in turn",
            ),
        ),
        needs=_NEEDS,
        depends=("authz-code-request",),
    ),
)
"""Requirements on more than one server."""
