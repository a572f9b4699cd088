"""Standard output of commands whose exit code is a verdict: a reader that goes before the end, such as `head`, changes
nothing of it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click
from rich.console import Console


class Stdout(Console):
    """The console on which reports are printed."""

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        with suppress(SystemExit):
            super().on_broken_pipe()


def say(text: str) -> None:
    """Print a line."""
    try:
        click.echo(text)
    except BrokenPipeError:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
