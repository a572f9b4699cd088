"""Steps about what goes wrong with the next requests, in the network or at the provider, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.scenarios.steps.conditions import Leg
from refreshproof.scenarios.steps.wording import span, which

LostLeg: TypeAlias = Literal["request", "response"]


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Requests of one kind take longer on one leg."""

    leg: Leg
    seconds: float
    view: str | None = "token"
    grant_type: str | None = None
    times: int | None = 1

    def prose(self) -> str:
        """Say what happens."""
        where = {"request": "on its way there", "server": "at the server", "response": "on its way back"}[self.leg]
        return f"{which(self.view, self.grant_type, self.times)} will take {span(self.seconds)} {where}."


@dataclass(frozen=True, kw_only=True)
class Lose:
    """Requests of one kind, or their answers, are lost; `silent` leaves the client waiting for its timeout."""

    leg: LostLeg
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    times: int | None = 1
    silent: bool = False

    def prose(self) -> str:
        """Say what happens."""
        what = which(self.view, self.grant_type, self.times)
        if self.leg == "request":
            return f"{what} will be lost before it reaches the server."
        return f"{what} will be carried out, and its answer lost."


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The provider misbehaves towards requests of one kind, `times` times after `skip` of them: mock_servers.faults."""

    fault: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    times: int | None = 1
    skip: int = 0

    @property
    def spec(self) -> FaultSpec:
        """The fault as the provider takes it."""
        return FaultSpec(**vars(self))

    def prose(self) -> str:
        """Say what happens."""
        details = ", ".join(f"{key} {value!r}" for key, value in self.parameters.items())
        what = which(self.view, self.grant_type, self.times, self.skip)
        return f"{what} meets the fault {self.fault}{f' ({details})' if details else ''}."


@dataclass(frozen=True, kw_only=True)
class Mend:
    """The provider behaves again and the weather clears."""

    def prose(self) -> str:
        """Say what happens."""
        return "The provider and the network are well again."
