"""Which of many names are chosen by what stands on the command line: names, globs, and exclusions with - or !."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import click

from refreshproof.harness.adapters.suggestion import hint

EXCLUDING = ("-", "!")
GLOBS = "A name or a glob; one that begins with - or ! leaves out; may be repeated."


class NothingChosenError(ValueError):
    """What stands on the command line leaves nothing to do."""


def chosen(
    patterns: Sequence[str], names: Iterable[str], default: Iterable[str], *, option: str, listing: str
) -> tuple[str, ...]:
    """Return the names that patterns choose, in the order of the names; without one that chooses, it is the default.

    Raises click.BadParameter for a pattern that fits no name while others do, or that is no glob, and
    NothingChosenError where nothing is left.
    """
    known = tuple(names)
    wanted = [one for one in patterns if not one.startswith(EXCLUDING)]
    refused = [one[1:] for one in patterns if one.startswith(EXCLUDING)]
    stray = [one for one in (*wanted, *refused) if not any(fnmatchcase(name, one) for name in known)]
    if len(stray) < len(patterns) or any(not _is_glob(one) for one in stray):
        for one in stray:
            told = hint(one, known, f"`{listing}` names them")
            raise click.BadParameter(f"nothing is named {one!r}; {told}", param_hint=option)
    first = {name for name in known if _fits(name, wanted)} if wanted else set(default)
    left = tuple(name for name in known if name in first and not _fits(name, refused))
    if not left:
        raise NothingChosenError(f"{option} {' '.join(patterns)} leaves nothing; `{listing}` names what there is")
    return left


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
