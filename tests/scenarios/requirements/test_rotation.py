"""What rotation and concurrency are judged by, on both sides of every boundary."""

from dataclasses import replace
from typing import Any

import pytest

from kit.flawed_wild import DeletesBeforeItWrites, WritesThreeTimes
from kit.innocents import Minimal
from kit.journal import TOKEN, exchange, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import judge
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness.subjects.miniatures.able.pairs import TwoPairs
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Exchange, Journal, Record, StepRecord, UserAction
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.rotation.lost import forgives_replay
from refreshproof.scenarios.steps.processes import Crash, During, Node
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import (
    Call,
    ChangeSecret,
    Delay,
    Parallel,
    ProviderChanges,
    Restart,
    Step,
    Until,
)
from refreshproof.scenarios.steps.subject import Outcome

IDS = [
    name
    for name, one in CATALOGUE.items()
    if name.startswith(("rotation-", "concurrency-")) and "two_pairs" not in one.needs
]
DAY = 86_400
ASKED: Any = "reauthorization_required"
PAIR = {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}
EXPIRED = Until(limit="access_token_expiry", offset=1)


def judged(requirement: str, *records: Record | list[Record], vendor: str = "generic") -> str:
    return verdict_on(requirement, journal(login(), redemption(2), *records), vendor).outcome


def rotation(number: int = 3, at: float = 3601, step: int = 2, **changes: Any) -> Record:
    return renewal(number, **({"at": at, "step": step, "members": PAIR, "issued": ("AT2", "RT2")} | changes))


def lost(number: int, at: float, step: int = 2, **changes: Any) -> Record:
    """Write down a refresh that was carried out and whose answer nobody read."""
    plain: dict[str, Any] = {
        "delivered": False,
        "status": None,
        "trouble": "reset",
        "members": {},
        "issued": ("AT2", "RT2"),
    }
    return renewal(number, at=at, step=step, **(plain | changes))


def refused(number: int, at: float, step: int = 2, **changes: Any) -> Record:
    plain: dict[str, Any] = {"status": 400, "cause": Cause.REFRESH_TOKEN_REUSED, "committed": False}
    return renewal(number, at=at, step=step, members={"error": "invalid_grant"}, **(plain | changes))


def called(kind: Any, at: float, number: int | None = None, step: int = 2, **changes: Any) -> Record:
    made = {} if number is None else {"begun": number - 1, "ended": number}
    return outcome("call", kind, at=at, step=step, **(made | changes))


def step(number: int, name: str, at: float = 3601) -> Record:
    return StepRecord(number=number, at=START + seconds(at), step={"step": name})


def long(number: int, begin: float, end: float, order: tuple[int, int], **changes: Any) -> Record:
    """Write down a refresh that took its time; `order` says when it was sent and when it ended."""
    sent, settled = order
    plain: dict[str, Any] = {
        "at": begin,
        "finished_at": START + seconds(end),
        "sent_order": sent,
        "settled_order": settled,
        "step": 2,
    }
    return renewal(number, **(plain | {"members": PAIR} | changes))


