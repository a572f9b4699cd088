"""Accepting, continued: token types, granted scopes, unknown members, and values of any size."""

from __future__ import annotations

from collections.abc import Iterator

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, is_bare, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.lives import Life, lives
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import renews_again_and_serves_well
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Authorize, Call, Fault, Mend, Step, Until


def types_heeded(evidence: Evidence) -> Verdict:
    """Bearer is compared without case and sent as Bearer; a token of another type is kept and not sent."""
    every = lives(evidence)
    ours = [life for life in every if _is_bearer(life.exchange.members.get("token_type"), evidence.profile)]
    foreign = [life for life in every if life not in ours]
    unsent = {life.access_token: life for life in foreign}
    for one in evidence.resource_calls:
        header = _header(one)
        if not header.startswith("Bearer "):
            return violated(
                f"The resource request carried the scheme {header.partition(' ')[0] or 'of no kind'}.",
                one.number,
                expected="The scheme is Bearer, whatever the case of token_type.",
            )
        if one.presented in unsent:
            kind = unsent[one.presented].exchange.members.get("token_type")
            return violated(
                f"{one.presented} is of the type {kind!r} and was sent as a bearer token.",
                unsent[one.presented].exchange.number,
                one.number,
                expected="A token of an unknown type is kept and not sent.",
            )
    lost = _lost_pair(evidence, [life.exchange for life in foreign]) or _unused(evidence, ours)
    return lost or exercised(bool(ours and foreign), "No token of another type than bearer came.")


def _unused(evidence: Evidence, ours: list[Life]) -> Verdict | None:
    """Return the violation if a call failed in the first half of a bearer token's life without having sent it.

    By a clock that has moved in between that half may be over.
    """
    for life in ours:
        sent = any(one.presented == life.access_token for one in evidence.resource_calls)
        for call in evidence.outcomes("call"):
            age = in_seconds(call.began_at - life.exchange.finished_at)
            moved = any(life.exchange.finished_at <= move.at <= call.began_at for move in evidence.clock_moves)
            soon = call.ended > life.exchange.number and 0 <= age < (life.lifetime or 0) / 2 and not moved
            if soon and not sent and call.kind in ("permanent_error", "crash"):
                kind = life.exchange.members.get("token_type")
                return violated(
                    f"{life.access_token} is of the type {kind!r} and was not used.",
                    life.exchange.number,
                    expected="It is a bearer token.",
                )
    return None


def _is_bearer(token_type: object, profile: Profile) -> bool:
    known = {"bearer", *map(str.lower, profile.other_bearer_types)}
    return token_type is None or (isinstance(token_type, str) and token_type.lower() in known)


def _header(one: Exchange) -> str:
    return next((value for name, value in one.request_headers if name.lower() == "authorization"), "")


def _lost_pair(evidence: Evidence, odd: list[Exchange]) -> Verdict | None:
    """Return the violation if the refresh after an odd answer presents anything but what it left in place."""
    for one in odd:
        held = refresh_token_of(one) or one.presented
        later = next((other for other in evidence.refreshes if other.follows(one)), None)
        if later is not None and held is not None and later.presented != held and one.grant_type == "refresh_token":
            return violated(
                f"{later.presented or 'An empty refresh token'} was presented after an answer that left {held}.",
                one.number,
                later.number,
                expected=f"The pair is kept: {held} is presented.",
            )
    return None


def scopes_as_sets(evidence: Evidence) -> Verdict:
    """A login whose granted scope is written in another way works; one that grants less keeps its pair."""
    tested = False
    for exchange in evidence.code_exchanges:
        told = exchange.members.get("scope")
        if not exchange.ok or (isinstance(told, str) and told == _requested(evidence, exchange)):
            continue
        after = [one for one in evidence.refreshes if one.follows(exchange)]
        ended = [call for call in evidence.outcomes("callback") if call.made(exchange)]
        wrong = next(_upset(evidence, exchange), None)
        if wrong is not None:
            return violated(
                f"The granted scope {told!r} {wrong}.",
                exchange.number,
                expected="Scopes are compared as sets, and the pair is stored before anything is reported.",
            )
        tested = tested or bool(after and ended)
    return exercised(tested, "No login was granted a scope in other words, with a refresh after it.")


