"""Exchange: a code is redeemed once, in the provider's format, by one client authentication."""

from __future__ import annotations

from collections import Counter

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import codes_brought
from refreshproof.scenarios.evidence.operations import operations
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Lose, Step, Until

CODE = "authorization_code"
_FORMATS = {"application/json": "json", "application/x-www-form-urlencoded": "form"}


def request_shaped(evidence: Evidence) -> Verdict:
    """Every code exchange is a POST in a format of the provider, with the code and redirect URI of its login."""
    exchanges = evidence.code_exchanges
    for one in exchanges:
        fault = _misshapen(evidence, one) or _mismatched(one, _origin(evidence, one.presented))
        if fault:
            return violated(fault, one.number, expected="A token request as RFC 6749 section 4.1.3 describes it.")
    for one in exchanges:
        login = _origin(evidence, one.presented)
        if login is not None and "redirect_uri" in login.values and "redirect_uri" not in one.values:
            return alternative("The exchange leaves redirect_uri out and relies on PKCE.", one.number)
    return exercised(bool(exchanges), "No code was redeemed.")


def _origin(evidence: Evidence, code: str | None) -> Exchange | None:
    """Return the authorization request that a code was issued to."""
    return next((one for one in evidence.exchanges("authorization") if code in one.issued), None)


