"""The reports of the shards of one run put together, as if it had been played at once."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from refreshproof.reports.comparison import NO_DATE
from refreshproof.reports.coverage import Coverage, Dimension, Explored, Transition
from refreshproof.reports.results import Apart, Fact, ProviderInfo, Report, Result, Run

_T = TypeVar("_T")


class UnlikeError(ValueError):
    """Reports that are no shards of one run; the message names the two and what differs."""


class ContradictionError(ValueError):
    """A cell that two shards have judged differently; the message names them."""


ALIKE: Mapping[str, Callable[[Report], object]] = {
    "version of Refreshproof": lambda report: report.run.version,
    "seed": lambda report: report.run.seed,
    "grading": lambda report: report.run.grading,
    "date": lambda report: report.run.dates or NO_DATE,
    "subject": lambda report: f"{report.subject.name} {report.subject.version}".strip(),
    "set": lambda report: None if report.apart is None else report.apart.set,
    "baseline": lambda report: None if report.baseline is None else report.baseline.entries,
}
"""What all shards of a run have in common."""


def merged(shards: Mapping[str, Report], planned: Iterable[tuple[str, str]] = ()) -> Report:
    """Put shards together, each by its name, and see whether all is there that was planned: pairs of requirement and
    provider, besides those of every requirement and provider that a shard names.

    Raises UnlikeError and ContradictionError.
    """
    _check_alike(shards)
    reports = tuple(shards.values())
    whole = Report(
        run=_run([report.run for report in reports]),
        subject=reports[0].subject,
        providers=_providers([one for report in reports for one in report.providers]),
        requirements=_union((one for report in reports for one in report.requirements), lambda one: one.id),
        results=tuple(_results(shards)),
        survey=_union((one for report in reports for one in report.survey), lambda one: (one.name, one.provider)),
        behaviours=_union((one for report in reports for one in report.behaviours), lambda one: one.name),
        coverage=_coverage([one for report in reports for one in report.coverage]),
        proof=next((report.proof for report in reports if report.proof is not None), None),
        baseline=reports[0].baseline,
        apart=_apart([report.apart for report in reports if report.apart is not None]),
        unselected=tuple(name for name in reports[0].unselected if all(name in one.unselected for one in reports)),
    )
    gaps = missing(whole, planned)
    return replace(whole, complete=not gaps and all(report.complete for report in reports))


def _providers(parts: Sequence[ProviderInfo]) -> tuple[ProviderInfo, ...]:
    """Put vendors together; of each a shard names the facts that decided its own results."""
    return tuple(
        replace(one, facts=_union((fact for part in parts if part.name == one.name for fact in part.facts), _field))
        for one in _union(parts, lambda one: one.name)
    )


def _field(fact: Fact) -> str:
    return fact.field


def _apart(parts: Sequence[Apart]) -> Apart | None:
    if not parts:
        return None
    return replace(
        parts[0],
        requirements=_union((one for part in parts for one in part.requirements), lambda one: one.id),
        results=_union((one for part in parts for one in part.results), lambda one: one.identity[:2]),
        reasons={name: reason for part in parts for name, reason in part.reasons.items()},
    )


def missing(report: Report, planned: Iterable[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """Return the requirements at providers of which a report has no result."""
    wanted = [(one.id, provider.name) for provider in report.providers for one in report.requirements]
    apart = () if report.apart is None else report.apart.results
    there = {(result.requirement, result.provider) for result in (*report.results, *apart)}
    return tuple(cell for cell in dict.fromkeys((*planned, *wanted)) if cell not in there)


def _check_alike(shards: Mapping[str, Report]) -> None:
    (first, report), *others = shards.items()
    for name, other in others:
        for what, of in ALIKE.items():
            if of(report) != of(other):
                values = "" if what == "baseline" else f": {of(report)}, and {of(other)}"
                raise UnlikeError(f"{first} and {name} have another {what}{values}; shards of one run have the same")


def _results(shards: Mapping[str, Report]) -> Iterator[Result]:
    met: dict[tuple[str, str], tuple[str, Result]] = {}
    for name, report in shards.items():
        for result in report.results:
            cell = (result.requirement, result.provider)
            if cell not in met:
                met[cell] = (name, result)
                yield result
            elif _judged(met[cell][1]) != _judged(result):
                told = f"{met[cell][1].outcome} in {met[cell][0]}, {result.outcome} in {name}"
                raise ContradictionError(f"{cell[0]} at {cell[1]} is judged differently: {told}")


def _judged(result: Result) -> tuple[object, ...]:
    return result.keyword, result.outcome, result.anomaly, result.why, result.harm


def _run(runs: Sequence[Run]) -> Run:
    """Put circumstances together: the first start, and all the time that was spent."""
    return replace(
        runs[0],
        started=min(run.started for run in runs),
        duration_seconds=sum(run.duration_seconds for run in runs),
        virtual_seconds=sum(run.virtual_seconds for run in runs),
        troubles=_union(
            (trouble for run in runs for trouble in run.troubles),
            lambda one: (one.title, one.exception, one.file, one.line, one.step),
        ),
        explored=_explored([run.explored for run in runs if run.explored is not None]),
        interrupted=any(run.interrupted for run in runs),
    )


def _explored(parts: Sequence[Explored]) -> Explored | None:
    if not parts:
        return None
    dimensions = _union((one for part in parts for one in part.dimensions), lambda one: one.name)
    return replace(
        parts[0],
        lives=sum(part.lives for part in parts),
        dimensions=tuple(replace(one, count=_count(parts, one)) for one in dimensions),
    )


def _count(parts: Sequence[Explored], dimension: Dimension) -> int:
    return sum(one.count for part in parts for one in part.dimensions if one.name == dimension.name)


def _coverage(parts: Sequence[Coverage]) -> tuple[Coverage, ...]:
    tables = _union(parts, lambda one: one.table)
    return tuple(
        replace(table, transitions=tuple(replace(one, times=_times(parts, table, one)) for one in table.transitions))
        for table in tables
    )


def _times(parts: Sequence[Coverage], table: Coverage, transition: Transition) -> int:
    wanted = replace(transition, times=0)
    return sum(
        one.times
        for part in parts
        if part.table == table.table
        for one in part.transitions
        if replace(one, times=0) == wanted
    )


def _union(values: Iterable[_T], key: Callable[[_T], Hashable]) -> tuple[_T, ...]:
    found: dict[Hashable, _T] = {}
    for value in values:
        found.setdefault(key(value), value)
    return tuple(found.values())
