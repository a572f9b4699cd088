"""What went wrong around the client under test, as the lines at the top of every report: each thing once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.crashes import Crash
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Delay, Fault, Lose, Mend, Step

SPEAKING = ("ReturnError", "IncompleteError", "CapabilityError", "BrokenOffError", "ProgramError")
"""Exceptions of ours about the client, whose text says it all."""
INJECTED = (Fault, Lose, Delay)
"""Steps that set a fault."""


def trouble_of(crash: Crash, step: str, provider: str, *, stops: bool = False) -> Trouble:
    """Return a crash as reports tell it; in the midst of a scenario it stops nothing, for the check has seen it."""
    kind, _, text = crash.exception.partition(": ")
    ours = kind in SPEAKING
    return Trouble(
        where="client",
        what=text if ours else f"{kind} left the client in {crash.operation}",
        exception="" if ours else crash.exception,
        file=crash.file,
        line=crash.line or None,
        step=step,
        provider=provider,
        stops=stops,
        operation=crash.operation,
        fault=injected(crash.scenario.steps) if crash.scenario else "",
        scenario=crash.scenario.to_document() if crash.scenario else None,
    )


def injected(steps: Iterable[Step]) -> str:
    """Say which fault was set last, empty if there was none or all has been mended since."""
    last = ""
    for step in steps:
        if isinstance(step, INJECTED):
            last = step.prose()
        elif isinstance(step, Mend):
            last = ""
    return last


def played(trouble: Trouble, scenario: Scenario) -> Trouble:
    """Return a trouble with the scenario that it came in, unless it has one."""
    return trouble if trouble.scenario is not None else replace(trouble, scenario=scenario.to_document())


def told_once(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """Put together those that are the same: one kind of exception at one place in one operation, or one sentence.

    The one with the shortest story stands for all, and names the other providers; they come in the order of the first
    of each.
    """
    alike: dict[Hashable, list[Trouble]] = {}
    for one in troubles:
        alike.setdefault(kind_of(one), []).append(one)
    return tuple(map(_together, alike.values()))


def kind_of(trouble: Trouble) -> Hashable:
    """Return what two troubles have in common that are the same."""
    kind = trouble.exception.partition(":")[0]
    if kind and trouble.file:
        return kind, trouble.file, trouble.line, trouble.operation
    return trouble.where, trouble.what, trouble.operation


def _together(same: list[Trouble]) -> Trouble:
    chosen = min(same, key=lambda one: (not one.stops, len((one.scenario or {}).get("steps", ()))))
    providers = dict.fromkeys(one.provider for one in same if one.provider and one.provider != chosen.provider)
    return replace(chosen, also=tuple(providers))