def waiting(number: int, begin: float, end: float, kind: Any = "ok") -> Record:
    """Write down a call that waited."""
    record = outcome("call", kind, at=begin, step=2)
    return replace(record, actor=f"actor {number}", at=START + seconds(end))


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nobody_refreshes() -> None:
    assert {judged(one, called("ok", 10)) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(("presented", "expected"), [("RT2", "satisfied"), ("RT1", "violated")])
def test_the_next_refresh_presents_the_newest_token(presented: str, expected: str) -> None:
    records = (rotation(), renewal(4, at=7300, step=3, presented=presented))
    assert judged("rotation-replace", *records) == expected
    assert judged("rotation-old-never-reused", *records) == expected


def test_a_superseded_token_is_not_named_at_logout_either() -> None:
    revoked = exchange(4, "revocation", f"{TOKEN}/revoke", at=4000, step=3, presented="RT1")
    assert judged("rotation-old-never-reused", rotation(), revoked) == "violated"


def test_a_token_that_was_sent_before_its_successor_came_is_not_reused() -> None:
    first, second = long(3, 3601, 3606, (6, 9)), long(4, 3602, 3607, (7, 10))
    assert judged("rotation-old-never-reused", first, second) == "satisfied"


@pytest.mark.parametrize(("presented", "expected"), [("RT2", "satisfied"), ("RT1", "violated")])
def test_after_a_restart_the_newest_token_is_known(presented: str, expected: str) -> None:
    records = (rotation(), outcome("restart", step=3, at=3700), renewal(4, at=7300, step=4, presented=presented))
    assert judged("rotation-persist-before-use", *records) == expected


@pytest.mark.parametrize("requirement", ["rotation-keep-when-absent", "rotation-keep-when-null"])
@pytest.mark.parametrize(("presented", "expected"), [("RT1", "satisfied"), (None, "violated"), ("RT0", "violated")])
def test_an_answer_without_refresh_token_leaves_the_old_one(
    requirement: str, presented: str | None, expected: str
) -> None:
    again = renewal(4, at=7300, step=3, presented=presented)
    assert judged(requirement, renewal(3, at=3601, step=2), again, vendor="google") == expected


@pytest.mark.parametrize(("again", "expected"), [(600, "satisfied"), (601, "violated"), (None, "not_exercised")])
def test_a_lost_answer_is_replayed_inside_the_window(again: float | None, expected: str) -> None:
    replay = [] if again is None else [rotation(4, at=3601 + again, step=3)]
    records = (lost(3, 3601), called("transient_error", 3601, 3), *replay)
    assert judged("rotation-lost-response-recovers", *records, vendor="atlassian") == expected


@pytest.mark.parametrize(
    ("losses", "replays", "expected"), [(1, 1, "satisfied"), (1, 2, "violated"), (2, 2, "satisfied")]
)
def test_a_refresh_is_replayed_as_often_as_its_answer_was_lost(losses: int, replays: int, expected: str) -> None:
    sent = [
        lost(3 + n, 3601 + 10 * n, 2 + n) if n < losses else rotation(3 + n, 3601 + 10 * n, 2 + n)
        for n in range(replays + 1)
    ]
    assert judged("rotation-lost-response-recovers", *sent, vendor="atlassian") == expected


def test_a_client_that_is_called_again_has_to_recover() -> None:
    """A story that ends with the call whose answer was lost tells nothing: the replay may come with the next one."""
    records = (lost(3, 3601), called("transient_error", 3601, 3), called("transient_error", 3661, begun=3, ended=3))
    assert judged("rotation-lost-response-recovers", *records, vendor="atlassian") == "violated"


def test_an_answer_whose_tokens_are_used_was_not_lost() -> None:
    """A client that takes the tokens of a gateway's 504 has nothing to recover, whatever else is to be said of it."""
    relabelled = lost(3, 3601, delivered=True, status=504, trouble=None, members={"access_token": "AT2"})
    records = (relabelled, use(4, at=3601, presented="AT2"), called("ok", 3601, 3), called("ok", 3901, 4))
    assert judged("rotation-lost-response-recovers", *records, vendor="atlassian") == "not_exercised"


def test_two_refreshes_of_one_late_call_are_one_late_replay() -> None:
    late = (lost(4, 7600, 3), lost(5, 7601, 3), called("transient_error", 7601, begun=3, ended=5))
    assert judged("rotation-replay-bounded", lost(3, 3601), *late, vendor="atlassian") == "satisfied"


def test_a_refresh_of_another_token_is_no_replay() -> None:
    records = (lost(3, 3601), rotation(4, 3611, 3), renewal(5, at=7300, step=4, presented="RT2"))
    assert judged("rotation-lost-response-recovers", *records, vendor="atlassian") == "satisfied"
    other = (renewal(4, at=7300, step=4, presented="RT9"), called("ok", 7300, 4))
    late = (lost(3, 3601), called("transient_error", 3601, 3), *other)
    assert judged("rotation-lost-response-recovers", *late, vendor="atlassian") == "violated"


@pytest.mark.parametrize(("again", "expected"), [(609, "satisfied"), (610, "satisfied"), (611, "violated")])
def test_a_window_begins_when_the_refresh_arrives(again: float, expected: str) -> None:
    slow = lost(3, 3601, arrived_at=START + seconds(3611), finished_at=START + seconds(3620))
    records = (slow, called("transient_error", 3620, 3), rotation(4, 3601 + again, 3))
    assert judged("rotation-lost-response-recovers", *records, vendor="atlassian") == expected


@pytest.mark.parametrize("changes", [{}, {"arrived_at": None, "trouble": "refused", "committed": False}])
def test_a_refresh_that_brought_nothing_about_is_no_rotation_to_recover(changes: dict[str, Any]) -> None:
    nothing = lost(3, 3601, issued=(), **changes)
    told = called("transient_error", 3601, 3)
    assert judged("rotation-lost-response-recovers", nothing, told, vendor="atlassian") == "not_exercised"


@pytest.mark.parametrize(
    ("faults", "policy", "applies"),
    [
        ((), {}, True),
        (("drop",), {}, True),
        (("restyle", "drop"), {}, True),
        (("status",), {}, False),
        ((), {"on_replay": "reject"}, False),
        ((), {"rotation": "never"}, False),
    ],
)
def test_a_lost_rotation_can_be_rescued_where_refreshes_are_carried_out_and_a_replay_is_answered(
    faults: tuple[str, ...], policy: dict[str, Any], applies: bool
) -> None:
    generous = VENDORS["atlassian"]
    profile = replace(generous.profile, refresh=replace(generous.profile.refresh, **policy))
    specs = tuple(FaultSpec(fault=name, parameters={}) for name in faults)
    assert forgives_replay(replace(generous, profile=profile, faults=specs)) is applies


def test_asking_for_consent_after_a_lost_answer_is_allowed() -> None:
    records = (lost(3, 3601), called(ASKED, 3601, 3))
    assert judged("rotation-lost-response-recovers", *records, vendor="atlassian") == "alternative"


@pytest.mark.parametrize(("presented", "expected"), [("RT2", "satisfied"), ("RT1", "violated"), (None, "violated")])
def test_what_came_is_stored_whatever_the_vendor_did_before(presented: str | None, expected: str) -> None:
    change = UserAction(step=2, at=START, what="provider_changes")
    records = (rotation(), change, renewal(4, at=7300, step=3, presented=presented))
    assert judged("rotation-mode-agnostic", *records) == expected


@pytest.mark.parametrize(("later", "expected"), [(59, "violated"), (60, "satisfied")])
def test_an_unchanged_access_token_is_no_failure(later: float, expected: str) -> None:
    change = UserAction(step=2, at=START, what="provider_changes")
    same = renewal(3, at=3601, step=2, members={"access_token": "AT1", "expires_in": 3600})
    assert judged("rotation-mode-agnostic", change, same, renewal(4, at=3601 + later, step=3)) == expected


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ((1,), "satisfied"),
        ((1, 60), "satisfied"),
        ((1, 60, 61), "violated"),
        ((1, 60, 700), "satisfied"),
        ((700,), "satisfied"),
        ((700, 800), "violated"),
    ],
)
def test_replays_of_a_lost_refresh_are_few(gaps: tuple[int, ...], expected: str) -> None:
    replays = [lost(4 + n, 3601 + gap, 3 + n) for n, gap in enumerate(gaps)]
    assert judged("rotation-replay-bounded", lost(3, 3601), *replays, vendor="atlassian") == expected