def _upset(evidence: Evidence, exchange: Exchange) -> Iterator[str]:
    """Say what an answer with another scope led to and should not have."""
    held = refresh_token_of(exchange)
    logins = [one.number for one in evidence.code_exchanges if one.number > exchange.number]
    until = min(logins, default=10**9)
    calls = [call for call in evidence.outcomes("call") if exchange.number <= call.begun and call.ended < until]
    after = [one for one in evidence.refreshes if exchange.number < one.number < until]
    for call in (one for one in evidence.outcomes("callback") if one.made(exchange)):
        if call.kind == "crash":
            yield "made the callback crash"
        if call.kind != "ok" and not _less(evidence, exchange):
            yield "made the login fail"
    if held is not None and calls and any(one.presented != held for one in after[:1]):
        yield f"lost {held}"
    if held is not None and calls and all(call.kind != "ok" for call in calls):
        yield "left the client without a token"


def _requested(evidence: Evidence, exchange: Exchange) -> str:
    asked = [one for one in evidence.consents if exchange.follows(one)]
    return asked[-1].values.get("scope", "") if asked else ""


def _less(evidence: Evidence, exchange: Exchange) -> bool:
    """Tell whether an answer grants less than was asked for; unlisted scopes and aliases are no loss."""
    told = exchange.members.get("scope")
    if not isinstance(told, str):
        return False
    granted = set(told.split())
    aliases = evidence.profile.authorization.scope_aliases
    asked = {aliases.get(scope, scope) for scope in _requested(evidence, exchange).split()}
    return bool(asked - granted - set(evidence.profile.response.unlisted_scopes) - {"offline_access", "openid"})


NOT_AS_ISSUED = {
    Cause.UNKNOWN_CODE: "A code",
    Cause.UNKNOWN_REFRESH_TOKEN: "A refresh token",
    Cause.UNKNOWN_ACCESS_TOKEN: "An access token",
}


def presented_as_issued(evidence: Evidence) -> Verdict:
    """Codes and tokens of any size come back byte for byte, and unknown members upset nobody."""
    for one in evidence.exchanges():
        if one.cause in NOT_AS_ISSUED:
            return violated(
                f"{NOT_AS_ISSUED[one.cause]} came back that the provider had not issued in this form.",
                one.number,
                expected="Codes and tokens are presented byte for byte as they were issued.",
            )
    for operation in ("callback", "call"):
        bad = next((one for one in evidence.outcomes(operation) if _failed_by_itself(evidence, one)), None)
        if bad is not None:
            return violated(
                f"A {operation} ended with {bad.kind.replace('_', ' ')}, although each of its requests was answered"
                " well.",
                expected="Unknown parameters and members are ignored, and no size is assumed.",
            )
    return exercised(bool(evidence.refreshes and evidence.resource_calls), "No refresh and no call.")


def _failed_by_itself(evidence: Evidence, ended: OutcomeRecord) -> bool:
    """Tell whether an operation failed for good although somebody had logged in and its requests were answered well."""
    came = evidence.answered
    made = [one for one in evidence.exchanges() if ended.made(one)]
    well = all(one.number in came if one.view == "token" else one.ok or is_bare(one) for one in made)
    logins = [one for one in evidence.outcomes("callback") if one.kind == "ok" and one.ended <= ended.begun]
    begun = any(one.view == "token" for one in made) if ended.operation == "callback" else bool(logins)
    return ended.kind in ("crash", "permanent_error") and well and begun


_EXPIRED = Until(limit="access_token_expiry", offset=1)


def _typed(*values: str | None) -> tuple[Step, ...]:
    """Let each refresh answer tell another token type, call with it, and go on to the next expiry."""
    steps: list[Step] = []
    for value in values:
        parameters = {"name": "token_type", "remove": True} if value == "" else {"name": "token_type", "value": value}
        steps += [Fault(fault="member", parameters=parameters), _EXPIRED, Call(times=2, every=10)]
    return (*steps, _EXPIRED, Call())


