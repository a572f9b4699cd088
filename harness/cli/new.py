"""`refreshproof new`: a file to begin with, for the reader's kind of client."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from pathlib import Path

import click

from refreshproof.harness.run.saved import program
from refreshproof.harness.run.writing import write
from refreshproof.harness.starters.starters import STARTERS, module_name, written_for
from refreshproof.scenarios.steps.subject import CAPABILITIES

DEFAULT = "get-token"
FIRST = ("-p", "generic", "-r", "rotation-replace")
"""The first run: one rule, which the client in the file keeps; it is too small to keep all of them."""


def _kinds() -> str:
    return "\n".join(f"    {kind:12} {starter.summary}" for kind, starter in STARTERS.items())


def _tell_capabilities(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo("What a client can claim in `capabilities`, beside the login and the call:")
        click.echo("\n".join(f"    {name:18} {promise}" for name, promise in CAPABILITIES.items()))
        context.exit()


@click.command(
    help=f"""Write a file that puts a client under test, and print the command that runs it.

    NAME is what the client is called in reports; the file, or the folder, is named after it. It holds a small client
    that works: put your own in its place.

    \b
    Kinds of client:
{_kinds()}
    """
)
@click.argument("name", default="my client")
@click.option("--kind", "-k", type=click.Choice(list(STARTERS)), default=DEFAULT, show_default=True, help="What it is.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option(
    "--list-capabilities",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_capabilities,
    help="Tell what a client can claim, and what it promises by that.",
)
def new(name: str, kind: str, force: bool) -> None:
    """Write a file that puts a client under test."""
    try:
        texts = {Path(path): text for path, text in written_for(kind, name).items()}
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    there = [str(path) for path in texts if path.exists()]
    if there and not force:
        raise click.UsageError(f"{there[0]} is there already; --force writes over it, another NAME beside it")
    for path, text in texts.items():
        try:
            write(path, text)
        except OSError as error:
            raise click.UsageError(f"{path}: {error.strerror}") from None
    starter, module = STARTERS[kind], module_name(name)
    what = f"{' and '.join(map(str, texts))}: {starter.summary}."
    click.echo(f"{what} Run it, then put your own client in its place, and leave out -r to play every rule:", err=True)
    if starter.needs and find_spec(starter.needs) is None:
        click.echo(f"pip install {starter.needs}")
    if starter.build:
        click.echo(starter.build.format(name=module))
    click.echo(shlex.join((*program(), "run", starter.subject.format(name=module), *FIRST)))
