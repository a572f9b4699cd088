"""The report in a terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from refreshproof.reports import Grade, Report, findings, render_console


def _printed(report: Report, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=120, **options)  # type: ignore[arg-type]
    console.print(render_console(report))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_provider_has_a_row_of_counts(sample_report: Report) -> None:
    lines = [line.replace("│", " ").split() for line in _printed(sample_report).splitlines()]
    assert ["short-lived", "·", "·", "1", "1", "·", "1", "26", "1"] in lines
    assert ["all", "4", "1", "5", "2", "2", "1", "246", "9"] in lines
    assert {line[0] for line in lines if len(line) == 9} >= {provider.name for provider in sample_report.providers}


def test_every_finding_is_told_and_can_be_replayed(sample_report: Report) -> None:
    text = _printed(sample_report)
    told: dict[tuple[str, str, str], str] = {}
    for result in findings(sample_report):
        same = (result.requirement, result.grade, result.outcome)
        first = told.setdefault(same, result.provider)
        assert f"{result.grade} {result.requirement} at {first}" in text
        if first == result.provider:
            assert result.scenario is None or f"refreshproof replay {result.scenario}" in text
        else:
            part = text.partition(f"{result.grade} {result.requirement} at {first}")[2]
            assert result.provider in part.partition("also at")[2].splitlines()[0]


def test_a_finding_is_told_with_its_numbered_steps(sample_report: Report) -> None:
    story = next(result.story for result in findings(sample_report) if result.story)
    text = " ".join(_printed(sample_report).split())
    assert all(f"{number}. {line.split()[0]}" in text for number, line in enumerate(story.prose, 1))


def test_the_last_lines_are_the_verdict(sample_report: Report) -> None:
    assert _printed(sample_report).splitlines()[-2:] == [
        "Not conformant: 4 failed, 1 required but never exercised",
        "412 d 12:02:07 of virtual time in 48.2 s, seed 20261122",
    ]


def test_colour_is_never_the_only_sign(sample_report: Report) -> None:
    assert all(grade in _printed(sample_report) for grade in Grade)


def test_an_error_of_the_adapter_gives_no_advice_on_the_client(sample_report: Report) -> None:
    broken = replace(sample_report, results=tuple(r for r in sample_report.results if r.grade is Grade.BROKEN))
    assert "  fix " not in _printed(broken)
    assert "  fix " in _printed(sample_report)


@pytest.mark.parametrize("attack", ["\x1b]0;title\x07", "[red]markup[/red]", "[/]", "\x9b31m"])
def test_foreign_text_neither_styles_nor_commands_the_terminal(sample_report: Report, attack: str) -> None:
    first = replace(findings(sample_report)[0], story=None, why=attack)
    text = _printed(replace(sample_report, results=(first,)))
    assert attack.replace("\x1b", "\ufffd").replace("\x07", "\ufffd").replace("\x9b", "\ufffd") in text


def test_rendering_prints_nothing(sample_report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    render_console(sample_report)
    assert capsys.readouterr() == ("", "")
