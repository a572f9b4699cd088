"""Virtual time moves only when told, runs what falls due in order, and a client's clock may be wrong in three ways."""

from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import DAY, SECOND
from refreshproof.scenarios.clocks.clock import START, ClientClock, VirtualClock
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Until


def test_what_falls_due_runs_in_order_and_sees_its_own_time() -> None:
    clock, seen = VirtualClock(0), list[tuple[str, int]]()
    clock.at(20 * SECOND, lambda: seen.append(("second", clock.now())))
    clock.at(10 * SECOND, lambda: seen.append(("first", clock.now())))
    clock.at(31 * SECOND, lambda: seen.append(("never", clock.now())))
    clock.advance(30)
    assert seen == [("first", 10 * SECOND), ("second", 20 * SECOND)]
    assert clock.now() == 30 * SECOND


def test_what_was_called_off_does_not_run_and_is_not_what_falls_due_next() -> None:
    clock, seen = VirtualClock(0), list[str]()
    first = clock.at(10 * SECOND, lambda: seen.append("first"))
    clock.at(20 * SECOND, lambda: seen.append("second"))
    clock.call_off(first)
    assert clock.next_due == 20 * SECOND
    clock.advance(30)
    assert seen == ["second"]
    assert VirtualClock(0).next_due is None


def test_what_is_due_at_the_very_instant_that_time_moves_to_runs_and_a_microsecond_later_does_not() -> None:
    clock, seen = VirtualClock(0), list[str]()
    clock.at(10 * SECOND, lambda: seen.append("due"))
    clock.at(10 * SECOND + 1, lambda: seen.append("not yet"))
    clock.advance(10)
    assert seen == ["due"]


def test_what_falls_due_at_one_instant_runs_in_the_order_in_which_it_was_asked_for() -> None:
    clock, seen = VirtualClock(0), list[str]()
    for name in ("first", "second", "third"):
        clock.at(SECOND, partial(seen.append, name))
    clock.advance(1)
    assert seen == ["first", "second", "third"]


def test_what_is_due_already_runs_at_once() -> None:
    clock, seen = VirtualClock(5), list[int]()
    clock.at(5, lambda: seen.append(clock.now()))
    assert seen == [5]


def test_time_never_runs_backwards() -> None:
    clock = VirtualClock(100)
    clock.advance_to(50)
    assert clock.now() == 100


def test_a_client_that_would_wait_for_ever_is_told_so_and_a_hundred_years_are_not_for_ever() -> None:
    clock, century = VirtualClock(), 36_500 * DAY
    clock.advance_to(START + century)
    with pytest.raises(ValueError, match="wait for ever"):
        clock.advance_to(START + 2 * century + 1)
    assert clock.now() == START + century


@given(offset=st.integers(-86_400, 86_400), passed=st.integers(0, 10**7))
def test_an_offset_is_kept_as_time_passes(offset: int, passed: int) -> None:
    world = VirtualClock()
    client = ClientClock(world)
    client.set_offset(offset)
    world.advance(passed)
    assert client.now() - world.now() == offset * SECOND


def test_drift_grows_with_time_and_a_step_adds_to_it() -> None:
    world = VirtualClock()
    client = ClientClock(world)
    client.set_drift(1000)
    world.advance(1000)
    assert client.error == pytest.approx(1.0)
    client.step(-1.0)
    assert client.error == pytest.approx(0.0)
    world.advance(1000)
    assert client.error == pytest.approx(1.0)


def test_a_sleeping_client_moves_the_world() -> None:
    world = VirtualClock()
    ClientClock(world).sleep(2.5)
    assert world.now() == START + 2_500_000


@pytest.mark.parametrize(("lifetime", "passed"), [(3600, 3600), (400 * 365 * 86_400, 0)])
def test_a_limit_that_nobody_lives_to_see_is_none(lifetime: int, passed: int) -> None:
    changes = {"lifetimes.access_token": lifetime, "lifetimes.access_token_longest": None}
    written = play(VENDORS["generic"], TinyClient, flow(Until(limit="access_token_expiry"), Call(), profile=changes))
    assert [call.began_at - START for call in written.outcomes("call")] == [passed * SECOND]
    assert [action.what for action in written.actions("no_such_limit")] == ["no_such_limit"] * (not passed)


def test_every_world_begins_on_a_day_in_2030() -> None:
    assert datetime.fromtimestamp(START / SECOND, UTC) == datetime(2030, 3, 17, 17, 46, 40, tzinfo=UTC)
    assert VirtualClock().now() == START