@pytest.mark.parametrize(("sent", "expected"), [(2, "satisfied"), (3, "violated")])
def test_one_call_sends_a_refresh_twice_at_most(sent: int, expected: str) -> None:
    tries = [lost(3 + n, 3601, committed=n == 0, trouble="reset") for n in range(sent)]
    call = called("transient_error", 3601, begun=2, ended=2 + sent)
    assert judged("rotation-replay-bounded", *tries, call, vendor="microsoft") == expected


def test_a_request_that_never_left_may_be_tried_again() -> None:
    tries = [lost(3 + n, 3601, committed=False, trouble="refused", arrived_at=None) for n in range(5)]
    assert judged("rotation-replay-bounded", *tries, called("transient_error", 3601, begun=2, ended=7)) == "satisfied"


@pytest.mark.parametrize(("again", "expected"), [(None, "satisfied"), (DAY - 1, "violated"), (DAY, "satisfied")])
def test_a_crash_costs_one_refused_refresh(again: float | None, expected: str) -> None:
    probe = [] if again is None else [refused(5, 3700 + again, 5)]
    records = (lost(3, 3601, trouble="died"), refused(4, 3700, 4), called(ASKED, 3700, 4, 4), *probe)
    assert judged("rotation-crash-before-save", *records) == expected


