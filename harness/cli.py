"""The command line. People read stderr, programs read stdout; every command explains itself with --help."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from refreshproof.harness.cli_client import client
from refreshproof.harness.cli_lists import explain, list_group
from refreshproof.harness.cli_profile import profile
from refreshproof.harness.cli_replay import replay
from refreshproof.harness.cli_run import run
from refreshproof.reports.verdict import ExitCode
from refreshproof.reports.version import VERSION


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="refreshproof")
def cli() -> None:
    """Prove that an OAuth 2.0 client survives token refresh at every vendor, in virtual time.

    \b
    refreshproof run                               test the reference engine at every vendor
    refreshproof run miniature:rotation-replace    see what a failing client looks like
    refreshproof run my_package.my_module:factory  test your own client
    refreshproof run --profile my_vendor.toml      test at a vendor of your own too

    Exit codes: 0 as expected, 1 unexpected FAIL or untested MUST, 2 interrupted, 3 harness error, 4 usage or
    configuration, 5 nothing selected, 6 baseline drift only, 7 incomplete or broken.
    """


for command in (run, client, list_group, explain, profile, replay):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; a user's mistake is a message, never a traceback."""
    try:
        code = cli.main(args=arguments, prog_name="refreshproof", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(ExitCode.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    sys.exit(code if isinstance(code, int) else 0)
