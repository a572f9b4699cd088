"""Findings put together: one rule broken at several providers, and several rules broken by one flaw."""

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass

from refreshproof.reports.results import Grade, Grading, Harm, Outcome, Report, Result
from refreshproof.reports.verdict import findings, grade, urgency


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What one flaw brought about: findings of one rule each, at one provider or more.

    The first finding stands for the flaw; it is the most urgent, and of those the one with the worst harm and the
    shortest story.
    """

    findings: tuple[tuple[Result, ...], ...]

    @property
    def head(self) -> tuple[Result, ...]:
        """The finding that stands for the flaw."""
        return self.findings[0]

    @property
    def also(self) -> tuple[tuple[Result, ...], ...]:
        """What the same flaw breaks besides."""
        return self.findings[1:]

    @property
    def results(self) -> tuple[Result, ...]:
        """All its results."""
        return tuple(result for finding in self.findings for result in finding)

    @property
    def rules(self) -> tuple[str, ...]:
        """The requirements it breaks, by id."""
        return tuple(dict.fromkeys(result.requirement for result in self.results))

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
    found = (Cause(findings=alike(sorted(ones, key=_by_weight(grading)), grading)) for ones in grouped.values())
    return tuple(
        sorted(
            found,
            key=lambda cause: (urgency(grade(cause.head[0], grading)), _severity(cause.harm), -len(cause.rules)),
        )
    )


def alike(results: Collection[Result], grading: Grading = "default") -> tuple[tuple[Result, ...], ...]:
    """Put together what is one finding at several providers; the order stays that of the first of each."""
    groups: dict[tuple[str, Grade, Outcome], list[Result]] = {}
    for result in results:
        groups.setdefault((result.requirement, grade(result, grading), result.outcome), []).append(result)
    return tuple(map(tuple, groups.values()))


def _by_weight(grading: Grading) -> Callable[[Result], tuple[int, int, int]]:
    def weight(result: Result) -> tuple[int, int, int]:
        steps = len(result.story.prose) if result.story else sys.maxsize
        return urgency(grade(result, grading)), _severity(result.harm), steps

    return weight


def _severity(harm: Harm | None) -> int:
    """Return the place of a harm, 0 for the worst; harm that nobody looked for comes last."""
    return list(Harm).index(harm) if harm else len(Harm)
