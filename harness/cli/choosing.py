"""Which of many names are chosen by what stands on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from refreshproof.harness.settings import choosing
from refreshproof.harness.settings.choosing import EXCLUDING, NothingChosenError, UnknownNameError

__all__ = ["EXCLUDING", "GLOBS", "NothingChosenError", "chosen"]

GLOBS = "A name or a glob; one that begins with - or ! leaves out; may be repeated."


def chosen(
    patterns: Sequence[str], names: Iterable[str], default: Iterable[str], *, option: str, listing: str
) -> tuple[str, ...]:
    """Return the names that an option chooses; raises click.BadParameter for a pattern that fits no name, and
    NothingChosenError where nothing is left."""
    try:
        return choosing.chosen(patterns, names, default, option=option, listing=listing)
    except UnknownNameError as error:
        raise click.BadParameter(error.told, param_hint=option) from None
