"""Failure: what ends a grant and what only passes, told apart by the vendor's own words and without asking the user."""

from __future__ import annotations

import math
from typing import Any

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.wire import DAY, seconds
from refreshproof.scenarios.evidence.asking import doubtful_asks, false_asks, justified_asks
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.refusals import (
    ENOUGH_DOUBTS,
    TERMINAL_ERRORS,
    error_of,
    failed,
    is_doubtful,
    is_over,
    is_terminal,
    presented_again,
    terminal_refusals,
    told,
)
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import renews_late, tells_the_end
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Lose, Mend, Restart, Revoke, Step, Until

RECOVERY = 600
"""Seconds within which work goes on once a vendor answers again."""

_ASK = "The user is asked to authorize again, and the refresh token rests."


def stops_when_refused(evidence: Evidence) -> Verdict:
    """After a terminal refusal the refresh token is not presented again, and every caller hears what is needed."""
    probes: list[Exchange] = []
    refusals = terminal_refusals(evidence)
    for one in refusals:
        previous = one
        for again in presented_again(evidence, one):
            if again.sent_at - previous.finished_at < DAY:
                return violated(
                    f"{one.presented} was presented again {in_seconds(again.sent_at - one.finished_at):g} s after the"
                    f" provider had refused it ({_words(one)}).",
                    one.number,
                    again.number,
                    expected=_ASK,
                )
            probes, previous = [*probes, again], again
        wrong = _misinformed(evidence, one)
        if wrong is not None:
            return violated(
                f"The provider had refused the grant ({_words(one)}), and a caller was told {wrong.kind}.",
                one.number,
                expected=_ASK,
            )
    if probes:
        return alternative(
            f"A refused refresh token was tried again, a day or more after each refusal (tries: {len(probes)});"
            " meanwhile every caller was told that the user is needed.",
            *(one.number for one in probes),
        )
    return exercised(any(_called_after(evidence, one) for one in refusals), "No call followed a terminal refusal.")


def _misinformed(evidence: Evidence, refused: Exchange) -> OutcomeRecord | None:
    """Return a call that met the refusal, or came later and asked nobody, and was told anything but to authorize."""
    first = told(evidence, refused)
    if first is not None and first.operation == "call" and not _told_rightly(evidence, first, refused):
        return first
    over = _next_beginning(evidence, refused)
    later = [record for record in evidence.calls if refused.finished_at < record.began_at < over]
    return next((record for record in later if not _told_rightly(evidence, record, refused)), None)


def _told_rightly(evidence: Evidence, record: OutcomeRecord, refused: Exchange) -> bool:
    """Tell whether a caller heard that the user is needed, or else had an answer of its own from somewhere."""
    return record.kind in ("reauthorization_required", "unsupported") or any(
        record.made(one) and one.follows(refused) for one in evidence.exchanges()
    )


def _next_beginning(evidence: Evidence, refused: Exchange) -> float:
    """Return when the user authorized again or logged out, else infinity."""
    logins = [one.finished_at for one in evidence.code_exchanges if one.follows(refused)]
    logouts = [record.began_at for record in evidence.outcomes("disconnect") if record.at >= refused.finished_at]
    return min((*logins, *logouts), default=math.inf)


def _called_after(evidence: Evidence, refused: Exchange) -> bool:
    return any(record.began_at > refused.finished_at for record in evidence.calls)


def recognises_vendor_forms(evidence: Evidence) -> Verdict:
    """A revoked grant is recognised at the first refusal in documented words, at the fifth in any others."""
    revoked = [action.step for action in evidence.actions("revoke")]
    refusals = [one for one in failed(evidence) if revoked and one.step > revoked[0] and one.delivered]
    documented = [one for one in refusals if _documented(one, evidence.profile)]
    doubtful = [one for one in refusals if one not in documented and (is_doubtful(one) or is_terminal(one))]
    for one in documented:
        ending = told(evidence, one)
        if ending is not None and ending.kind != "reauthorization_required":
            return violated(
                f"The vendor refused the dead grant with {_words(one)}, and the caller was told {ending.kind}.",
                one.number,
                expected="The caller hears that the user has to authorize again.",
            )
    for number, one in enumerate(doubtful[ENOUGH_DOUBTS - 1 :], ENOUGH_DOUBTS):
        ending = told(evidence, one)
        if ending is not None and ending.kind not in ("reauthorization_required", *_says_the_same(one)):
            return alternative(
                f"The dead grant was refused for the {number}th time with {_words(one)}, in words that this vendor does"
                f" not document, and the caller was told {ending.kind}.",
                one.number,
            )
    asked = any(record.kind == "reauthorization_required" for record in evidence.calls)
    return exercised(bool(documented) or (bool(doubtful) and asked), "The dead grant was never refused often enough.")


