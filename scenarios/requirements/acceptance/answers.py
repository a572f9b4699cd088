"""Accepting: which token answers count, which lifetimes are enough, and what must survive an odd answer."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import DAY
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, is_bare, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.lives import Life, lives
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Step, Until
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME

"""Least lifetime in seconds of an access token that comes without a refresh token (seed 000, 003)."""
ASSUMED = 30 * DAY
"""How long a refresh token is assumed to live where the provider tells nothing (seed 003)."""

NOT_OURS = (Cause.UNKNOWN_ACCESS_TOKEN, Cause.NO_ACCESS_TOKEN, Cause.UNKNOWN_REFRESH_TOKEN)


def only_success_counts(evidence: Evidence) -> Verdict:
    """Nothing of an answer that is no success is stored, and what was stored stays."""
    good = evidence.answered
    bad = [one for one in evidence.exchanges("token") if one.delivered and one.number not in good]
    for one in evidence.exchanges():
        before = [other for other in bad if one.follows(other)] if one.cause in NOT_OURS else []
        if before and not (is_bare(one) and _asks_the_way(evidence, before[0])):
            return violated(
                f"{one.presented or 'An empty token'} was presented at the {one.view} endpoint; the provider never"
                f" issued it.",
                before[-1].number,
                one.number,
                expected="Only a 2xx answer with a non-empty string access_token is stored.",
            )
    for one in bad:
        lost = _lost(evidence, one)
        if lost is not None:
            return lost
    return _relabelled(evidence, bad)


def _asks_the_way(evidence: Evidence, bad: Exchange) -> bool:
    """Tell whether the client may be one that asks the way without a token: it had not called otherwise before."""
    before = [one for one in evidence.exchanges("resource") if one.settled_order < bad.sent_order]
    return not before or any(map(is_bare, before))


def _lost(evidence: Evidence, bad: Exchange) -> Verdict | None:
    """Return the violation if a refresh after a bad answer presents anything but what was stored before."""
    later = next((one for one in evidence.refreshes if one.follows(bad)), None)
    if later is None or bad.grant_type != "refresh_token":
        return None
    since = [one for one in evidence.token_answers if one.settled_order > bad.sent_order and later.follows(one)]
    brought = [refresh_token_of(one) for one in since if refresh_token_of(one) is not None]
    if later.presented in (bad.presented, *brought, *_for_who_can_read_it(bad)):
        return None
    return violated(
        f"After an answer that was no success {later.presented or 'an empty refresh token'} was presented instead of"
        f" {bad.presented}.",
        bad.number,
        later.number,
        expected=f"The answer changes nothing: {bad.presented} is presented again.",
    )


def _for_who_can_read_it(answer: Exchange) -> tuple[str, ...]:
    """Return what a carried out request brought in a body that only some parsers read, such as one deeper than a parser
    may refuse to go (RFC 8259 s9), or one that is no JSON."""
    carried_out = answer.committed and answer.status is not None and 200 <= answer.status < 300
    return answer.issued if carried_out and not answer.members else ()


def _relabelled(evidence: Evidence, bad: list[Exchange]) -> Verdict:
    for change in evidence.supersessions:
        later = next((one for one in evidence.refreshes if one.follows(change.exchange)), None)
        if change.exchange.status != 200 and later is not None and later.presented == change.old:
            return violated(
                f"The answer with status {change.exchange.status} brought {change.new}, but {change.old} was"
                " presented again.",
                change.exchange.number,
                later.number,
                expected="Every 2xx answer with an access token counts.",
            )
    tested = any(later.follows(one) for one in bad for later in evidence.refreshes)
    return exercised(tested, "No refresh followed an answer that was no success.")


def short_refused(evidence: Evidence) -> Verdict:
    """An access token without refresh token that lives less than the minimum is refused at the callback."""
    short = [
        life for life in _first_lives(evidence) if not _renewable(life) and (life.lifetime or 0) < MINIMUM_LIFETIME
    ]
    for life in short:
        used = next((one for one in evidence.resource_calls if one.presented == life.access_token), None)
        told = [one.kind for one in evidence.outcomes("callback") if one.step == life.exchange.step]
        if used is not None or "ok" in told:
            how = "was accepted" if used is None else "was used"
            return violated(
                f"{life.access_token} lives {life.lifetime or 0:g} s, came without a refresh token and {how}.",
                life.exchange.number,
                *(() if used is None else (used.number,)),
                expected=f"Without a refresh token an access token has to live at least {MINIMUM_LIFETIME} s.",
            )
    return exercised(bool(short), "No short-lived access token came without a refresh token.")


def long_accepted(evidence: Evidence) -> Verdict:
    """An access token of at least the minimum, or one with a refresh token, is accepted and used."""
    enough = [life for life in _first_lives(evidence) if _renewable(life) or (life.lifetime or 0) >= MINIMUM_LIFETIME]
    for life in enough:
        told = [one for one in evidence.outcomes("callback") if one.step == life.exchange.step]
        used = any(one.presented == life.access_token for one in evidence.resource_calls)
        if any(one.kind != "ok" for one in told) or (not used and evidence.outcomes("call")):
            return violated(
                f"{life.access_token} lives {life.lifetime or 0:g} s, came"
                f" {'with' if _renewable(life) else 'without'} a refresh token and was refused.",
                life.exchange.number,
                expected=f"{MINIMUM_LIFETIME} s are enough without a refresh token, any lifetime with one.",
            )
    return exercised(bool(enough) and bool(evidence.resource_calls), "No sufficient access token came.")


def _first_lives(evidence: Evidence) -> list[Life]:
    exchanged = {one.number for one in evidence.code_exchanges}
    return [one for one in lives(evidence) if one.exchange.number in exchanged]


def _renewable(life: Life) -> bool:
    return refresh_token_of(life.exchange) is not None


def expiry_is_a_hint(evidence: Evidence) -> Verdict:
    """A refresh token is tried once after its assumed expiry, before the user is asked."""
    answers = [one for one in evidence.token_answers if refresh_token_of(one) is not None]
    tried = 0
    for outcome in evidence.outcomes("call"):
        before = [one for one in answers if one.finished_at < outcome.began_at]
        if not before or outcome.began_at - before[-1].sent_at < ASSUMED:
            continue
        since = [one for one in evidence.refreshes if before[-1].finished_at < one.sent_at <= outcome.at]
        if outcome.kind == "reauthorization_required" and not since:
            return violated(
                f"The user was asked {in_seconds(outcome.began_at - before[-1].sent_at):g} s after the last answer,"
                f" and the refresh token was not tried.",
                before[-1].number,
                expected="An assumed expiry is only a hint: one refresh, then the user.",
            )
        tried += bool(since)
    return exercised(tried > 0, "No refresh was wanted 30 days after the last answer.")


def lives_longer_than_assumed(vendor: Vendor) -> bool:
    """Apply where a refresh token that was left alone for 30 days still lives."""
    policy = vendor.profile.refresh
    return vendor.profile.renews and all(
        limit is None or limit > MINIMUM_LIFETIME + 3600 for limit in (policy.inactivity_ttl, policy.absolute_ttl)
    )


def _instead(document: Mapping[str, object], code: int = 200) -> Fault:
    return Fault(fault="error_body", parameters={"code": code, "document": document})


_FAKE = {"access_token": "an-access-token-nobody-issued", "refresh_token": "a-refresh-token-nobody-issued"}
_TYPE = {"token_type": "Bearer", "expires_in": 3600}
_LATER = {"error": "temporarily_unavailable", **_FAKE, **_TYPE}


def _expiry_with(*faults: Fault) -> tuple[Step, ...]:
    """Let the access token expire and meet each fault once, with room to recover in between."""
    expired = Until(limit="access_token_expiry", offset=1)
    return tuple(step for fault in faults for step in (expired, fault, Call(times=4, every=100)))


_NO_SUCCESS = (
    _instead({"error": "server_error", "error_description": "Please try again.", **_FAKE}),
    _instead({"ok": False}),
    _instead({}),
    _instead({"access_token": None, **_TYPE}),
    _instead({"access_token": "", **_TYPE}),
    _instead({"access_token": {}, **_TYPE}),
    _instead({"access_token": 7, **_TYPE}),
    _instead(_LATER, 400),
    _instead(_LATER, 503),
    Fault(
        fault="html",
        parameters={"body": '["access_token", "a-token-in-a-list"]', "content_type": "application/json"},
    ),
)


def _granting(lifetime: int, *, refresh_token: bool) -> Scenario:
    changes = {"lifetimes.access_token": lifetime, "lifetimes.access_token_longest": None}
    return flow(
        Call(),
        name=f"an access token of {lifetime} s {'with' if refresh_token else 'without'} a refresh token",
        profile=changes if refresh_token else changes | {"issuance.ever": False},
    )


_QUIET = (Advance(seconds=MINIMUM_LIFETIME + 1), Until(limit="access_token_expiry", offset=1))
"""Thirty days and a second, and longer where an access token lives longer."""

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="accept-success-definition",
        keyword="MUST",
        statement=(
            "A token answer counts only if it is 2xx, parsable and has a non-empty string access_token; anything else "
            "stores nothing and leaves what was stored."
        ),
        source=(
            "RFC 6749 s5.1, s5.2; seed 004 (samples); misb err-200-error-body, shape-no-access-token-200, "
            "err-fields-in-error-body, shape-status-201, shape-token-is-object, shape-array-wrapped, "
            "rot-refresh-without-token"
        ),
        effect=(
            "One odd answer overwrites good tokens with nothing, and the integration is dead until the user is back."
        ),
        fix="Before storing check the status, the JSON object and that access_token is a non-empty string.",
        anomaly="A16",
        check=only_success_counts,
        scenarios=(
            flow(Call(), *_expiry_with(*_NO_SUCCESS[:5]), name="errors and empty answers with 200"),
            flow(Call(), *_expiry_with(*_NO_SUCCESS[5:]), name="wrong types, and tokens in error answers"),
            flow(
                Call(),
                *_expiry_with(_instead({}), Fault(fault="relabel", parameters={"code": 201})),
                Until(limit="access_token_expiry", offset=1),
                Call(times=2, every=100),
                name="a pair with 201",
            ),
        ),
        applies=issues_refresh_tokens,
        invariant=True,
    ),
    Requirement(
        id="accept-short-without-rt",
        keyword="VENDOR",
        statement=(
            "Without a refresh token and with a lifetime below the minimum of 30 days the authorization is refused at "
            "once and nothing is stored."
        ),
        source="seed 000, 003",
        effect="The integration is set up with success and dies an hour later, when nobody is looking.",
        fix="At the callback compare expires_in with the minimum when no refresh_token came, and refuse with a reason.",
        anomaly="A18",
        check=short_refused,
        scenarios=tuple(_granting(lifetime, refresh_token=False) for lifetime in (60, 3600, MINIMUM_LIFETIME - 1)),
        needs=frozenset({"minimum_lifetime"}),
        invariant=True,
    ),
    Requirement(
        id="accept-long-or-refreshable",
        keyword="VENDOR",
        statement=(
            "An access token of at least 30 days is accepted without a refresh token; any lifetime is accepted with "
            "one."
        ),
        source="seed 000, 003",
        effect="A vendor whose access tokens live for a year cannot be connected at all.",
        fix="Refuse only what comes without refresh_token and lives less than the minimum; equality is enough.",
        anomaly="A21",
        check=long_accepted,
        scenarios=(
            *(
                _granting(lifetime, refresh_token=False)
                for lifetime in (MINIMUM_LIFETIME, MINIMUM_LIFETIME + 1, 31_536_000)
            ),
            *(_granting(lifetime, refresh_token=True) for lifetime in (1, 60, 3600)),
        ),
        needs=frozenset({"minimum_lifetime"}),
    ),
    Requirement(
        id="accept-rt-lifetime-recorded",
        keyword="VENDOR",
        statement=(
            "The refresh token expiry is the provider's where given, else issue time plus 30 days; an assumed expiry "
            "is only a hint, so the token is tried once before the user is asked."
        ),
        source="seed 003 (default refresh token duration); misb exp-refresh-expiry-zoo, exp-refresh-zero-lie",
        effect="After a quiet month the user has to log in again although the grant still lives.",
        fix="Take an assumed expiry for a hint: try the refresh token once before you ask.",
        anomaly="A11",
        check=expiry_is_a_hint,
        scenarios=(
            flow(Call(), *_QUIET, Call(times=3, every=60), name="30 days and a second"),
            Scenario(
                steps=(
                    Fault(
                        fault="member",
                        parameters={"name": "refresh_token_expires_in", "value": 0},
                        grant_type=None,
                        times=None,
                    ),
                    Authorize(),
                    *_QUIET,
                    Call(times=3, every=60),
                ),
                name="a refresh token that is said to live for 0 seconds",
            ),
        ),
        applies=lives_longer_than_assumed,
    ),
)