def _granted(*conversions: str) -> tuple[Step, ...]:
    """Log in with the scope told in each way, and live through one expiry."""
    steps: list[Step] = []
    for to in conversions:
        told = Fault(fault="convert", parameters={"name": "scope", "to": to}, grant_type=None, times=None)
        steps += [Mend(), told, Authorize(), Call(), _EXPIRED, Call(times=3, every=60)]
    return tuple(steps)


def _sized(access_token: int, refresh_token: int, code: int) -> Scenario:
    lengths = {"access_token.length": access_token, "refresh_token.length": refresh_token, "code.length": code}
    return flow(
        Call(),
        _EXPIRED,
        Call(times=3, every=60),
        _EXPIRED,
        Call(times=2, every=60),
        name=f"access tokens of {access_token}, refresh tokens of {refresh_token}, codes of {code} characters",
        profile=lengths,
    )


MORE_MEMBERS = tuple(
    Fault(
        fault="member",
        parameters={"name": f"x_member_{number}", "value": {"nested": [number, None, "text"]}},
        grant_type=None,
        times=None,
    )
    for number in range(30)
)
"""Beside whatever the vendor's own answers hold."""

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="accept-token-type",
        keyword="MUST",
        statement=(
            "token_type is compared without case and the header always says Bearer; a token of an unknown type is kept "
            "but not presented; an absent type counts as Bearer."
        ),
        source=(
            "RFC 6749 s5.1, s7.1; seed 004 (sample answer has no token_type); misb shape-tt-missing, shape-tt-case, "
            "shape-tt-nonstandard"
        ),
        effect="One vendor writes bearer in small letters and every call is refused.",
        fix="Compare token_type without case, write Bearer into the header, and send no token of another type.",
        anomaly="A16",
        check=types_heeded,
        scenarios=(
            flow(*_typed("bearer", "BEARER", "Bearer", "", None, "mac", "User Access Token"), name="seven token types"),
        ),
        applies=renews_again_and_serves_well,
        invariant=True,
    ),
    Requirement(
        id="accept-scope-as-set",
        keyword="SHOULD",
        statement=(
            "Granted scope is compared as a set: reordered, wider or renamed is no failure; a missing needed scope is "
            "reported after the pair is stored."
        ),
        source="RFC 6749 s3.3, s5.1; G-WEB (granular consent); misb iss-scope-changed",
        effect="The login fails because the vendor lists the scopes in another order.",
        fix="Split scope on spaces and compare sets; store the tokens first, then report what is missing.",
        anomaly="A9",
        check=scopes_as_sets,
        scenarios=(
            Scenario(steps=_granted("reversed", "more", "fewer"), name="reordered, wider and narrower"),
            Scenario(
                steps=(
                    Fault(fault="member", parameters={"name": "scope", "remove": True}, grant_type=None, times=None),
                    Authorize(),
                    Call(),
                    _EXPIRED,
                    Call(times=3, every=60),
                ),
                name="absent",
            ),
        ),
        applies=issues_refresh_tokens,
    ),
    Requirement(
        id="accept-tolerates-unknown",
        keyword="MUST",
        statement=(
            "Unknown parameters of callback and token answer are ignored and nothing is assumed about size or format "
            "of codes and tokens."
        ),
        source="RFC 6749 s4.1.2, s5.1; A-FMT; misb shape-token-growth, shape-www-authenticate-on-2xx",
        effect="The vendor lengthens its tokens, a database column cuts them off, and every refresh is refused.",
        fix="Ignore what you do not know; store tokens in columns without a limit.",
        anomaly="A0",
        check=presented_as_issued,
        scenarios=(
            _sized(16, 40, 16),
            _sized(2048, 256, 2048),
            _sized(8192, 8192, 8192),
            Scenario(
                steps=(
                    Fault(
                        fault="header",
                        parameters={"name": "WWW-Authenticate", "value": 'Bearer realm="more"'},
                        grant_type=None,
                        times=None,
                    ),
                    *MORE_MEMBERS,
                    Authorize(),
                    Call(),
                    _EXPIRED,
                    Call(times=3, every=60),
                ),
                name="more parameters, members and headers than anybody knows",
                profile={"authorization.extra_callback_parameters": ("scope", "authuser", "session_state")},
            ),
        ),
        applies=issues_refresh_tokens,
    ),
)
