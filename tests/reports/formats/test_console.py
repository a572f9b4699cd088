"""The report in a terminal."""

from dataclasses import replace

import pytest

from kit.terminal import printed
from refreshproof.reports import Grade, Report, causes, findings, grade


def test_every_provider_has_a_row_of_counts(sample_report: Report) -> None:
    lines = [line.replace("│", " ").split() for line in printed(sample_report).splitlines()]
    assert ["short-lived", "·", "·", "1", "1", "·", "1", "26", "1"] in lines
    assert ["all", "6", "1", "3", "2", "2", "1", "246", "9"] in lines
    assert {line[0] for line in lines if len(line) == 9} >= {provider.name for provider in sample_report.providers}


def test_every_cause_is_told_and_what_it_also_breaks_beneath_it(sample_report: Report) -> None:
    text = printed(sample_report, 400)
    for cause in causes(sample_report):
        first, *others = cause.head
        _, title, rest = text.partition(f"\n{grade(first)} {first.requirement} at {first.provider}")
        part = rest.partition("\n\n")[0]
        assert title
        assert all(other.provider in part.partition("also at")[2].splitlines()[0] for other in others)
        for finding in cause.also:
            places = ", ".join(result.provider for result in finding)
            assert f"also breaks {grade(finding[0])} {finding[0].requirement} at {places}" in part


@pytest.mark.parametrize("width", [10, 40, 80, 200])
@pytest.mark.parametrize("terminal", [True, False])
def test_every_command_stands_uncut_on_a_line_of_its_own(sample_report: Report, width: int, terminal: bool) -> None:
    lines = printed(sample_report, width, force_terminal=terminal, color_system=None).splitlines()
    commands = [line.strip() for line in lines if line.strip().startswith("refreshproof replay")]
    assert commands == [
        *(trouble.replay for trouble in sample_report.run.troubles),
        *(result.replay for cause in causes(sample_report) for result in cause.results if result.replay),
    ]


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_number_of_the_table_is_cut(sample_report: Report, width: int, terminal: bool) -> None:
    text = printed(sample_report, width, force_terminal=terminal, color_system=None)
    assert "…" not in text
    assert all(grade in text for grade in Grade)


def test_into_a_pipe_every_text_is_one_line_without_blanks_at_its_end(sample_report: Report) -> None:
    lines = printed(sample_report, 40).splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    for cause in causes(sample_report):
        story = cause.head[0].story
        assert story is None or any(line.endswith(f"happened {story.happened}") for line in lines)


def test_a_terminal_gets_its_facts_beneath_each_other(sample_report: Report) -> None:
    text = printed(sample_report, 60, force_terminal=True, color_system=None)
    assert "\n  expected After the lost answer the client reports an\n           unknown outcome" in text


def test_a_report_of_one_provider_fits_a_screen(sample_report: Report) -> None:
    mine = [one for one in sample_report.results if one.provider == "short-lived"]
    alone = replace(
        sample_report,
        providers=tuple(one for one in sample_report.providers if one.name == "short-lived"),
        results=tuple(mine),
        run=replace(sample_report.run, troubles=()),
    )
    lines = printed(alone).splitlines()
    assert lines[0] == "example-client 2.4.1 at short-lived: 1 WARN, 1 UNTESTED, 1 INFO, 26 PASS, 1 NA"
    assert len(lines) < 40
    assert sum(line.startswith("  effect") for line in lines) == 1, "the first cause in full, the others in brief"
    first, second = causes(alone)
    assert first.head[0].story is not None
    assert f"  happened {first.head[0].story.happened}" in lines
    assert second.head[0].story is not None
    assert lines.count(f"INFO {second.head[0].requirement}: {second.head[0].story.happened.rstrip('.')}") == 1
    assert sum(line.startswith("UNTESTED callback-code-once: ") for line in lines) == 1


