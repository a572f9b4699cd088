"""summary.md: the report as GitHub-flavoured Markdown, short enough for a step summary."""

from collections.abc import Mapping
from functools import partial

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.coverage import explored_in_words, in_words
from refreshproof.reports.figures import figures, left_out, title_of
from refreshproof.reports.formats.words.clock_text import whole_seconds
from refreshproof.reports.formats.words.legend import HARMS, LINES, UNJUDGED
from refreshproof.reports.formats.words.templating import markdown_environment
from refreshproof.reports.matrix import by_provider, families
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.root_causes import alike, causes, places
from refreshproof.reports.standings import against, stale, stale_in_words
from refreshproof.reports.unscored import unscored, unseen
from refreshproof.reports.verdict import blames_client, counts, unproven
from refreshproof.reports.verdict_line import headline

MARKS: Mapping[Grade, str] = {
    Grade.FAIL: "❌",
    Grade.BROKEN: "💥",
    Grade.WARN: "⚠️",
    Grade.UNTESTED: "❔",
    Grade.BLOCKED: "🚧",
    Grade.INFO: "💡",
    Grade.PASS: "✅",
    Grade.NA: "·",
}
"""A sign per grade; the summary explains them in words."""

LARGEST = 1024 * 1024
"""Bytes of a step summary: GitHub drops a larger one. What is left out for it stands in index.html."""
SHORTER = (100, 30, 10, 3, 0)
"""How many causes are told, and how many troubles and untested rules, so many as there is room for."""


def render_summary(report: Report, room: int = LARGEST) -> str:
    """Return summary.md, in so many bytes."""
    for most in SHORTER:
        text = _rendered(report, most)
        if len(text.encode(errors="replace")) <= room:
            return text
    verdict = headline(report)
    text = f"# {MARKS[verdict.grade]} {verdict.word}\n\nThere is no room for more; the report tells it.\n"
    return text if len(text.encode()) <= room else ""


def _rendered(report: Report, most: int) -> str:
    found, owed = causes(report), unproven(report)
    grading = report.run.grading
    return (
        markdown_environment(grading)
        .get_template("summary.md.j2")
        .render(
            report=report,
            run=report.run,
            headline=headline(report),
            marks=MARKS,
            providers=[(provider, counts(results, grading)) for provider, results in by_provider(report)],
            troubles=report.run.troubles[:most],
            causes=found[:most],
            left_out=left_out(found[most:]),
            title_of=partial(title_of, total=figures(report).causes),
            places=partial(places, grading=grading),
            alike=partial(alike, grading=grading),
            unproven=owed[: most * 10],
            more=_more(len(report.run.troubles) - most, len(owed) - most * 10),
            families=families(report),
            blames_client=blames_client,
            requirements={requirement.id: requirement for requirement in report.requirements},
            harms=HARMS,
            against=partial(against, report),
            unscored=unscored(report),
            unseen=unseen(report),
            stale=[stale_in_words(one) for one in stale(report)],
            unjudged=UNJUDGED,
            anomaly_in_words=anomaly_in_words,
            line=LINES[grading],
            proof=proof_in_words(report.proof) if report.proof else "",
            explored=explored_in_words(report.run.explored) if report.run.explored else "",
            coverage=[in_words(one) for one in report.coverage],
            virtual_time=whole_seconds(report.run.virtual_seconds),
        )
    )


def _more(troubles: int, owed: int) -> list[str]:
    counted = ((troubles, "troubles"), (owed, "rules that were never exercised"))
    return [f"{number} more {what}" for number, what in counted if number > 0]
