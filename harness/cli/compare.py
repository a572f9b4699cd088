"""`refreshproof compare`: what has changed between two runs, or from one client to another."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click
from click.core import ParameterSource
from rich.console import Console

from refreshproof.harness.cli.choosing import GLOBS
from refreshproof.harness.cli.options import AT_OPTION, EXAMPLES_OPTION, JOBS_OPTION, SEED_OPTION, STRICT_FUTURE_OPTION
from refreshproof.harness.cli.profile import PROFILE_OPTION, OwnVendor, check_measured
from refreshproof.harness.cli.reports.baseline import read_report
from refreshproof.harness.cli.run import chosen_requirements, chosen_vendors, play_out
from refreshproof.harness.cli.terminal.interruption import interruptible
from refreshproof.harness.cli.terminal.progress import tell
from refreshproof.harness.cli.terminal.settings import settings_option
from refreshproof.harness.cli.terminal.stdout import say
from refreshproof.harness.run import writing
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.reporting import circumstances, report_of, write
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.under_test import SubjectFaultError
from refreshproof.harness.several.comparing import live_through, stories
from refreshproof.mock_servers.vendors.dated import dated, when_met
from refreshproof.mock_servers.wire import Instant
from refreshproof.reports import ExitCode, Report
from refreshproof.reports.comparison import Change, Compared, compared, differences, exit_code_of
from refreshproof.reports.formats.registry import DEFAULT_FORMATS
from refreshproof.reports.formats.words.text import one_line

SIDES = ("old", "new")
PLAYED = ("providers", "profiles", "at", "strict_future", "requirements", "examples", "seed", "jobs", "out")
"""Parameters that say how two clients are played."""


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--provider", "-p", "providers", multiple=True, metavar="GLOB", help=f"Vendors to play two clients at. {GLOBS}"
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
    help=f"Requirements to compare them by. {GLOBS}",
)
@EXAMPLES_OPTION
@SEED_OPTION
@JOBS_OPTION
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the reports of two clients, as old and new in it. Default: nothing is written.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout: every cell, also those that are the same.")
@settings_option(out=None)
@click.pass_context
def compare(
    context: click.Context,
    old: str,
    new: str,
    providers: tuple[str, ...],
    profiles: tuple[OwnVendor, ...],
    at: Instant | None,
    strict_future: bool,
    requirements: tuple[str, ...],
    examples: int,
    seed: int,
    jobs: int | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Tell what has changed from OLD to NEW: two reports, or two clients that are played now.

    \b
    refreshproof compare report-of-may report-of-june      folders of reports, or their results.json
    refreshproof compare my_client:Old my_client:New -p atlassian -p google

    Reports may be of two versions of a client, of two clients, or of two versions of Refreshproof. Two clients, named
    as `refreshproof run` takes them, live the same lives with the same seed, and each of them every story in which the
    other one broke a rule. Progress goes to stderr.

    Exit code 1 if anything is newly broken, also with another anomaly than before; 7 if nothing is, but something that
    OLD tells of is untested in NEW.
    """
    if any(_is_report(one) for one in (old, new)):
        _refuse(context, f"{old} and {new} are taken for reports")
        before, after = _read(old, new)
    else:
        vendors = tuple(dated(one, at, strict_future) for one in chosen_vendors(providers, profiles))
        rules = chosen_requirements(requirements)
        check_measured(vendors, rules)
        plan = Plan(
            subject=old,
            vendors=vendors,
            requirements=rules,
            seed=seed,
            examples=examples,
            jobs=jobs or os.cpu_count() or 1,
            files={one.vendor.name: str(one.file) for one in profiles},
        )
        try:
            reports = _played((plan, replace(plan, subject=new)), out, Console(stderr=True))
        except ValueError as error:
            raise click.UsageError(f"{old} and {new} are no reports, and of clients: {error}") from None
        if isinstance(reports, ExitCode):
            return reports
        before, after = reports
    cells = compared(before, after)
    if as_json:
        say(json.dumps([asdict(cell) for cell in cells], indent=1))
        return exit_code_of(cells)
    for line in _told(before, after, cells):
        say(line)
    return exit_code_of(cells)


