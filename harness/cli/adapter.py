"""`refreshproof adapter`: a client of one's own is tried before a run; the protocol for programs is printed."""

from __future__ import annotations

import shlex

import click
from rich.console import Console
from rich.markup import escape

from refreshproof.harness.run.rehearsal import Rehearsed, rehearse
from refreshproof.harness.run.under_test import client_named
from refreshproof.harness.subjects.exec.page import page
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports.verdict import ExitCode


@click.group()
def adapter() -> None:
    """Get a client of your own in: try the adapter before a run, and read the protocol for programs.

    \b
    refreshproof adapter check 'exec:node client.mjs'    play login, call, expiry, restart and the like, step by step
    refreshproof adapter check my_module:MyClient        the same for a class
    refreshproof adapter protocol                        what a program in any language has to answer
    """


@adapter.command()
@click.argument("subject")
@click.option("--provider", "-p", default="generic", show_default=True, metavar="NAME", help="Vendor to try it at.")
def check(subject: str, provider: str) -> int:
    """Play with SUBJECT what every run begins with, and name each mistake: what was found, what is allowed, what to do
    next.

    Exit codes: 0 all went well, 4 there is no such subject, 7 there are mistakes.
    """
    if provider not in VENDORS:
        raise click.BadParameter(f"{provider!r}; there are {', '.join(VENDORS)}", param_hint="--provider")
    console, mistakes = Console(stderr=True), 0
    try:
        for rehearsed in rehearse(VENDORS[provider], client_named(subject)):
            mistakes += len(rehearsed.mistakes)
            _tell(rehearsed, console)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if mistakes:
        console.print(f"[bold red]{mistakes} mistake{'s' if mistakes > 1 else ''}[/]: a run would say nothing yet")
        return ExitCode.INCOMPLETE
    console.print(f"[bold green]Ready[/]: refreshproof run {escape(shlex.quote(subject))}", soft_wrap=True)
    return ExitCode.AS_EXPECTED


@adapter.command()
def protocol() -> None:
    """Print what a program in any language is sent and has to answer, with a JSON Schema for each message."""
    click.echo(page(), nl=False)


def _tell(rehearsed: Rehearsed, console: Console) -> None:
    sign = "[bold red]wrong[/]" if rehearsed.mistakes else "[green]well[/] "
    console.print(f"{sign}  {escape(rehearsed.title)}", soft_wrap=True)
    told = [("", fact) for fact in rehearsed.facts]
    told += [("found", mistake) for mistake in rehearsed.mistakes]
    told += [("line", rehearsed.quote)] if rehearsed.quote else []
    told += [("stderr", line) for line in rehearsed.stderr]
    told += [("next", rehearsed.advice)] if rehearsed.advice and rehearsed.mistakes else []
    for name, text in told:
        console.print(f"       {f'[bold]{name}[/]  ' if name else ''}{escape(text)}", soft_wrap=True)
