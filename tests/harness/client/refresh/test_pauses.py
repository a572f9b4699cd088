"""How long a refresh pauses, and how often it tries what it does: the procedure is driven by hand, effect by effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from kit.client_engine import START, configuration, first_token
from refreshproof.harness.client import SECOND, ClientTokenEntity, FailureKind, Lease, Settings, TransientTokenError
from refreshproof.harness.client.model.errors import ClientConfigurationAlarm, StorageError
from refreshproof.harness.client.model.token import Health
from refreshproof.harness.client.refresh import effects as fx
from refreshproof.harness.client.refresh.decide import Wish
from refreshproof.harness.client.refresh.refresh import Policy, ensure
from refreshproof.harness.client.storage.storage import Alarm, Held
from refreshproof.harness.client.token_endpoint.token_response import Answer
from refreshproof.harness.client.token_endpoint.transport import Answered, Lost, NotSent, Sent

EXPIRED = START + 3600 * SECOND
TOKEN = replace(ClientTokenEntity.of(first_token(), config_id="c", id="t"), version=1)
LEASED = replace(TOKEN, lease=Lease(holder="node-b#1", until=EXPIRED + 10**12))
FRESH = replace(TOKEN, access_token="AT2", access_token_expiration=EXPIRED + 3600 * SECOND, generation=1)
PAIR = Answered(
    answer=Answer(status=200, headers={}, body=b'{"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}'),
    sent_at=EXPIRED,
)
NEVER, UNKNOWN = NotSent(reason="refused"), Lost(reason="reset")


class Hand:
    """Performs effects: `loads` and `sends` are what comes back in turn, the last one for ever."""

    def __init__(
        self, *sends: Sent, loads: tuple[ClientTokenEntity, ...] = (TOKEN,), broken_saves: int = 0, delay: float = 0
    ) -> None:
        self.now = EXPIRED
        self.sends, self.loads = iter_last(sends or (PAIR,)), iter_last(loads)
        self.broken_saves, self.delay = broken_saves, delay
        self.sleeps: list[float] = []
        self.sent: list[int] = []
        self.kept: list[ClientTokenEntity | None] = []
        self.marks: list[Lease] = []
        self.saved: list[ClientTokenEntity] = []
        self.held_back: ClientTokenEntity | None = None
        self.most_marks = 2
        self.alarm: Alarm | None = None
        self.alarms: list[Alarm | None] = []

    def run(self, settings: Settings | None = None) -> ClientTokenEntity:
        """Carry the procedure out; raises what it raises."""
        steps = ensure("t", Wish(), Policy(settings=settings or Settings(), node="node-a", life="1"))
        go_on: Callable[[], fx.Effect] = partial(next, steps)
        try:
            while True:
                effect = go_on()
                try:
                    go_on = partial(steps.send, PERFORMANCES.get(type(effect), nothing)(self, effect))
                except StorageError as error:
                    go_on = partial(steps.throw, error)
        except StopIteration as done:
            returned: ClientTokenEntity = done.value
            return returned


def iter_last(values: tuple[Any, ...]) -> Iterator[Any]:
    yield from values
    while True:
        yield values[-1]


def nothing(hand: Hand, effect: fx.Effect) -> None:
    """Locks, listeners and alarms are nobody's here."""


def sleep(hand: Hand, effect: Any) -> None:
    hand.sleeps.append(effect.seconds)
    hand.now += round(effect.seconds * SECOND)


def send(hand: Hand, effect: Any) -> Sent:
    hand.sent.append(effect.deadline)
    hand.now += round(hand.delay * SECOND)
    sent: Sent = next(hand.sends)
    return sent


def mark(hand: Hand, effect: Any) -> ClientTokenEntity | None:
    if len(hand.marks) == hand.most_marks:
        return None
    hand.marks.append(effect.lease)
    return replace(TOKEN, lease=effect.lease, health=effect.token.health)


def save(hand: Hand, effect: Any) -> ClientTokenEntity:
    if hand.broken_saves:
        hand.broken_saves -= 1
        raise StorageError("no room")
    hand.saved.append(effect.token)
    token: ClientTokenEntity = effect.token
    return token


PERFORMANCES: dict[type, Callable[[Hand, Any], Any]] = {
    fx.Now: lambda hand, effect: hand.now,
    fx.Chance: lambda hand, effect: 0.5,
    fx.Load: lambda hand, effect: Held(token=next(hand.loads), configuration=configuration(), alarm=hand.alarm),
    fx.Kept: lambda hand, effect: hand.held_back,
    fx.Keep: lambda hand, effect: hand.kept.append(effect.token),
    fx.SaveAlarm: lambda hand, effect: hand.alarms.append(effect.alarm),
    fx.Sleep: sleep,
    fx.Send: send,
    fx.Mark: mark,
    fx.Save: save,
}


def test_looks_at_a_refresh_of_another_node_grow_apart_from_a_twentieth_of_a_second_to_a_second() -> None:
    hand = Hand(loads=(LEASED,) * 9 + (FRESH,))
    assert hand.run() == FRESH
    assert hand.sleeps == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]
    assert not hand.sent


def test_a_request_that_never_left_is_tried_three_times() -> None:
    hand = Hand(NEVER)
    with pytest.raises(TransientTokenError):
        hand.run()
    assert hand.sleeps == [0.5, 1.0]
    assert len(hand.sent) == 3


def test_a_request_that_left_at_last_is_not_sent_again() -> None:
    hand = Hand(NEVER, PAIR)
    assert hand.run().access_token == "AT2"
    assert hand.sleeps == [0.5]


