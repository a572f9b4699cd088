"""Security: credentials stay out of addresses, off plain text, away from foreign servers and redirects."""

from __future__ import annotations

from urllib.parse import urlsplit

from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.sights import NotObservedError
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Disconnect, Fault, Mend, Step, Until

CODE = "authorization_code"
ELSEWHERE = "https://elsewhere.example.net/token"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def no_secret_in_url(evidence: Evidence) -> Verdict:
    """No address and no Referer holds a token, the client secret or a verifier."""
    carrying = [one for one in evidence.exchanges() if one.presented is not None or one.client_authentication]
    for one in evidence.exchanges():
        if one.leaks:
            return violated(
                f"The address of a request to {one.origin} holds {', '.join(one.leaks)}.",
                one.number,
                expected="Credentials stand in the body or in the Authorization header.",
            )
    if not evidence.shows("elsewhere"):
        raise NotObservedError("elsewhere")
    return exercised(bool(carrying), "No request carried a credential.")


def carries_credential(one: Exchange) -> bool:
    """Tell whether a request of the client carries a token, a code or client authentication."""
    return one.presented is not None or bool(one.client_authentication) or "authorization" in _headers(one)


def _headers(one: Exchange) -> dict[str, str]:
    return {name.lower(): value for name, value in one.request_headers}


def token_redirects_refused(evidence: Evidence) -> Verdict:
    """After a redirect of the token or revocation endpoint no request goes to its target."""
    redirects = [one for view in ("token", "revocation") for one in evidence.exchanges(view) if _target(one)]
    for one in redirects:
        followed = _followed(evidence, one)
        if followed is not None:
            return violated(
                f"The {one.view} endpoint answered {one.status} and the client went on to {followed.origin}.",
                one.number,
                followed.number,
                expected="A redirect of this endpoint is a failure; it is not followed.",
            )
    return exercised(bool(redirects), "Neither token nor revocation endpoint redirected.")


def _target(one: Exchange) -> str | None:
    """Return where an answer redirects to."""
    if one.status is None or not 300 <= one.status < 400:
        return None
    return next((value for name, value in one.response_headers if name.lower() == "location"), None)


def _followed(evidence: Evidence, redirect: Exchange) -> Exchange | None:
    for one in evidence.exchanges():
        there = one.follows(redirect) and _bare(one.url) == _bare(_target(redirect) or "")
        if there and _same_caller(evidence, one, redirect):
            return one
    target = urlsplit(_target(redirect) or "")
    if not evidence.shows("elsewhere") and target.netloc and f"{target.scheme}://{target.netloc}" != redirect.origin:
        raise NotObservedError("elsewhere")
    return None


def _same_caller(evidence: Evidence, one: Exchange, other: Exchange) -> bool:
    """Tell whether two requests are one caller's; in a recording a credential that both carry shows it."""
    if evidence.shows("caller"):
        return one.actor == other.actor and one.step == other.step
    return other.presented is not None and other.presented in {one.presented, *(value for _, value in one.parameters)}


