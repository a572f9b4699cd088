"""`refreshproof run`: plan, run with progress bars, write the report, end with the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.markup import escape

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.cli.choosing import EXCLUDING, GLOBS, NothingChosenError, chosen
from refreshproof.harness.cli.options import (
    AT_OPTION,
    DASK_OPTION,
    EXAMPLES_OPTION,
    JOBS_OPTION,
    LENIENT_OPTION,
    SEED_OPTION,
    STRICT_FUTURE_OPTION,
    STRICT_OPTION,
    check_one_place,
    grading_of,
    out_option,
    report_option,
    schema_option,
)
from refreshproof.harness.cli.profile import PROFILE_OPTION, OwnVendor, check_measured, with_own
from refreshproof.harness.cli.reports.baseline import BASELINE_OPTION, known_in, with_baseline
from refreshproof.harness.cli.reports.github import tell_github
from refreshproof.harness.cli.terminal.interruption import hush, interruptible
from refreshproof.harness.cli.terminal.progress import shown, tell
from refreshproof.harness.cli.terminal.settings import settings_option
from refreshproof.harness.cli.terminal.stdout import Stdout
from refreshproof.harness.run import runner, writing
from refreshproof.harness.run.coverage.moves import survey_of_moves
from refreshproof.harness.run.coverage.orders import survey_of_orders
from refreshproof.harness.run.likeness import likeness_of
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.replaying import known_counterexamples
from refreshproof.harness.run.reporting import circumstances, known_proof, report_of, subject_name, write
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.surveying import survey_values
from refreshproof.harness.run.under_test import SubjectFaultError, unusable
from refreshproof.harness.sets.frozen import FrozenSet, scored, sets
from refreshproof.harness.several.shared_finds import SharedFinds
from refreshproof.harness.work.pieces import PlaceError, WorkerLostError
from refreshproof.harness.work.places import place
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.dated import dated, when_met
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant
from refreshproof.reports import FORMATS, Report, Trouble, exit_code, print_console, schema
from refreshproof.reports.formats.registry import DEFAULT_FORMATS, STORY_FORMATS
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
    metavar="GLOB",
    help=f"Vendors to run against, such as 'atlassian*' or '-google'. {GLOBS} Default: the nine core vendors.",
)
@PROFILE_OPTION
@AT_OPTION
@STRICT_FUTURE_OPTION
@click.option(
    "--requirement",
    "-r",
    "requirements",
    multiple=True,
    metavar="GLOB",
    help=f"Requirements to test, such as 'rotation-*' or '-*-crash-*'. {GLOBS} Default: all.",
)
@EXAMPLES_OPTION
@click.option(
    "--exhaustive",
    is_flag=True,
    help="Also live every small life: each fault at each request, each three limits, two callers in every order.",
)
@SEED_OPTION
@JOBS_OPTION
@DASK_OPTION
@report_option((*FORMATS, *STORY_FORMATS), "Report format", DEFAULT_FORMATS)
@out_option("Folder of the report.")
@click.option(
    "--database",
    metavar="PLACE",
    help="Where runs of this client share what they find, the examples of Hypothesis and the stories of violations, "
    "which are then played first: a folder, or a redis:// URL. Default: nowhere.",
)
@click.option(
    "--survey/--no-survey",
    default=None,
    help="Measure lead, retries, deadlines and the like. Default: unless requirements are chosen.",
)
@BASELINE_OPTION
@click.option(
    "--set",
    "frozen",
    metavar="NAME",
    help="Score only what is in a frozen set (see `refreshproof list sets`); the rest is tested and told apart.",
)
@settings_option()
@schema_option("results.json", schema)
@STRICT_OPTION
@LENIENT_OPTION
def run(
    subject: str,
    providers: tuple[str, ...],
    profiles: tuple[OwnVendor, ...],
    at: Instant | None,
    strict_future: bool,
    requirements: tuple[str, ...],
    examples: int,
    exhaustive: bool,
    seed: int,
    jobs: int | None,
    dask: str | None,
    formats: tuple[str, ...],
    out: Path,
    database: str | None,
    survey: bool | None,
    baseline: Path | None,
    frozen: str | None,
    strict: bool,
    lenient: bool,
) -> int:
    """Test SUBJECT at the vendors and write a report.

    \b
    SUBJECT is one of
      NAME            what `refreshproof list subjects` shows (default: engine)
      miniature:NAME  a client with exactly one flaw
      MODULE:FACTORY  your own: what is called with the surroundings and returns a
                      client, such as a class derived from refreshproof.harness.Adapter;
                      modules are found from the present folder too
      FILE.py:FACTORY the same by its file; the factory can be left out if it is the only one
      exec:COMMAND    a program in whatever language that reads commands and answers them,
                      one JSON object a line: {"id": 4, "cmd": "call"} and
                      {"id": 4, "ok": true, "status": 200}; so start, authorize, callback
                      and call, and refresh, restart and disconnect if it can

    Progress goes to stderr, the report to stdout, and whole to the folder of --out. Counterexamples that an earlier run
    saved there are played first.

    The run fails for a broken MUST or vendor's rule, and for any story in which a grant was lost or a call failed in
    vain; of the rest it warns.
    """
    grading = grading_of(strict, lenient, "default")
    check_one_place(jobs, dask)
    vendors = tuple(dated(one, at, strict_future) for one in chosen_vendors(providers, profiles))
    rules = chosen_requirements(requirements)
    check_measured(vendors, rules)
    console, watch = Console(stderr=True), Stopwatch()
    by = None if frozen is None else frozen_set(frozen)
    known_before = None if baseline is None else known_in(baseline)
    try:
        check_place(database)
        where = place(dask, jobs or 1)
        writing.prepare(out)
        known, troubles = known_counterexamples(out)
        shared = None if database is None else SharedFinds(database, subject, [one.name for one in vendors])
        plan = Plan(
            subject=subject,
            vendors=vendors,
            requirements=rules,
            seed=seed,
            examples=examples,
            exhaustive=exhaustive,
            survey=tuple(SURVEY) if survey or (survey is None and not requirements) else (),
            jobs=jobs or os.cpu_count() or 1,
            cluster=dask,
            known=known if shared is None else shared.stories | known,
            files={one.vendor.name: str(one.file) for one in profiles},
            examples_known=None if shared is None else shared.examples,
        )
        description, proof = described(plan), known_proof(out)
        where.check(likeness_of(plan))
    except PlaceError as error:
        raise click.BadParameter(str(error), param_hint="--dask") from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for trouble in troubles:
        tell(trouble, console)
    name = subject_name(plan.subject, description)
    places = vendors[0].name if len(vendors) == 1 else f"{len(vendors)} vendors"
    who = f"[bold]{escape(name)}[/] {escape(description.version)}".rstrip()
    console.print(f"{who} at {escape(places)}{when_met(vendors[0])}, seed {plan.seed}", soft_wrap=True)
    with interruptible():
        matrix, interrupted, lost = play_out(plan, console)
        hush()
        moves = survey_of_moves(matrix.moves) if plan.survey else ()  # what was walked is told by itself as well
        values = (*survey_values(matrix.readings), *moves, *survey_of_orders(matrix.orders))
        end = replace(circumstances(watch, plan.seed), grading=grading, troubles=lost, interrupted=interrupted)
        report = report_of(
            matrix, description, end, folder=out, survey=values, proof=proof, complete=not (interrupted or lost)
        )
        unshared = () if shared is None else shared.keep(matrix.examples, report)
        if by is not None:
            report = scored(report, by)
        if baseline is not None and known_before is not None:
            report = with_baseline(report, known_before, baseline)
        return tell_of(report, matrix, formats, out, console, unshared)


def tell_of(
    report: Report,
    matrix: Matrix,
    formats: Sequence[str],
    out: Path,
    console: Console,
    unshared: Sequence[str] = (),
) -> ExitCode:
    """Write a report and print it to stdout; what cannot be written, or could not be shared, is told on the console,
    and does not keep the verdict from being printed."""
    cells, vendors = matrix.results(), {vendor.name: vendor for vendor in matrix.plan.vendors}
    traffic: Sequence[writing.Planned] = ()
    if "har" in formats:
        from refreshproof.harness.judging.traffic_files import traffic_files

        traffic = traffic_files(cells, vendors, out)
    files, failures = write(report, cells, formats or DEFAULT_FORMATS, out, traffic)
    return show(report, files, [*failures, *unshared], console)


def show(report: Report, files: Sequence[Path], failures: Sequence[str], console: Console) -> ExitCode:
    """Print a report to stdout, with where it stands, and to GitHub Actions if it runs there; failures to write are
    told on the console."""
    stdout = Stdout()
    print_console(report, stdout)
    page = next((file for file in files if file.suffix == ".html"), next(iter(files), None))
    if page is not None:
        stdout.print(f"Report: {page} ({len(files)} files)", soft_wrap=True, markup=False, highlight=False)
    for failure in [*failures, *tell_github(report, os.environ)]:
        console.print(f"[bold red]Not written[/]: {escape(failure)}", soft_wrap=True)
    code = exit_code(report)
    return ExitCode.HARNESS_ERROR if failures and code is ExitCode.AS_EXPECTED else code


def described(plan: Plan) -> Description:
    """Ask the client who it is; of one that cannot be asked its name on the command line is known. Raises ValueError
    for what is no client, or claims what it cannot."""
    try:
        return plan.describe()
    except SubjectFaultError as error:
        unusable(error)
        return Description(name=plan.subject, version="")


def chosen_vendors(patterns: Sequence[str], own: Sequence[OwnVendor] = ()) -> tuple[Vendor, ...]:
    """Return the vendors that names and globs choose, the core ones if none does, and the user's own."""
    known = with_own(tuple(VENDORS.values()), own)
    mine = tuple(one.vendor.name for one in own)
    wanted = [*patterns, *(mine if any(not one.startswith(EXCLUDING) for one in patterns) else ())]
    default = (*(vendor.name for vendor in CORE), *mine)
    try:
        names = chosen(wanted, known, default, option="--provider", listing="refreshproof list providers")
    except NothingChosenError as error:
        _leave(error)
    return tuple(known[name] for name in names)


