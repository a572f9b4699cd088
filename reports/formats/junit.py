"""junit.xml for CI systems: one test suite per provider, one test case per cell, the story in the failure's body.

Troubles come first, as errors in a suite of their own.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.baseline import Entry
from refreshproof.reports.coverage import explored_in_words
from refreshproof.reports.formats.words.clock_text import date_and_time
from refreshproof.reports.formats.words.legend import HARMS, UNJUDGED
from refreshproof.reports.formats.words.text import command_line, one_line, printable
from refreshproof.reports.matrix import by_provider
from refreshproof.reports.results import Grade, Identity, Report, RequirementInfo, Result
from refreshproof.reports.root_causes import Cause, causes
from refreshproof.reports.standings import Standing, against, stale, stale_in_words, standing
from refreshproof.reports.troubles import Trouble
from refreshproof.reports.verdict import blames_client, gates, grade
from refreshproof.reports.verdict_line import headline


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A result with all that its test case tells besides; `flaw` is what it comes from."""

    result: Result
    requirement: RequirementInfo
    grade: Grade
    fails: bool
    flaw: Cause | None
    standing: Standing | None = None
    baseline: str = ""


def render_junit(report: Report) -> str:
    """Return junit.xml, in the dialect that pytest writes and Jenkins, GitLab and GitHub's actions read."""
    cases, troubles = _cases(report), report.run.troubles
    root = Element("testsuites", {"name": f"refreshproof {one_line(report.subject.name)}"})
    root.attrib |= _totals(tuple(cases.values()), troubles, len(stale(report)))
    root.set("time", f"{report.run.duration_seconds:.3f}")
    facts = _facts(report)
    if troubles:
        suite = _suite(root, report, "troubles", _totals((), troubles), facts)
        for number, trouble in enumerate(troubles, 1):
            _trouble(suite, number, trouble)
    if gone := stale(report):
        suite = _suite(root, report, "baseline", _totals((), fixed=len(gone)), facts)
        for entry in gone:
            _fixed(suite, entry)
    for provider, results in by_provider(report):
        mine = [cases[result.identity] for result in results]
        suite = _suite(root, report, provider.name, _totals(mine), facts)
        for case in mine:
            _test_case(suite, case)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _cases(report: Report) -> Mapping[Identity, _Case]:
    requirements = {requirement.id: requirement for requirement in report.requirements}
    grading = report.run.grading
    flaws = {result.identity: cause for cause in causes(report) for result in cause.results}
    return {
        result.identity: _Case(
            result=result,
            requirement=requirements[result.requirement],
            grade=grade(result, grading),
            fails=gates(result, grading) and standing(report, result) is not Standing.KNOWN,
            flaw=flaws.get(result.identity),
            standing=standing(report, result),
            baseline=against(report, [result]),
        )
        for result in report.results
    }


def _facts(report: Report) -> Mapping[str, str]:
    """What every suite tells of the run, as some readers show one suite at a time."""
    verdict, run = headline(report), report.run
    return {
        "verdict": f"{verdict.word}: {verdict.sentence}",
        "subject": f"{report.subject.name} {report.subject.version}",
        "seed": str(run.seed),
        "date": run.dates,
        "grading": run.grading,
        "explored": explored_in_words(run.explored) if run.explored else "",
    }


def _suite(root: Element, report: Report, name: str, totals: Mapping[str, str], facts: Mapping[str, str]) -> Element:
    suite = SubElement(root, "testsuite", {"name": one_line(name), **totals})
    # a run is timed as a whole: its cells share examples
    suite.set("time", "0.000")
    suite.set("timestamp", date_and_time(report.run.started).removesuffix("Z"))
    _properties(suite, **facts)
    return suite


def _totals(cases: Collection[_Case], troubles: Sequence[Trouble] = (), fixed: int = 0) -> dict[str, str]:
    kinds = [_kind(case) for case in cases] + [_error] * len(troubles) + [_failure] * fixed
    return {"tests": str(len(kinds)), **{name: str(kinds.count(kind)) for name, kind in _COUNTED.items()}}


def _trouble(suite: Element, number: int, trouble: Trouble) -> None:
    where = one_line(f"{trouble.provider or 'refreshproof'}.{trouble.where}")
    case = SubElement(suite, "testcase", classname=where, name=f"trouble {number}", time="0.000")
    facts = [f"{name}: {text}" for name, text in trouble.facts()]
    facts += [f"replay:\n  {command_line(trouble.replay)}"] if trouble.replay else []
    told = "\n".join((trouble.title, *facts))
    error = SubElement(case, "error", type="trouble", message=one_line(trouble.title))
    error.text = printable(told)


