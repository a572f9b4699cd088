"""index.html: the report as one self-contained page. Nothing is loaded from anywhere, nothing foreign is trusted.

This module gathers what the templates show; how it looks is in templates/page.css, what it does in templates/page.js.
"""

import json
import shlex
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.coverage import in_words
from refreshproof.reports.formats import sequence
from refreshproof.reports.formats.clock_text import date_and_time, elapsed, whole_seconds
from refreshproof.reports.formats.legend import HARMS, LEGEND, LINES, UNJUDGED
from refreshproof.reports.formats.templating import html_environment, resource
from refreshproof.reports.matrix import Row, families
from refreshproof.reports.measured import by_behaviour
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Grading, Outcome, Report, Result
from refreshproof.reports.root_causes import Cause, causes
from refreshproof.reports.standings import against, stale, stale_in_words
from refreshproof.reports.unscored import unscored
from refreshproof.reports.verdict import blocked, counts, findings, grade, unproven, urgency
from refreshproof.reports.verdict_line import headline


def render_page(report: Report) -> str:
    """Return index.html."""
    return render_template("page.html.j2", report.run.grading, **_content(report))


def render_template(name: str, grading: Grading, **content: object) -> str:
    """Return a page with the style, the script and the policy that all pages have."""
    style, script = resource("page.css"), resource("page.js")
    environment = html_environment(grading)
    environment.globals |= {
        "anchor": _anchor,
        "sequence": sequence,
        "elapsed": elapsed,
        "pretty": _pretty,
        "shell": shlex.join,
        "anomaly_in_words": anomaly_in_words,
    }
    return environment.get_template(name).render(style=style, script=script, policy=_policy(style, script), **content)


def _content(report: Report) -> Mapping[str, Any]:
    grading = report.run.grading
    requirements = {requirement.id: requirement for requirement in report.requirements}

    def words(cause: Cause) -> str:
        broken = [requirements[name] for name in cause.rules]
        return " ".join(f"{one.id} {one.keyword} {one.statement} {one.family}" for one in broken)

    return {
        "report": report,
        "run": report.run,
        "there": partial(_there, report.run.folder),
        "headline": headline(report),
        "counts": {grade: number for grade, number in counts(report.results, grading).items() if number},
        "families": families(report),
        "causes": causes(report),
        "requirements": requirements,
        "words": words,
        "harms": HARMS,
        "line": LINES[grading],
        "found": {result.identity for result in findings(report)},
        "unproven": unproven(report),
        "blocked": blocked(report),
        "alike": partial(_alike, grading),
        "legend": LEGEND,
        "unjudged": UNJUDGED,
        "against": partial(against, report),
        "unscored": unscored(report),
        "stale": [stale_in_words(one) for one in stale(report)],
        "together": _together,
        "measured": by_behaviour(report),
        "coverage_in_words": in_words,
        "proof_in_words": proof_in_words,
        "listed": requirements,
        "started": date_and_time(report.run.started),
        "virtual_time": whole_seconds(report.run.virtual_seconds),
    }


def _policy(style: str, script: str) -> str:
    """Allow this style sheet and this script by their digests and nothing else (Content Security Policy level 2)."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _anchor(requirement: str, provider: str = "") -> str:
    """Name a cell, or with no provider a requirement, the same way in every report, so that links keep."""
    return ".".join(quote(name.encode(errors="backslashreplace"), safe="") for name in (requirement, provider) if name)


def _alike(grading: Grading, row: Row) -> list[tuple[Grade, Outcome, str, list[Result]]]:
    """Gather the cells of a requirement that say the same, the most urgent first."""
    grouped: defaultdict[tuple[Grade, Outcome, str], list[Result]] = defaultdict(list)
    for result in row.cells:
        if result is not None:
            grouped[grade(result, grading), result.outcome, result.why].append(result)
    return [(*key, grouped[key]) for key in sorted(grouped, key=lambda key: urgency(key[0]))]


def _there(folder: str, command: str) -> str:
    """Return a command as it can be pasted anywhere: a page is read elsewhere than where it was written."""
    return f"cd {shlex.quote(folder)} && {command}" if folder else command


def _together(results: Iterable[Result]) -> list[tuple[str, list[Result]]]:
    """Gather results that have the same reason."""
    grouped: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        grouped[result.why].append(result)
    return list(grouped.items())


def _pretty(scenario: Mapping[str, Any]) -> str:
    return json.dumps(scenario, indent=2, ensure_ascii=False)
