"""`refreshproof replay`: a saved scenario once more, on the client it was found with or on any other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import click

from refreshproof.harness.cli.profile import PROFILE_OPTION, OwnVendor, with_own
from refreshproof.harness.cli.terminal.settings import find_modules
from refreshproof.harness.cli.terminal.stdout import say
from refreshproof.harness.run import replaying
from refreshproof.harness.run.replaying import Replayed
from refreshproof.harness.run.saved import read_file
from refreshproof.harness.run.story import view_of
from refreshproof.harness.run.under_test import SubjectFaultError, client_named
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports import anomaly_in_words
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.evidence.findings import crashes_told
from refreshproof.scenarios.play.play import ProviderBrokenError
from refreshproof.scenarios.world.standstill import StandstillError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--subject", help="Client to play it on. Default: the one that the file names.")
@PROFILE_OPTION
def replay(file: Path, subject: str | None, profiles: tuple[OwnVendor, ...]) -> int:
    """Play the scenario of FILE once more.

    What happened is printed to stdout; exit code 1 if it still shows what it was saved for: the violation, the weaker
    way, or the exception. It can be played from any folder: FILE names the one in which the client is found, if that is
    there.

    The client that FILE names is loaded, or started as a program: replay files of people you trust.
    """
    try:
        saved = read_file(file)
        chosen = subject or saved.subject or replaying.DEFAULT_SUBJECT
        say(f"{file}: {saved.requirement or 'trouble'} at {saved.provider}, played on {chosen}")
        with _in_folder(saved.folder):
            replayed = replaying.play_again(saved, client_named(chosen), with_own(tuple(VENDORS.values()), profiles))
    except (StandstillError, SubjectFaultError) as error:
        click.echo(f"Nothing can be said of the client: {error}", err=True)
        return ExitCode.INCOMPLETE
    except ProviderBrokenError as error:
        click.echo(str(error), err=True)
        return ExitCode.HARNESS_ERROR
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    _tell(replayed)
    return ExitCode.UNEXPECTED if replayed.shows else ExitCode.AS_EXPECTED


@contextmanager
def _in_folder(folder: str | None) -> Iterator[None]:
    """Work where the scenario was found, if that folder is there; modules of the present one are found too."""
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    if folder is None or not os.path.isdir(folder):
        yield
        return
    with chdir(folder):
        find_modules(Path(folder))
        yield


def _tell(replayed: Replayed) -> None:
    number_of = replayed.scenario.number_of
    for number, sentence in enumerate(replayed.scenario.prose(), 1):
        say(f"{number:3}. {sentence}")
    for exchange in replayed.journal.exchanges():
        view = view_of(exchange)
        say(f"     step {number_of(exchange.step)}: {view.summary} -> {view.answer}")
    for crash, step in crashes_told(replayed.journal):
        number = number_of(crash.step)
        say(f"     {crash.exception} left the client at {crash.file}:{crash.line}, in step {number} ({step})")
    code = f" ({anomaly_in_words(replayed.anomaly)})" if replayed.anomaly else ""
    say(f"{replayed.what}: {replayed.in_words}{code}. {replayed.why}")
