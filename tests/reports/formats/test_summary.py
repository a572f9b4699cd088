"""summary.md: what a Markdown reader makes of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from refreshproof.reports import Report, causes, from_dict, to_dict
from refreshproof.reports.formats.summary import render_summary
from refreshproof.reports.formats.words.templating import fenced, markdown
from refreshproof.reports.formats.words.text import command_line

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def test_the_summary_opens_with_the_verdict(sample_report: Report) -> None:
    text = render_summary(sample_report)
    assert text.startswith("# ❌ example-client 2.4.1: Not conformant\n\n5 causes, 6 rules broken, ")


def test_both_tables_are_tables(sample_report: Report) -> None:
    shown = READER.render(render_summary(sample_report))
    assert shown.count("<table>") == 2
    assert shown.count("<tr>") == 1 + len(sample_report.providers) + 1 + len(sample_report.requirements)


def test_every_cause_is_told_once_with_its_steps_and_all_its_providers(sample_report: Report) -> None:
    shown = READER.render(render_summary(sample_report))
    found = causes(sample_report)
    assert shown.count("<h3>") == len(found)
    assert shown.count("<ol>") == sum(cause.head[0].story is not None for cause in found)
    assert "<p>Shortest scenario at atlassian:</p>" in shown
    for cause in found:
        places = ", ".join(result.provider for result in cause.head)
        assert f"{cause.head[0].requirement} at {places}</h3>" in shown


def test_what_the_same_cause_also_breaks_stands_beneath_it_with_its_harm(sample_report: Report) -> None:
    text = render_summary(sample_report)
    told = text.partition("The same cause also breaks:\n\n")[2]
    assert told.startswith(
        "- ❌ **rotation-lost-response** at strict-single-use, reuse-kills-family (SHOULD; the grant"
    )
    assert text.count("The same cause also breaks:") == 1


def test_a_finding_that_differs_at_a_provider_says_how(sample_report: Report) -> None:
    first, second, *_ = next(cause.head for cause in causes(sample_report) if len(cause.head) > 1)
    results = (first, replace(second, why="It differs."))
    assert f"- **At {second.provider}:** It differs." in render_summary(replace(sample_report, results=results))


def test_every_replay_line_is_a_code_block_that_nothing_wraps_or_escapes(sample_report: Report) -> None:
    shown = READER.parse(render_summary(sample_report))
    told = [trouble.replay for trouble in sample_report.run.troubles]
    told += [result.replay for cause in causes(sample_report) for result in cause.results if result.replay]
    assert [token.content.rstrip("\n") for token in shown if token.type == "fence"] == told
    assert all("exec:./client --quiet" in line for line in told[1:])


@pytest.mark.parametrize("attack", ["```\n# heading", "a `b` ````c", "<script>alert(1)</script>\n\n# heading"])
def test_a_command_stays_inside_its_block(sample_report: Report, attack: str) -> None:
    first = replace(causes(sample_report)[0].head[0], replay=attack)
    tokens = READER.parse(render_summary(replace(sample_report, results=(first,))))
    assert [token.content for token in tokens if token.type == "fence"][1:] == [attack.replace("\n", "\ufffd") + "\n"]
    assert sum(token.tag == "h1" and token.nesting == 1 for token in tokens) == 1


@given(st.text())
def test_any_command_is_one_code_block(text: str) -> None:
    [block] = READER.parse(str(fenced(text)))
    assert (block.type, block.content) == ("fence", f"{command_line(text)}\n")


def test_troubles_come_before_any_table(sample_report: Report) -> None:
    before = render_summary(sample_report).partition("| Provider |")[0]
    for part in ("client at google", "KeyError: 'expires\\_at'", "clients/session.py:88", "The client calls the API."):
        assert before.count(part) == 1


def test_what_hypothesis_explored_is_told(sample_report: Report) -> None:
    assert "Hypothesis generated 225 lives from seed 20261122, varying clock of the client" in render_summary(
        sample_report
    )


def test_what_was_never_exercised_is_listed(sample_report: Report) -> None:
    text = render_summary(sample_report)
    assert "- ❔ callback-code-once at short-lived: No exchange was answered before the code expired." in text


def test_a_long_list_of_findings_is_cut_and_says_so(sample_report: Report) -> None:
    first = replace(causes(sample_report)[0].head[0], cause=None)
    requirement = next(r for r in sample_report.requirements if r.id == first.requirement)
    many = replace(
        sample_report,
        requirements=tuple(replace(requirement, id=f"r{n}") for n in range(130)),
        results=tuple(replace(first, requirement=f"r{n}") for n in range(130)),
    )
    text = render_summary(many)
    assert "In index.html besides: 30 causes." in text
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
