"""`refreshproof baseline`: findings that are known and allowed for now, kept in a file beside the client's code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from refreshproof.harness.baseline.known import BaselineError, Known, baseline_of, read_known
from refreshproof.harness.cli.terminal.settings import settings_option
from refreshproof.harness.cli.terminal.whole import WholeGroup
from refreshproof.harness.run import writing
from refreshproof.harness.run.stopwatch import today
from refreshproof.mock_servers.strict_files import FileError, read_json
from refreshproof.reports import ExitCode, Report, Standing, exit_code, from_dict, stale, stale_in_words, standing

LARGEST_REPORT = 512_000_000
"""Bytes of a results.json that are read."""
REPORT_OPTION = click.option(
    "--report",
    default="refreshproof-report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the run's report, or its results.json.",
)
FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group(cls=WholeGroup)
def baseline() -> None:
    """Keep the findings that are known and allowed for now.

    \b
    refreshproof run my_module:Client                      find out
    refreshproof baseline update known.toml                write down what was found
    refreshproof run my_module:Client --baseline known.toml
        0: nothing new, 1: something new, 6: something is fixed and still written down

    FILE is that of the settings where none is named. It is TOML, an entry a finding: subject, versions (a range such as
    >=1.4,<2), requirement, provider and anomaly, with reason, link and expires (a date) for whoever reads it. An entry
    is stale when a run has seen it fixed; what was not played makes none stale.
    """


@baseline.command()
@FILE
@REPORT_OPTION
@settings_option(file="baseline", report="out")
@click.option("--reason", default="", help="Why what is new may stand for now.")
@click.option("--link", default="", help="Where it is worked on.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it may stand.")
def update(file: Path, report: Path, reason: str, link: str, expires: datetime | None) -> int:
    """Write what the last run found into FILE: what is fixed goes, what is new comes, comments stay.

    A run that was broken off, or in which something could not be judged, is refused.
    """
    from refreshproof.harness.baseline.renewal import PartialRunError, renewed  # here: no run needs it

    day = None if expires is None else expires.date()
    try:
        new = renewed(file, read_report(report), today=today(), reason=reason, link=link, expires=day)
        writing.write(file, new.text)
    except (FileError, PartialRunError) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror or error}") from None
    for sign, entries in (("+", new.added), ("-", new.removed)):
        for one in entries:
            click.echo(f"{sign} {one.requirement} at {one.provider} ({one.anomaly or 'never exercised'})")
    click.echo(f"{file}: {len(new.added)} added, {len(new.removed)} removed")
    return ExitCode.AS_EXPECTED


@baseline.command()
@FILE
@REPORT_OPTION
@settings_option(file="baseline", report="out")
def check(file: Path, report: Path) -> int:
    """Compare the last run with FILE, without running anything: what is new, known, fixed or past its date.

    Exit codes are those of `refreshproof run --baseline FILE`.
    """
    known = known_in(file)
    compared = with_baseline(read_report(report), known, file)
    for result in compared.results:
        found = standing(compared, result)
        if found is not None:
            click.echo(f"{found}: {result.requirement} at {result.provider} ({result.anomaly or 'never exercised'})")
    for entry in stale(compared):
        click.echo(f"fixed: {stale_in_words(entry)}")
    tally = [standing(compared, result) for result in compared.results]
    numbers = ", ".join(f"{tally.count(one)} {one}" for one in Standing)
    click.echo(f"{file}: {numbers}, {len(stale(compared))} fixed")
    return exit_code(compared)


def known_in(file: Path) -> tuple[Known, ...]:
    """Read a baseline; a mistake in it is one of usage."""
    try:
        return read_known(file)
    except BaselineError as error:
        hint = "" if file.exists() else "; `refreshproof baseline update` writes one"
        raise click.UsageError(f"{error}{hint}") from None


def with_baseline(report: Report, known: tuple[Known, ...], file: Path) -> Report:
    """Return a report with what was known of its client."""
    subject = report.subject
    return replace(report, baseline=baseline_of(known, file, subject.name, subject.version, today()))


def read_report(place: Path) -> Report:
    """Read the results of a run; a mistake is one of usage."""
    file = place / "results.json" if place.is_dir() else place
    try:
        return from_dict(read_json(file, LARGEST_REPORT))
    except ValueError as error:
        raise click.UsageError(f"{error}; `refreshproof run` writes such a file") from None


BASELINE_OPTION: Callable[..., Callable[..., int]] = click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Findings that are known (see `refreshproof baseline`): only others fail the run, or one that is fixed (6).",
)
