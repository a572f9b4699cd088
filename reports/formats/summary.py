"""summary.md: the report as GitHub-flavoured Markdown, short enough for a step summary."""

from collections.abc import Mapping

from refreshproof.reports.coverage import in_words
from refreshproof.reports.formats.clock_text import whole_seconds
from refreshproof.reports.formats.templating import markdown_environment
from refreshproof.reports.matrix import by_provider, families
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.verdict import alike, blames_client, counts, findings, headline, unproven

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
    found = alike(findings(report))
    return (
        markdown_environment()
        .get_template("summary.md.j2")
        .render(
            report=report,
            headline=headline(report),
            marks=MARKS,
            providers=[(provider, counts(results)) for provider, results in by_provider(report)],
            findings=found[:MOST_FINDINGS],
            left_out=len(found) - MOST_FINDINGS,
            unproven=unproven(report),
            families=families(report),
            blames_client=blames_client,
            requirements={requirement.id: requirement for requirement in report.requirements},
            proof=proof_in_words(report.proof) if report.proof else "",
            coverage=[in_words(one) for one in report.coverage],
            virtual_time=whole_seconds(report.run.virtual_seconds),
        )
    )
