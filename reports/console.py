"""The report for a terminal, as a rich renderable: a table of counts per provider, then the findings."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from refreshproof.reports.clock_text import whole_seconds
from refreshproof.reports.matrix import by_provider
from refreshproof.reports.results import Grade, Report, RequirementInfo, Result
from refreshproof.reports.text import one_line
from refreshproof.reports.verdict import blames_client, counts, findings, headline, unproven

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


def render_console(report: Report) -> RenderableType:
    """Return the whole report; the grade's word stands next to every colour."""
    requirements = {requirement.id: requirement for requirement in report.requirements}
    found = [_finding(requirements[result.requirement], result) for result in findings(report)]
    never = [_never_exercised(result) for result in unproven(report)]
    return Group(_table(report), *found, *never, _verdict(report))


def _table(report: Report) -> Table:
    table = Table(title=f"{one_line(report.subject.name)} {one_line(report.subject.version)}", title_justify="left")
    table.add_column("provider")
    for grade in Grade:
        table.add_column(Text(grade, STYLES[grade]), justify="right")
    for provider, results in by_provider(report):
        table.add_row(Text(one_line(provider.name)), *_numbers(counts(results)))
    table.add_section()
    table.add_row("all", *_numbers(counts(report.results)))
    return table


def _numbers(found: Mapping[Grade, int]) -> list[Text]:
    return [Text(str(number), STYLES[grade]) if number else Text("·", "dim") for grade, number in found.items()]


def _finding(requirement: RequirementInfo, result: Result) -> RenderableType:
    story, theirs = result.story, blames_client(result)
    facts = [
        ("", f"{requirement.keyword}: {requirement.statement}"),
        ("expected", story.expected if story else ""),
        ("happened", story.happened if story else result.why),
        ("effect", requirement.effect if theirs else ""),
        ("fix", requirement.fix if theirs else ""),
        ("replay", f"refreshproof replay {result.scenario}" if result.scenario else ""),
    ]
    grid = Table.grid(padding=(0, 1))
    for name, text in facts:
        if text:
            grid.add_row(Text(name, "dim"), Text(one_line(text)))
    return Group(_title(result), Padding(grid, (0, 0, 1, 2)))


def _title(result: Result) -> Text:
    code = f" {one_line(result.anomaly)}" if result.anomaly else ""
    place = f" {one_line(result.requirement)} at {one_line(result.provider)}{code}"
    return Text.assemble((result.grade, STYLES[result.grade]), (place, "bold"))


def _never_exercised(result: Result) -> RenderableType:
    return Group(_title(result), Padding(Text(one_line(result.why) or "never exercised"), (0, 0, 1, 2)))


def _verdict(report: Report) -> Text:
    verdict, run = headline(report), report.run
    time = f"{whole_seconds(run.virtual_seconds)} of virtual time in {run.duration_seconds:.1f} s"
    return Text.assemble((verdict.word, STYLES[verdict.grade]), f": {verdict.sentence}\n{time}, seed {run.seed}")
