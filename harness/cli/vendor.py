"""`refreshproof vendor`: a real authorization server is asked how it treats refresh tokens, and recorded."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from refreshproof.harness.cli.terminal.stdout import Stdout
from refreshproof.harness.cli.terminal.whole import WholeGroup
from refreshproof.harness.cli.vendor_checks.given import (
    against_given,
    login_given,
    settings_given,
    start_given,
    target_given,
)
from refreshproof.harness.cli.vendor_checks.telling import PAGE, PROFILE, RECORDING, progress, show, write
from refreshproof.harness.run import writing
from refreshproof.harness.vendor_check.asking.limits import Meter
from refreshproof.harness.vendor_check.asking.trouble import TroubleError
from refreshproof.harness.vendor_check.checking import Checking
from refreshproof.harness.vendor_check.probes.registry import PROBES
from refreshproof.harness.vendor_check.recording.drift import Drift
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.harness.vendor_check.transport import HttpCarrier
from refreshproof.reports.verdict import ExitCode

OUT = Path("refreshproof-vendor")
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(cls=WholeGroup)
def vendor() -> None:
    """Ask a real authorization server how it treats refresh tokens, with its owner's consent.

    \b
    refreshproof vendor probes                            what would be asked, and what it costs
    refreshproof vendor check https://login.example.com   ask, and record the answers as a profile
    """


@vendor.command()
def probes() -> None:
    """List the probes: what each asks, about how many requests and logins it takes, and whether it ends grants."""
    table = Table("probe", "asks", "requests", "logins", "ends grants")
    for one in PROBES.values():
        table.add_row(one.id, one.asks, str(one.requests), str(one.logins), "yes" if one.destructive else "")
    Stdout().print(table)


def _pairs(context: click.Context, option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    wrong = next((one for one in values if not re.match(r"[^=\s]+=", one)), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r}; expected NAME=VALUE")
    return dict(one.split("=", 1) for one in values)


def _client_option(kind: str, what: str) -> Callable[[Command], Command]:
    """Return the options of a further client; its secret comes from the environment, where `ps` does not show it."""

    def both(command: Command) -> Command:
        name = kind.upper()
        option = click.option(
            f"--{kind}-secret",
            envvar=f"REFRESHPROOF_{name}_SECRET",
            show_envvar=True,
            metavar="SECRET",
            help="Its secret.",
        )
        return click.option(f"--{kind}-client", metavar="ID", help=what)(option(command))

    return both


@vendor.command()
@click.argument("issuer", required=False)
@click.option("--provider", "-p", metavar="NAME", help="Take the addresses of this built-in vendor.")
@click.option("--authorization-endpoint", metavar="URL", help="Where logins begin, if no metadata tells.")
@click.option("--token-endpoint", metavar="URL", help="Where codes and refresh tokens are exchanged.")
@click.option("--revocation-endpoint", metavar="URL", help="Where tokens are revoked (RFC 7009).")
@click.option("--introspection-endpoint", metavar="URL", help="Where tokens are looked at (RFC 7662).")
@click.option(
    "--resource", metavar="URL",
    help="What answers 200 to a GET with a live access token. Default: the userinfo endpoint of the metadata.",
)  # fmt: skip
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="URL",
    help="A further server that may be asked, such as https://oauth2.example.com; may be repeated.",
)  # fmt: skip
@click.option("--client-id", metavar="ID", required=True, help="The client that is registered there.")
@click.option(
    "--client-secret", envvar="REFRESHPROOF_CLIENT_SECRET", show_envvar=True, metavar="SECRET",
    help="Its secret; better in the environment than on a command line.",
)  # fmt: skip
@click.option(
    "--authentication", type=click.Choice(["client_secret_basic", "client_secret_post", "none"]),
    help="How it authenticates itself. Default: client_secret_basic, none without a secret.",
)  # fmt: skip
@click.option(
    "--basic-encoding", type=click.Choice(["form_encoded", "raw", "percent_encoded"]), default="form_encoded",
    show_default=True, help="How its secret stands in Basic; percent_encoded has %20 for a blank.",
)  # fmt: skip
@_client_option("second", "Another client there: may it use the first one's tokens?")
@_client_option("special", "A client whose secret has characters such as + and %: are Basic credentials decoded?")
@click.option("--public-client", metavar="ID", help="A client without a secret.")
@click.option(
    "--redirect-uri", metavar="URL", default="http://127.0.0.1:8976/callback", show_default=True,
    help="As it is registered for all of these clients.",
)  # fmt: skip
@click.option("--scope", metavar="SCOPES", default="", help="What logins ask for, separated by blanks.")
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", callback=_pairs,
    help="A further parameter of authorization requests; may be repeated.",
)  # fmt: skip
@click.option("--no-pkce", is_flag=True, help="Send no code_challenge.")
@click.option(
    "--login", metavar="browser|COMMAND", default="browser", show_default=True,
    help="How a user logs in: you, in a browser, or a command that gets the URL as its last argument, drives the pages "
    "and prints the address that it was sent back to. REFRESHPROOF_USER tells it a user's name.",
)  # fmt: skip
@click.option(
    "--fresh-users", is_flag=True,
    help="The command logs in another user for each name. Then probes are played beside each other, and faster.",
)  # fmt: skip
@click.option("--login-timeout", type=click.FloatRange(min=0.1), default=300, show_default=True, metavar="SECONDS")
@click.option(
    "--start-token", type=click.Path(path_type=Path), metavar="FILE",
    help="No logins: begin with the refresh token in FILE, and ask only what one grant can tell.",
)  # fmt: skip
@click.option(
    "--burn-grants", is_flag=True, help="Play the probes that end grants too: replays, revocations, and more."
)
@click.option("--max-requests", type=click.IntRange(1), default=600, show_default=True, help="Logins among them.")
@click.option("--rate", type=click.FloatRange(0.01, 1000), default=5, show_default=True, help="Most requests a second.")
@click.option(
    "--wait", "waits", multiple=True, type=click.FloatRange(0, 86_400), metavar="SECONDS",
    help="When a superseded token is presented again; may be repeated. Default: 0, 1, 10 and 61.",
)  # fmt: skip
@click.option(
    "--lives", type=click.FloatRange(0, 86_400), default=0, metavar="SECONDS",
    help="Leave refresh tokens alone for so long, to see them end. Default: not at all.",
)  # fmt: skip
@click.option(
    "--rounds", type=click.IntRange(1, 50), default=3, show_default=True, help="Rounds of parallel refreshes."
)
@click.option("--at-once", type=click.IntRange(2, 64), default=8, show_default=True, help="Refreshes in each.")
@click.option(
    "--probe", "chosen", multiple=True, type=click.Choice(list(PROBES)), metavar="NAME",
    help="Play only this one; may be repeated. `refreshproof vendor probes` lists them.",
)  # fmt: skip
@click.option("--title", metavar="TEXT", help="Name and version of the server, as the recording shall tell it.")
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False), help="A CA to trust.")
@click.option(
    "--against", metavar="NAME|FILE",
    help="Tell what differs from a built-in vendor, a profile or an earlier recording; exit code 1 if anything does.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=OUT, show_default=True,
    help=f"Folder for {RECORDING}, {PROFILE} and {PAGE}.",
)  # fmt: skip
def check(**given: Any) -> int:
    """Log in at ISSUER, probe how it treats refresh tokens, and record the answers.

    Ask only servers whose owner agrees. Nothing is sent to a host that you did not name, at most --rate requests a
    second and --max-requests in all. Probes that end grants need --burn-grants: use users and clients that are there
    for tests. Tokens, codes and secrets are neither shown nor stored.

    \b
    refreshproof vendor check https://login.example.com --client-id my-client --scope 'openid offline_access'
    refreshproof vendor check -p google --client-id ID --scope openid --against google
    REFRESHPROOF_CLIENT_SECRET='what serve --user auto printed' refreshproof vendor check http://127.0.0.1:8001 \\
      --client-id refreshproof-client --burn-grants --fresh-users --login 'curl -s -o /dev/null -w %{redirect_url}'

    The recording is a profile: `refreshproof run --profile refreshproof-vendor/profile.toml` plays the server as it was
    measured. What stays open is named in it.

    Exit codes: 0 measured, 1 something differs from --against, 2 interrupted, 3 a mistake of Refreshproof's own,
    4 usage, 7 a probe could not be finished; what was measured until then is kept.
    """
    logging.getLogger("refreshproof.client").addHandler(logging.NullHandler())  # what comes of the engine is told below
    compared_with = given["against"] or ""
    against, settings = against_given(given["against"]), settings_given(given)
    console = Console(stderr=True)
    try:
        writing.prepare(given["out"])
    except ValueError as error:
        raise click.UsageError(f"--out {error}") from None
    meter = Meter(settings.limits)
    with HttpCarrier(verify=given["ca_file"] or True) as carrier:
        try:
            target = target_given(given, carrier, meter)
        except TroubleError as trouble:
            console.print(f"[bold red]not begun[/]: {escape(str(trouble))}", soft_wrap=True)
            return ExitCode.INCOMPLETE
        login = login_given(given, lambda text: console.print(escape(text), soft_wrap=True))
        start = start_given(given["start_token"])
        told = partial(progress, console)
        recorded = Checking(target, settings, carrier, login, start, told, meter).run()
    drifts = None if against is None else against(recorded)
    show(recorded, drifts, compared_with)
    if not write(recorded, drifts, compared_with, given["out"], console):
        return ExitCode.HARNESS_ERROR
    return exit_code_of(recorded, drifts)


def exit_code_of(recorded: Recorded, drifts: Sequence[Drift] | None) -> ExitCode:
    """Return what a check ends in; `drifts` None says that nothing was compared."""
    if "interrupted" in recorded.troubles.values():
        return ExitCode.INTERRUPTED
    if recorded.faults:
        return ExitCode.HARNESS_ERROR
    if recorded.troubles:
        return ExitCode.INCOMPLETE
    return ExitCode.UNEXPECTED if drifts else ExitCode.AS_EXPECTED
