"""`refreshproof run`: plan, run with progress bars, write the report, end with the exit code."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from refreshproof.harness.cli.options import JOBS_OPTION, out_option, report_option
from refreshproof.harness.cli.profile import PROFILE_OPTION, with_own
from refreshproof.harness.cli.schema import schema_option
from refreshproof.harness.run import runner
from refreshproof.harness.run.coverage.moves import survey_of_moves
from refreshproof.harness.run.coverage.orders import survey_of_orders
from refreshproof.harness.run.events import CellJudged, Event, Planned, Surveyed, VendorExplored
from refreshproof.harness.run.replaying import known_counterexamples
from refreshproof.harness.run.reporting import circumstances, known_proof, report_of, subject_name, write
from refreshproof.harness.run.runner import Matrix, Plan
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.surveying import survey_values
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import FORMATS, exit_code, print_console, schema
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.exploration.example_database import example_database
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.survey import SURVEY


@click.command()
@click.argument("subject", default="engine")
@click.option(
    "--provider",
    "-p",
    "providers",
    multiple=True,
    metavar="NAME",
    help="Vendor to run against; may be repeated. Default: the nine core vendors.",
)
@PROFILE_OPTION
@click.option(
    "--requirement",
    "-r",
    "requirements",
    multiple=True,
    metavar="GLOB",
    help="Requirements to test, such as 'rotation-*'; may be repeated. Default: all.",
)
@click.option(
    "--examples",
    default=25,
    show_default=True,
    type=click.IntRange(0, 1_000_000),
    help="Generated lives per vendor; 0 for fixed scenarios only.",
)
@click.option(
    "--exhaustive",
    is_flag=True,
    help="Also live every small life: each fault at each request, each three limits, two callers in every order.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Seed of everything random: equal seeds give equal runs, another one explores other lives.",
)
@JOBS_OPTION
@report_option(FORMATS, "Report format")
@out_option("Folder of the report.")
@click.option(
    "--database",
    metavar="PLACE",
    help="Where Hypothesis keeps its examples: a folder, or a redis:// URL. Default: nowhere.",
)
@click.option(
    "--survey/--no-survey",
    default=None,
    help="Measure lead, retries, deadlines and the like. Default: unless requirements are chosen.",
)
@schema_option("results.json", schema)
@click.option("--strict", is_flag=True, help="Let every violation and every untested requirement fail the run.")
def run(
    subject: str,
    providers: tuple[str, ...],
    profiles: tuple[Vendor, ...],
    requirements: tuple[str, ...],
    examples: int,
    exhaustive: bool,
    seed: int,
    jobs: int | None,
    formats: tuple[str, ...],
    out: Path,
    database: str | None,
    survey: bool | None,
    strict: bool,
) -> int:
    """Test SUBJECT at the vendors and write a report.

    SUBJECT is a name that `refreshproof list subjects` shows (default: engine), miniature:NAME for a client with one
    flaw, MODULE:FACTORY for your own client, or exec:COMMAND for one that is a program in whatever language (see the
    README). Counterexamples that an earlier run saved in the report's folder are played first.
    """
    plan = Plan(
        subject=subject,
        vendors=chosen_vendors(providers, profiles),
        requirements=chosen_requirements(requirements),
        seed=seed,
        examples=examples,
        exhaustive=exhaustive,
        survey=tuple(SURVEY) if survey or (survey is None and not requirements) else (),
        jobs=jobs or os.cpu_count() or 1,
        known=known_counterexamples(out),
        database=database,
    )
    console = Console(stderr=True)
    watch = Stopwatch()
    try:
        example_database(database)
        description, proof = plan.describe(), known_proof(out)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    name = subject_name(plan.subject, description)
    console.print(f"[bold]{name}[/] {description.version} at {len(plan.vendors)} vendors, seed {plan.seed}")
    matrix, interrupted = play_out(plan, console)
    values = (*survey_values(matrix.readings), *survey_of_moves(matrix.moves), *survey_of_orders(matrix.orders))
    end = replace(circumstances(watch, plan.seed), grading="strict" if strict else "default")
    report = report_of(matrix, description, end, survey=values, proof=proof, complete=not interrupted)
    files = write(report, matrix.results(), formats or sorted(FORMATS), out)
    print_console(report, console)
    page = next((file for file in files if file.suffix == ".html"), files[0])
    console.print(f"Report: {page} ({len(files)} files)")
    return exit_code(report, interrupted=interrupted)


def chosen_vendors(names: Sequence[str], own: Sequence[Vendor] = ()) -> tuple[Vendor, ...]:
    """Return the vendors named, the core ones if none is, and the user's own."""
    known = with_own(tuple(VENDORS.values()), own)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r}; there are {', '.join(known)}", param_hint="--provider")
    return tuple(with_own([known[name] for name in names] or CORE, own).values())


def chosen_requirements(globs: Sequence[str]) -> tuple[str, ...]:
    """Return the requirements that a glob matches, all if there is no glob; none is an exit of its own."""
    chosen = tuple(name for name in CATALOGUE if not globs or any(fnmatch.fnmatch(name, glob) for glob in globs))
    if not chosen:
        click.echo(
            f"Nothing selected: no requirement matches {', '.join(globs)}. See `refreshproof list requirements`.",
            err=True,
        )
        sys.exit(ExitCode.NOTHING_SELECTED)
    return chosen


def play_out(plan: Plan, console: Console) -> tuple[Matrix, bool]:
    """Run a plan under progress bars; returns what is known and whether the user broke it off."""
    matrix = Matrix.of(plan)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bars = {
            kind: progress.add_task(kind, total=None)
            for kind in ("explored vendors", "measured values", "judged cells")
        }
        try:
            for event in runner.run(plan):
                matrix.take(event)
                show(event, progress, bars)
        except KeyboardInterrupt:
            return matrix, True
    return matrix, False


def show(event: Event, progress: Progress, bars: dict[str, TaskID]) -> None:
    """Move the bar that an event is about."""
    if isinstance(event, Planned):
        progress.update(bars["judged cells"], total=event.cells)
        progress.update(bars["explored vendors"], total=event.explorations)
        progress.update(bars["measured values"], total=event.values)
    elif isinstance(event, CellJudged):
        progress.advance(bars["judged cells"])
    elif isinstance(event, VendorExplored):
        progress.advance(bars["explored vendors"])
    elif isinstance(event, Surveyed):
        progress.advance(bars["measured values"], len(event.readings))