def test_after_a_crash_somebody_goes_on_or_asks() -> None:
    died = lost(3, 3601, trouble="died")
    assert judged("rotation-crash-before-save", died, called("transient_error", 3700)) == "violated"
    assert judged("rotation-crash-before-save", died, called(ASKED, 3700)) == "alternative"
    assert judged("rotation-crash-before-save", died, rotation(4, 3700, 4), called("ok", 3700, 4, 4)) == "satisfied"


@pytest.mark.parametrize(
    ("first", "second", "expected"), [((6, 9), (7, 10), "violated"), ((6, 7), (8, 9), "satisfied")]
)
def test_one_refresh_is_in_flight(first: tuple[int, int], second: tuple[int, int], expected: str) -> None:
    callers = (waiting(1, 3601, 3606), waiting(2, 3601, 3606))
    records = (long(3, 3601, 3606, first), long(4, 3601, 3606, second), *callers)
    assert judged("concurrency-single-flight", *records) == expected
    other = long(4, 3601, 3606, second, presented="RT9")
    assert judged("concurrency-single-flight", records[0], other, *callers) == "satisfied"


def test_a_single_caller_proves_nothing_about_single_flight() -> None:
    records = (long(3, 3601, 3606, (6, 7)), waiting(1, 3601, 3606))
    assert judged("concurrency-single-flight", *records) == "not_exercised"


@pytest.mark.parametrize(
    ("first", "times", "expected"),
    [
        (rotation(3), 1, "satisfied"),
        (rotation(3), 2, "violated"),
        (refused(3, 3601), 1, "satisfied"),
        (refused(3, 3601), 2, "violated"),
        (lost(3, 3601), 2, "satisfied"),
        (lost(3, 3601), 3, "violated"),
    ],
)
def test_callers_share_what_comes_of_a_refresh(first: Record, times: int, expected: str) -> None:
    told = ASKED if isinstance(first, type(rotation())) and getattr(first, "cause", None) else "ok"
    more = [lost(3 + n, 3601, committed=False) for n in range(1, times)]
    callers = (waiting(1, 3601, 3606, told), waiting(2, 3601, 3606, told))
    assert judged("concurrency-callers-share-outcome", step(2, "parallel"), first, *more, *callers) == expected


def test_a_caller_that_waited_for_a_refusal_is_told_of_it() -> None:
    callers = (waiting(1, 3601, 3606, ASKED), waiting(2, 3601, 3606, "transient_error"))
    records = (step(2, "parallel"), refused(3, 3601, finished_at=START + seconds(3606)), *callers)
    assert judged("concurrency-callers-share-outcome", *records) == "violated"


@pytest.mark.parametrize(
    ("requirement", "node", "presented", "expected"),
    [
        ("concurrency-stale-snapshot", 2, "RT1", "violated"),
        ("concurrency-stale-snapshot", 2, "RT2", "satisfied"),
        ("concurrency-stale-snapshot", 1, "RT1", "satisfied"),
        ("concurrency-processes", 2, "RT1", "violated"),
        ("concurrency-processes", 1, "RT1", "satisfied"),
        ("concurrency-lock-lifetime", 2, "RT1", "satisfied"),
    ],
)
def test_a_token_that_one_process_has_spent_is_not_presented_by_another(
    requirement: str, node: int, presented: str, expected: str
) -> None:
    callers = (called("ok", 3601, step=2), called("ok", 3601, step=2, node=2))
    second = renewal(4, at=3602, step=2, presented=presented, node=node)
    records = (step(2, "parallel"), rotation(), second, *callers, called("ok", 3700, step=3, node=2))
    assert judged(requirement, *records) == expected


@pytest.mark.parametrize("requirement", ["concurrency-processes", "concurrency-lock-lifetime"])
def test_two_processes_do_not_refresh_at_once(requirement: str) -> None:
    records = (long(3, 3601, 3630, (6, 9)), long(4, 3611, 3631, (7, 10), node=2))
    callers = (called("ok", 3601, step=2), called("ok", 3601, step=2, node=2))
    assert judged(requirement, step(2, "parallel"), *records, *callers) == "violated"


@pytest.mark.parametrize(("waited", "expected"), [(300, "satisfied"), (301, "violated")])
def test_a_lock_whose_holder_died_is_free_in_time(waited: float, expected: str) -> None:
    records = (step(2, "parallel"), lost(3, 3601, trouble="died"), rotation(4, 3601 + waited, node=2))
    caller = waiting(2, 3601, 3601 + waited)
    assert judged("concurrency-lock-lifetime", *records, caller) == expected