def _says_the_same(one: Exchange) -> tuple[str, ...]:
    """Return what a caller may be told instead: by RFC 6749 s5.2 unauthorized_client is a fault of the client."""
    return ("permanent_error",) if error_of(one) == "unauthorized_client" else ()


def _documented(one: Exchange, profile: Profile) -> bool:
    """Tell whether a refusal has the vendor's documented form, or that of RFC 6749 s5.2 under any status."""
    if one.status is not None and one.status < 400:
        return False
    error = error_of(one)
    # A-ERR: where a dead grant is a 403, unauthorized_client is the newer word for it.
    newer = error == "unauthorized_client" and one.status == 403 == profile.reply(Cause.REFRESH_TOKEN_REVOKED).status
    # M-ERR: codes of OpenID Connect are documented where errors carry AADSTS numbers.
    needs_user = error in TERMINAL_ERRORS and profile.error_envelope == "aadsts"
    return error == "invalid_grant" or newer or needs_user


def _words(one: Exchange) -> str:
    return f"{one.status} {error_of(one) or one.response_body[:60]}"


def keeps_grant_through_trouble(evidence: Evidence) -> Verdict:
    """Trouble that passes keeps the grant: nobody asks for the user, and work goes on soon after it is over."""
    trouble = [one for one in failed(evidence) if not is_over(one)]
    if not trouble:
        return exercised(False, "No refresh met trouble that passes.")
    for ask in false_asks(evidence):
        if ask.failure is not None:
            return violated(
                f"A caller was told that the user is needed; {ask.circumstances}.",
                ask.failure.number,
                expected="The grant is kept, and the refresh is tried again later.",
            )
    return _recovered(evidence, trouble)


def _recovered(evidence: Evidence, trouble: list[Exchange]) -> Verdict:
    mended = [record.at for record in evidence.steps if record.step["step"] == "mend"]
    if not mended:
        return exercised(False, "The trouble never ended.")
    back = max(mended[-1], trouble[-1].finished_at)
    good = [record for record in evidence.calls if record.kind == "ok" and record.began_at >= mended[-1]]
    late = [record for record in evidence.calls if record.began_at > back + seconds(RECOVERY)]
    if any(map(is_over, evidence.refreshes)) or justified_asks(evidence):
        return exercised(False, "The grant came to its end meanwhile.")
    if late and not any(record.began_at <= back + seconds(RECOVERY) for record in good):
        return violated(
            f"{RECOVERY} s after the provider was well again no call had succeeded.",
            trouble[-1].number,
            expected="Refreshing is tried again within minutes, and work goes on without the user.",
        )
    if doubtful_asks(evidence):
        return alternative("The client asked for consent after an answer was lost.", trouble[-1].number)
    return exercised(bool(good), "No call succeeded, and none was made late enough to tell.")


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_HOUR, _DAY = 3600, 86_400


def _answer(code: int, **document: Any) -> Fault:
    return Fault(fault="error_body", parameters={"code": code, "document": document}, times=None)


def _dead_in_words(name: str, code: int, **document: Any) -> Scenario:
    many = (Call(times=7, every=400), Advance(seconds=_HOUR), Call(times=2, every=2 * _HOUR))
    return flow(_EXPIRED, Revoke(), _answer(code, **document), *many, name=name)


def _once(name: str, trouble: Fault) -> Scenario:
    return flow(_EXPIRED, trouble, Call(times=4, every=200), Advance(seconds=_HOUR), Call(times=2, every=60), name=name)


def _half_an_hour(name: str, *trouble: Step) -> Scenario:
    return flow(_EXPIRED, *trouble, Call(times=6, every=360), Mend(), Call(times=8, every=200), name=name)


