"""`refreshproof merge`: the reports of the shards of one run as one report."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from refreshproof.harness.cli.choosing import GLOBS
from refreshproof.harness.cli.options import report_option
from refreshproof.harness.cli.profile import PROFILE_OPTION, OwnVendor
from refreshproof.harness.cli.reports.baseline import read_report
from refreshproof.harness.cli.run import chosen_requirements, chosen_vendors, show
from refreshproof.harness.run import writing
from refreshproof.harness.run.replaying import TROUBLES
from refreshproof.harness.run.reporting import JOURNAL, report_files
from refreshproof.harness.run.saved import program, replay_line
from refreshproof.harness.several.journals import AbsentError, Place, merged_journal, read_journal
from refreshproof.mock_servers.strict_files import FileError
from refreshproof.reports import FORMATS, Report
from refreshproof.reports.formats.registry import DEFAULT_FORMATS
from refreshproof.reports.merging import ContradictionError, UnlikeError, merged, missing
from refreshproof.reports.verdict import ExitCode


@click.command()
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the whole report."
)
@click.option(
    "--provider", "-p", "providers", multiple=True, metavar="GLOB", help=f"Vendors that were planned. {GLOBS}"
)
@PROFILE_OPTION
@click.option(
    "--requirement", "-r", "requirements", multiple=True, metavar="GLOB", help=f"Requirements planned. {GLOBS}"
)
@report_option(FORMATS, "Report format", DEFAULT_FORMATS)
def merge(
    shards: tuple[Path, ...],
    out: Path,
    providers: tuple[str, ...],
    profiles: tuple[OwnVendor, ...],
    requirements: tuple[str, ...],
    formats: tuple[str, ...],
) -> int:
    """Put the reports of the shards of one run together, each a report's folder, and end as that run would have.

    \b
    refreshproof run my_client:MyClient -p 'a*' --out shards/1
    refreshproof run my_client:MyClient -p 'g*' --out shards/2
    refreshproof merge shards/* --out report -p 'a*' -p 'g*'

    Shards have the version of Refreshproof, the client, the seed, the grading and the baseline in common. What was
    planned and no shard has judged is named, and leaves the run incomplete (7): every requirement at every vendor that
    a shard names, and at those that -p and -r name. Two that have judged the same differently cannot be put together
    (7). Their journals are put together too, in the order of the whole report.
    """
    reports = {str(place): read_report(place) for place in dict.fromkeys(shards)}
    planned = _planned(reports.values(), providers, profiles, requirements)
    try:
        writing.prepare(out)
        whole = merged(reports, planned)
    except ContradictionError as error:
        click.echo(str(error), err=True)
        return ExitCode.INCOMPLETE
    except (UnlikeError, writing.UnwritableError) as error:
        raise click.UsageError(str(error)) from None
    for line in _gaps(missing(whole, planned)):
        click.echo(line, err=True)
    report = _here(whole, out)
    journals = tuple(_journals(reports))
    journal = (out / JOURNAL, lambda: merged_journal(whole, journals))
    files, failures = writing.write_all([*report_files(report, formats or DEFAULT_FORMATS, out), journal])
    return show(report, files, failures, Console(stderr=True))


def _journals(places: Iterable[str]) -> Iterator[Mapping[Place, str]]:
    """Read the journals of the shards; of one without it that is told."""
    for place in places:
        try:
            yield read_journal(Path(place))
        except AbsentError as error:
            click.echo(f"{error}; the journal lacks what was judged there", err=True)
        except FileError as error:
            raise click.UsageError(str(error)) from None


def _planned(
    reports: Iterable[Report], providers: Sequence[str], profiles: Sequence[OwnVendor], requirements: Sequence[str]
) -> list[tuple[str, str]]:
    """Return what the command line says was planned; what it does not say is what the shards name."""
    shards = tuple(reports)
    rules = chosen_requirements(requirements) if requirements else [r.id for one in shards for r in one.requirements]
    chosen = [vendor.name for vendor in chosen_vendors(providers, profiles)] if providers or profiles else []
    names = chosen or [provider.name for one in shards for provider in one.providers]
    return list(dict.fromkeys((rule, name) for name in names for rule in rules))


def _gaps(cells: Iterable[tuple[str, str]]) -> Iterator[str]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for requirement, provider in cells:
        found[provider].append(requirement)
    for provider, rules in found.items():
        yield f"Missing at {provider}: {', '.join(rules)}"


def _here(report: Report, out: Path) -> Report:
    """Return a report whose commands play what is saved in its own folder."""
    results = tuple(
        replace(one, replay=replay_line(out / one.scenario)) if one.scenario and one.story else one
        for one in report.results
    )
    troubles = tuple(
        replace(one, saved=file, replay=replay_line(out / file))
        if (file := f"{TROUBLES}/{number}--{one.provider}.json") and one.scenario is not None
        else one
        for number, one in enumerate(report.run.troubles, 1)
    )
    run = replace(report.run, troubles=troubles, folder=os.getcwd(), command=(*program(), *sys.argv[1:]))
    return replace(report, run=run, results=results)
