"""The report for a terminal or a pipe: troubles, a table of counts per provider, the findings by cause, the verdict.

What is to be pasted is never wrapped, and nothing is cut, however narrow the terminal; into a pipe every text is one
line. A report of one provider is short enough for a screen: the first cause is told in full, and of everything else
that was found each thing in a line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.coverage import explored_in_words, walked_in_words
from refreshproof.reports.formats.words.clock_text import whole_seconds
from refreshproof.reports.formats.words.legend import HARMS, UNJUDGED
from refreshproof.reports.formats.words.text import command_line, one_line
from refreshproof.reports.matrix import by_provider
from refreshproof.reports.measured import tally
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Grading, Harm, Report, Result
from refreshproof.reports.root_causes import Cause, alike, causes, places
from refreshproof.reports.standings import against, stale, stale_in_words
from refreshproof.reports.troubles import Trouble
from refreshproof.reports.unscored import unscored, unseen
from refreshproof.reports.verdict import blames_client, counts, grade, unproven
from refreshproof.reports.verdict_line import headline

STYLES: Mapping[Grade, str] = {
    Grade.FAIL: "bold red",
    Grade.BROKEN: "bold magenta",
    Grade.WARN: "yellow",
    Grade.UNTESTED: "blue",
    Grade.BLOCKED: "blue",
    Grade.INFO: "cyan",
    Grade.PASS: "green",
    Grade.NA: "dim",
}

ALWAYS_SHOWN = (Grade.FAIL, Grade.WARN, Grade.UNTESTED, Grade.PASS)
"""Grades with a column even where nothing has them: a nought says something here."""

_WIDEST = 10_000
_NARROWEST = 20
_INDENT = "  "

Line = Text | Table


class _Command(NamedTuple):
    """What a command plays, the command, the part of it that is its own, and the word that stands for that."""

    name: str
    text: str
    own: str
    word: str

    @property
    def pattern(self) -> str:
        """The command with the word."""
        before, own, after = self.text.rpartition(self.own)
        return f"{before}{self.word}{after}" if own else self.text


def print_console(report: Report, console: Console) -> None:
    """Print the whole report; the grade's word stands next to every colour."""
    wide = console.width if console.is_terminal else _WIDEST
    for line in _lines(report, console, wide):
        if isinstance(line, Table):
            line.width = console.measure(line, options=console.options.update(max_width=_WIDEST)).maximum
            console.print(line, crop=False, no_wrap=True)
        else:
            # cropped, a command that is longer than the line could not be pasted
            console.print(line, soft_wrap=True)


def _lines(report: Report, console: Console, width: int) -> Iterator[Line]:
    yield from _in_brief(report, console, width) if len(report.providers) == 1 else _in_full(report, console, width)
    for entry in stale(report):
        yield Text.assemble(("STALE", STYLES[Grade.WARN]), f" {one_line(stale_in_words(entry))}")
    for told in unscored(report):
        yield Text.assemble(("NOT SCORED", STYLES[Grade.NA]), f" {one_line(told)}")
    for told in unseen(report):
        yield Text.assemble(("NOT SEEN", STYLES[Grade.NA]), f" {one_line(told)}")
    if report.survey:
        yield Text(tally(report))
    if report.coverage:
        yield Text(f"Walked: {one_line('; '.join(map(walked_in_words, report.coverage)))}")
    if report.run.explored:
        yield Text(one_line(explored_in_words(report.run.explored, values=False)))
    if report.proof:
        yield Text(f"Proof of the checks: {proof_in_words(report.proof)}")
    yield from _verdict(report)


def _in_full(report: Report, console: Console, width: int) -> Iterator[Line]:
    """Tell all that was found at several providers."""
    for trouble in report.run.troubles:
        yield from _trouble(trouble, console, width)
    yield from _counts(report)
    for cause in causes(report):
        yield from _cause(cause, report, console, width)
        for findings in cause.also:
            yield from _also(findings, report, console, width)
        yield Text()
    for result in unproven(report):
        yield _title(result, report.run.grading)
        why = [("", one_line(result.why) or "never exercised"), ("baseline", one_line(against(report, [result])))]
        yield from _facts(why, console, width)


