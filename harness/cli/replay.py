"""`refreshproof replay`: a saved scenario once more, on any subject."""

from __future__ import annotations

from pathlib import Path

import click

from refreshproof.harness.cli.profile import PROFILE_OPTION, with_own
from refreshproof.harness.run.replaying import read_document
from refreshproof.harness.run.replaying import replay as play_again
from refreshproof.harness.run.story import view_of
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports.verdict import ExitCode


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--subject", default="engine", show_default=True, help="Client to play it on.")
@PROFILE_OPTION
def replay(file: Path, subject: str, profiles: tuple[Vendor, ...]) -> int:
    """Play the scenario of FILE again and tell what happened; exit code 1 if it still shows a violation."""
    try:
        replayed = play_again(read_document(file), subject, with_own(tuple(VENDORS.values()), profiles))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for number, sentence in enumerate(replayed.scenario.prose(), 1):
        click.echo(f"{number:3}. {sentence}")
    for exchange in replayed.journal.exchanges():
        view = view_of(exchange)
        click.echo(f"     step {exchange.step}: {view.summary} -> {view.answer}")
    click.echo(f"{replayed.requirement} at {replayed.provider}: {replayed.outcome}. {replayed.verdict.why}")
    return ExitCode.UNEXPECTED if replayed.outcome == "violated" else ExitCode.AS_EXPECTED
