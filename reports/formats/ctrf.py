"""ctrf-report.json, the Common Test Report Format: a test per cell, a suite per provider, a test per trouble.

Shape: https://github.com/ctrf-io/ctrf, schema/ctrf.schema.json (read 2026-11-30).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.formats.words.clock_text import date_and_time
from refreshproof.reports.formats.words.legend import HARMS
from refreshproof.reports.formats.words.text import command_line, one_line, printable
from refreshproof.reports.results import Grade, Report, RequirementInfo, Result
from refreshproof.reports.standings import Standing, against, stale, stale_in_words, standing
from refreshproof.reports.verdict import gates, grade
from refreshproof.reports.verdict_line import headline

SPECIFICATION = "0.0.0"
STATUSES: Mapping[Grade, str] = {
    Grade.FAIL: "failed",
    Grade.BROKEN: "failed",
    Grade.WARN: "passed",
    Grade.UNTESTED: "skipped",
    Grade.BLOCKED: "pending",
    Grade.INFO: "passed",
    Grade.PASS: "passed",
    Grade.NA: "skipped",
}
"""The status of a grade; what fails the run is failed, and what the baseline allows is "other"."""
ALLOWED = "other"


def render_ctrf(report: Report) -> str:
    """Return ctrf-report.json."""
    tests = list(_tests(report))
    start = report.run.started // 1000
    statuses = Counter(test["status"] for test in tests)
    verdict = headline(report)
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "timestamp": date_and_time(report.run.started),
        "generatedBy": "refreshproof",
        "results": {
            "tool": {"name": "refreshproof", "version": one_line(report.run.version) or "unknown"},
            "summary": {
                "tests": len(tests),
                **{status: statuses[status] for status in ("passed", "failed", "pending", "skipped", "other")},
                "suites": len({test["suite"][0] for test in tests}),
                "start": start,
                "stop": start + round(report.run.duration_seconds * 1000),
            },
            "tests": tests,
            "extra": {
                "verdict": one_line(f"{verdict.word}: {verdict.sentence}"),
                "subject": one_line(f"{report.subject.name} {report.subject.version}"),
                "seed": report.run.seed,
                **({"date": one_line(report.run.dates)} if report.run.dates else {}),
                "grading": report.run.grading,
            },
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _tests(report: Report) -> Iterator[dict[str, Any]]:
    for number, trouble in enumerate(report.run.troubles, 1):
        told = "\n".join((trouble.title, *(f"{name}: {text}" for name, text in trouble.facts())))
        yield _test(f"trouble {number}", "failed", "troubles", one_line(trouble.title), trace=printable(told))
    for entry in stale(report):
        yield _test(f"{entry.requirement} at {entry.provider}", "failed", "baseline", one_line(stale_in_words(entry)))
    requirements = {requirement.id: requirement for requirement in report.requirements}
    for result in report.results:
        yield _of_result(report, result, requirements[result.requirement])


def _of_result(report: Report, result: Result, requirement: RequirementInfo) -> dict[str, Any]:
    worth = grade(result, report.run.grading)
    status = "failed" if gates(result, report.run.grading) else STATUSES[worth]
    if standing(report, result) is Standing.KNOWN:
        status = ALLOWED
    extra = {
        "grade": worth,
        "outcome": result.outcome,
        "keyword": result.keyword,
        "anomaly": anomaly_in_words(result.anomaly) if result.anomaly else "",
        "harm": HARMS[result.harm] if result.harm else "",
        "baseline": against(report, [result]),
        "source": requirement.source,
        "replay": command_line(result.replay or ""),
    }
    return _test(
        f"{result.requirement} at {result.provider}",
        status,
        result.provider,
        one_line(f"{worth}: {result.why or requirement.statement}"),
        tags=[one_line(requirement.family) or "none"],
        trace=_story(result),
        extra={name: value if name == "replay" else one_line(value) for name, value in extra.items() if value},
    )


def _test(name: str, status: str, suite: str, message: str, **more: Any) -> dict[str, Any]:
    # a run is timed as a whole: its cells share examples
    test = {"name": one_line(name), "status": status, "duration": 0, "suite": [one_line(suite) or "none"]}
    return {**test, "message": message, **{key: value for key, value in more.items() if value}}


def _story(result: Result) -> str:
    story = result.story
    if story is None:
        return ""
    steps = (f"{number}. {line}" for number, line in enumerate(story.prose, 1))
    return printable("\n".join((f"Expected: {story.expected}", f"Happened: {story.happened}", *steps)))