def _in_brief(report: Report, console: Console, width: int) -> Iterator[Line]:
    """Tell what was found at one provider: the first cause in full, everything else in a line, and how to play it
    again."""
    troubles = report.run.troubles
    for number, trouble in enumerate(troubles, 1):
        facts = "; ".join(one_line(text).rstrip(".") for _, text in trouble.facts())
        sign = f"TROUBLE {number}" if len(troubles) > 1 else "TROUBLE"
        yield Text.assemble((sign, STYLES[Grade.BROKEN]), (f" {one_line(trouble.title)}", "bold"), f": {facts}")
    yield from _again(
        [_Command("Trouble", one.replay, f"/{number}--", "/NUMBER--") for number, one in enumerate(troubles, 1)]
    )
    yield from _counts(report)
    found = causes(report)
    for cause in found[:1]:
        yield from _cause(cause, report, console, width)
        yield from _also_in_brief(cause, report)
        yield Text()
    for cause in found[1:]:
        yield _in_a_line(cause.head[0], report)
        yield from _also_in_brief(cause, report)
    for result in unproven(report):
        yield _in_a_line(result, report)
    told = found[0].head if found else ()
    others = [result for cause in found for result in cause.results if result not in told]
    yield from _again(
        [_Command(one_line(one.requirement), one.replay or "", one.requirement, "RULE") for one in others]
    )


def _in_a_line(result: Result, report: Report) -> Text:
    """Tell a finding: what happened, what harm it did, and whether that was known."""
    story = result.story
    told = (
        (story.happened if story else result.why) or "never exercised",
        HARMS[result.harm] if result.harm and result.harm is not Harm.NONE_YET else "",
        UNJUDGED.get(result.outcome, ""),
        against(report, [result]),
    )
    worth = grade(result, report.run.grading)
    sentence = "; ".join(one_line(part).rstrip(".") for part in told if part)
    return Text.assemble((worth, STYLES[worth]), (f" {one_line(result.requirement)}", "bold"), f": {sentence}")


def _also_in_brief(cause: Cause, report: Report) -> Iterator[Line]:
    """Name what a flaw breaks besides, by grade."""
    names: dict[str, list[str]] = {}
    for finding, *_ in cause.also:
        known = one_line(against(report, [finding]))
        name = one_line(finding.requirement)
        names.setdefault(grade(finding, report.run.grading), []).append(f"{name} ({known})" if known else name)
    if names:
        told = "; ".join(f"{worth} {', '.join(rules)}" for worth, rules in names.items())
        yield Text.assemble(_INDENT, ("also breaks ", "dim"), told)


def _again(commands: Sequence[_Command]) -> Iterator[Line]:
    """Tell how to play things again, in one line; of several the first, and with a word what differs for the others."""
    first: dict[str, _Command] = {}
    known = [one for one in commands if one.text]
    for one in known:
        first.setdefault(one.pattern, one)
    for pattern, one in sorted(first.items()):
        yield Text.assemble((f"{one.name} again: ", "dim"), command_line(one.text))
        if sum(other.pattern == pattern for other in known) > 1:
            yield Text.assemble(("Others likewise: ", "dim"), command_line(pattern))


def _trouble(trouble: Trouble, console: Console, width: int) -> Iterator[Line]:
    yield Text.assemble(("TROUBLE", STYLES[Grade.BROKEN]), (f" {one_line(trouble.title)}", "bold"))
    yield from _facts([(name, one_line(text)) for name, text in trouble.facts()], console, width)
    yield from _replays([trouble.replay])
    yield Text()


def _counts(report: Report) -> Iterator[Line]:
    """Count the grades at each provider; of one provider in one line."""
    name = f"{one_line(report.subject.name)} {one_line(report.subject.version)}".strip()
    grading = report.run.grading
    total = counts(report.results, grading)
    if len(report.providers) == 1:
        told = [Text(f"{number} {worth}", STYLES[worth]) for worth, number in total.items() if number]
        place = f"{name} at {one_line(report.providers[0].name)}: "
        yield Text.assemble((place, "bold"), Text(", ").join(told) if told else "no results", "\n")
        return
    shown = [grade for grade in Grade if total[grade] or grade in ALWAYS_SHOWN]
    yield Text(name, "bold")
    table = Table()
    table.add_column("provider", no_wrap=True)
    for worth in shown:
        table.add_column(Text(worth, STYLES[worth]), justify="right", no_wrap=True)
    for provider, results in by_provider(report):
        table.add_row(Text(one_line(provider.name)), *_numbers(counts(results, grading), shown))
    table.add_section()
    table.add_row("all", *_numbers(total, shown))
    yield table