@pytest.mark.parametrize(("told", "stored", "expected"), [("ok", "RT2", "satisfied"), (ASKED, "RT2", "violated")])
def test_a_refusal_of_a_replaced_token_ends_nothing(told: Any, stored: str, expected: str) -> None:
    late = refused(4, 3700, 3, node=2)
    assert judged("rotation-invalid-grant-reload", rotation(), late, called(told, 3700, 4, 3, node=2)) == expected


@pytest.mark.parametrize(
    ("gap", "nodes", "expected"),
    [(299, (1, 2, 1), "violated"), (300, (1, 2, 1), "satisfied"), (10, (1, 1, 1), "satisfied")],
)
def test_processes_do_not_refresh_in_turns(gap: float, nodes: tuple[int, ...], expected: str) -> None:
    sent = [
        renewal(
            3 + n, at=3601 + gap * n, step=2 + n, presented=f"RT{n + 1}", node=node,
            members={**PAIR, "refresh_token": f"RT{n + 2}"},
        )
        for n, node in enumerate(nodes)
    ]  # fmt: skip
    elsewhere = called("ok", 9000, step=9, node=2)
    assert judged("concurrency-no-ping-pong", *sent, elsewhere) == expected


def played(*steps: Step, vendor: str = "generic") -> Journal:
    return play(VENDORS[vendor], TinyClient, flow(*steps))


@pytest.mark.parametrize(
    ("moment", "view", "grant_type", "status"),
    [("answered", "token", "refresh_token", None), ("arrived", "resource", None, None)],
)
def test_a_process_dies_at_a_request_and_begins_anew_when_it_is_next_used(
    moment: Any, view: str, grant_type: str | None, status: int | None
) -> None:
    lived = played(EXPIRED, Crash(moment=moment, view=view, grant_type=grant_type), Call(), Call(), Restart())
    died = next(one for one in lived.exchanges() if one.trouble == "died")
    assert (died.view, died.delivered, died.status, died.committed) == (view, False, status, True)
    assert [record.step for record in lived.outcomes("call")] == [5]
    assert [action.about["node"] for action in lived.actions("process_died")] == [1]


@pytest.mark.parametrize(("client", "had"), [(WritesThreeTimes, True), (DeletesBeforeItWrites, False)])
def test_an_answer_outlives_its_process_as_soon_as_what_it_brought_is_presented(
    client: type[TinyClient], had: bool
) -> None:
    """A death in the midst of a save leaves a part of it, or nothing."""
    steps = (EXPIRED, Crash(moment="storing", touches=2 if had else 1), Call())
    before = play(VENDORS["generic"], client, flow(*steps))
    after = play(VENDORS["generic"], client, flow(*steps, Call()))
    assert [(one.trouble, one.delivered) for one in before.exchanges("token", "refresh_token")] == [("died", False)]
    (answer, *_) = after.exchanges("token", "refresh_token")
    assert (answer.trouble, answer.delivered, answer.ok) == ((None, True, True) if had else ("died", False, False))


@pytest.mark.parametrize(
    ("touches", "outcome"), [(0, "satisfied"), (1, "satisfied"), (2, "violated"), (3, "not_exercised")]
)
def test_a_pair_that_is_torn_shows_once_its_access_token_was_used(touches: int, outcome: str) -> None:
    """The one who writes three times dies before the first write, before it has a new expiry, after that, or never."""
    chosen = CATALOGUE["rotation-one-write"]
    only = tuple(one for one in chosen.scenarios if one.name == f"dies after {touches} touches")
    found = judge(replace(chosen, scenarios=only), VENDORS["generic"], WritesThreeTimes, frozenset({"restart"}))
    assert found.outcome == outcome, found.why


def test_a_crash_over_what_the_resource_answered_is_none_over_the_tokens_before_it() -> None:
    """The same crash, once with a request after the answer and once without."""
    silent = rotation(members={"access_token": "AT2", "expires_in": 3600})
    page = use(4, at=3602, presented="AT2", step=2)
    for requirement, vendor, answer in (
        ("rotation-keep-when-absent", "google", silent),
        ("rotation-replace", "generic", rotation()),
    ):
        over = called("crash", 3603, begun=2, ended=3)
        later = called("crash", 3603, begun=2, ended=4)
        after = renewal(5, at=7300, step=3, presented="RT1")
        assert judged(requirement, answer, over, after, vendor=vendor) != judged(
            requirement, answer, page, later, after, vendor=vendor
        )


