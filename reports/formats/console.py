"""The report for a terminal: troubles, a table of counts per provider, the findings by cause, the verdict.

What is to be pasted is never wrapped, and nothing is cut, however narrow the terminal.
"""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from refreshproof.reports.coverage import in_words
from refreshproof.reports.explored import explored_in_words
from refreshproof.reports.formats.clock_text import whole_seconds
from refreshproof.reports.formats.legend import HARMS
from refreshproof.reports.formats.text import command_line, one_line
from refreshproof.reports.matrix import by_provider
from refreshproof.reports.measured import tally
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Grading, Report, RequirementInfo, Result
from refreshproof.reports.root_causes import Cause, causes
from refreshproof.reports.story import Story
from refreshproof.reports.troubles import Trouble
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
_INDENTED = (0, 0, 0, 2)
_BELOW = Text(" ")


def print_console(report: Report, console: Console) -> None:
    """Print the whole report; the grade's word stands next to every colour."""
    # cropped, a command that is longer than the line could not be pasted
    console.print(Group(*_parts(report, console)), crop=False)


def _parts(report: Report, console: Console) -> Iterator[RenderableType]:
    requirements = {requirement.id: requirement for requirement in report.requirements}
    yield from map(_trouble, report.run.troubles)
    yield _table(report, console)
    for cause in causes(report):
        yield from _cause(cause, requirements, report.run.grading)
    yield from (_never_exercised(result, report.run.grading) for result in unproven(report))
    if report.survey:
        yield Text(tally(report))
    yield from (Text(one_line(in_words(coverage))) for coverage in report.coverage)
    if report.run.explored:
        yield Text(one_line(explored_in_words(report.run.explored, values=False)))
    if report.proof:
        yield Text(f"Proof of the checks: {proof_in_words(report.proof)}")
    yield _verdict(report)


def _trouble(trouble: Trouble) -> RenderableType:
    title = Text.assemble(("TROUBLE", STYLES[Grade.BROKEN]), (f" {one_line(trouble.title)}", "bold"))
    return Group(title, _facts(*trouble.facts()), Text())


def _table(report: Report, console: Console) -> Table:
    table = Table(title=f"{one_line(report.subject.name)} {one_line(report.subject.version)}", title_justify="left")
    table.add_column("provider", no_wrap=True)
    grading = report.run.grading
    total = counts(report.results, grading)
    shown = [grade for grade in Grade if total[grade] or grade in ALWAYS_SHOWN]
    for worth in shown:
        table.add_column(Text(worth, STYLES[worth]), justify="right", no_wrap=True)
    for provider, results in by_provider(report):
        table.add_row(Text(one_line(provider.name)), *_numbers(counts(results, grading), shown))
    table.add_section()
    table.add_row("all", *_numbers(total, shown))
    table.width = console.measure(table, options=console.options.update(max_width=_WIDEST)).maximum
    return table


def _numbers(found: Mapping[Grade, int], shown: Sequence[Grade]) -> list[Text]:
    return [Text(str(found[grade]), STYLES[grade]) if found[grade] else Text("·", "dim") for grade in shown]


def _cause(cause: Cause, requirements: Mapping[str, RequirementInfo], grading: Grading) -> Iterator[RenderableType]:
    """Tell the finding that stands for the flaw in full, and the others in short."""
    result, *others = cause.head
    requirement, story, theirs = requirements[result.requirement], result.story, blames_client(result)
    yield _title(result, grading)
    yield _facts(
        ("", f"{requirement.keyword}: {requirement.statement}"),
        ("expected", story.expected if story else ""),
        ("happened", story.happened if story else result.why),
        ("harm", HARMS[result.harm] if result.harm else ""),
        ("also at", ", ".join(other.provider for other in others)),
        ("effect", requirement.effect if theirs else ""),
        ("fix", requirement.fix if theirs else ""),
        ("steps", _steps(story) if story else ""),
        ("replay", _BELOW if result.replay else ""),
    )
    yield from _replay(result)
    for finding in cause.also:
        first, places = finding[0], ", ".join(result.provider for result in finding)
        harm = f" ({HARMS[first.harm]})" if first.harm else ""
        yield Padding(Text.assemble(("also breaks ", "dim"), _title(first, grading, places), harm), _INDENTED)
        yield from _replay(first)
    yield Text()


def _replay(result: Result) -> Iterator[RenderableType]:
    """Put the command on a line of its own, to be taken as a whole."""
    if result.replay:
        yield Text(f"    {command_line(result.replay)}", no_wrap=True, overflow="ignore")


def _steps(story: Story) -> Text:
    return Text("\n".join(f"{number}. {one_line(line)}" for number, line in enumerate(story.prose, 1)))


def _facts(*facts: tuple[str, str | Text]) -> RenderableType:
    grid = Table.grid(Column(no_wrap=True, overflow="fold"), Column(overflow="fold"), padding=(0, 1))
    for name, text in facts:
        if text:
            grid.add_row(Text(name, "dim"), Text(one_line(text)) if isinstance(text, str) else text)
    return Padding(grid, _INDENTED)


def _title(result: Result, grading: Grading, places: str = "") -> Text:
    code = f" {one_line(result.anomaly)}" if result.anomaly else ""
    place = f" {one_line(result.requirement)} at {one_line(places or result.provider)}{code}"
    worth = grade(result, grading)
    return Text.assemble((worth, STYLES[worth]), (place, "bold"))


def _never_exercised(result: Result, grading: Grading) -> RenderableType:
    return Group(_title(result, grading), Padding(Text(one_line(result.why) or "never exercised"), (0, 0, 1, 2)))


def _verdict(report: Report) -> Text:
    verdict, run = headline(report), report.run
    time = f"{whole_seconds(run.virtual_seconds)} of virtual time in {run.duration_seconds:.1f} s"
    line = "" if run.grading == "default" else f", graded {run.grading}"
    return Text.assemble((verdict.word, STYLES[verdict.grade]), f": {verdict.sentence}\n{time}, seed {run.seed}{line}")