@pytest.mark.parametrize(("took", "sends"), [(9.4, 2), (9.5, 1), (10, 1), (4.2, 3), (4.25, 2)])
def test_no_try_begins_when_the_answer_would_come_too_late(took: float, sends: int) -> None:
    hand = Hand(NEVER, delay=took)
    with pytest.raises(TransientTokenError):
        hand.run(Settings(max_server_delay_seconds=10))
    assert len(hand.sent) == sends
    assert set(hand.sent) == {EXPIRED + 10 * SECOND}


def test_a_refresh_whose_answer_is_unknown_is_repeated_once_a_second_later_under_a_new_lease() -> None:
    hand = Hand(UNKNOWN)
    with pytest.raises(TransientTokenError) as told:
        hand.run()
    assert hand.sleeps == [1.0]
    assert hand.sent == [EXPIRED + 120 * SECOND, EXPIRED + 121 * SECOND]
    assert [one.until for one in hand.marks] == hand.sent
    assert told.value.retry_at == EXPIRED + 31 * SECOND


@pytest.mark.parametrize("marks", [0, 1])
def test_whoever_finds_the_token_changed_meanwhile_sends_nothing_more_and_looks_again(marks: int) -> None:
    hand = Hand(UNKNOWN, loads=(TOKEN, TOKEN, FRESH))
    hand.most_marks = marks
    assert hand.run() == FRESH
    assert len(hand.sent) == marks
    assert not hand.saved


def test_the_answer_to_the_repetition_counts() -> None:
    assert Hand(UNKNOWN, PAIR).run().access_token == "AT2"


@pytest.mark.parametrize(
    "token",
    [
        replace(TOKEN, lease=Lease(holder="node-b#1", until=0)),
        replace(TOKEN, lease=Lease(holder="node-a#0", until=EXPIRED + 10**12)),
        replace(TOKEN, health=Health(failure=FailureKind.AMBIGUOUS, ambiguous=1, failures=1)),
    ],
)
def test_what_was_sent_once_without_an_answer_is_sent_once_more_and_not_twice(token: ClientTokenEntity) -> None:
    hand = Hand(UNKNOWN, loads=(token,))
    with pytest.raises(TransientTokenError):
        hand.run()
    assert len(hand.sent) == 1


@pytest.mark.parametrize(("broken", "sleeps"), [(0, []), (1, [0.1]), (3, [0.1, 0.5, 2.0])])
def test_a_pair_that_could_not_be_written_is_written_after_growing_pauses(broken: int, sleeps: list[float]) -> None:
    hand = Hand(broken_saves=broken)
    assert hand.run().access_token == "AT2"
    assert hand.sleeps == sleeps
    assert not hand.kept


def test_a_pair_that_cannot_be_written_is_kept_and_the_caller_hears_of_it() -> None:
    hand = Hand(broken_saves=4)
    with pytest.raises(StorageError):
        hand.run()
    assert hand.sleeps == [0.1, 0.5, 2.0]
    assert [one.access_token for one in hand.kept if one is not None] == ["AT2"]


@pytest.mark.parametrize("alarmed", [True, False])
def test_a_refresh_that_succeeds_ends_the_alarm_of_its_configuration(alarmed: bool) -> None:
    hand = Hand()
    hand.alarm = Alarm(since=START, failures=2, retry_at=EXPIRED, error="invalid_client") if alarmed else None
    assert hand.run().access_token == "AT2"
    assert hand.alarms == [None] * alarmed


@pytest.mark.parametrize(("known", "failures", "pause"), [(None, 1, 15), (1, 2, 30), (2, 3, 60)])
def test_a_refused_client_is_an_alarm_that_counts_its_failures_and_rests_longer(
    known: int | None, failures: int, pause: int
) -> None:
    hand = Hand(Answered(answer=Answer(status=401, headers={}, body=b'{"error": "invalid_client"}'), sent_at=EXPIRED))
    if known is not None:
        hand.alarm = Alarm(since=START, failures=known, retry_at=EXPIRED, error="invalid_client")
    with pytest.raises(ClientConfigurationAlarm):
        hand.run()
    (alarm,) = hand.alarms
    assert alarm is not None
    assert (alarm.since, alarm.failures) == (EXPIRED if known is None else START, failures)
    assert alarm.retry_at == EXPIRED + pause * SECOND


def test_a_pair_that_was_kept_is_written_first_and_then_forgotten() -> None:
    hand = Hand(loads=(TOKEN, FRESH))
    hand.held_back = FRESH
    assert hand.run() == FRESH
    assert hand.saved == [FRESH]
    assert hand.kept == [None]
    assert not hand.sent


@pytest.mark.parametrize(
    ("holder", "until", "locked", "orphaned"),
    [
        ("node-a#1", 0, True, True),
        ("node-a#1", 0, False, False),
        ("node-a#0", 0, False, True),
        ("node-b#1", 60 * SECOND - 1, True, True),
        ("node-b#1", 60 * SECOND - 1, False, True),
        ("node-b#1", 60 * SECOND, True, False),
        ("node-b#1", 60 * SECOND + 1, True, False),
    ],
)
def test_a_lease_is_nobodys_once_its_holder_cannot_be_at_work(
    holder: str, until: int, locked: bool, orphaned: bool
) -> None:
    policy = Policy(settings=Settings(), node="node-a", life="1")
    now = policy.settings.skew + 60 * SECOND
    assert policy.orphaned(Lease(holder=holder, until=until), now, locked=locked) is orphaned
    assert not policy.orphaned(None, now, locked=locked)
