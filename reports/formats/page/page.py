"""index.html: the report as one self-contained page. Nothing is loaded from anywhere, nothing foreign is trusted.

This module gathers what the templates show; how it looks is in templates/page.css, what it does in templates/page.js.
"""

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from refreshproof.reports.coverage import in_words
from refreshproof.reports.figures import figures, left_out, title_of
from refreshproof.reports.formats.page import plots
from refreshproof.reports.formats.page.chronicle import about, chronicle
from refreshproof.reports.formats.page.grounds import Grounds
from refreshproof.reports.formats.page.shell import render_template
from refreshproof.reports.formats.page.strip import strip
from refreshproof.reports.formats.page.vendors import vendor_sheets
from refreshproof.reports.formats.words.clock_text import date_and_time, whole_seconds
from refreshproof.reports.formats.words.legend import HARMS, LEGEND, LINES, UNJUDGED
from refreshproof.reports.matrix import Row, families
from refreshproof.reports.measured import by_behaviour
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Grading, Outcome, Report, Result
from refreshproof.reports.root_causes import Cause, causes, places
from refreshproof.reports.standings import against, stale, stale_in_words
from refreshproof.reports.unscored import unscored, unseen
from refreshproof.reports.verdict import blocked, counts, findings, grade, unproven, urgency
from refreshproof.reports.verdict_line import headline

MOST_STORIES = 60
"""With more of them in a report, what is folded is parsed by a browser no sooner than it is unfolded, if it runs
scripts."""


def render_page(report: Report) -> str:
    """Return index.html."""
    return render_template("page.html.j2", report.run.grading, **_content(report))


def _content(report: Report) -> Mapping[str, Any]:
    grading, grounds = report.run.grading, Grounds(report)
    requirements = {requirement.id: requirement for requirement in report.requirements}
    found, told = causes(report), figures(report)

    def words(cause: Cause) -> str:
        broken = [requirements[name] for name in cause.rules]
        return " ".join(f"{one.id} {one.keyword} {one.statement} {one.family}" for one in broken)

    return {
        "report": report,
        "run": report.run,
        "there": partial(_there, report.run.folder),
        "headline": headline(report),
        "strip": strip(report, grounds),
        "later": sum(result.story is not None for result in report.results) > MOST_STORIES,
        "grounds": grounds,
        "vendors": vendor_sheets(report),
        "chronicle": chronicle,
        "about": about,
        "plots": plots,
        "pretty": _pretty,
        "counts": {grade: number for grade, number in counts(report.results, grading).items() if number},
        "families": families(report),
        "causes": found,
        "figures": told,
        "title_of": partial(title_of, total=told.causes),
        "left_out": left_out,
        "places": partial(places, grading=grading),
        "requirements": requirements,
        "words": words,
        "harms": HARMS,
        "line": LINES[grading],
        "found": {result.identity for result in findings(report)},
        "unproven": unproven(report),
        "blocked": blocked(report),
        "alike": partial(_alike, grading),
        "tally_of": lambda row: [(worth, number) for worth, number in _tally(row, grading).items() if number],
        "legend": LEGEND,
        "unjudged": UNJUDGED,
        "against": partial(against, report),
        "unscored": unscored(report),
        "unseen": unseen(report),
        "stale": [stale_in_words(one) for one in stale(report)],
        "together": _together,
        "measured": by_behaviour(report),
        "coverage_in_words": in_words,
        "proof_in_words": proof_in_words,
        "listed": requirements,
        "started": date_and_time(report.run.started),
        "virtual_time": whole_seconds(report.run.virtual_seconds),
    }


def _alike(grading: Grading, row: Row) -> list[tuple[Grade, Outcome, str, list[Result]]]:
    """Gather the cells of a requirement that say the same, the most urgent first."""
    grouped: defaultdict[tuple[Grade, Outcome, str], list[Result]] = defaultdict(list)
    for result in row.cells:
        if result is not None:
            grouped[grade(result, grading), result.outcome, result.why].append(result)
    return [(*key, grouped[key]) for key in sorted(grouped, key=lambda key: urgency(key[0]))]


def _tally(row: Row, grading: Grading) -> Mapping[Grade, int]:
    return counts([cell for cell in row.cells if cell is not None], grading)


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
