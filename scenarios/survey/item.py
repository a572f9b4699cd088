"""One value of the survey: what is measured, how, which requirements it explains, and the function that measures it.

A survey judges nothing: it plays scenarios, each of them one probe, and says a number or a word.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability

Value: TypeAlias = float | str | bool
Probe: TypeAlias = Callable[[Scenario], Evidence]
"""Plays a scenario at the vendor where a value is measured."""

Scope: TypeAlias = Literal["every vendor", "once"]
"""Whether a value depends on the vendor, or is a matter of the client alone."""


class UnmeasurableError(Exception):
    """A value cannot be measured on this client at this vendor; the text is the reason."""


def anywhere(profile: Profile) -> bool:
    """Measure at every vendor."""
    return True


@dataclass(frozen=True, kw_only=True)
class SurveyItem:
    """A value that can be measured; `measure` raises `UnmeasurableError` where it cannot.

    `statement` says what is measured, `unit` names the unit of a number, `related` the requirements that the value
    explains; `needs` are the capabilities without which a client cannot be asked. With the scope "once" the value is
    measured at a plain server, with the other at every vendor that it `applies` to.
    """

    id: str
    statement: str
    measure: Callable[[Probe, Profile], Value]
    related: tuple[str, ...]
    unit: str = ""
    needs: frozenset[Capability] = frozenset()
    scope: Scope = "once"
    applies: Callable[[Profile], bool] = anywhere

    @property
    def how(self) -> str:
        """How it is measured: the docstring of the function, on one line."""
        return " ".join((inspect.getdoc(self.measure) or "").split())


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a value was found to be at a vendor; where it is None, `why` says why it could not be measured."""

    item: str
    vendor: str
    value: Value | None
    why: str = ""
