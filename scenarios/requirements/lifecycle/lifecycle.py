"""Lifecycle: how a grant ends at the vendor, and what a second consent, a logout or a lost consent leave behind."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import DAY
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.grants import lasts
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.refusals import (
    access_tokens_of,
    held,
    knew,
    presented_again,
    terminal_refusals,
    told,
)
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import tells_the_end
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Authorize,
    Call,
    ChangePassword,
    Fault,
    OtherLogins,
    Parallel,
    Revoke,
    Step,
    Until,
)

_CLEAN = "One refusal, the user is asked, and the refresh token rests."


def idles_out_cleanly(evidence: Evidence) -> Verdict:
    """A grant that idled out ends with one refusal; one that did not is used."""
    return _ends_cleanly(evidence, Cause.REFRESH_TOKEN_IDLE)


def ages_out_cleanly(evidence: Evidence) -> Verdict:
    """The end of a family is met once, reported as due consent, and a new login works."""
    return _ends_cleanly(evidence, Cause.REFRESH_TOKEN_AGED)


def evicted_cleanly(evidence: Evidence) -> Verdict:
    """An evicted grant ends with one refusal, and the client starts no login that would evict another."""
    own = [one for one in evidence.exchanges("authorization") if one.actor != "browser"]
    if own:
        return violated(
            "The client opened an authorization request of its own.",
            *(one.number for one in own),
            expected="The user is told; nothing is begun without them.",
        )
    return _ends_cleanly(evidence, Cause.REFRESH_TOKEN_EVICTED)


def _ends_cleanly(evidence: Evidence, cause: Cause) -> Verdict:
    for ask in false_asks(evidence):
        return violated(
            f"At step {ask.outcome.step} a caller was sent for the user; {ask.circumstances}.",
            expected="A grant is given up when the provider refuses it, not by a guess at its age.",
        )
    ends = [one for one in terminal_refusals(evidence) if one.cause is cause]
    for one in ends:
        verdict = _one_refusal(evidence, one)
        if verdict is not None:
            return verdict
    return exercised(bool(ends), "The grant did not come to its end.")


def _one_refusal(evidence: Evidence, one: Exchange) -> Verdict | None:
    ending = told(evidence, one)
    if ending is not None and ending.kind not in ("reauthorization_required", "ok"):
        return violated(
            f"The grant was over ({one.cause}), and the caller was told {ending.kind}.", one.number, expected=_CLEAN
        )
    again = [later for later in presented_again(evidence, one) if later.sent_at - one.finished_at < DAY]
    if again:
        return violated(
            f"{one.presented} was over ({one.cause}), and was presented again"
            f" {in_seconds(again[0].sent_at - one.finished_at):g} s later.",
            one.number,
            again[0].number,
            expected=_CLEAN,
        )
    return _works_after_login(evidence, one)


def _works_after_login(evidence: Evidence, one: Exchange) -> Verdict | None:
    logins = [login for login in evidence.code_exchanges if login.ok and login.follows(one)]
    later = [record for record in evidence.calls if logins and record.began_at >= logins[0].finished_at]
    if later and not any(record.kind == "ok" for record in later):
        return violated(
            f"The user logged in again, and the next call ended with {later[0].kind}.",
            logins[0].number,
            expected="A new login begins a new grant that works.",
        )
    return None


def dead_at_once(evidence: Evidence) -> Verdict:
    """Once a refresh was refused for good, neither its refresh token nor an earlier access token is used."""
    refusals = terminal_refusals(evidence)
    for one in refusals:
        old = access_tokens_of(evidence, one)
        for used in evidence.resource_calls:
            if used.presented in old and knew(evidence, one, used):
                return violated(
                    f"The grant had been refused, and {used.presented} was used"
                    f" {in_seconds(used.sent_at - one.finished_at):g} s later.",
                    one.number,
                    used.number,
                    expected="A grant that was refused is over with everything that came of it.",
                )
        again = [later for later in presented_again(evidence, one) if later.sent_at - one.finished_at < DAY]
        if again:
            return violated(
                f"{one.presented} was refused for good, and presented again"
                f" {in_seconds(again[0].sent_at - one.finished_at):g} s later.",
                one.number,
                again[0].number,
                expected=_CLEAN,
            )
    later_calls = [record for record in evidence.calls if refusals and record.began_at > refusals[0].finished_at]
    return exercised(bool(later_calls), "No call followed a refused refresh.")


def keeps_after_failed_consent(evidence: Evidence) -> Verdict:
    """A login that fails, or brings nothing that lasts, leaves the refresh token of the one before in use."""
    tested = False
    asks = false_asks(evidence)
    for step in _failed_logins(evidence):
        later = [one for one in evidence.refreshes if one.step > step]
        if not later:
            lost = [ask for ask in asks if ask.outcome.step > step]
            if lost:
                return violated(
                    "A second login brought no refresh token, and the grant of the first was given up.",
                    expected="The grant that works is left untouched.",
                )
            continue
        kept = _held_at(evidence, step)
        if later[0].presented != kept and not _logins_between(evidence, step, later[0]):
            return violated(
                f"After a login that failed {later[0].presented or 'nothing'} was presented instead of {kept}.",
                later[0].number,
                expected=f"The next refresh presents {kept}.",
            )
        tested = True
    return exercised(tested, "No refresh followed a second login that failed.")


def _failed_logins(evidence: Evidence) -> list[int]:
    """Return the steps after a first login in which another one brought nothing that lasts."""
    good = [one.step for one in evidence.code_exchanges if one.ok and lasts(one)]
    tried = [action.step for action in evidence.actions("authorize")]
    return [step for step in tried if good and step > good[0] and step not in good]


def _held_at(evidence: Evidence, step: int) -> str | None:
    first = next(one for one in evidence.exchanges() if one.step >= step)
    return held(evidence, first)


def _logins_between(evidence: Evidence, step: int, before: Exchange) -> bool:
    return any(one.step > step and before.follows(one) for one in evidence.code_exchanges)


def idles(vendor: Vendor) -> bool:
    """Apply where an unused grant ends, and its refusal says so."""
    return vendor.profile.refresh.inactivity_ttl is not None and tells_the_end(vendor)


def ages(vendor: Vendor) -> bool:
    """Apply where a grant ends however often it is used, if not only for browser applications."""
    rules = [rule for rule in vendor.profile.lifetime_rules if "application.kind" not in rule.when]
    limited = vendor.profile.refresh.absolute_ttl is not None or any(rule.absolute is not None for rule in rules)
    return limited and tells_the_end(vendor)


def caps(vendor: Vendor) -> bool:
    """Apply where new logins evict old grants."""
    return vendor.profile.refresh.cap_per_user is not None


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_LIFE = (_EXPIRED, Call(times=3, every=60))
_IDLE_BEFORE = Until(limit="inactivity_expiry", offset=-1)
_AGED_BEFORE = Until(limit="absolute_expiry", offset=-1)
_AGED_AFTER = Until(limit="absolute_expiry", offset=1)
_LATER = (Call(times=4, every=600), Advance(seconds=43_200), Call())
_YEAR = (Advance(seconds=80 * 86_400), Call()) * 4
_ANEW = (Authorize(), Call())


def _to_the_end(name: str, *before: Step, **application: str) -> tuple[Scenario, ...]:
    """Go to either side of the absolute limit; one application sees a limit, others of the vendor may not."""
    return (
        flow(*before, _AGED_BEFORE, Call(), name=f"{name}, a second before", application=application),
        flow(*before, _AGED_AFTER, *_LATER, *_ANEW, name=f"{name}, a second after", application=application),
    )


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="lifecycle-inactivity",
        keyword="VENDOR",
        statement="A grant that idled out ends cleanly, and every use restarts the idle clock.",
        source=(
            "seed 004 (90 days); M-RT (90 days); G-OAUTH2 (6 months); RFC 9700 s4.14.2; misb rot-inactivity-expiry"
        ),
        effect=(
            "A report that runs once a quarter fails and retries for ever, and nobody learns that a login would "
            "help."
        ),
        fix="Take the refusal as the end of the grant: mark it, tell the user, and send nothing more.",
        anomaly="A5",
        check=idles_out_cleanly,
        scenarios=(
            flow(_IDLE_BEFORE, Call(), _IDLE_BEFORE, Call(), name="used a second before, twice"),
            flow(
                _IDLE_BEFORE, Call(), Until(limit="inactivity_expiry", offset=1), *_LATER, *_ANEW, name="a second late"
            ),
            flow(Until(limit="inactivity_expiry", offset=1), *_LATER, name="never used, and a second late"),
        ),
        applies=idles,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="lifecycle-absolute",
        keyword="VENDOR",
        statement="The end of a family is not moved by rotation, and is reported as due consent, not as an outage.",
        source=(
            "seed 004 (365 days); G-OAUTH2 (7 days in Testing); misb rot-absolute-expiry"
        ),
        effect="A year after the rollout all integrations fail within days, and the client reports the vendor as down.",
        fix="Take the refusal as the end of the grant, and keep the day of the login to warn before the limit.",
        anomaly="A14",
        check=ages_out_cleanly,
        scenarios=(
            *_to_the_end("used every 80 days", *_YEAR),
            *_to_the_end("in testing", Advance(seconds=3 * 86_400), Call(), status="testing"),
        ),
        applies=ages,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="lifecycle-eviction",
        keyword="VENDOR",
        statement="A grant evicted by newer logins ends cleanly, and the client does not evict further ones in turn.",
        source="G-OAUTH2 (100 per account and client); misb rev-oldest-evicted",
        effect="Installations of one user throw each other out in a circle, a new login with every refusal.",
        fix="Take the refusal as the end of the grant and wait for the user; share one grant among workers.",
        anomaly="A5",
        check=evicted_cleanly,
        scenarios=(
            flow(OtherLogins(times=99), *_LIFE, name="the last that fits"),
            flow(OtherLogins(times=100), _EXPIRED, Parallel(callers=2), *_LATER, name="one more than fit"),
        ),
        applies=caps,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="lifecycle-revoked-or-password",
        keyword="VENDOR",
        statement=(
            "Revocation or a password change ends use at once: one refused refresh, and no access token of the grant "
            "after it."
        ),
        source="seed 004; M-RT; G-OAUTH2; RFC 9700 s4.14.2; misb rot-bulk-revocation",
        effect="Access goes on after the user has withdrawn it, or the client hammers both endpoints with dead tokens.",
        fix="When a refresh is refused for good, stop using the access token too.",
        anomaly="A20",
        check=dead_at_once,
        scenarios=(
            flow(Call(), Advance(seconds=600), Revoke(), Advance(seconds=1), Call(times=5, every=60), name="revoked"),
            flow(
                Call(), _EXPIRED, Revoke(), Call(times=5, every=60), Call(times=4, every=400), name="revoked at expiry"
            ),
            flow(
                Call(), Until(limit="access_token_expiry", offset=-30), Revoke(), Call(times=5, every=10),
                name="revoked shortly before expiry",
            ),
            flow(
                Call(), Advance(seconds=600), ChangePassword(), Advance(seconds=1), Call(times=5, every=60),
                Advance(seconds=2 * 86_400), ChangePassword(back=True), Call(), name="password changed and restored",
            ),
        ),
        applies=tells_the_end,
        depends=("refresh-request-shape",),
        invariant=True,
    ),
    Requirement(
        id="lifecycle-failed-reconsent-keeps",
        keyword="SHOULD",
        statement="A denied, failed or refresh-token-less second login leaves the working grant untouched.",
        source="misb iss-rt-first-consent-only",
        effect="A user who clicks Cancel on a second login, or logs in twice, loses the integration that worked.",
        fix="Replace the stored grant only when the new answer brings a refresh token; keep the old one otherwise.",
        anomaly="A12",
        check=keeps_after_failed_consent,
        scenarios=(
            flow(Call(), Advance(seconds=1800), Authorize(answer="deny"), Call(), *_LIFE, name="denied"),
            flow(
                Call(), Advance(seconds=1800),
                Fault(
                    fault="member", parameters={"name": "refresh_token", "remove": True},
                    grant_type="authorization_code",
                ),
                Authorize(), Call(), *_LIFE, *_LIFE,
                name="no refresh token the second time",
            ),
            flow(
                Call(), Advance(seconds=1800),
                Fault(fault="status", parameters={"code": 503}, grant_type="authorization_code"),
                Authorize(), Call(), *_LIFE,
                name="the exchange fails",
            ),
            flow(
                Call(), Advance(seconds=1800),
                Fault(
                    fault="status", parameters={"code": 400, "error": "invalid_grant"}, grant_type="authorization_code"
                ),
                Authorize(), Call(), *_LIFE,
                name="the code is refused",
            ),
            flow(
                Call(), Advance(seconds=1800), Authorize(think=121), Call(), *_LIFE, name="the callback comes late"
            ),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
