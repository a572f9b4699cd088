"""`refreshproof run`: plan, run with progress bars, write the report, end with the exit code."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from refreshproof.harness.cli.interruption import hush, interruptible
from refreshproof.harness.cli.options import JOBS_OPTION, out_option, report_option
from refreshproof.harness.cli.profile import PROFILE_OPTION, OwnVendor, with_own
from refreshproof.harness.cli.schema import schema_option
from refreshproof.harness.run import runner, writing
from refreshproof.harness.run.coverage.moves import survey_of_moves
from refreshproof.harness.run.coverage.orders import survey_of_orders
from refreshproof.harness.run.events import CellJudged, Event, Planned, Surveyed, VendorExplored
from refreshproof.harness.run.jobs import WorkerLostError
from refreshproof.harness.run.replaying import known_counterexamples
from refreshproof.harness.run.reporting import circumstances, known_proof, report_of, subject_name, write
from refreshproof.harness.run.runner import Matrix, Plan
from refreshproof.harness.run.smoke import Tried
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.surveying import survey_values
from refreshproof.harness.run.under_test import SubjectFaultError
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import FORMATS, Grading, Report, Trouble, exit_code, print_console, schema
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.exploration.example_database import check_place
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import Description
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
    type=click.IntRange(0, 2**63 - 1),
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
@click.option("--strict", is_flag=True, help="Let every violation, warning and untested requirement fail the run.")
@click.option("--lenient", is_flag=True, help="Let nothing but a broken MUST or vendor's rule fail the run.")
def run(
    subject: str,
    providers: tuple[str, ...],
    profiles: tuple[OwnVendor, ...],
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
    lenient: bool,
) -> int:
    """Test SUBJECT at the vendors and write a report.

    SUBJECT is a name that `refreshproof list subjects` shows (default: engine), miniature:NAME for a client with one
    flaw, MODULE:FACTORY for your own client, or exec:COMMAND for one that is a program in whatever language (see the
    README). Counterexamples that an earlier run saved in the report's folder are played first.

    The run fails for a broken MUST or vendor's rule, and for any story in which a grant was lost or a call failed in
    vain; of the rest it warns.
    """
    if strict and lenient:
        raise click.UsageError("--strict and --lenient move the same line; choose one of them")
    vendors, chosen = chosen_vendors(providers, profiles), chosen_requirements(requirements)
    console, watch = Console(stderr=True), Stopwatch()
    try:
        check_place(database)
        writing.prepare(out)
        known, troubles = known_counterexamples(out)
        plan = Plan(
            subject=subject,
            vendors=vendors,
            requirements=chosen,
            seed=seed,
            examples=examples,
            exhaustive=exhaustive,
            survey=tuple(SURVEY) if survey or (survey is None and not requirements) else (),
            jobs=jobs or os.cpu_count() or 1,
            known=known,
            files={one.vendor.name: str(one.file) for one in profiles},
            database=database,
        )
        description, proof = described(plan), known_proof(out)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for trouble in troubles:
        tell(trouble, console)
    name = subject_name(plan.subject, description)
    console.print(f"[bold]{escape(name)}[/] {escape(description.version)} at {len(vendors)} vendors, seed {plan.seed}")
    with interruptible():
        matrix, interrupted, lost = play_out(plan, console)
        hush()
        values = (*survey_values(matrix.readings), *survey_of_moves(matrix.moves), *survey_of_orders(matrix.orders))
        grading: Grading = "strict" if strict else "lenient" if lenient else "default"
        end = replace(circumstances(watch, plan.seed), grading=grading, troubles=lost)
        report = report_of(
            matrix, description, end, folder=out, survey=values, proof=proof, complete=not (interrupted or lost)
        )
        return tell_of(report, matrix, formats, out, console, interrupted=interrupted)


def tell_of(
    report: Report, matrix: Matrix, formats: Sequence[str], out: Path, console: Console, *, interrupted: bool
) -> ExitCode:
    """Write a report and print it; what cannot be written is told, and does not keep the verdict from being printed."""
    files, failures = write(report, matrix.results(), formats or sorted(FORMATS), out)
    print_console(report, console)
    page = next((file for file in files if file.suffix == ".html"), next(iter(files), None))
    if page is not None:
        console.print(f"Report: {escape(str(page))} ({len(files)} files)", soft_wrap=True)
    for failure in failures:
        console.print(f"[bold red]Not written[/]: {escape(failure)}", soft_wrap=True)
    code = exit_code(report, interrupted=interrupted)
    return ExitCode.HARNESS_ERROR if failures and code is ExitCode.AS_EXPECTED else code


def described(plan: Plan) -> Description:
    """Ask the client who it is; of one that cannot be asked its name on the command line is known. Raises ValueError
    for what is no client."""
    try:
        return plan.describe()
    except SubjectFaultError:
        return Description(name=plan.subject, version="")


def chosen_vendors(names: Sequence[str], own: Sequence[OwnVendor] = ()) -> tuple[Vendor, ...]:
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


def play_out(plan: Plan, console: Console) -> tuple[Matrix, bool, tuple[Trouble, ...]]:
    """Run a plan under progress bars; returns what is known, whether it was broken off, and what was lost on the
    way."""
    matrix = Matrix.of(plan)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bars = {
            kind: progress.add_task(kind, total=None)
            for kind in ("explored vendors", "measured values", "judged cells")
        }
        try:
            with closing(runner.run(plan)) as events:
                for event in events:
                    matrix.take(event)
                    show(event, progress, bars)
        except KeyboardInterrupt:
            return matrix, True, ()
        except WorkerLostError as error:
            return matrix, False, (Trouble(where="run", what=f"{error}; what it was to judge is missing"),)
    return matrix, False, ()


def show(event: Event, progress: Progress, bars: dict[str, TaskID]) -> None:
    """Move the bar that an event is about, and say at once what stands in the way."""
    if isinstance(event, Tried):
        if event.trouble is not None:
            tell(event.trouble, progress.console)
    elif isinstance(event, Planned):
        progress.update(bars["judged cells"], total=event.cells)
        progress.update(bars["explored vendors"], total=event.explorations)
        progress.update(bars["measured values"], total=event.values)
    elif isinstance(event, CellJudged):
        progress.advance(bars["judged cells"])
    elif isinstance(event, VendorExplored):
        progress.advance(bars["explored vendors"])
    elif isinstance(event, Surveyed):
        progress.advance(bars["measured values"], len(event.readings))


def tell(trouble: Trouble, console: Console) -> None:
    """Print a trouble where it is met; the report tells it too."""
    facts = "; ".join(f"{name} {text}" for name, text in trouble.facts())
    console.print(f"[bold magenta]{escape(trouble.title)}[/]{escape(f' ({facts})' if facts else '')}", soft_wrap=True)
