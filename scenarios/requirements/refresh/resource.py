"""The resource: how the access token is sent, which one, and what a refusal leads to."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refused_access_token
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.lives import lives, tried_to_refresh
from refreshproof.scenarios.evidence.refusals import told
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.processes import Node
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Parallel, Refresh, Step, Until

REFUSED = 401
FORBIDDEN = 403


def header_once(evidence: Evidence) -> Verdict:
    """The access token travels once, in the Authorization header."""
    for one in evidence.resource_calls:
        headers = [value for name, value in one.request_headers if name.lower() == "authorization"]
        elsewhere = any(name == "access_token" for name, _ in one.parameters) or "access_token=" in one.url
        if elsewhere or len(headers) > 1:
            where = "in a parameter" if elsewhere else f"in {len(headers)} Authorization headers"
            return violated(
                f"The access token was sent {where}.",
                one.number,
                expected="One Authorization: Bearer header, and the token nowhere else.",
            )
        if headers and one.presented is None:
            return violated(
                f"The Authorization header was of the scheme {headers[0].partition(' ')[0]}.",
                one.number,
                expected="Authorization: Bearer, followed by the access token.",
            )
    used = [one for one in evidence.resource_calls if one.presented is not None]
    return exercised(bool(used), "The resource was not called with an access token.")


ONE_RETRY = "One refresh and one retry with the new access token."


def one_retry(evidence: Evidence) -> Verdict:
    """A refused token that was believed valid leads to one refresh and one retry."""
    tested = False
    for one in _refusals(evidence):
        ended = told(evidence, one)
        after = [other for other in evidence.exchanges() if ended and ended.made(other) and other.follows(one)]
        renewals = [other for other in after if other.grant_type == "refresh_token"]
        answers = [other for other in renewals if other.number in evidence.answered]
        if ended is None or (not answers and (renewals or _has_failed(evidence, one))):
            continue
        tested = True
        wrong = _wrong_answer(evidence, one, ended, after, answers)
        if wrong is not None:
            return wrong
    return exercised(tested, "No access token was refused that was believed valid, with a refresh that succeeded.")


def _has_failed(evidence: Evidence, one: Exchange) -> bool:
    """Tell whether a refresh had failed since the refused token came: a client may rest after that."""
    life = next((life for life in lives(evidence) if life.access_token == one.presented), None)
    return life is not None and tried_to_refresh(evidence, life, one)


def _wrong_answer(
    evidence: Evidence, one: Exchange, ended: OutcomeRecord, after: list[Exchange], answers: list[Exchange]
) -> Verdict | None:
    """Say what is wrong with what a call did after a refusal: no refresh, too many, no retry, or the same token."""
    retries = [other for other in after if other in evidence.resource_calls]
    same = {one.presented} - {other.members["access_token"] for other in answers}
    if len(answers) > 1:
        what = f"refreshed {len(answers)} times"
    elif answers and not retries:
        what = "refreshed, but the call was not tried again"
    elif retries and {other.presented for other in retries} == same:
        what = "refreshed, but the call was tried again with it" if answers else "only sent again"
    elif not answers and not retries:
        what = f"not refreshed, and the {ended.operation} ended with {ended.kind.replace('_', ' ')}"
    else:
        return None
    numbers = (other.number for other in (*answers, *retries))
    return violated(f"{one.presented} was refused once and {what}.", one.number, *numbers, expected=ONE_RETRY)


def _refusals(evidence: Evidence) -> list[Exchange]:
    """Return 401 answers that the client saw, for access tokens that had been good before."""
    good = {one.presented: one for one in reversed(evidence.resource_calls) if one.ok}
    return [
        one
        for one in evidence.resource_calls
        if refused_access_token(one)
        and not one.on_behalf
        and one.cause in (None, Cause.ACCESS_TOKEN_REVOKED)
        and one.presented in good
        and one.follows(good[one.presented])
    ]


MOST_IN_VAIN = 5


def persistent_refusal_stops(evidence: Evidence) -> Verdict:
    """A refusal that a refresh does not cure is refreshed once in a call and seldom over many calls."""
    vain: list[Exchange] = []
    for call in evidence.outcomes("call"):
        tried = [one for one in evidence.resource_calls if call.made(one)]
        renewals = [one for one in evidence.token_answers if call.made(one) and tried and one.follows(tried[0])]
        if not tried or any(one.ok for one in tried) or not refused_access_token(tried[-1]):
            continue
        if len(tried) > 2 or len(renewals) > 1:
            return violated(
                f"One call led to {len(tried)} refused requests and {len(renewals)} refreshes.",
                *(one.number for one in (*tried, *renewals)),
                expected="At most one refresh and one retry in a call.",
            )
        vain += renewals
    span = in_seconds(vain[-1].sent_at - vain[0].sent_at) if vain else 0
    if len(vain) > max(MOST_IN_VAIN, span / 40):
        return violated(
            f"{len(vain)} refreshes in {span:g} s did not end the refusals.",
            *(one.number for one in vain),
            expected=f"After a refresh in vain the refusal is reported, at most {MOST_IN_VAIN} refreshes in 200 s.",
        )
    return exercised(bool(vain), "No refusal outlived a refresh.")


def no_refresh_for_scope(evidence: Evidence) -> Verdict:
    """A missing scope or permission is no reason to refresh."""
    seen = [one for one in evidence.resource_calls if not one.on_behalf]
    hides_expiry = FORBIDDEN in evidence.profile.hidden_expiry
    forbidden = [one for one in seen if one.status == FORBIDDEN and not hides_expiry]
    for one in forbidden:
        hasty = _refreshes_after(evidence, one)
        if hasty:
            return violated(
                f"{one.presented} was answered 403, and the call went on to refresh.",
                one.number,
                hasty[0].number,
                expected="No refresh: a new access token has the same scope.",
            )
    told = [one for one in seen if one.status == REFUSED and _tells_of_a_scope(evidence, one)]
    renewed = {other.number for one in told for other in _refreshes_after(evidence, one)} & evidence.answered
    if len(renewed) > 1:
        return violated(
            f"{len(told)} refusals for a missing scope led to {len(renewed)} refreshes.",
            told[0].number,
            *sorted(renewed),
            expected="At most one refresh for a 401 that tells of a scope.",
        )
    return exercised(bool(forbidden or told), "No scope was missing.")


def _tells_of_a_scope(evidence: Evidence, refusal: Exchange) -> bool:
    """Tell whether a 401 says that a scope is missing: in the words of RFC 6750 s3.1, or in some that the client knows
    from its vendor, whose API answers a missing scope with 401."""
    spoken = refusal.response_body + " ".join(value for _, value in refusal.response_headers)
    of_the_vendor = evidence.profile.reply(Cause.INSUFFICIENT_SCOPE).status == REFUSED
    return "insufficient_scope" in spoken or (of_the_vendor and "scope" in refusal.response_body)


def _refreshes_after(evidence: Evidence, one: Exchange) -> list[Exchange]:
    """Return the refreshes that followed an exchange in the same call."""
    inside = [call for call in evidence.outcomes("call") if call.made(one)]
    return [other for other in evidence.refreshes if other.follows(one) and any(call.made(other) for call in inside)]


def newest_sent(evidence: Evidence) -> Verdict:
    """Once a newer access token has been delivered no older one is sent."""
    answers = evidence.token_answers
    tested = False
    for one in evidence.resource_calls:
        # A caller that has its token in hand cannot know what another one is given at that moment.
        before = [
            answer
            for answer in answers
            if one.follows(answer) and (answer.step < one.step or answer.actor == one.actor)
        ]
        known = [answer.members["access_token"] for answer in before]
        if len(set(known)) < 2 or one.presented not in known:
            continue
        tested = True
        if one.presented != known[-1]:
            return violated(
                f"{one.presented} was sent {in_seconds(one.sent_at - before[-1].finished_at):g} s after {known[-1]} had"
                f" been delivered.",
                before[-1].number,
                one.number,
                expected=f"{known[-1]} is sent.",
            )
    return exercised(tested, "The resource was not called after a refresh.")


def _refused(code: int = REFUSED, *, error: str | None = None, times: int | None = 1) -> Fault:
    parameters = {"code": code} if error is None else {"code": code, "error": error}
    return Fault(fault="status", parameters=parameters, view="resource", grant_type=None, times=times)


def _worded(code: int, message: str, times: int) -> Fault:
    document = {"code": code, "message": message}
    parameters = {"code": code, "document": document}
    return Fault(fault="error_body", parameters=parameters, view="resource", grant_type=None, times=times)


def _twice(refusal: Fault) -> tuple[Step, ...]:
    """Refuse a token in two lifetimes, so that a vendor that falters is met recovered."""
    return (Call(), Advance(seconds=100), refusal, Call(times=2, every=100)) * 2


_EXPIRED = Until(limit="access_token_expiry", offset=1)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="resource-bearer-header-once",
        keyword="MUST",
        statement="The access token is sent once, in the Authorization header, and nowhere else.",
        source="RFC 6750 s2, s2.1; OAuth 2.1 s5.1; seed 004",
        effect="The vendor refuses the call, or writes the token into its access log.",
        fix="Send Authorization: Bearer and the token; never put it into a query or body.",
        anomaly="A15",
        check=header_once,
        recorded="grant",
        scenarios=(flow(Call(times=3, every=60), _EXPIRED, Call(times=3, every=60), name="two lifetimes"),),
        invariant=True,
    ),
    Requirement(
        id="resource-401-one-retry",
        keyword="SHOULD",
        statement=(
            "A 401 for a token believed valid leads to at most one refresh and one retry, and then to success if the "
            "grant lives."
        ),
        source="RFC 6750 s3.1; OAuth 2.1 s3.2.3; seed 004; misb exp-lies-short",
        effect="A token that the vendor has withdrawn early stops all work until it would have expired.",
        fix="On 401 refresh once under the lock, repeat the call once with the new token, then report.",
        anomaly="A21",
        check=one_retry,
        scenarios=(
            flow(*_twice(_refused()), name="a bare 401"),
            flow(*_twice(_refused(error="invalid_token")), name="401 with invalid_token"),
        ),
        applies=issues_refresh_tokens,
    ),
    Requirement(
        id="resource-401-persistent-stops",
        keyword="SHOULD",
        statement="A 401 that persists after a refresh ends in an error and is not refreshed again on each call.",
        source="RFC 6750 s3.1; misb exp-lies-short, net-propagation-delay",
        effect="One wrong permission turns into a storm of refreshes that ends at the vendor's rate limit.",
        fix="If the retry is refused too, report it, and wait before the next refresh for the same reason.",
        anomaly="A8",
        check=persistent_refusal_stops,
        scenarios=(flow(Call(), _refused(times=None), Call(times=20, every=10), name="always 401"),),
        applies=issues_refresh_tokens,
    ),
    Requirement(
        id="resource-403-scope",
        keyword="SHOULD",
        statement=(
            "insufficient_scope (or the vendor's 401 scope text) starts no refresh loop and no silent wider request; "
            "the result names the scope."
        ),
        source="RFC 6750 s3.1; RFC 6749 s6; seed 004; A-SCOPE",
        effect="The client refreshes for ever to gain a permission that only the user can give.",
        fix="On 403 report the missing scope; refresh for a 401 only.",
        anomaly="A9",
        check=no_refresh_for_scope,
        scenarios=(
            flow(Call(), _refused(403, error="insufficient_scope", times=4), Call(times=4, every=30), name="403"),
            flow(
                Call(),
                _worded(403, "You are not permitted to do this.", 3),
                Call(times=3, every=30),
                name="403 for a weak user",
            ),
            flow(
                Call(),
                _worded(401, "Unauthorized; scope does not match", 12),
                Call(times=5, every=10),
                name="401 scope",
            ),
        ),
    ),
    Requirement(
        id="resource-newest-token",
        keyword="SHOULD",
        statement=(
            "The call that caused a refresh and all later ones carry the newest access token; the old one is not sent "
            "again."
        ),
        source="seed 002; A-GRACE; misb rot-previous-at-revoked, conc-return-old-token",
        effect="Where a refresh ends the old access token, at once or ten minutes later, calls fail out of the blue.",
        fix="After a refresh use what it returned, and let every worker read the token from the store for each call.",
        anomaly="A2",
        check=newest_sent,
        scenarios=(
            flow(
                Call(),
                Advance(seconds=60),
                Refresh(),
                Call(),
                Advance(seconds=599),
                Call(),
                Advance(seconds=2),
                Call(),
                name="9 min 59 s and 10 min 1 s after a refresh",
            ),
            flow(Call(), _EXPIRED, Call(times=3, every=300), Parallel(callers=4), name="after an expiry"),
            flow(
                Call(),
                Node(number=2),
                Call(),
                *(_EXPIRED, Node(number=1), Call(), Node(number=2), Call()) * 2,
                Node(number=1),
                Advance(seconds=60),
                Refresh(),
                Call(),
                Node(number=2),
                Call(),
                name="two processes that have used the old one",
            ),
            flow(
                Call(),
                *(Until(limit="access_token_expiry", offset=-1), Call(times=3, every=60)) * 2,
                name="a refresh ends the old access token",
                profile={"refresh.previous_access_token": "dies_at_once"},
            ),
        ),
        applies=issues_refresh_tokens,
        invariant=True,
    ),
)