def test_of_one_provider_everything_is_told_and_how_each_plays_again(sample_report: Report) -> None:
    results = tuple(replace(one, provider="google", replay=None) for one in sample_report.results)
    known = {one.requirement: one for one in results} | {
        one.requirement: replace(one, replay=f"refreshproof replay {one.requirement}/{one.requirement}--google.json")
        for one in results
        if one.story
    }
    troubles = tuple(
        replace(
            sample_report.run.troubles[0], exception=f"Error: {number}", replay=f"refreshproof replay t/{number}--x"
        )
        for number in (1, 2, 3)
    )
    alone = replace(
        sample_report,
        providers=tuple(one for one in sample_report.providers if one.name == "google"),
        results=tuple(known.values()),
        run=replace(sample_report.run, troubles=troubles),
    )
    text = printed(alone)
    assert [text.count(f"TROUBLE {number} client at google") for number in (1, 2, 3)] == [1, 1, 1]
    assert "Trouble again: refreshproof replay t/1--x\nOthers likewise: refreshproof replay t/NUMBER--x\n" in text
    for one in findings(alone):
        assert one.requirement in text
    first = causes(alone)[0].head[0]
    assert f"\n    {first.replay}\n" in text
    others = [one for one in findings(alone) if one.replay and one is not first]
    assert all(f" again: {one.replay}\n" in text for one in others)
    assert len(text.splitlines()) < 50


def test_of_one_provider_a_line_that_plays_one_thing_again_says_what_it_plays(sample_report: Report) -> None:
    provider = next(one for one in sample_report.providers if one.name == "short-lived")
    results = tuple(one for one in sample_report.results if one.provider == provider.name)
    lines = printed(replace(sample_report, providers=(provider,), results=results)).splitlines()
    second = causes(replace(sample_report, providers=(provider,), results=results))[1].head[0]
    assert lines.count(f"{second.requirement} again: {second.replay}") == 1
    assert lines.count("Trouble again: refreshproof replay 'my report/troubles/1--google.json'") == 1
    assert lines.count("  replay") == 1, "beneath the cause that is told in full"


def test_troubles_come_first_and_once(sample_report: Report) -> None:
    text = printed(sample_report)
    assert text.startswith("TROUBLE client at google: KeyError left the client in call\n")
    told = ("KeyError: 'expires_at'", "clients/session.py:88", "TROUBLE", "atlassian, short-lived", "(code 503)")
    for part in told:
        assert text.partition("provider ")[0].count(part) == text.count(part) == 1


def test_every_cause_tells_the_harm_in_its_story(sample_report: Report) -> None:
    text = printed(sample_report)
    assert text.count("harm     the grant is lost, and only a new login brings it back") == 1
    assert "(A1: a spent token or code is presented; the grant is lost, and only a new login brings it back)" in text
    assert "harm     a call failed although vendor and network were well" in text


def test_what_hypothesis_explored_is_one_line(sample_report: Report) -> None:
    assert (
        "Hypothesis generated 225 lives from seed 20261122, varying clock of the client in 118; "
        "delay of an answer in 97; lost answer in 31\n"
    ) in printed(sample_report, 400)


def test_a_finding_is_told_with_its_numbered_steps(sample_report: Report) -> None:
    story = next(result.story for result in findings(sample_report) if result.story)
    text = " ".join(printed(sample_report).split())
    assert all(f"{number}. {line.split()[0]}" in text for number, line in enumerate(story.prose, 1))


def test_the_last_lines_are_the_verdict(sample_report: Report) -> None:
    assert printed(sample_report, 400).splitlines()[-2:] == [
        "Not conformant: 5 causes, 6 rules broken, 3 of them only warned of, 1 rule kept in a weaker way, "
        "1 rule not judged (11 findings at 8 vendors), 1 required rule never exercised, 2 rules blocked, 1 trouble",
        "412 d 12:02:07 of virtual time in 48.2 s, seed 20261122",
    ]


def test_colour_is_never_the_only_sign(sample_report: Report) -> None:
    assert all(grade in printed(sample_report) for grade in Grade)


def test_an_error_of_the_adapter_gives_no_advice_on_the_client(sample_report: Report) -> None:
    broken = replace(sample_report, results=tuple(r for r in sample_report.results if grade(r) is Grade.BROKEN))
    assert "  fix " not in printed(broken)
    assert "  fix " in printed(sample_report)


@pytest.mark.parametrize("attack", ["\x1b]0;title\x07", "[red]markup[/red]", "[/]", "\x9b31m"])
def test_foreign_text_neither_styles_nor_commands_the_terminal(sample_report: Report, attack: str) -> None:
    first = replace(findings(sample_report)[0], story=None, why=attack)
    text = printed(replace(sample_report, results=(first,)))
    assert attack.replace("\x1b", "\ufffd").replace("\x07", "\ufffd").replace("\x9b", "\ufffd") in text


def test_a_line_that_was_moved_is_named(sample_report: Report) -> None:
    lenient = printed(replace(sample_report, run=replace(sample_report.run, grading="lenient")))
    assert lenient.endswith("seed 20261122, graded lenient\n")