def _is_report(place: str) -> bool:
    return place.endswith(".json") or os.path.isfile(os.path.join(place, "results.json"))


def _read(old: str, new: str) -> tuple[Report, Report]:
    try:
        return read_report(Path(old)), read_report(Path(new))
    except click.UsageError as error:
        raise click.UsageError(f"two reports are compared, or two clients; {error.message}") from None


def _refuse(context: click.Context, why: str) -> None:
    """Refuse options that choose what is played where nothing is."""
    for option in context.command.params:
        name = option.name or ""
        if name in PLAYED and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option.opts[0]} is for two clients that are played; {why}")


def _played(plans: Sequence[Plan], out: Path | None, console: Console) -> tuple[Report, Report] | ExitCode:
    """Play two clients and return their reports, or how it ends where that was broken off."""
    if out is not None:
        writing.prepare(out)
    watch, matrices = Stopwatch(), list[Matrix]()
    try:
        descriptions = [plan.describe() for plan in plans]
    except SubjectFaultError as error:
        raise ValueError(f"{error.trouble.title}: {error.trouble.exception}") from None
    with interruptible():
        for side, plan in zip(SIDES, plans, strict=True):
            who = f"{side}: {plan.subject}{when_met(plan.vendors[0])}"
            console.print(f"{who}, seed {plan.seed}", soft_wrap=True, markup=False)
            known = stories(matrices[0]) if matrices else {}
            matrix, interrupted, lost = play_out(replace(plan, known=known), console)
            for trouble in lost:
                tell(trouble, console)
            if interrupted or lost:
                return ExitCode.INTERRUPTED if interrupted else ExitCode.INCOMPLETE
            matrices.append(matrix)
        live_through(*matrices)
    reports = []
    for side, matrix, description in zip(SIDES, matrices, descriptions, strict=True):
        folder = Path(side) if out is None else out / side
        report = report_of(matrix, description, circumstances(watch, matrix.plan.seed), folder=folder)
        for failure in [] if out is None else write(report, matrix.results(), DEFAULT_FORMATS, folder)[1]:
            console.print(f"Not written: {failure}", soft_wrap=True, markup=False)
        reports.append(report)
    return reports[0], reports[1]


def _told(old: Report, new: Report, cells: tuple[Compared, ...]) -> Iterator[str]:
    for name, report in (("old", old), ("new", new)):
        who = one_line(f"{report.subject.name} {report.subject.version}")
        yield f"{name}: {who}, seed {report.run.seed}{_date(report)}"
    yield from differences(old, new)
    for change in Change:
        found = [cell for cell in cells if cell.change is change]
        if found and change is not Change.SAME:
            yield f"\n{change}:"
            yield from _listed(found)
    yield ""
    yield from _table(cells)


def _date(report: Report) -> str:
    return f", {one_line(report.run.dates)}" if report.run.dates else ""


def _listed(cells: Iterable[Compared]) -> Iterator[str]:
    """Tell cells, providers of which the same holds together."""
    places: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for cell in cells:
        places[cell.requirement, cell.before, cell.after].append(cell.provider)
    for (requirement, before, after), providers in places.items():
        yield f"  {one_line(requirement)}: {before} -> {after} at {one_line(', '.join(providers))}"


def _table(cells: tuple[Compared, ...]) -> Iterator[str]:
    """Count the changes of each provider."""
    counts = Counter((one_line(cell.provider), cell.change) for cell in cells)
    providers = list(dict.fromkeys(one_line(cell.provider) for cell in cells))
    rows = [["provider", *Change]]
    rows += [[provider, *(str(counts[provider, change]) for change in Change)] for provider in providers]
    rows.append(["all", *(str(sum(cell.change is change for cell in cells)) for change in Change)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        numbers = (text.rjust(width) for text, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *numbers))