def chosen_requirements(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the requirements that names and globs choose, all if there is none; none is an exit of its own."""
    try:
        return chosen(patterns, CATALOGUE, CATALOGUE, option="--requirement", listing="refreshproof list requirements")
    except NothingChosenError as error:
        _leave(error)


def frozen_set(name: str) -> FrozenSet:
    """Return the frozen set of this name."""
    if name not in sets():
        meant = hint(name, sets(), "`refreshproof list sets` names them")
        raise click.BadParameter(f"there is no set {name!r}; {meant}", param_hint="--set")
    return sets()[name]


def _leave(error: NothingChosenError) -> NoReturn:
    click.echo(f"Nothing selected: {error}", err=True)
    sys.exit(ExitCode.NOTHING_SELECTED)


def play_out(plan: Plan, console: Console) -> tuple[Matrix, bool, tuple[Trouble, ...]]:
    """Run a plan under progress bars; returns what is known, whether it was broken off, and what was lost on the
    way."""
    matrix = Matrix.of(plan)
    try:
        with shown(console) as progress, closing(runner.run(plan)) as events:
            for event in events:
                matrix.take(event)
                progress.take(event)
    except KeyboardInterrupt:
        return matrix, True, ()
    except WorkerLostError as error:
        return matrix, False, (Trouble(where="run", what=f"{error}; what it was to judge is missing"),)
    return matrix, False, ()
