"""Which of many names are chosen by what a user says: names, globs, and exclusions with - or !."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from refreshproof.harness.adapters.suggestion import hint

EXCLUDING = ("-", "!")


class NothingChosenError(ValueError):
    """What a user says leaves nothing to do."""


class UnknownNameError(ValueError):
    """A name or a glob fits nothing; `told` is the complaint without its place."""

    def __init__(self, place: str, told: str) -> None:
        super().__init__(f"{place}: {told}")
        self.told = told


def chosen(
    patterns: Sequence[str], names: Iterable[str], default: Iterable[str], *, option: str, listing: str
) -> tuple[str, ...]:
    """Return the names that patterns choose, in the order of the names; without one that chooses, it is the default.

    Raises UnknownNameError for a pattern that fits no name while others do, or that is no glob, and NothingChosenError
    where nothing is left.
    """
    known = tuple(names)
    wanted = [one for one in patterns if not one.startswith(EXCLUDING)]
    refused = [one[1:] for one in patterns if one.startswith(EXCLUDING)]
    stray = [one for one in (*wanted, *refused) if not any(fnmatchcase(name, one) for name in known)]
    if len(stray) < len(patterns) or any(not _is_glob(one) for one in stray):
        for one in stray:
            told = hint(one, known, f"`{listing}` names them")
            raise UnknownNameError(option, f"nothing is named {one!r}; {told}")
    first = {name for name in known if _fits(name, wanted)} if wanted else set(default)
    left = tuple(name for name in known if name in first and not _fits(name, refused))
    if not left:
        raise NothingChosenError(f"{option} {' '.join(patterns)} leaves nothing; `{listing}` names what there is")
    return left


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
