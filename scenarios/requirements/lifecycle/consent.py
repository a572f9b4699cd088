"""Lifecycle: a second consent, a logout, and a user who is asked for once and not again and again."""

from __future__ import annotations

from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.refusals import held, terminal_refusals, told
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import tells_the_end
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.processes import During
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Delay, Disconnect, Fault, Revoke, Step, Until

MOST_LOGINS = 1
"""Authorization requests that a client may begin for one action of the user."""


def new_consent_wins(evidence: Evidence) -> Verdict:
    """After a second consent only what came of it is used."""
    logins = [one for one in evidence.code_exchanges if one.ok and refresh_token_of(one) is not None]
    logins = [one for one in logins if not _called_failed(evidence, one)]
    if len(logins) < 2:
        return exercised(False, "There was no second consent.")
    newest = logins[-1]
    ours = _descendants(evidence, newest)
    later = [one for one in evidence.exchanges() if one.step > newest.step and one.presented is not None]
    used = [one for one in later if one.view == "resource" or one.grant_type == "refresh_token"]
    for one in used:
        if one.presented not in ours:
            return violated(
                f"{one.presented} was used {in_seconds(one.sent_at - newest.finished_at):g} s after the user had"
                f" consented anew; {', '.join(sorted(ours))} came of that.",
                newest.number,
                one.number,
                expected="A new consent replaces the grant before it, also where a refresh of that one is under way.",
            )
    return exercised(bool(used), "Nothing was used after the second consent.")


def _called_failed(evidence: Evidence, login: Exchange) -> bool:
    """Tell whether the client told the user that a login had failed: it may want more than the user has granted."""
    ending = told(evidence, login)
    return ending is not None and ending.kind != "ok"


def _descendants(evidence: Evidence, login: Exchange) -> set[str]:
    """Return the tokens of a login and of the refreshes that followed from it."""
    ours = set(login.issued)
    for one in evidence.token_answers:
        if one.presented in ours:
            ours |= set(one.issued)
    return ours


def logout_is_final(evidence: Evidence) -> Verdict:
    """A logout revokes the newest token where that is possible, and nothing is used after it."""
    logouts = [
        one for one in evidence.outcomes("disconnect") if one.kind != "unsupported" and _logged_in(evidence, one)
    ]
    for logout in logouts:
        over = [one.step for one in evidence.code_exchanges if one.step > logout.step]
        for one in evidence.exchanges():
            used = one.view == "resource" or one.grant_type == "refresh_token"
            if used and one.step > logout.step and not any(step <= one.step for step in over):
                return violated(
                    f"{one.presented} was used {in_seconds(one.sent_at - logout.at):g} s after the logout.",
                    one.number,
                    expected="Nothing of the grant is left after a logout.",
                )
        verdict = _revocation(evidence, logout)
        if verdict is not None:
            return verdict
    called = [record for record in evidence.calls if logouts and record.step > logouts[0].step]
    return exercised(bool(called), "Nobody called after a logout.")


def _logged_in(evidence: Evidence, logout: OutcomeRecord) -> bool:
    """Whether there was something to log out from."""
    return any(one.ok and one.step <= logout.step for one in evidence.code_exchanges)


def _revocation(evidence: Evidence, logout: OutcomeRecord) -> Verdict | None:
    if evidence.profile.url("revocation") is None:
        return None
    sent = evidence.exchanges("revocation")
    own = [one for one in sent if logout.made(one)]
    refused = [one for one in terminal_refusals(evidence) if one.number <= logout.begun]
    if not own and _newest(evidence, logout) is None:
        return None  # there is no refresh token to revoke
    if not own and refused and refused[-1].presented == _newest(evidence, logout):
        return None  # what the provider has refused needs no revocation
    if not own:
        return violated(
            "The provider has a revocation endpoint, and the logout did not use it.",
            expected="The newest refresh token is revoked.",
        )
    first, newest = own[0], held(evidence, own[0])
    if newest is not None and newest not in {one.presented for one in own}:
        return violated(
            f"The logout revoked {first.presented}; the newest refresh token was {newest}.",
            first.number,
            expected="The newest refresh token is revoked.",
        )
    wait = next((value for name, value in first.response_headers if name.lower() == "retry-after"), "")
    for again in sent:
        if wait.isdigit() and again.follows(first) and again.sent_at - first.finished_at < seconds(int(wait)):
            return violated(
                f"Told to wait {wait} s, the client asked for the revocation again after"
                f" {in_seconds(again.sent_at - first.finished_at):g} s.",
                first.number,
                again.number,
                expected="A revocation that is put off is repeated when the time is over.",
            )
    return None


