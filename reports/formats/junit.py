"""junit.xml for CI systems: one test suite per provider, one test case per cell, the story in the failure's body."""

from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from refreshproof.reports.formats.clock_text import date_and_time
from refreshproof.reports.formats.text import one_line, printable
from refreshproof.reports.matrix import by_provider
from refreshproof.reports.results import Grade, ProviderInfo, Report, RequirementInfo, Result
from refreshproof.reports.verdict import blames_client, gates


def render_junit(report: Report) -> str:
    """Return junit.xml, in the dialect that pytest writes and Jenkins, GitLab and GitHub's actions read."""
    requirements = {requirement.id: requirement for requirement in report.requirements}
    root = Element("testsuites", {"name": f"refreshproof {one_line(report.subject.name)}", **_totals(report.results)})
    root.set("time", f"{report.run.duration_seconds:.3f}")
    for provider, results in by_provider(report):
        suite = _suite(root, report, provider, results)
        for result in results:
            _case(suite, requirements[result.requirement], result)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(root: Element, report: Report, provider: ProviderInfo, results: tuple[Result, ...]) -> Element:
    suite = SubElement(root, "testsuite", {"name": one_line(provider.name), **_totals(results)})
    # a run is timed as a whole: its cells share examples
    suite.set("time", "0.000")
    suite.set("timestamp", date_and_time(report.run.started).removesuffix("Z"))
    _properties(suite, seed=str(report.run.seed), subject=f"{report.subject.name} {report.subject.version}")
    return suite


def _totals(results: tuple[Result, ...]) -> dict[str, str]:
    kinds = [_kind(result) for result in results]
    counted = {name: str(kinds.count(kind)) for name, kind in _COUNTED.items()}
    return {"tests": str(len(results)), **counted}


def _case(suite: Element, requirement: RequirementInfo, result: Result) -> None:
    family, provider = one_line(requirement.family), one_line(result.provider)
    case = SubElement(suite, "testcase", classname=f"{provider}.{family}", name=one_line(requirement.id), time="0.000")
    _properties(case, grade=result.grade, outcome=result.outcome, keyword=result.keyword, anomaly=result.anomaly or "")
    if kind := _kind(result):
        kind(case, requirement, result)
    elif result.grade is not Grade.PASS:
        SubElement(case, "system-out").text = _body(requirement, result)


def _kind(result: Result) -> "_Kind | None":
    """What fails the run fails here too, though it be something that was never exercised."""
    return _failure if gates(result) else _KINDS.get(result.grade)


def _properties(parent: Element, **values: str) -> None:
    group = SubElement(parent, "properties")
    for name, value in values.items():
        if value:
            SubElement(group, "property", name=name, value=one_line(value))


def _failure(case: Element, requirement: RequirementInfo, result: Result) -> None:
    SubElement(
        case, "failure", type=one_line(result.anomaly or result.outcome), message=_message(requirement, result)
    ).text = _body(requirement, result)


def _error(case: Element, requirement: RequirementInfo, result: Result) -> None:
    SubElement(case, "error", type=result.outcome, message=one_line(result.why)).text = _body(requirement, result)


def _skipped(case: Element, requirement: RequirementInfo, result: Result) -> None:
    reason = f"{result.grade}: {one_line(result.why) or result.outcome.replace('_', ' ')}"
    SubElement(case, "skipped", type=f"refreshproof.{result.outcome}", message=reason)


def _message(requirement: RequirementInfo, result: Result) -> str:
    never = "required but never exercised: " if result.grade is Grade.UNTESTED else ""
    return one_line(f"{requirement.keyword}: {never}{result.why or requirement.statement}")


def _body(requirement: RequirementInfo, result: Result) -> str:
    """Tell the whole finding in plain text, so that nobody has to leave the CI page to understand it."""
    story, theirs = result.story, blames_client(result)
    parts = [
        ("Requirement", f"{requirement.keyword}: {requirement.statement}"),
        ("Source", requirement.source),
        ("Why", result.why),
        ("Effect", requirement.effect if theirs else ""),
        ("Expected", story.expected if story else ""),
        ("Happened", story.happened if story else ""),
        ("Fix", requirement.fix if theirs else ""),
        ("Shortest scenario", "".join(f"\n  {n}. {line}" for n, line in enumerate(story.prose, 1)) if story else ""),
        ("Replay", f"refreshproof replay {result.scenario}" if result.scenario else ""),
        ("As a test", f"\n{story.pytest}" if story else ""),
    ]
    return printable("\n".join(f"{name}: {text}" for name, text in parts if text))


_Kind = Callable[[Element, RequirementInfo, Result], None]
_KINDS: dict[Grade, _Kind] = {
    Grade.BROKEN: _error,
    Grade.UNTESTED: _skipped,
    Grade.BLOCKED: _skipped,
    Grade.NA: _skipped,
}
_COUNTED = {"failures": _failure, "errors": _error, "skipped": _skipped}
