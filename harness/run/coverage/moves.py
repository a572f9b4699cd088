"""How much of the provider's token table a run has walked at each vendor, as survey values."""

from __future__ import annotations

from collections import Counter

from refreshproof.mock_servers.profile.refresh_policy import TRANSITIONS
from refreshproof.reports import SurveyInfo, SurveyValue
from refreshproof.scenarios.evidence.journal import TableMove

MOVES = (
    SurveyInfo(
        name="token-moves-made",
        statement="Moves of the provider's refresh tokens that the run has brought about, of those the table has.",
        how="The moves are counted in every scenario that was played for a requirement, and in every generated life.",
    ),
)
"""What the values mean."""


def survey_of_moves(moves: dict[str, Counter[TableMove]]) -> tuple[SurveyValue, ...]:
    """Return per vendor how many of the table's moves were made; `coverage_of_tables` tells which the run has not."""
    return tuple(_share(vendor, made) for vendor, made in moves.items())


def _share(vendor: str, made: Counter[TableMove]) -> SurveyValue:
    reached = sum(made[TableMove("provider", *move)] > 0 for move in TRANSITIONS)
    return SurveyValue(name="token-moves-made", provider=vendor, value=f"{reached} of {len(TRANSITIONS)}")
