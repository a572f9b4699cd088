"""The command line. People read stderr, programs read stdout; every command explains itself with --help.

A command's module is imported when the command is used, so that `serve` answers before Hypothesis would have been
imported.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Mapping, Sequence

import click

from refreshproof.harness.cli.terminal.whole import WholeGroup

COMMANDS: Mapping[str, str] = {
    "new": "new:new",
    "run": "run:run",
    "list": "lists:list_group",
    "explain": "lists:explain",
    "replay": "replay:replay",
    "judge": "judge:judge",
    "baseline": "reports.baseline:baseline",
    "compare": "compare:compare",
    "merge": "merge:merge",
    "serve": "serve:serve",
    "profile": "profile:profile",
    "vendor": "vendor:vendor",
    "adapter": "adapter:adapter",
    "client": "client:client",
    "matrix": "matrix:matrix",
    "kill-matrix": "kills:kill_matrix",
}
"""Every command by name: the module beside this one that holds it, and its name there."""

USAGE, INTERRUPTED = 4, 2
"""Exit codes of `reports.verdict.ExitCode`, which is not imported for a mistake in the arguments."""


class Commands(WholeGroup):
    """The commands of `COMMANDS`, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"refreshproof.harness.cli.{module}"), name)
        return command


def _tell_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from refreshproof.reports.version import VERSION  # here: with it come all the report formats

        click.echo(f"refreshproof, version {VERSION}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Prove that an OAuth 2.0 client survives token refresh at every vendor, in virtual time.

    \b
    refreshproof run                               test the reference engine at the core nine vendors
    refreshproof run miniature:rotation-replace    see what a failing client looks like
    refreshproof new                               write a file that puts your own client under test
    refreshproof run my_package.my_module:factory  test your own client
    refreshproof adapter check SUBJECT             try your own client's adapter before a run
    refreshproof run --profile my_vendor.toml      test at a vendor of your own too
    refreshproof serve google atlassian            serve vendors to clients in any language

    Exit codes: 0 as expected, 1 unexpected FAIL or untested MUST, 2 interrupted, 3 harness error, 4 usage or
    configuration, 5 nothing selected, 6 baseline drift only, 7 incomplete or broken.
    """


def _check_text(arguments: Sequence[str]) -> None:
    """Refuse what is no text: it could be neither shown nor written into a report."""
    for number, argument in enumerate(arguments, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise click.UsageError(f"argument {number} is {ascii(argument)[:80]}; expected UTF-8") from None
        if "\0" in argument:
            raise click.UsageError(f"argument {number} is {ascii(argument)[:80]}; expected a text without NUL")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; a user's mistake is a message, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal or a pipe cannot show is shown as its number
            stream.reconfigure(errors="backslashreplace")
    try:
        _check_text(sys.argv[1:] if arguments is None else arguments)
        code = cli.main(args=arguments, prog_name="refreshproof", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else 0)