def _bare(url: str) -> str:
    """Return an address without what a client may add to it or leave out on its way."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


def https_only(evidence: Evidence) -> Verdict:
    """No request with a credential goes out in plain text, also when the connection is refused again and again."""
    for one in evidence.exchanges():
        split = urlsplit(one.url)
        if split.scheme == "http" and split.hostname not in LOOPBACK and carries_credential(one):
            return violated(
                f"Credentials went to {one.origin} in plain text.", one.number, expected="https, or no request at all."
            )
    if not evidence.shows("elsewhere"):
        raise NotObservedError("elsewhere")
    refused = [one for one in evidence.exchanges() if one.trouble == "refused" and carries_credential(one)]
    return exercised(bool(refused), "No connection was refused.")


def credentials_at_home(evidence: Evidence) -> Verdict:
    """No resource sees a refresh token, and no other origin than the one addressed sees an Authorization header."""
    for one in evidence.exchanges("resource"):
        if "RT" in {_kind(one.presented), *(_kind(value) for _, value in one.parameters)}:
            return violated(
                f"A refresh token went to the resource at {one.origin}.",
                one.number,
                expected="Resources get access tokens only.",
            )
    redirects = [one for one in evidence.exchanges("resource") if _target(one)]
    for one in redirects:
        followed = _followed(evidence, one)
        if followed is not None and followed.origin != one.origin and "authorization" in _headers(followed):
            return violated(
                f"The resource redirected to {followed.origin}, and the Authorization header went along.",
                one.number,
                followed.number,
                expected="No Authorization header at another origin.",
            )
    return exercised(bool(redirects), "The resource did not redirect.")


def _kind(alias: str | None) -> str:
    return (alias or "").rstrip("0123456789")


def _redirect(code: int, location: str, view: str = "token", grant_type: str | None = "refresh_token") -> Fault:
    parameters = {"code": code, "location": location}
    return Fault(fault="redirect_to", parameters=parameters, view=view, grant_type=grant_type)


def _met(redirect: Fault) -> tuple[Step, ...]:
    """Refresh into a redirect, and wait until the client may ask again."""
    return (redirect, Call(), Advance(seconds=700))


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_REDIRECTS = (
    _redirect(301, "$url/moved"),
    _redirect(302, ELSEWHERE),
    _redirect(303, "$url/moved"),
    _redirect(307, ELSEWHERE),
    _redirect(307, "http://elsewhere.example.net/token"),
    _redirect(308, "$url/moved"),
)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="security-no-secret-in-url",
        keyword="MUST NOT",
        statement="No client secret, token or verifier appears in a request's address or Referer.",
        source="RFC 6749 s2.3.1; RFC 6750 s2.3, s5.3; OAuth 2.1 s5.1, s7.1.3.7",
        effect="Secrets end up in access logs, proxies and browser histories.",
        fix="Send tokens in the Authorization header and everything else in the body.",
        anomaly="A7",
        check=no_secret_in_url,
        recorded="whole",
        scenarios=(flow(Call(), _EXPIRED, Call(), Advance(seconds=60), Call(), Disconnect(), name="login to logout"),),
        invariant=True,
    ),
    Requirement(
        id="security-no-token-redirects",
        keyword="MUST NOT",
        statement="Redirects of the token and revocation endpoints are not followed.",
        source=("RFC 6749 s3.2, s10.4; RFC 9110 s15.4; misb redir-301-302-post-to-get, redir-307-308-replays-secrets"),
        effect="A misconfigured or hijacked redirect hands refresh token and client secret to another server.",
        fix="Switch redirects off for these endpoints and report the Location as a configuration problem.",
        anomaly="A7",
        check=token_redirects_refused,
        recorded="whole",
        scenarios=(
            flow(_EXPIRED, *(step for one in _REDIRECTS for step in _met(one)), Mend(), Call(), name="at refreshes"),
            Scenario(
                steps=(
                    *(_redirect(307, ELSEWHERE, grant_type=CODE), Authorize()),
                    *(_redirect(302, "$url/moved", grant_type=CODE), Authorize(), Call()),
                ),
                name="at code exchanges",
            ),
            flow(_redirect(307, ELSEWHERE, view="revocation", grant_type=None), Disconnect(), name="at logout"),
        ),
        invariant=True,
    ),
    Requirement(
        id="security-https-only",
        keyword="MUST",
        statement="Credentials travel over https only, also when https fails.",
        source="RFC 6749 s3.1, s3.2, s10.8; OAuth 2.1 s1.5; seed 003",
        effect="Whoever can block port 443 reads the refresh token and the client secret.",
        fix="Treat a failed handshake as a passing failure; never retry over http.",
        anomaly="A7",
        check=https_only,
        recorded="whole",
        scenarios=(
            flow(
                Call(),
                Fault(fault="refuse_connection", view=None, grant_type=None, times=None),
                Call(),
                _EXPIRED,
                Call(times=3, every=200),
                Mend(),
                Advance(seconds=700),
                Call(),
                name="no connection for ten minutes",
            ),
        ),
        invariant=True,
    ),
    Requirement(
        id="security-token-audience",
        keyword="MUST NOT",
        statement="Refresh tokens never go to a resource, and no Authorization header follows a redirect elsewhere.",
        source="RFC 6749 s1.5; RFC 6750 s5.3",
        effect="The server behind a redirect, or every API that is called, can act in the user's name.",
        fix="Send access tokens only, and drop the Authorization header when the origin changes.",
        anomaly="A7",
        check=credentials_at_home,
        recorded="whole",
        scenarios=(
            flow(
                *(
                    step
                    for code, location in (
                        (302, "$url/moved"),
                        (307, "$url/moved"),
                        (302, "https://elsewhere.example.net/resource"),
                        (307, "https://elsewhere.example.net/resource"),
                    )
                    for step in (_redirect(code, location, view="resource", grant_type=None), Call())
                ),
                _EXPIRED,
                Call(),
                name="the resource redirects",
            ),
        ),
        invariant=True,
    ),
)
"""The family's requirements but those on output and on several servers."""