_DOWN = Fault(fault="status", parameters={"code": 503}, times=None)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="failure-terminal-stops",
        keyword="SHOULD",
        statement="After a terminal refusal the refresh token is not presented again, and the user is asked.",
        source="RFC 6749 s5.2; OAuth 2.1 s1.3.2; seed 003, 004",
        effect=(
            "Requests with a dead token go on for days, are taken for an attack and get the client blocked, while "
            "nobody tells the user."
        ),
        fix="On invalid_grant mark the stored grant as dead, and answer every caller from that mark until a new login.",
        anomaly="A5",
        check=stops_when_refused,
        scenarios=(
            flow(
                Call(),
                _EXPIRED,
                Revoke(),
                Call(times=360, every=10),
                Restart(),
                Call(times=192, every=_HOUR),
                name="revoked, then called for eight days",
            ),
            flow(
                Advance(seconds=29 * _DAY), _DOWN, Call(), Mend(), Revoke(), Advance(seconds=2 * _DAY),
                Call(times=4, every=_DAY),
                name="revoked after an outage in which it was thirty days old",
            ),
        ),
        applies=tells_the_end,
        depends=("refresh-request-shape",),
        invariant=True,
    ),
    Requirement(
        id="failure-vendor-forms",
        keyword="VENDOR",
        statement=(
            "A dead grant is recognised in the vendor's own words, by error code rather than status, and the user is "
            "asked."
        ),
        source=(
            "seed 004 (403); A-ERR; M-ERR; misb err-403-unauthorized-client, err-invalid-request-for-dead-grant, "
            "err-object, err-array, err-flat-vendor-keys, err-vendor-code, err-status-drift, "
            "err-ms-interaction-required"
        ),
        effect="The integration stays silent for weeks: the client takes a dead grant for a passing fault.",
        fix=(
            "Read the error code whatever the status; know the vendor's terminal codes; after five refusals in unknown "
            "words ask the user."
        ),
        anomaly="A5",
        check=recognises_vendor_forms,
        scenarios=(
            flow(_EXPIRED, Revoke(), Call(times=4, every=60), name="in the vendor's own words"),
            _dead_in_words("invalid_grant with 401", 401, error="invalid_grant"),
            _dead_in_words("invalid_grant with 403", 403, error="invalid_grant"),
            _dead_in_words(
                "unauthorized_client with 403", 403,
                error="unauthorized_client", error_description="refresh_token is invalid",
            ),
            _dead_in_words("interaction_required", 400, error="interaction_required", suberror="basic_action"),
            _dead_in_words("consent_required", 400, error="consent_required"),
            _dead_in_words("invalid_request", 400, error="invalid_request"),
            _dead_in_words("an error with 200", 200, error="bad_refresh_token"),
            _dead_in_words(
                "an error object", 400, error={"message": "Bad token", "type": "OAuthException", "code": 190}
            ),
            _dead_in_words(
                "an array of errors", 400, errors=[{"errorType": "invalid_grant", "message": "Refresh token invalid"}],
            ),
            _dead_in_words("flat keys", 400, status="BAD_REFRESH_TOKEN", message="missing or invalid refresh token"),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="failure-transient-keeps-grant",
        keyword="SHOULD",
        statement=(
            "Trouble that passes (5xx, 429, network, bot filters, locks) keeps the grant; work goes on by itself."
        ),
        source=(
            "misb err-500-html, err-waf-403-html, err-429-token, rot-lock-as-400, net-5xx-retry-after, "
            "net-tls-and-proxy-failures"
        ),
        effect="Half an hour of trouble at the vendor logs every user out for good.",
        fix="End a grant only on a terminal error code; keep everything else and try again with growing pauses.",
        anomaly="A11",
        check=keeps_grant_through_trouble,
        scenarios=(
            _half_an_hour("503", _DOWN),
            _half_an_hour("429", Fault(fault="status", parameters={"code": 429}, times=None)),
            _half_an_hour("500 with a page", Fault(fault="html", parameters={"code": 500}, times=None)),
            _half_an_hour("403 of a bot filter", Fault(fault="html", parameters={"code": 403}, times=None)),
            _half_an_hour("connection refused", Fault(fault="refuse_connection", times=None)),
            _half_an_hour("request lost", Lose(leg="request"), Fault(fault="refuse_connection", times=None)),
            _once("one 503", Fault(fault="status", parameters={"code": 503})),
            _once("one 429", Fault(fault="status", parameters={"code": 429})),
            _once("one connection refused", Fault(fault="refuse_connection")),
            flow(
                *(_EXPIRED, Fault(fault="status", parameters={"code": 503}), Call(times=3, every=60)) * 12,
                name="one 503 in each of twelve lifetimes",
            ),
            _half_an_hour(
                "a lock, twice",
                Fault(
                    fault="error_body",
                    parameters={
                        "code": 400,
                        "document": {
                            "error": "invalid_request",
                            "error_description": "token request is already being processed",
                        },
                    },
                    times=2,
                ),
            ),
        ),
        applies=renews_late,
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