def _newest(evidence: Evidence, logout: OutcomeRecord) -> str | None:
    """Return the newest refresh token that had come when a logout began."""
    came = (refresh_token_of(one) for one in evidence.token_answers if one.number <= logout.begun)
    return next(reversed([token for token in came if token is not None]), None)


def asks_once(evidence: Evidence) -> Verdict:
    """A client begins no authorization requests by itself, however often it is called."""
    own = [one for one in evidence.exchanges("authorization") if one.actor != "browser"]
    if len(own) > MOST_LOGINS * max(len(evidence.actions("authorize")), 1):
        return violated(
            f"The client began {len(own)} authorization requests by itself.",
            *(one.number for one in own[:3]),
            expected="The need for a login is reported; the user begins it.",
        )
    refused = terminal_refusals(evidence)
    later = [record for record in evidence.calls if refused and record.began_at > refused[0].finished_at]
    return exercised(len(later) > 1, "Nobody called after the grant was refused.")


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_LIFE = (_EXPIRED, Call(times=3, every=60))
_SLOW = Delay(leg="server", seconds=5, grant_type="refresh_token")
_FEWER = Authorize(consents_to="fewer_scopes")
_AFTER_LOGOUT = (Call(times=2, every=10), _EXPIRED, Call(), Advance(seconds=86_400), Call())


def _logout_answered(name: str, *fault: Step) -> Scenario:
    return flow(*_LIFE, Advance(seconds=600), *fault, Disconnect(), *_AFTER_LOGOUT, name=name)


def _answer(code: int, **parameters: str) -> Fault:
    return Fault(fault="status", parameters={"code": code, **parameters}, view="revocation", grant_type=None)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="lifecycle-reconsent-replaces",
        keyword="VENDOR",
        statement="After a new consent only its pair is used, also where a refresh of the old one was under way.",
        source="seed 002, 004",
        effect="The late answer of an old refresh overwrites the grant that the user has just given.",
        fix="Store what a refresh brings only if the grant it was made for is still the stored one.",
        anomaly="A17",
        check=new_consent_wins,
        scenarios=(
            flow(_EXPIRED, _SLOW, During(happens="authorize"), Call(), *_LIFE, name="during a refresh"),
            flow(Call(), Advance(seconds=1800), Authorize(), Call(), *_LIFE, name="at rest"),
            flow(Call(), Advance(seconds=1800), _FEWER, Call(), *_LIFE, *_LIFE, name="to fewer scopes"),
            Scenario(
                steps=(_FEWER, Call(), Advance(seconds=1800), Authorize(), Call(), *_LIFE, *_LIFE),
                name="to more scopes",
            ),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="lifecycle-disconnect-revokes",
        keyword="SHOULD",
        statement=(
            "On logout the newest refresh token is revoked where that is possible, and nothing is used afterwards, not "
            "even by a refresh under way."
        ),
        source="RFC 7009 s2.1, s2.2, s2.2.1; seed 002, 004; misb rev-non-200-for-unknown, rev-race-with-refresh",
        effect=(
            "A user who has logged out stays connected: the grant lives on at the vendor, or comes back by a "
            "refresh."
        ),
        fix=(
            "Take the lock of the grant, remove it from the store whatever the vendor says, and revoke its newest "
            "token."
        ),
        anomaly="A20",
        check=logout_is_final,
        scenarios=(
            _logout_answered("revoked"),
            _logout_answered("400 for the revocation", _answer(400)),
            _logout_answered("500 for the revocation", _answer(500)),
            _logout_answered("503 for the revocation", _answer(503, retry_after="120")),
            flow(_EXPIRED, _SLOW, During(happens="disconnect"), *_AFTER_LOGOUT, name="during a refresh"),
        ),
        needs=frozenset({"disconnect"}),
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="lifecycle-reauth-not-looped",
        keyword="SHOULD",
        statement="The need for a new consent is reported; the client does not open authorization requests by itself.",
        source="OAuth 2.1 s1.3.2; misb err-invalid-request-for-dead-grant",
        effect="Every failing call opens another browser window, and each new login evicts an older one.",
        fix="Let one place begin logins, on the user's wish; everything else reports that one is needed.",
        anomaly="A5",
        check=asks_once,
        scenarios=(
            flow(
                _EXPIRED, Revoke(), Call(times=100, every=36), Authorize(answer="deny"), Call(times=100, every=36),
                name="the user stays away, then denies",
            ),
        ),
        applies=tells_the_end,
        depends=("refresh-request-shape",),
        invariant=True,
    ),
)  # fmt: skip
