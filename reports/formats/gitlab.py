"""gl-code-quality-report.json, which GitLab shows beside a merge request as code quality.

Findings have no place in a file unless the client was named by one: others point to the report's own files.
Shape: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format (read 2026-11-30).
"""

import json
from collections.abc import Mapping

from refreshproof.reports.formats.problems import Problem, problems
from refreshproof.reports.results import Grade, Report

SEVERITIES: Mapping[Grade, str] = {
    Grade.FAIL: "critical",
    Grade.BROKEN: "blocker",
    Grade.WARN: "minor",
    Grade.UNTESTED: "major",
    Grade.BLOCKED: "major",
    Grade.INFO: "info",
}
KNOWN = "info"


def render_gitlab(report: Report) -> str:
    """Return gl-code-quality-report.json."""
    return json.dumps([_issue(problem) for problem in problems(report)], indent=1, ensure_ascii=False) + "\n"


def _issue(problem: Problem) -> dict[str, object]:
    return {
        "description": f"{problem.title}: {problem.text}",
        "check_name": problem.rule,
        "fingerprint": problem.fingerprint,
        "severity": KNOWN if problem.known else SEVERITIES[problem.grade],
        "location": {"path": problem.file, "lines": {"begin": problem.line}},
    }
