"""A ledger writes old entries down as rows, and nobody can tell."""

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.state.ledger import OPEN, Ledger, LedgerEntry

COUNT = 3 * OPEN + 5


def _filled() -> tuple[Ledger, list[LedgerEntry]]:
    """A ledger beside a list of what it should hold."""
    ledger, wanted = Ledger(), []
    for number in range(COUNT):
        entry = ledger.open(number * 1000, "token")
        entry.grant_type, entry.client_id, entry.status = "refresh_token", "client", 200
        entry.presented, entry.issued = f"RT{number}", (f"AT{number}", f"RT{number + 1}")
        if number % 7 == 0:
            entry.cause, entry.detail, entry.issued = Cause.INVALID_REQUEST, f"found: {number}", ()
        wanted.append(
            LedgerEntry(
                number=number, at=number * 1000, view="token", grant_type="refresh_token", client_id="client",
                presented=entry.presented, issued=entry.issued, cause=entry.cause, detail=entry.detail, status=200,
            )
        )  # fmt: skip
    return ledger, wanted


def test_what_was_written_down_reads_as_it_was() -> None:
    ledger, wanted = _filled()
    assert ledger.entries == tuple(wanted)
    assert ledger.since(OPEN - 3, OPEN + 6) == wanted[OPEN - 3 : 2 * OPEN + 3]
    assert ledger.since(COUNT - 2, 9) == wanted[-2:]
    assert ledger.since(COUNT, 9) == []
    assert [ledger.entry(number) for number in (0, OPEN - 1, OPEN, COUNT - 1)] == [
        wanted[0], wanted[OPEN - 1], wanted[OPEN], wanted[-1],
    ]  # fmt: skip
    assert ledger.presentations("RT8") == (wanted[8],)
    assert ledger.count == COUNT


def test_whether_a_late_answer_arrived_is_noted_in_what_was_written_down() -> None:
    ledger, wanted = _filled()
    for number, arrived in ((3, True), (7, False), (COUNT - 1, True), (COUNT, True)):
        ledger.delivered(number, arrived)
    assert (ledger.entry(3).delivered, ledger.entry(7).delivered, ledger.entry(COUNT - 1).delivered) == (
        True, False, True,
    )  # fmt: skip
    assert ledger.entry(4) == wanted[4]


def test_what_is_dropped_may_be_rows_or_more() -> None:
    for keep in (COUNT - 10, 10):
        ledger, wanted = _filled()
        ledger.drop(keep)
        first, *others = ledger.entries
        assert (first.number, first.view, others) == (COUNT - keep - 1, "dropped", wanted[-keep:])
        ledger.delivered(first.number, True)
        assert ledger.entries[0].delivered is None
        assert ledger.open(0, "token").number == COUNT


def test_a_ledger_returns_to_what_it_was() -> None:
    ledger, wanted = _filled()
    kept = ledger.copied()
    ledger.open(0, "token")
    ledger.drop(5)
    ledger.return_to(kept)
    assert ledger.entries == tuple(wanted)
    assert ledger.open(0, "token").number == COUNT
