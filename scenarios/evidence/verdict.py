"""What a check says of one journal, and how the verdicts on several journals become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

VerdictOutcome: TypeAlias = Literal["satisfied", "violated", "alternative", "not_exercised"]

# The first of these that any journal has is the verdict on all of them.
_WEIGHT: tuple[VerdictOutcome, ...] = ("violated", "alternative", "satisfied", "not_exercised")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One check's judgement; `witness` holds the numbers of the exchanges that show it, `anomaly` a code where the
    violation is of another kind than the requirement's violations mostly are."""

    outcome: VerdictOutcome
    why: str = ""
    expected: str = ""
    anomaly: str | None = None
    witness: tuple[int, ...] = ()


SATISFIED = Verdict(outcome="satisfied")
NOT_EXERCISED = Verdict(outcome="not_exercised", why="The client was never in the situation.")


def violated(why: str, *witness: int, expected: str = "", anomaly: str | None = None) -> Verdict:
    """Say that a requirement was broken, by which exchanges."""
    return Verdict(outcome="violated", why=why, expected=expected, anomaly=anomaly, witness=witness)


def alternative(why: str, *witness: int) -> Verdict:
    """Say that the client did something that is allowed but not the best."""
    return Verdict(outcome="alternative", why=why, witness=witness)


def not_exercised(why: str) -> Verdict:
    """Say why the journal tells nothing."""
    return Verdict(outcome="not_exercised", why=why)


def exercised(condition: bool, why: str = NOT_EXERCISED.why) -> Verdict:
    """Return satisfied if the situation arose, else not_exercised: how a check ends that found no violation."""
    return SATISFIED if condition else not_exercised(why)


def worst(verdicts: list[Verdict]) -> Verdict:
    """Combine the verdicts on several journals."""
    return min(verdicts, key=lambda verdict: _WEIGHT.index(verdict.outcome), default=NOT_EXERCISED)
