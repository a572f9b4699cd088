"""The report for a terminal, as a rich renderable: a table of counts per provider, then the findings."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from refreshproof.reports.coverage import in_words
from refreshproof.reports.formats.clock_text import whole_seconds
from refreshproof.reports.formats.text import one_line
from refreshproof.reports.matrix import by_provider
from refreshproof.reports.measured import tally
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade, Report, RequirementInfo, Result
from refreshproof.reports.story import Story
from refreshproof.reports.verdict import alike, blames_client, counts, findings, headline, unproven

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


def render_console(report: Report, folder: str = "") -> RenderableType:
    """Return the whole report; the grade's word stands next to every colour.

    `folder` is where the report was written, so that the commands it prints can be run as they stand.
    """
    requirements = {requirement.id: requirement for requirement in report.requirements}
    found = [_finding(requirements[one[0].requirement], one, folder) for one in alike(findings(report))]
    never = [_never_exercised(result) for result in unproven(report)]
    measured = [Text(tally(report))] if report.survey else []
    walked = [Text(one_line(in_words(coverage))) for coverage in report.coverage]
    proof = [Text(f"Proof of the checks: {proof_in_words(report.proof)}")] if report.proof else []
    return Group(_table(report), *found, *never, *measured, *walked, *proof, _verdict(report))


def _table(report: Report) -> Table:
    table = Table(title=f"{one_line(report.subject.name)} {one_line(report.subject.version)}", title_justify="left")
    table.add_column("provider", no_wrap=True)
    total = counts(report.results)
    shown = [grade for grade in Grade if total[grade] or grade in ALWAYS_SHOWN]
    for grade in shown:
        table.add_column(Text(grade, STYLES[grade]), justify="right")
    for provider, results in by_provider(report):
        table.add_row(Text(one_line(provider.name)), *_numbers(counts(results), shown))
    table.add_section()
    table.add_row("all", *_numbers(total, shown))
    return table


def _numbers(found: Mapping[Grade, int], shown: Sequence[Grade]) -> list[Text]:
    return [Text(str(found[grade]), STYLES[grade]) if found[grade] else Text("·", "dim") for grade in shown]


def _steps(story: Story | None) -> str:
    return "\n".join(f"{number}. {one_line(line)}" for number, line in enumerate(story.prose, 1)) if story else ""


def _finding(requirement: RequirementInfo, alike: Sequence[Result], folder: str) -> RenderableType:
    result, *others = alike
    story, theirs = result.story, blames_client(result)
    facts = [
        ("", f"{requirement.keyword}: {requirement.statement}"),
        ("expected", story.expected if story else ""),
        ("happened", story.happened if story else result.why),
        ("also at", ", ".join(other.provider for other in others)),
        ("effect", requirement.effect if theirs else ""),
        ("fix", requirement.fix if theirs else ""),
        ("replay", f"refreshproof replay {PurePath(folder, result.scenario)}" if result.scenario else ""),
    ]
    grid = Table.grid(padding=(0, 1))
    for name, text in facts:
        if text:
            grid.add_row(Text(name, "dim"), Text(one_line(text)))
    if story:
        grid.add_row(Text("steps", "dim"), Text(_steps(story)))
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
