"""How wrong a client's clock is told to have been."""

from kit.journal import RESOURCE, exchange
from refreshproof.harness.run.telling.clocks import skews
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import ClockMove, Journal, Record


def test_a_right_clock_has_no_skew() -> None:
    assert skews(Journal(records=[exchange(1, "resource", RESOURCE), exchange(2, "resource", RESOURCE, at=9)])) == ()


def test_each_change_is_told_once() -> None:
    records: list[Record] = [
        ClockMove(step=1, at=START, what="skew", value=-300.0),
        exchange(1, "resource", RESOURCE, at=1, client_sent_at=START + seconds(1 - 300)),
        ClockMove(step=2, at=START + seconds(5), what="step", value=310.0),
        ClockMove(step=3, at=START + seconds(9), what="skew", value=0.0),
    ]
    told = [((one.at - START) // 1_000_000, one.seconds) for one in skews(Journal(records=list(records)))]
    assert told == [(0, -300.0), (5, 10.0), (9, 0.0)]


def test_a_drift_shows_in_what_the_clock_read() -> None:
    late = exchange(1, "resource", RESOURCE, at=100, client_sent_at=START + seconds(100.5))
    told = skews(Journal(records=[ClockMove(step=1, at=START, what="drift", value=5000), late]))
    assert [one.seconds for one in told] == [0.5]


def test_browsers_and_other_processes_have_clocks_of_their_own() -> None:
    away = START + seconds(50)
    others = [
        exchange(1, "authorization", RESOURCE, actor="browser", client_sent_at=away),
        exchange(2, "resource", RESOURCE, node=2, client_sent_at=away),
        exchange(3, "token", RESOURCE, on_behalf=True, client_sent_at=away),
    ]
    assert skews(Journal(records=list(others))) == ()
