"""Findings put together: those of one rule at several providers, and of several rules that are broken by one flaw."""

import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from refreshproof.reports.results import Grade, Grading, Harm, Outcome, Report, Result
from refreshproof.reports.story import Story
from refreshproof.reports.verdict import findings, grade, urgency

PLAIN = ("authorize", "until", "advance", "call")
"""The steps of everyday life: what breaks in a story of nothing else needs no trouble to break."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What one flaw brought about: findings, those of a rule together.

    The first finding stands for the flaw; it is the most urgent, of those the one with the worst harm, then the one
    whose story needs least besides use and time, then the one with the shortest. `number` counts the causes of a report
    from 1; what breaks no rule comes from no flaw, and has 0.
    """

    by_rule: tuple[tuple[Result, ...], ...]
    number: int = 0

    @property
    def head(self) -> tuple[Result, ...]:
        """The findings of the rule that stands for the flaw."""
        return self.by_rule[0]

    @property
    def also(self) -> tuple[tuple[Result, ...], ...]:
        """What the same flaw breaks besides, rule by rule."""
        return self.by_rule[1:]

    @property
    def results(self) -> tuple[Result, ...]:
        """All its findings."""
        return tuple(result for findings in self.by_rule for result in findings)

    @property
    def rules(self) -> tuple[str, ...]:
        """The requirements it breaks, by id."""
        return tuple(findings[0].requirement for findings in self.by_rule)

    @property
    def harm(self) -> Harm | None:
        """The worst harm that any of its stories shows."""
        return min((result.harm for result in self.results), key=_severity)

    @property
    def is_violation(self) -> bool:
        """Whether a rule was broken; else a weaker way was taken, or nothing could be judged."""
        return any(result.outcome is Outcome.VIOLATED for result in self.results)


def causes(report: Report) -> tuple[Cause, ...]:
    """Group a report's findings by what they come from.

    What fails the run comes before what is only warned of; then the worst harm comes first, then the most rules, then
    the report's order. A result without a cause is its own, at all its providers together.
    """
    grading = report.run.grading
    grouped: defaultdict[Hashable, list[Result]] = defaultdict(list)
    for result in findings(report):
        grouped[result.cause or (result.requirement, result.outcome)].append(result)
    found = sorted(
        (Cause(by_rule=_by_rule(sorted(ones, key=_by_weight(grading)))) for ones in grouped.values()),
        key=lambda cause: (urgency(grade(cause.head[0], grading)), _severity(cause.harm), -len(cause.rules)),
    )
    numbers = count(1)
    return tuple(replace(one, number=next(numbers)) if one.is_violation else one for one in found)


def alike(results: Iterable[Result], grading: Grading = "default") -> tuple[tuple[Result, ...], ...]:
    """Put together the findings of a rule that have the same grade; the order stays that of the first of each."""
    groups: dict[tuple[Grade, Outcome], list[Result]] = {}
    for result in results:
        groups.setdefault((grade(result, grading), result.outcome), []).append(result)
    return tuple(map(tuple, groups.values()))


def places(results: Sequence[Result], grading: Grading = "default", usual: Grade | None = None) -> str:
    """Name the providers of a rule's findings; where the grade is not the usual one, that of the first, it is told."""
    common = usual or grade(results[0], grading)
    told = []
    for ones in alike(results, grading):
        worth, at = grade(ones[0], grading), ", ".join(one.provider for one in ones)
        told.append(at if worth is common else f"{worth} at {at}")
    return "; ".join(told)


def _by_rule(results: Iterable[Result]) -> tuple[tuple[Result, ...], ...]:
    rules: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        rules[result.requirement].append(result)
    return tuple(map(tuple, rules.values()))


def _by_weight(grading: Grading) -> Callable[[Result], tuple[int, int, int, int]]:
    def weight(result: Result) -> tuple[int, int, int, int]:
        special, steps = _length(result.story) if result.story else (sys.maxsize, sys.maxsize)
        return urgency(grade(result, grading)), _severity(result.harm), special, steps

    return weight


def _length(story: Story) -> tuple[int, int]:
    """Return how much a story needs besides a client that is used while time goes by, and the number of its steps."""
    steps = story.scenario.get("steps", ())
    plain = sum(isinstance(one, dict) and one.get("step") in PLAIN for one in steps)
    return len(story.prose) - plain, len(story.prose)


def _severity(harm: Harm | None) -> int:
    """Return the place of a harm, 0 for the worst; harm that nobody looked for comes last."""
    return list(Harm).index(harm) if harm else len(Harm)