def _numbers(found: Mapping[Grade, int], shown: Sequence[Grade]) -> list[Text]:
    return [Text(str(found[grade]), STYLES[grade]) if found[grade] else Text("·", "dim") for grade in shown]


def _cause(cause: Cause, report: Report, console: Console, width: int) -> Iterator[Line]:
    """Tell the finding that stands for a flaw."""
    result, *others = cause.head
    grading = report.run.grading
    requirement = next(one for one in report.requirements if one.id == result.requirement)
    story, theirs = result.story, blames_client(result)
    steps = [f"{number}. {one_line(line)}" for number, line in enumerate(story.prose if story else (), 1)]
    facts = [
        ("", f"{requirement.keyword}: {requirement.statement}"),
        ("expected", story.expected if story else ""),
        ("happened", story.happened if story else result.why),
        ("whose", "" if theirs else UNJUDGED[result.outcome]),
        ("harm", HARMS[result.harm] if result.harm else ""),
        ("also at", places(others, grading, grade(result, grading)) if others else ""),
        ("baseline", against(report, cause.head)),
        ("effect", requirement.effect if theirs else ""),
        ("fix", requirement.fix if theirs else ""),
    ]
    told = [(name, one_line(text)) for name, text in facts]
    yield _title(result, grading)
    yield from _facts([*told, ("steps", "\n".join(steps))], console, width)
    yield from _replays(one.replay for one in cause.head)


def _also(findings: Sequence[Result], report: Report, console: Console, width: int) -> Iterator[Line]:
    """Tell the findings of another rule that the same flaw breaks."""
    grading = report.run.grading
    told = Text.assemble(_INDENT, ("also breaks ", "dim"))
    for number, ones in enumerate(alike(findings, grading)):
        at = ", ".join(result.provider for result in ones)
        told.append("; " if number else "").append(_title(ones[0], grading, at, harm=True, again=number > 0))
    yield told
    if report.baseline is not None:
        yield from _facts([("baseline", one_line(against(report, findings)))], console, width)
    yield from _commands(one.replay for one in findings)


def _replays(commands: Iterable[str | None]) -> Iterator[Line]:
    lines = list(_commands(commands))
    yield from [Text.assemble(_INDENT, ("replay", "dim")), *lines] if lines else ()


def _commands(commands: Iterable[str | None]) -> Iterator[Line]:
    """Put each command on a line of its own, to be taken as a whole."""
    yield from (Text(f"{_INDENT * 2}{command_line(command)}") for command in commands if command)


def _facts(facts: Sequence[tuple[str, str]], console: Console, width: int) -> Iterator[Line]:
    """Tell facts, each beside its name; what does not fit goes on beneath itself."""
    known = [(name, text) for name, text in facts if text]
    label = max((len(name) for name, _ in known), default=0)
    room = max(width - len(_INDENT) - label - 1, _NARROWEST)
    for name, text in known:
        lines = [line for part in text.split("\n") for line in Text(part).wrap(console, room, overflow="fold")]
        for number, line in enumerate(lines):
            line.rstrip()
            beside = f"{'' if number else name:{label}} " if label else ""
            yield Text.assemble(_INDENT, (beside, "dim"), line)


def _title(result: Result, grading: Grading, at: str = "", *, harm: bool = False, again: bool = False) -> Text:
    """Name a finding, or several that are alike; `again` that its rule was named before."""
    about = [anomaly_in_words(result.anomaly)] if result.anomaly else []
    about += [HARMS[result.harm]] if result.harm and harm else []
    code = f" ({one_line('; '.join(about))})" if about else ""
    rule = "" if again else f" {one_line(result.requirement)}"
    place = f"{rule} at {one_line(at or result.provider)}"
    worth = grade(result, grading)
    return Text.assemble((worth, STYLES[worth]), (place, "bold"), code)


def _verdict(report: Report) -> Iterator[Line]:
    verdict, run = headline(report), report.run
    time = f"{whole_seconds(run.virtual_seconds)} of virtual time in {run.duration_seconds:.1f} s"
    line = "" if run.grading == "default" else f", graded {run.grading}"
    yield Text.assemble((verdict.word, STYLES[verdict.grade]), f": {verdict.sentence}")
    date = f", {one_line(run.dates)}" if run.dates else ""
    yield Text(f"{time}, seed {run.seed}{date}{line}")
