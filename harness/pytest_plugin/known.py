"""What a baseline makes of a test: a finding that is known is a strict xfail. Knows no client."""

from __future__ import annotations

from collections.abc import Sequence

from refreshproof.harness.run.cells import Cell
from refreshproof.reports import Entry, stale_in_words


def settle(entries: Sequence[Entry], cell: Cell, message: str) -> None:
    """End a test as a baseline says, with what is known of its rule and vendor; return where that says nothing.

    What is known is an expected failure until its day is over; what is fixed fails, so that it is taken out.
    """
    import pytest

    same = [one for one in entries if one.anomaly == cell.anomaly]
    if cell.outcome in ("violated", "not_exercised"):
        for one in same:
            if one.expired:
                pytest.fail(f"The baseline allowed this until {one.expires}, which is over.\n{message}", pytrace=False)
            pytest.xfail(one.reason or "the baseline knows it")
    elif entries and cell.outcome in ("satisfied", "alternative"):
        pytest.fail(f"[XPASS(strict)] {stale_in_words(entries[0])}; take it out", pytrace=False)