def test_processes_share_the_store_and_have_requests_of_their_own() -> None:
    lived = played(Call(), Node(number=2), EXPIRED, Call(), Node(number=1), Call())
    assert [one.node for one in lived.exchanges("resource")] == [1, 2, 1]
    assert [one.node for one in lived.exchanges("token", "refresh_token")] == [2]
    assert [record.kind for record in lived.outcomes("call")] == ["ok", "ok", "ok"]


def test_callers_are_spread_over_processes() -> None:
    lived = played(Parallel(callers=4, nodes=2))
    assert sorted(record.node for record in lived.outcomes("call")) == [1, 1, 2, 2]


def test_something_happens_during_a_call() -> None:
    slow = Delay(leg="server", seconds=5, grant_type="refresh_token")
    lived = played(EXPIRED, slow, During(happens="disconnect", after=2))
    call, logout = lived.outcomes("call")[0], lived.outcomes("disconnect")[0]
    assert logout.began_at - call.began_at == seconds(2)
    assert logout.began_at < lived.exchanges("token", "refresh_token")[0].finished_at


def test_a_secret_is_changed_at_the_provider_and_back() -> None:
    lived = played(EXPIRED, ChangeSecret(), Call(), ChangeSecret(back=True), Call(times=2, every=60))
    assert [one.cause for one in lived.exchanges("token", "refresh_token")] == [Cause.WRONG_SECRET, None]


def test_a_provider_changes_its_ways_from_one_refresh_to_the_next() -> None:
    ways = ProviderChanges(changes={"refresh.rotation": "never", "refresh.refresh_token_on_refresh": "omitted"})
    lived = played(EXPIRED, Call(), ways, EXPIRED, Call())
    assert ["refresh_token" in one.members for one in lived.exchanges("token", "refresh_token")] == [True, False]


class StaysDead(Minimal):
    """A program that nobody starts again after its process has died."""

    dead = False

    def told(self, work: Any) -> Outcome:
        """Answer nothing any more once a piece of work has not ended."""
        if self.dead:
            return Outcome(kind="crash", detail="the program has ended")
        self.dead = True
        outcome = super().told(work)
        self.dead = False
        return outcome


def test_a_client_that_is_not_started_again_after_its_death_is_not_judged_by_it() -> None:
    requirement = CATALOGUE["rotation-crash-before-save"]
    cell = judge(requirement, VENDORS["generic"], StaysDead, StaysDead.capabilities)
    assert cell.outcome == "not_exercised"
    assert cell.why == "The client did not come back after its process had died (the program has ended)."


def test_a_client_that_crashes_over_an_answer_is_told_of_the_crash() -> None:
    """What it presents afterwards tells nothing of what it would have stored."""
    crash = outcome("call", "crash", at=3601, begun=2, ended=3, detail="KeyError: 'scope'")
    told = verdict_on("rotation-replace", journal(redemption(), rotated(3), crash, renewal(4, at=3700)))
    assert told.outcome == "not_exercised"
    assert told.why == "The call in which RT3 came ended in a crash (KeyError: 'scope')."


def test_a_request_for_the_user_counts_against_a_silent_answer_only_if_it_follows_one() -> None:
    name = "rotation-keep-when-absent"
    silent = renewal(4, at=3601, members={"access_token": "AT2"})
    asks = outcome("call", "reauthorization_required", at=7300, begun=4, ended=4)
    before = outcome("call", "reauthorization_required", at=100, begun=2, ended=2)
    later = renewal(5, at=7300, members={"access_token": "AT3"})
    over = renewal(5, at=7300, status=400, members={"error": "invalid_grant"}, cause=Cause.REFRESH_TOKEN_REVOKED)
    asked_then = outcome("call", "reauthorization_required", at=7300, begun=4, ended=5)
    assert judged(name, silent, asks) == "violated"
    assert judged(name, before, silent, later) == "satisfied"
    assert judged(name, silent, over, asked_then) == "satisfied"


def test_a_crash_over_an_answer_without_a_refresh_token_is_a_fault() -> None:
    silent = renewal(4, at=3601, members={"access_token": "AT2"})
    crash = outcome("call", "crash", at=3601, begun=3, ended=4, detail="KeyError: 'refresh_token'")
    told = verdict_on("rotation-keep-when-absent", journal(redemption(), silent, crash))
    assert told.outcome == "violated"
    assert "ended in a crash (KeyError: 'refresh_token')" in told.why


