"""results.sarif: SARIF 2.1.0 for code scanning. A rule per requirement, with its source; a result per finding.

Shape: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ (OASIS standard, read 2026-11-30).
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from refreshproof.reports.formats.problems import TROUBLE, Problem, problems
from refreshproof.reports.formats.words.clock_text import date_and_time
from refreshproof.reports.formats.words.text import one_line
from refreshproof.reports.results import Grade, Report, RequirementInfo
from refreshproof.reports.verdict import ExitCode, exit_code

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Mapping[Grade, str] = {
    Grade.FAIL: "error",
    Grade.BROKEN: "error",
    Grade.WARN: "warning",
    Grade.UNTESTED: "error",
    Grade.BLOCKED: "error",
    Grade.INFO: "note",
}
"""How urgent a result is where it fails the run; where it does not, it is no more than a warning."""
ROOTS: Mapping[bool, str] = {False: "SOURCE", True: "REPORT"}
"""What an address is relative to: the folder of the run, or the report's."""


def render_sarif(report: Report) -> str:
    """Return results.sarif."""
    rules = [_rule(requirement) for requirement in report.requirements] + [_TROUBLES]
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    found = problems(report)
    # a baseline entry may name a requirement that this run did not list
    strangers = sorted({problem.rule for problem in found} - set(places))
    rules += [{"id": rule} for rule in strangers]
    places |= {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "refreshproof", "version": one_line(report.run.version), "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"refreshproof/{quote(report.subject.name.encode(errors='backslashreplace'))}/"},
        "invocations": [
            {
                "executionSuccessful": exit_code(report) not in (ExitCode.INTERRUPTED, ExitCode.HARNESS_ERROR),
                "startTimeUtc": date_and_time(report.run.started),
            }
        ],
        "results": [_result(problem, places[problem.rule]) for problem in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


_TROUBLES: dict[str, Any] = {
    "id": TROUBLE,
    "shortDescription": {"text": "What went wrong around the client under test, or in it."},
}


def _rule(requirement: RequirementInfo) -> dict[str, Any]:
    """Return a rule; whoever shows it may read Markdown in `help.markdown` only, which is left out."""
    rule: dict[str, Any] = {
        "id": one_line(requirement.id),
        "shortDescription": {"text": one_line(f"{requirement.keyword}: {requirement.statement}")},
        "fullDescription": {"text": one_line(f"{requirement.statement} Source: {requirement.source}")},
        "help": {"text": one_line(f"Effect: {requirement.effect} Fix: {requirement.fix}")},
        "properties": {"tags": ["oauth", one_line(requirement.family)]},
    }
    if requirement.links:
        rule["helpUri"] = quote(one_line(requirement.links[0]), safe=":/?#[]@!$&'()*+,;=%~")
    return rule


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    level = LEVELS[problem.grade]
    place = {"uri": _address(problem.file), "uriBaseId": ROOTS[problem.evidence]}
    if place["uri"].startswith("file:"):
        del place["uriBaseId"]
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": rule,
        "level": level if problem.fails or level != "error" else "warning",
        "message": {"text": _plain(f"{problem.title}: {problem.text}")},
        "locations": [{"physicalLocation": {"artifactLocation": place, "region": {"startLine": problem.line}}}],
        "partialFingerprints": {"refreshproof/v1": problem.fingerprint},
    }
    if problem.known:
        result["suppressions"] = [{"kind": "external", "justification": "It stands in the baseline."}]
    return result


def _plain(text: str) -> str:
    """Take the meaning from what SARIF reads in a message: links (section 3.11.6), placeholders (3.11.5)."""
    return text.replace("](", "] (").replace("{", "{{").replace("}", "}}")


def _address(file: str) -> str:
    path = quote(file)
    return f"file://{path}" if path.startswith("/") else path
