"""summary.md: the report as GitHub-flavoured Markdown, short enough for a step summary."""

from collections.abc import Mapping
from functools import partial

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.coverage import in_words
from refreshproof.reports.explored import explored_in_words
from refreshproof.reports.formats.clock_text import whole_seconds
from refreshproof.reports.formats.legend import HARMS, LINES, UNJUDGED
from refreshproof.reports.formats.templating import markdown_environment
from refreshproof.reports.matrix import by_provider, families
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.root_causes import causes
from refreshproof.reports.standings import against, stale, stale_in_words
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

# GitHub drops a step summary of more than 1 MiB; what is left out here stands in index.html
MOST_FINDINGS = 100


def render_summary(report: Report) -> str:
    """Return summary.md."""
    found = causes(report)
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
            causes=found[:MOST_FINDINGS],
            left_out=len(found) - MOST_FINDINGS,
            unproven=unproven(report),
            families=families(report),
            blames_client=blames_client,
            requirements={requirement.id: requirement for requirement in report.requirements},
            harms=HARMS,
            against=partial(against, report),
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
