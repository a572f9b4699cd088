"""What went wrong around the client under test, as the lines at the top of every report: each thing once."""

from __future__ import annotations

from collections.abc import Iterable

from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.crashes import Crash

SPEAKING = ("ReturnError", "IncompleteError", "CapabilityError", "BrokenOffError", "ProgramError")
"""Exceptions of ours about the client, whose text says it all."""


def trouble_of(crash: Crash, step: str, provider: str, *, stops: bool = False) -> Trouble:
    """Return a crash as reports tell it; in the midst of a scenario it stops nothing, for the check has seen it."""
    kind, _, text = crash.exception.partition(": ")
    ours = kind in SPEAKING
    return Trouble(
        where="adapter",
        what=text if ours else f"{kind} left the client in {crash.operation}",
        exception="" if ours else crash.exception,
        file=crash.file,
        line=crash.line or None,
        step=step,
        provider=provider,
        stops=stops,
    )


def told_once(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """Return the first of those that are the same: one kind of exception at one place, or one sentence."""
    first: dict[object, Trouble] = {}
    for one in troubles:
        kind = one.exception.partition(":")[0]
        first.setdefault((kind, one.file, one.line) if kind and one.file else (one.where, one.what), one)
    return tuple(first.values())
