"""How much of the provider's token table a run has walked, as survey values: what was not reached is named."""

from __future__ import annotations

from collections import Counter

from refreshproof.mock_servers.refresh_policy import TRANSITIONS
from refreshproof.reports import SurveyInfo, SurveyValue
from refreshproof.scenarios.journal import Move

MOVES = (
    SurveyInfo(
        name="token-moves-made",
        statement="Moves of the provider's refresh tokens that the run has brought about, of those the table has.",
        how="The moves are counted in every scenario that was played for a requirement, and in every generated life.",
    ),
    SurveyInfo(
        name="token-moves-not-made",
        statement="Moves of the provider's refresh tokens that no scenario of the run has brought about.",
        how="What the table has and the count of moves has not.",
    ),
)
"""What the values mean."""

EVERYWHERE = "all"
"""The provider that values about a whole run are listed under."""


def survey_of_moves(moves: dict[str, Counter[Move]]) -> tuple[SurveyValue, ...]:
    """Return, per vendor and for the run, how many of the table's moves were made, and for the run those that were
    not."""
    total = sum(moves.values(), Counter[Move]())
    values = [_share(vendor, made) for vendor, made in moves.items()]
    missing = ", ".join(f"{state} {event}" for state, event in TRANSITIONS if not total[Move("provider", state, event)])
    return (
        *values,
        _share(EVERYWHERE, total),
        SurveyValue(name="token-moves-not-made", provider=EVERYWHERE, value=missing or "none"),
    )


def _share(vendor: str, made: Counter[Move]) -> SurveyValue:
    reached = sum(made[Move("provider", *move)] > 0 for move in TRANSITIONS)
    return SurveyValue(name="token-moves-made", provider=vendor, value=f"{reached} of {len(TRANSITIONS)}")
