"""How much a run found, counted in one place for all formats, in three words.

A finding is a rule at a vendor that was broken, kept in a weaker way or could not be judged. A rule counts as broken
once, at however many vendors. A cause is the flaw that one or more of these findings come from; what breaks no rule has
none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from refreshproof.reports.results import Grading, Outcome, Report, Result
from refreshproof.reports.root_causes import Cause, causes
from refreshproof.reports.verdict import blocked, gates, unproven

_UNJUDGED = frozenset({Outcome.SUBJECT_ERROR, Outcome.HARNESS_ERROR})


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was found, in numbers: `causes`, `findings` at so many `vendors`, and rules, each counted once.

    Of the rules `broken` so many are `warned` of and fail nothing; others were kept in a `weaker` way, or `unjudged`.
    """

    causes: int
    broken: int
    warned: int
    weaker: int
    unjudged: int
    findings: int
    vendors: int

    def in_words(self) -> list[str]:
        """Return what there is of each, in words; the findings where there are more of them than rules."""
        which = ""
        if self.warned:
            which = ", only warned of" if self.warned == self.broken else f", {self.warned} of them only warned of"
        counted = (
            (self.broken, f"{numbered(self.causes, 'cause')}, {numbered(self.broken, 'rule')} broken{which}"),
            (self.weaker, f"{numbered(self.weaker, 'rule')} kept in a weaker way"),
            (self.unjudged, f"{numbered(self.unjudged, 'rule')} not judged"),
        )
        told = [words for number, words in counted if number]
        if self.findings > self.broken + self.weaker + self.unjudged:
            told[-1] += f" ({numbered(self.findings, 'finding')} at {numbered(self.vendors, 'vendor')})"
        return told


def figures(report: Report) -> Figures:
    """Count what a run found."""
    return figures_of(causes(report), report.run.grading)


def figures_of(found: Collection[Cause], grading: Grading = "default") -> Figures:
    """Count some of what a run found."""
    results = [result for cause in found for result in cause.results]
    violated = [one for one in results if one.outcome is Outcome.VIOLATED]
    return Figures(
        causes=sum(cause.is_violation for cause in found),
        broken=rules(violated),
        warned=rules(violated) - rules(one for one in violated if gates(one, grading)),
        weaker=rules(one for one in results if one.outcome is Outcome.ALTERNATIVE),
        unjudged=rules(one for one in results if one.outcome in _UNJUDGED),
        findings=len(results),
        vendors=len({one.provider for one in results}),
    )


def title_of(cause: Cause, total: int) -> str:
    """Say which of so many causes it is, and how much comes from it; of what has no cause, what it is instead."""
    own = figures_of([cause])
    told = [f"Cause {cause.number} of {total}"] if cause.is_violation else []
    told += [f"{numbered(own.broken, 'rule')} broken"] if own.broken > 1 else []
    told += ["Kept in a weaker way"] if own.weaker and not told else []
    told += ["Not judged"] if own.unjudged and not told else []
    told += [f"{numbered(own.findings, 'finding')} at {numbered(own.vendors, 'vendor')}"] if own.findings > 1 else []
    return ", ".join(told)


def left_out(found: Collection[Cause]) -> str:
    """Count what is not told: causes, and rules that have none; empty where that is nothing."""
    left = figures_of(found)
    counted = (
        (left.causes, numbered(left.causes, "cause")),
        (left.weaker, f"{numbered(left.weaker, 'rule')} kept in a weaker way"),
        (left.unjudged, f"{numbered(left.unjudged, 'rule')} not judged"),
    )
    return ", ".join(words for number, words in counted if number)


def untested(report: Report) -> int:
    """Count the rules that had to be exercised, and were not."""
    return rules(unproven(report))


def waiting(report: Report) -> int:
    """Count the rules that something stood in the way of."""
    return rules(blocked(report))


def in_the_dark(report: Report) -> int:
    """Count the rules about which a recording does not show enough."""
    return rules(result for result in report.results if result.outcome is Outcome.NOT_OBSERVABLE)


def rules(results: Iterable[Result]) -> int:
    """Count the rules of some results, each once."""
    return len({result.requirement for result in results})


def numbered(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