def _fixed(suite: Element, entry: Entry) -> None:
    place, name = f"{one_line(entry.provider)}.baseline", one_line(entry.requirement)
    case = SubElement(suite, "testcase", classname=place, name=name, time="0.000")
    SubElement(case, "failure", type="fixed", message=one_line(stale_in_words(entry)))


def _test_case(suite: Element, case: _Case) -> None:
    result, requirement = case.result, case.requirement
    family, provider = one_line(requirement.family), one_line(result.provider)
    element = SubElement(
        suite, "testcase", classname=f"{provider}.{family}", name=one_line(requirement.id), time="0.000"
    )
    _properties(
        element,
        grade=case.grade,
        outcome=result.outcome,
        keyword=result.keyword,
        anomaly=anomaly_in_words(result.anomaly) if result.anomaly else "",
        harm=HARMS[result.harm] if result.harm else "",
        baseline=case.baseline,
        **_flaw(case),
    )
    if kind := _kind(case):
        kind(element, case)
    elif case.grade is not Grade.PASS:
        SubElement(element, "system-out").text = _body(case)


def _flaw(case: _Case) -> Mapping[str, str]:
    """Say which cause a finding has, and what else that breaks or which finding stands for it."""
    cause = case.flaw
    if cause is None:
        return {}
    first, rule = cause.head[0], case.result.requirement
    number = {"cause": str(cause.number)} if cause.is_violation else {}
    if rule == first.requirement:
        return {**number, "also_breaks": ", ".join(other for other in cause.rules if other != rule)}
    return {**number, "told_with": f"{first.requirement} at {first.provider}"}


def _kind(case: _Case) -> "_Kind | None":
    """What fails the run fails here too, though it be something that was never exercised; what is known is skipped."""
    if case.standing is Standing.KNOWN:
        return _skipped
    return _failure if case.fails else _KINDS.get(case.grade)


def _properties(parent: Element, **values: str) -> None:
    group = SubElement(parent, "properties")
    for name, value in values.items():
        if value:
            SubElement(group, "property", name=name, value=one_line(value))


def _failure(element: Element, case: _Case) -> None:
    result = case.result
    failure = SubElement(element, "failure", type=one_line(result.anomaly or result.outcome), message=_message(case))
    failure.text = _body(case)


def _error(element: Element, case: _Case) -> None:
    result = case.result
    SubElement(element, "error", type=result.outcome, message=one_line(result.why)).text = _body(case)


def _skipped(element: Element, case: _Case) -> None:
    result = case.result
    known = f"{one_line(case.baseline)}: " if case.baseline else ""
    reason = f"{case.grade}: {known}{one_line(result.why) or result.outcome.replace('_', ' ')}"
    SubElement(element, "skipped", type=f"refreshproof.{result.outcome}", message=reason)


def _message(case: _Case) -> str:
    never = "required but never exercised: " if case.grade is Grade.UNTESTED else ""
    return one_line(f"{case.requirement.keyword}: {never}{case.result.why or case.requirement.statement}")


def _body(case: _Case) -> str:
    """Tell the whole finding in plain text, so that nobody has to leave the CI page to understand it."""
    result, requirement = case.result, case.requirement
    story, theirs = result.story, blames_client(result)
    parts = [
        ("Requirement", f"{requirement.keyword}: {requirement.statement}"),
        ("Source", requirement.source),
        ("Why", result.why),
        ("Anomaly", anomaly_in_words(result.anomaly) if result.anomaly else ""),
        ("Baseline", case.baseline),
        ("Whose fault", UNJUDGED.get(result.outcome, "")),
        ("Harm", HARMS[result.harm] if result.harm else ""),
        ("Effect", requirement.effect if theirs else ""),
        ("Expected", story.expected if story else ""),
        ("Happened", story.happened if story else ""),
        ("Fix", requirement.fix if theirs else ""),
        (
            story.heading if story else "",
            "".join(f"\n  {n}. {line}" for n, line in enumerate(story.prose, 1)) if story else "",
        ),
        ("Replay", f"\n  {command_line(result.replay)}" if result.replay else ""),
        ("As a test", f"\n{story.pytest}" if story and story.pytest else ""),
    ]
    return printable("\n".join(f"{name}: {text}" for name, text in parts if text))


_Kind = Callable[[Element, _Case], None]
_KINDS: dict[Grade, _Kind] = {
    Grade.BROKEN: _error,
    Grade.UNTESTED: _skipped,
    Grade.BLOCKED: _skipped,
    Grade.NA: _skipped,
}
_COUNTED = {"failures": _failure, "errors": _error, "skipped": _skipped}