def test_a_pair_whose_access_token_was_used_has_to_outlive_the_process() -> None:
    name, death = "rotation-persist-before-use", UserAction(step=1, at=START, what="process_died", about={"node": 1})
    pair, used = rotated(3), use(4, at=3601, presented="AT3", delivered=False, status=None, trouble="died")
    old, new = renewal(5, at=3700), renewal(5, at=3700, presented="RT3")
    assert judged(name, pair, used, death, old) == "violated"
    assert judged(name, pair, used, death, new) == "satisfied"
    assert judged(name, pair, death, old) == "not_exercised"


def rotated(number: int) -> Exchange:
    """Write down a refresh that brought another refresh token."""
    members = {"access_token": f"AT{number}", "refresh_token": f"RT{number}", "expires_in": 3600}
    return renewal(number, at=3601, members=members)


def test_who_stores_each_of_two_pairs_when_it_comes_is_accused_of_nothing() -> None:
    assert satisfied("rotation-pairs-apart", TwoPairs)
    assert caught("rotation-pairs-apart")


@pytest.mark.parametrize("story", ["null once", "absent once", "empty once"])
def test_who_counts_on_rotation_loses_the_token_that_goes_on_working(story: str) -> None:
    chosen = CATALOGUE["rotation-keep-though-rotating"]
    only = replace(chosen, scenarios=tuple(one for one in chosen.scenarios if one.name == story))
    client = MINIATURES[chosen.id].client
    assert judge(only, VENDORS["microsoft"], client, frozenset()).outcome == "violated"
    assert judge(only, VENDORS["microsoft"], TwoPairs, frozenset()).outcome == "satisfied"


@pytest.mark.parametrize(("kind", "expected"), [("crash", "violated"), ("ok", "not_exercised")])
def test_a_crash_over_a_token_that_is_gone_is_told_though_nothing_was_sent(kind: Any, expected: str) -> None:
    silent = rotation(members={"access_token": "AT2", "expires_in": 3600, "refresh_token": None})
    assert isinstance(silent, Exchange)
    later = called(kind, 7300, begun=silent.number, ended=silent.number)
    assert judged("rotation-keep-though-rotating", silent, later, vendor="microsoft") == expected


def test_a_login_that_brought_no_refresh_token_leaves_none_to_keep() -> None:
    first = redemption(members={"access_token": "AT1", "expires_in": 3600})
    crash = called("crash", 3700, begun=2, ended=2)
    written = journal(first, crash)
    assert verdict_on("rotation-keep-though-rotating", written, "microsoft").outcome == "not_exercised"


def test_who_never_took_the_new_refresh_token_has_not_lost_it_over_an_answer_without_one() -> None:
    first, next_one = rotation(), rotation(4, 7202, 4, members=PAIR | {"refresh_token": "RT3"}, issued=("AT3", "RT3"))
    assert judged("rotation-keep-though-rotating", first, next_one, vendor="microsoft") == "not_exercised"
    silent = rotation(4, 7202, 4, members={"access_token": "AT3", "expires_in": 3600}, issued=("AT3",))
    last = rotation(5, 10803, 6, members=PAIR | {"refresh_token": "RT4"}, issued=("AT4", "RT4"))
    assert judged("rotation-keep-though-rotating", first, silent, last, vendor="microsoft") == "satisfied"


@pytest.mark.parametrize(
    ("presented", "expected"), [(("RT1",), "violated"), (("RT2",), "satisfied"), (("RT2", "RT1"), "satisfied")]
)
def test_the_next_refresh_tells_whether_a_pair_was_stored(presented: tuple[str, ...], expected: str) -> None:
    """Who has used the new token has stored it; whatever they present later is another rule's."""
    written = journal(
        redemption(),
        renewal(3, at=3601, members={"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}),
        renewal(4, at=3601, presented="RT9", status=503, members={}, committed=False),
        outcome("call", "transient_error", at=3601, begun=2, ended=4),
        [renewal(5 + at, at=7300 + at, presented=one, step=2) for at, one in enumerate(presented)],
    )
    assert verdict_on("rotation-pairs-apart", written, "slack").outcome == expected