def _misshapen(evidence: Evidence, one: Exchange) -> str | None:
    taken = evidence.profile.token_request.bodies
    headers = {name.lower(): value for name, value in one.request_headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    counts = Counter(name for name, _ in one.parameters)
    repeated = sorted(name for name, number in counts.items() if number > 1)
    if one.method != "POST":
        return f"The code was redeemed by {one.method}."
    if _FORMATS.get(media_type) not in taken:
        return f"The body is {media_type or 'of no type'}; the provider takes {' or '.join(taken)}."
    if repeated:
        return f"The token request repeats {', '.join(repeated)}."
    if one.presented not in codes_brought(evidence, one.presented):
        return f"The code that was redeemed is not the one that came: {one.presented or 'none'}."
    return None


def _mismatched(one: Exchange, login: Exchange | None) -> str | None:
    if login is None:
        return None
    asked, told = login.values.get("redirect_uri"), one.values.get("redirect_uri")
    if told != asked and (told is not None or "code_challenge" not in login.values):
        return f"The redirect URI of the exchange is {told}; that of the login was {asked}."
    if ("code_challenge" in login.values) != (one.challenge is not None):
        sent = "a verifier" if one.challenge is not None else "no verifier"
        return f"The exchange carries {sent}; the login carried {'a' if one.challenge is None else 'no'} challenge."
    return None


def one_authentication(evidence: Evidence) -> Verdict:
    """Each token request carries one client authentication, always the same one, and no empty parameter."""
    requests = [one for one in evidence.exchanges("token") if not one.on_behalf]
    used: tuple[str, ...] = ()
    for one in requests:
        empty = [name for name, value in one.parameters if value == ""]
        if len(one.client_authentication) > 1:
            return violated(
                f"One request authenticates the client by {' and by '.join(one.client_authentication)}.",
                one.number,
                expected="One client authentication.",
            )
        if empty:
            return violated(f"The parameter {empty[0]} is empty.", one.number, expected="No empty parameter.")
        if _misencoded(evidence, one):
            return violated(
                "The server does not know the secret in the Basic credentials: they are not form-encoded.",
                one.number,
                expected="Client id and secret are form-encoded before base64 (RFC 6749 section 2.3.1).",
            )
        if used and one.client_authentication and one.client_authentication != used:
            return violated(
                f"The client authenticates by {one.client_authentication[0]} after it had done so by {used[0]}.",
                one.number,
                expected="One method for all token requests.",
            )
        used = used or one.client_authentication
    return exercised(
        bool(evidence.code_exchanges and (evidence.refreshes or _refused(evidence))), "No refresh was sent."
    )


_DECODED = ("form_encoded", "percent_encoded", "either")
"""How a server reads Basic that knows a form-encoded secret, at least one without a space."""


def _misencoded(evidence: Evidence, one: Exchange) -> bool:
    """Tell whether Basic credentials were refused for a secret that nobody has changed, where they are form-encoded."""
    encoded = evidence.profile.token_request.basic_encoding in _DECODED
    by_basic = one.client_authentication == ("client_secret_basic",)
    refused = by_basic and encoded and one.cause is Cause.WRONG_SECRET
    return refused and not any(action.at <= one.sent_at for action in evidence.actions("change_secret"))


def _refused(evidence: Evidence) -> bool:
    return any(one.status == 401 and not one.on_behalf for one in evidence.code_exchanges)


def code_sent_once(evidence: Evidence) -> Verdict:
    """A code arrives at the server at most once for each callback, whatever the answer; a nonce may be asked for
    first."""
    if not evidence.shows("caller"):
        return _sent_once(evidence)
    tested = False
    for operation in operations(evidence):
        sent = [one for one in operation.exchanges if one in evidence.code_exchanges and one.arrived_at is not None]
        for code, number in Counter(one.presented for one in sent).items():
            if number > 1:
                again = [one for one in sent if one.presented == code]
                return violated(
                    f"{code} was sent {number} times; the first time {_became(again[0])}.",
                    *(one.number for one in again),
                    expected="A code is sent once; if that fails the user starts again.",
                )
        if sent and operation.outcome.operation != "callback":
            return violated(
                f"{sent[0].presented} was sent by a {operation.outcome.operation}, not by its callback.",
                sent[0].number,
                expected="A code is sent once, when its callback arrives.",
            )
        tested = tested or any(not one.ok for one in sent)
    return exercised(tested, "No code exchange failed.")


def _sent_once(evidence: Evidence) -> Verdict:
    """Judge a recording: whoever brought the callback, a code is used once (RFC 6749 s4.1.2)."""
    sent = [one for one in evidence.code_exchanges if one.arrived_at is not None]
    for one in sent:
        again = [other for other in sent if other.presented == one.presented]
        if one.presented is not None and len(again) > 1:
            return violated(
                f"{one.presented} was sent {len(again)} times; the first time {_became(again[0])}.",
                *(other.number for other in again),
                expected="A code is sent once; if that fails the user starts again.",
            )
    return exercised(any(not one.ok for one in sent), "No code exchange failed.")


def _became(one: Exchange) -> str:
    return f"it was answered {one.status}" if one.status is not None else f"the answer was lost ({one.trouble})"


def _fails(name: str, *steps: Step) -> Scenario:
    return Scenario(steps=(*steps, Authorize(), Call(), Advance(seconds=60), Call()), name=name)


def _answers(code: int, error: str) -> Fault:
    return Fault(fault="status", parameters={"code": code, "error": error}, grant_type=CODE)


_LIVES: tuple[Step, ...] = (Call(), Until(limit="access_token_expiry", offset=1), Call())
_BASIC = {"token_request.authentication": ("client_secret_basic",), "token_request.basic_encoding": "form_encoded"}

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="exchange-request-shape",
        keyword="MUST",
        statement=(
            "The exchange is a POST in the provider's format with the code, the identical redirect URI, and a verifier "
            "if and only if a challenge was sent."
        ),
        source="RFC 6749 s3.2, s4.1.3; RFC 7636 s4.5; seed 002, 004; misb iss-json-request-body",
        effect="The vendor refuses the code after the user has already consented.",
        fix="Store redirect URI and verifier with the login and send both as they are.",
        anomaly="A15",
        check=request_shaped,
        recorded="grant",
        scenarios=(
            Scenario(steps=(Authorize(),), name="the vendor's usual codes"),
            Scenario(steps=(Authorize(),), name="a short code", profile={"code.prefix": "4/0+=", "code.length": 25}),
            Scenario(steps=(Authorize(),), name="a long code", profile={"code.prefix": "4/0+=", "code.length": 4096}),
        ),
        depends=("authz-code-request",),
        invariant=True,
    ),
    Requirement(
        id="exchange-client-auth",
        keyword="MUST NOT",
        statement=(
            "No token request carries two client authentications or an empty parameter; one method serves all, and "
            "Basic values are form-encoded first."
        ),
        source=(
            "RFC 6749 s2.3, s2.3.1, s3.2, s3.2.1; seed 002, 004; misb auth-both-rejected, auth-basic-encoding, "
            "auth-probe-double-spend, auth-empty-secret-rejected"
        ),
        effect="Strict vendors refuse the request, or the second try with another method spends the token twice.",
        fix="Configure one method for each provider; do not try another one with the same code or token.",
        anomaly="A15",
        check=one_authentication,
        recorded="grant",
        scenarios=(
            flow(*_LIVES, Advance(seconds=60), Call(), name="login and refresh"),
            flow(*_LIVES, Advance(seconds=60), Call(), name="Basic only", profile=_BASIC),
            _fails("the client is refused", _answers(401, "invalid_client")),
        ),
        depends=("authz-code-request",),
        invariant=True,
    ),
    Requirement(
        id="exchange-code-sent-once",
        keyword="MUST NOT",
        statement="A code reaches the server at most once; after a failure the user starts again.",
        source="RFC 6749 s4.1.2; RFC 9110 s9.2.2; seed 004; misb iss-code-double-redeem, net-duplicate-delivery",
        effect="The second use of the code makes the vendor revoke what the first one brought.",
        fix="Switch retries off for the token endpoint; answer a failed exchange with a fresh login.",
        anomaly="A1",
        check=code_sent_once,
        recorded="grant",
        scenarios=(
            _fails("the answer is lost", Lose(leg="response", grant_type=CODE)),
            _fails("the server fails", _answers(500, "server_error")),
            _fails("the server is busy", _answers(503, "temporarily_unavailable")),
            _fails("the client is refused", _answers(401, "invalid_client")),
            _fails("the connection is refused", Fault(fault="refuse_connection", grant_type=CODE)),
            Scenario(steps=(Authorize(think=599), Call(), Authorize(think=601), Call()), name="the code's last second"),
        ),
        depends=("authz-code-request",),
        invariant=True,
    ),
)
"""The family's requirements."""
