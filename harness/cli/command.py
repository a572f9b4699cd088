"""The command line. People read stderr, programs read stdout; every command explains itself with --help.

A command's module is imported when the command is used, so that help is there at once, and `serve` answers before
Hypothesis would have been imported.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Mapping, Sequence

import click

from refreshproof.harness.cli.terminal.whole import WholeGroup

COMMANDS: Mapping[str, tuple[str, str]] = {
    "new": ("new:new", "Write a file that puts a client under test, and print the command that runs it."),
    "run": ("run:run", "Test SUBJECT at the vendors and write a report."),
    "list": (
        "lists:list_group",
        "List subjects, providers, misbehaviours, faults, requirements, frozen sets or what a survey measures.",
    ),
    "explain": (
        "explain:explain",
        "Tell the story of a requirement: rule, source, effect, how it is tested, how to fix a client that fails it.",
    ),
    "replay": ("replay:replay", "Play the scenario of FILE once more."),
    "judge": (
        "judge:judge",
        "Judge the traffic in FILE, a HAR 1.2 as browsers and mitmproxy write it, and write a report.",
    ),
    "baseline": ("reports.baseline:baseline", "Keep the findings that are known and allowed for now."),
    "compare": (
        "compare:compare",
        "Tell what has changed from OLD to NEW: two reports, or two clients that are played now.",
    ),
    "merge": (
        "merge:merge",
        "Put the reports of the shards of one run together, each a report's folder, and end as that run would have.",
    ),
    "serve": (
        "serve:serve",
        "Serve PROVIDERS (default: google microsoft atlassian), each on a port of its own, until interrupted.",
    ),
    "profile": (
        "profile:profile",
        "Describe a vendor of your own in a TOML file, for `run --profile` and `serve --profile`.",
    ),
    "vendor": (
        "vendor:vendor",
        "Ask a real authorization server how it treats refresh tokens, with its owner's consent.",
    ),
    "adapter": (
        "adapter:adapter",
        "Get a client of your own in: try the adapter before a run, and read the protocol for programs.",
    ),
    "client": (
        "client:client",
        "Use the reference client engine as a program, against `refreshproof serve` or any server.",
    ),
    "matrix": (
        "matrix:matrix",
        "Play every third-party client at some vendors and write what each does, requirement by requirement.",
    ),
    "kill-matrix": (
        "kills:kill_matrix",
        "Run MINIATURES (default: all) against every requirement; exit code 1 if one is missed or fails an unrelated "
        "one.",
    ),
}
"""Every command by name: the module beside this one that holds it, with its name there, and the first sentence of its
help, which is told without the module."""

USAGE, INTERRUPTED = 4, 2
"""Exit codes of `reports.verdict.ExitCode`, which is not imported for a mistake in the arguments."""


class Commands(WholeGroup):
    """The commands of `COMMANDS`, imported on demand."""

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return every command with its summary."""
        return [(name, summary) for name, (_, summary) in COMMANDS.items()]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
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
