"""`refreshproof judge`: recorded traffic of any client, judged without an adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from click.core import ParameterSource
from rich.console import Console

from refreshproof.harness.cli.options import (
    AT_OPTION,
    LENIENT_OPTION,
    STRICT_FUTURE_OPTION,
    STRICT_OPTION,
    grading_of,
    report_option,
)
from refreshproof.harness.cli.profile import PROFILE_OPTION, OwnVendor, check_measured
from refreshproof.harness.cli.run import chosen_requirements, chosen_vendors, show
from refreshproof.harness.cli.terminal.settings import settings_option
from refreshproof.harness.judging import judgement
from refreshproof.harness.judging.judgement import RECORDING, Case, Judgement
from refreshproof.harness.run import writing
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.dated import dated
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant
from refreshproof.reports import FORMATS
from refreshproof.reports.formats.registry import DEFAULT_FORMATS, STORY_FORMATS
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.recording.document import providers_of, recordings_of
from refreshproof.scenarios.recording.har_shape import Har, read_har
from refreshproof.scenarios.recording.recording import Recording
from refreshproof.scenarios.recording.traffic import NothingRecordedError, hosts_of, recorded_at

REPORT_FOLDER = Path("refreshproof-report")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--provider", "-p", "providers", multiple=True, metavar="NAME",
    help="Vendor that the traffic went to; may be repeated. A recording of Refreshproof's own names its vendors.",
)  # fmt: skip
@PROFILE_OPTION
@AT_OPTION
@STRICT_FUTURE_OPTION
@click.option(
    "--requirement", "-r", "requirements", multiple=True, metavar="GLOB",
    help="Requirements to judge by, such as 'rotation-*'; may be repeated. Default: all.",
)  # fmt: skip
@report_option((*FORMATS, *STORY_FORMATS), "Report format; har is the recording, which is kept anyway", DEFAULT_FORMATS)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the report. Default: refreshproof-report; for a recording out of a report, nothing is written.",
)  # fmt: skip
@STRICT_OPTION
@LENIENT_OPTION
@settings_option()
@click.pass_context
def judge(
    context: click.Context,
    file: Path,
    providers: tuple[str, ...],
    profiles: tuple[OwnVendor, ...],
    at: Instant | None,
    strict_future: bool,
    requirements: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    strict: bool,
    lenient: bool,
) -> int:
    """Judge the traffic in FILE, a HAR 1.2 as browsers and mitmproxy write it, and write a report.

    Tokens and secrets become aliases before anything is kept. What the recording does not show is "not observable", and
    never a pass. The recording by aliases is kept in the report's folder, and each finding names the command that
    judges it again. A recording of Refreshproof's own says at which date its vendors were met; any other is judged by
    the vendors as they were last looked at, if --at names no date.
    """
    grading = grading_of(strict, lenient, "recorded")
    watch, chosen = Stopwatch(), chosen_requirements(requirements)
    try:
        har = read_har(file)
        if context.get_parameter_source("providers") is ParameterSource.DEFAULT_MAP and providers_of(har):
            providers = ()  # the settings are about runs; a recording of ours says itself where it is from
        if context.get_parameter_source("at") is ParameterSource.DEFAULT_MAP and providers_of(har):
            at = None
        recordings = _recordings(har, providers, profiles, lambda one: dated(one, at, strict_future))
        kept = providers_of(har) and context.get_parameter_source("out") is not ParameterSource.COMMANDLINE
        folder = REPORT_FOLDER if out is None else out
        if not kept:
            writing.prepare(folder)
    except NothingRecordedError as error:
        click.echo(f"Nothing can be judged: {error}", err=True)
        return ExitCode.NOTHING_SELECTED
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    check_measured([one.vendor for one in recordings], chosen)
    case = Case(
        recordings=recordings,
        requirements=chosen,
        recording=file if kept else folder / RECORDING,
        grading=grading,
        files={one.vendor.name: str(one.file) for one in profiles},
    )
    return tell(judgement.judged(case, watch), formats, None if kept else folder, Console(stderr=True))


def _recordings(
    har: Har, providers: Sequence[str], profiles: Sequence[OwnVendor], met: Callable[[Vendor], Vendor]
) -> tuple[Recording, ...]:
    named = providers_of(har)
    asked = providers or named or [one.vendor.name for one in profiles]
    if not asked:
        raise ValueError(f"{har.path}: --provider is missing; {_meant(har)}")
    vendors = {vendor.name: met(vendor) for vendor in chosen_vendors(asked, profiles)}
    if not named:
        return recorded_at(har, tuple(vendors.values()))
    absent = next((name for name in vendors if name not in named), None)
    if absent is not None:
        raise NothingRecordedError(f"{har.path}: no request to {absent} in it; there are those to {', '.join(named)}")
    return recordings_of(har, vendors)


def _meant(har: Har) -> str:
    """Say which vendors the hosts of a file belong to."""
    hosts = {one.request.host for one in har.entries}
    for vendors in (CORE, tuple(VENDORS.values())):
        meant = [vendor.name for vendor in vendors if not vendor.faults and hosts_of(vendor.profile) & hosts]
        if meant:
            return f"hosts in it belong to {', '.join(meant)}"
    return "no host in it is one of a built-in vendor"


def tell(found: Judgement, formats: Sequence[str], folder: Path | None, console: Console) -> ExitCode:
    """Print a judgement to stdout and write its report, if there is a folder for it; what cannot be written is told on
    the console."""
    files, failures = ([], []) if folder is None else judgement.write(found, formats or DEFAULT_FORMATS, folder)
    return show(found.report, files, failures, console)
