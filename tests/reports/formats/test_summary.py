"""summary.md: what a Markdown reader makes of it."""

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from refreshproof.reports import Report, findings, from_dict, render_summary, to_dict
from refreshproof.reports.formats.templating import markdown
from refreshproof.reports.verdict import alike

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def test_the_summary_opens_with_the_verdict(sample_report: Report) -> None:
    text = render_summary(sample_report)
    assert text.startswith("# ❌ example-client 2.4.1: Not conformant\n\n4 failed, 1 required but never exercised.")


def test_both_tables_are_tables(sample_report: Report) -> None:
    shown = READER.render(render_summary(sample_report))
    assert shown.count("<table>") == 2
    assert shown.count("<tr>") == 1 + len(sample_report.providers) + 1 + len(sample_report.requirements)


def test_every_finding_is_told_once_with_its_steps_and_all_its_providers(sample_report: Report) -> None:
    shown = READER.render(render_summary(sample_report))
    groups = alike(findings(sample_report))
    assert shown.count("<h3>") == len(groups) < len(findings(sample_report))
    assert shown.count("<ol>") == sum(results[0].story is not None for results in groups)
    for results in groups:
        assert f"{results[0].requirement} at {', '.join(result.provider for result in results)}</h3>" in shown


def test_a_finding_that_differs_at_a_provider_says_how(sample_report: Report) -> None:
    first, second, *_ = next(results for results in alike(findings(sample_report)) if len(results) > 1)
    results = (first, replace(second, why="It differs."))
    assert f"- **At {second.provider}:** It differs." in render_summary(replace(sample_report, results=results))


def test_what_was_never_exercised_is_listed(sample_report: Report) -> None:
    text = render_summary(sample_report)
    assert "- ❔ callback-code-once at short-lived: No exchange was answered before the code expired." in text


def test_a_long_list_of_findings_is_cut_and_says_so(sample_report: Report) -> None:
    first = findings(sample_report)[0]
    requirement = next(r for r in sample_report.requirements if r.id == first.requirement)
    many = replace(
        sample_report,
        requirements=tuple(replace(requirement, id=f"r{n}") for n in range(130)),
        results=tuple(replace(first, requirement=f"r{n}") for n in range(130)),
    )
    text = render_summary(many)
    assert "30 more findings are in index.html." in text
    assert text.count("\n### ") == 100
    assert len(text.encode()) < 1024 * 1024


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "a | b | c",
        "`code` **bold** _slanted_ ~~gone~~",
        "# heading",
        "- item",
        "1. item",
        "2) item",
        "> quote",
        "+ item",
        "---",
        "line\n\n# another\n\n```\nfence",
        "https://example.org",
        "back\\slash",
        "\x1b[31mred",
    ],
)
def test_text_stays_text(attack: str) -> None:
    readable = " ".join(attack.replace("\x1b", "\ufffd").split())
    shown = READER.render(str(markdown(attack)))
    plain = readable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown == f"<p>{plain}</p>\n"


def test_no_text_of_a_report_becomes_markup(sample_report: Report) -> None:
    document = to_dict(sample_report)
    for requirement in document["requirements"]:
        requirement["statement"] = requirement["fix"] = (
            "x | <script>alert(1)</script>\n\n# heading | ![x](https://x.example)"
        )
    shown = READER.render(render_summary(from_dict(document)))
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("<h1>") == 1
