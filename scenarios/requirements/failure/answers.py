"""Failure: answers that are none, answers that do not end, and a provider that refuses the client and not the grant."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.asking import doubtful_asks, false_asks, justified_asks, may_ask
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.refusals import crash_over, detail_of, failed, held, is_over, told
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, ChangeSecret, Delay, Fault, Until

LONGEST_ANSWER = 121
"""Seconds after which nobody waits for a token endpoint any more (seed 003: max.server.delay, 120 s)."""

MOST_REQUESTS = 60
"""Token requests that two hours of a refused client may lead to."""


def knows_clients_by_secret(vendor: Vendor) -> bool:
    """Apply where refresh tokens are issued, and a client has a secret that can turn out wrong."""
    return issues_refresh_tokens(vendor) and not vendor.profile.public_clients


def fails_cleanly(evidence: Evidence) -> Verdict:
    """A success that is no token answer is a passing failure: nothing is stored, and the grant goes on."""
    odd = [one for one in failed(evidence) if one.delivered and one.ok and not one.members]
    for one in odd:
        ending = told(evidence, one)
        if ending is not None and (crash_over(evidence, one) or not may_ask(evidence, ending)):
            return violated(
                f"A 2xx answer that is no token answer ({_begins(one)}) ended with {ending.kind}.",
                one.number,
                expected="A failure that passes: the grant is kept, and the process lives.",
            )
        later = next((again for again in evidence.refreshes if again.follows(one)), None)
        if later is not None and later.presented != held(evidence, later):
            return violated(
                f"After an answer that is none ({_begins(one)}) {later.presented or 'nothing'} was presented instead of"
                f" {held(evidence, later)}.",
                one.number,
                later.number,
                expected="Nothing of such an answer is stored.",
            )
    return _tried_again(evidence, odd)


def _tried_again(evidence: Evidence, odd: list[Exchange]) -> Verdict:
    """Judge whether the client asked again and went on, if nothing else kept it from that."""
    later = [record for record in evidence.calls if odd and record.began_at > odd[0].finished_at]
    vain = bool(later) and not any(record.kind == "ok" for record in later)
    if vain and not (justified_asks(evidence) or _meets_more(evidence, odd[-1])):
        return violated(
            f"After an answer that is none ({_begins(odd[-1])}) no call succeeded any more.",
            odd[-1].number,
            expected="The refresh is tried again.",
        )
    return exercised(bool(later), "No refresh was answered with something that is no token answer.")


def _meets_more(evidence: Evidence, one: Exchange) -> bool:
    """Tell whether something else kept the client from going on: another failure, or a user who withdrew the grant."""
    return any(again.follows(one) for again in failed(evidence)) or bool(evidence.actions("revoke"))


def _begins(one: Exchange) -> str:
    return repr(one.response_body[:20]) if one.response_body else "an empty body"


def configuration_is_to_blame(evidence: Evidence) -> Verdict:
    """A refused client keeps its grants, bothers no user, and works again once its secret is right."""
    changed = evidence.actions("change_secret")
    restored = evidence.actions("restore_secret")
    refused = [one for one in failed(evidence) if one.delivered and changed and one.cause is Cause.WRONG_SECRET]
    asks = [ask for ask in false_asks(evidence) if ask.failure in refused]
    if asks and asks[0].failure is not None:
        return _user_is_bothered(asks[0].failure)
    meanwhile = [one for one in refused if not restored or one.sent_at < restored[0].at]
    if len(meanwhile) > MOST_REQUESTS:
        return violated(
            f"{len(meanwhile)} token requests were made with a secret that the provider refuses.",
            *(one.number for one in meanwhile[:3]),
            expected=f"An operator is told; at most {MOST_REQUESTS} requests in two hours.",
        )
    later = [record for record in evidence.calls if restored and record.began_at > restored[0].at]
    if any(map(is_over, evidence.refreshes)) or justified_asks(evidence):
        return exercised(False, "The grant came to its end meanwhile.")
    if refused and later and not any(record.kind == "ok" for record in later):
        return violated(
            "The secret was right again, and no call succeeded.",
            refused[-1].number,
            expected="Every grant goes on once the configuration is right.",
        )
    return exercised(bool(refused) and bool(later), "No refresh was made with a secret that the provider refuses.")


def _user_is_bothered(one: Exchange) -> Verdict:
    return violated(
        f"The provider refused the client ({one.status} {one.members.get('error')}), and the user was asked to"
        " authorize again.",
        one.number,
        expected="An operator is told; the grants are kept.",
    )


def waits_within_bounds(evidence: Evidence) -> Verdict:
    """A token request has a total deadline, and an answer of any depth is survived."""
    for one in evidence.refreshes:
        if one.finished_at - one.sent_at > seconds(LONGEST_ANSWER):
            return violated(
                f"A refresh was waited for {in_seconds(one.finished_at - one.sent_at):g} s.",
                one.number,
                expected=f"After {LONGEST_ANSWER - 1} s at the latest it counts as lost.",
            )
        crash = crash_over(evidence, one)
        if crash is not None:
            return violated(
                f"The caller of a refresh met a crash{detail_of(crash)}.",
                one.number,
                expected="An answer of any size and depth is a failure that passes.",
            )
    if doubtful_asks(evidence):
        return alternative("After an answer that never ended the client asked for consent.")
    odd = [one for one in failed(evidence) if one.trouble is not None or one.ok]
    return exercised(bool(odd), "Every refresh was answered in time.")


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_AFTERWARDS = (Call(times=4, every=120), Advance(seconds=4_000), Call(times=3, every=4_000))


def _instead(name: str, body: str, content_type: str) -> Scenario:
    parameters = {"body": body, "content_type": content_type}
    return flow(_EXPIRED, Fault(fault="html", parameters=parameters, times=2), *_AFTERWARDS, name=name)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="failure-not-json",
        keyword="SHOULD",
        statement=(
            "A 2xx answer that is no JSON is a clean failure: nothing is stored, the process lives, the grant is "
            "kept."
        ),
        source="misb err-html-200-or-json-labelled, shape-gzip-unlabelled, shape-xml, net-truncated-json",
        effect="A maintenance page kills the worker, or is stored in the place of the tokens.",
        fix="Parse inside the same handling as any failure of a refresh; store only what has a usable access_token.",
        anomaly="A16",
        check=fails_cleanly,
        scenarios=(
            _instead("a page", "<!doctype html><h1>Back soon</h1>", "text/html"),
            _instead("a page that says it is JSON", "<!doctype html><h1>Back soon</h1>", "application/json"),
            _instead("nothing", "", "application/json"),
            _instead("half of an object", '{"access_token":"', "application/json"),
            _instead("XML", "<OAuth><access_token>x</access_token></OAuth>", "application/xml"),
            _instead("a list", "[]", "application/json"),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="failure-invalid-client-is-config",
        keyword="SHOULD",
        statement="A refused client is a matter of configuration: all grants are kept, and no user is asked.",
        source="RFC 6749 s5.2; M-ERR (7000222); A-SECRET; misb err-invalid-client-is-config",
        effect="A rotated secret costs every user of the integration a login, and the log says invalid_grant.",
        fix="Tell errors of client authentication from those of the grant; alert the operator and keep everything.",
        anomaly="A11",
        check=configuration_is_to_blame,
        scenarios=(
            flow(
                _EXPIRED, ChangeSecret(), Call(times=62, every=116), ChangeSecret(back=True), Call(times=8, every=120),
                name="the secret is wrong for two hours",
            ),
            flow(
                _EXPIRED, Call(),
                _EXPIRED, ChangeSecret(), Call(times=6, every=100), ChangeSecret(back=True), Call(times=8, every=120),
                name="the secret is wrong for ten minutes, after a refresh",
                profile={"refresh.rotation": "never", "refresh.refresh_token_on_refresh": "same"},
            ),
        ),
        applies=knows_clients_by_secret,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="failure-total-deadline",
        keyword="SHOULD",
        statement="A token request has a total deadline, and what comes of running into it is an unknown answer.",
        source="seed 003 (max server delay); misb net-huge-or-slow-body",
        effect="One answer that never ends blocks the lock, and with it every caller of the integration.",
        fix="Bound the whole request by one deadline, not each read, and catch what a deep document does to a parser.",
        anomaly="A21",
        check=waits_within_bounds,
        scenarios=(
            flow(_EXPIRED, Fault(fault="lose_request"), *_AFTERWARDS, name="no answer"),
            flow(
                _EXPIRED, Delay(leg="server", seconds=3600, grant_type="refresh_token"), *_AFTERWARDS,
                name="an answer after an hour",
            ),
            flow(_EXPIRED, Fault(fault="drip", parameters={"seconds_": 1}), *_AFTERWARDS, name="a byte a second"),
            flow(_EXPIRED, Fault(fault="deepen", parameters={"levels": 100_000}), *_AFTERWARDS, name="a deep document"),
            flow(Call(), Advance(seconds=60), Call(), name="an answer in time"),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
