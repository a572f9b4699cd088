"""`refreshproof client`: the reference engine as a program, with the how-to's three scripts as commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.cli.terminal.whole import WholeGroup
from refreshproof.harness.client import ClientEngineError
from refreshproof.harness.client.authorization.report import LoginReport, TokenReport
from refreshproof.harness.client.model.flow import CALLBACK_PATH
from refreshproof.harness.client.web import program
from refreshproof.harness.client.web.program import ADMINISTRATOR_VARIABLE, Options, Service
from refreshproof.mock_servers.strict_files import FileError, read_json
from refreshproof.reports.verdict import ExitCode

LARGEST_CONFIGURATION = 65_536
"""Bytes of a configuration file that are read."""


OPTIONS = (
    click.Option(["--database"], help=f"Database URL: SQLite file or PostgreSQL.  [default: {Options.database}]"),
    click.Option(
        ["--key", "key_path"],
        type=click.Path(dir_okay=False, path_type=Path),
        help="File of encryption keys. Default: beside a SQLite file.",
    ),
    click.Option(
        ["--settings", "settings_path"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="TOML file of the eleven settings. Default: the environment.",
    ),
    click.Option(["--host"], help=f"Where the web page is served.  [default: {Options.host}]"),
    click.Option(["--port"], type=click.IntRange(1, 65535), help=f"Port of the web page.  [default: {Options.port}]"),
    click.Option(
        ["--base-url"], help="URL the browser uses, if another stands in front. https unless a setting says otherwise."
    ),
)
"""What every command takes, before its name or after."""


class Client(WholeGroup):
    """A group whose options may stand behind the command as well, where they win."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Give a command the options of the group."""
        cmd.params = [*cmd.params, *OPTIONS]
        super().add_command(cmd, name)


@click.group(cls=Client, params=list(OPTIONS))
@click.pass_context
def client(context: click.Context, /, **chosen: Any) -> None:
    """Use the reference client engine as a program, against `refreshproof serve` or any server.

    \b
    refreshproof client configure google.json   store a client configuration (the REST API's JSON)
    refreshproof client login                   log in with a browser
    refreshproof client check                   was a refresh token issued?
    refreshproof client logout                  delete the stored tokens
    refreshproof client serve                   REST API, and the page at /login
    """
    context.obj = Options(**_given(chosen))


def _given(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value is not None}


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a command what was chosen, and turn the engine's errors, and a port in use, into messages."""
    names = {one.name for one in OPTIONS}

    def run(chosen: Options, **options: Any) -> Any:
        behind = _given({name: options.pop(name) for name in names if name in options})
        try:
            return command(replace(chosen, **behind), **options)
        except (ClientEngineError, OSError) as error:
            raise click.ClickException(str(error)) from None

    return update_wrapper(run, command)


def _show_sample(context: click.Context, _: click.Parameter, name: str | None) -> None:
    if name is None or context.resilient_parsing:
        return
    from refreshproof.harness.subjects.engine import sample
    from refreshproof.mock_servers.vendors import VENDORS

    if name not in VENDORS:
        meant = hint(name, VENDORS, "`refreshproof list providers` names them")
        raise click.BadParameter(f"there is no built-in vendor {name!r}; {meant}", param_hint="--sample")
    click.echo(json.dumps(sample(VENDORS[name]), indent=2))
    context.exit()


@client.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--sample",
    is_eager=True,
    expose_value=False,
    callback=_show_sample,
    metavar="VENDOR",
    help="Print such a file for a built-in vendor, to be filled in, and exit.",
)
@click.pass_obj
@told
def configure(options: Options, file: Path) -> None:
    """Store the client configuration of FILE, in the JSON form of the REST API.

    \b
    refreshproof client configure --sample atlassian > atlassian.json
    refreshproof client configure atlassian.json
    """
    try:
        document = read_json(file, LARGEST_CONFIGURATION)
    except FileError as error:
        raise click.ClickException(str(error)) from None
    if not isinstance(document, dict):
        raise click.ClickException(f"{file}: expected an object, found {type(document).__name__}")
    saved = program.configure(options, document)
    uri = f"{options.url}{CALLBACK_PATH}{saved.redirect_uri_suffix}"
    click.echo(f"Stored {saved.name!r} as {saved.id}. Register this redirect URI with the provider:\n{uri}")


@client.command()
@click.pass_obj
@told
def serve(options: Options) -> None:
    """Serve the REST API and the login page until interrupted."""

    def announce(service: Service) -> None:
        click.echo(f"Log in at {service.login_url}", err=True)
        click.echo(f"REST API at {service.engine.base_url}/rest/oauth2-client/latest/config/", err=True)
        if ADMINISTRATOR_VARIABLE not in options.environment:
            # A credential made up for this run has to be told once; one from the environment is known already.
            click.echo(f"Administrator credential of this run (set {ADMINISTRATOR_VARIABLE} to choose it):", err=True)
            click.echo(service.administrator, err=True)

    program.serve(options, announce, lambda text: click.echo(text, err=True))


@client.command()
@click.argument("configuration", required=False)
@click.option(
    "--timeout", default=300.0, show_default=True, type=click.FloatRange(1), help="Seconds to wait for the browser."
)
@click.pass_obj
@told
def login(options: Options, configuration: str | None, timeout: float) -> int:
    """Log in at CONFIGURATION (its name or id; may be left out if there is one) and tell whether a refresh token
    came."""
    report = program.login(options, configuration, lambda url: click.echo(f"Open {url}", err=True), timeout)
    if report is None:
        raise click.ClickException(f"nobody logged in within {timeout:g} seconds")
    _tell_login(report)
    return ExitCode.AS_EXPECTED if report.connected and report.refreshable else ExitCode.UNEXPECTED


def _tell_login(report: LoginReport) -> None:
    click.echo(report.message)
    for name, value in report.facts:
        click.echo(f"  {name}: {value}")
    for advice in report.advice:
        click.echo(f"- {advice}")


@client.command()
@click.argument("configuration", required=False)
@click.pass_obj
@told
def check(options: Options, configuration: str | None) -> int:
    """Tell of every stored token whether a refresh token was issued; nothing is sent. Exit code 1 if one has none."""
    reports = program.check(options, configuration)
    if not reports:
        click.echo("No token is stored. `refreshproof client login` gets one.")
    for report in reports:
        _tell_token(report)
    return ExitCode.AS_EXPECTED if reports and all(report.refreshable for report in reports) else ExitCode.UNEXPECTED


def _tell_token(report: TokenReport) -> None:
    state = "can be refreshed" if report.refreshable else "can NOT be refreshed"
    click.echo(f"{report.configuration}: {state}, status {report.status.value}")
    for name, value in report.facts:
        click.echo(f"  {name}: {value}")


@client.command()
@click.argument("configuration", required=False)
@click.pass_obj
@told
def logout(options: Options, configuration: str | None) -> None:
    """Delete the stored tokens, or those of CONFIGURATION."""
    count = program.logout(options, configuration)
    click.echo(f"{count} token{'s' if count != 1 else ''} deleted.")
