"""A scenario: a list of steps for one provider and one seed, as data that can be saved, read back, said and printed
as a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.scenarios.steps.documents import from_document, to_document
from refreshproof.scenarios.steps.steps import Authorize, Step

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Steps in order. `profile` holds changes to the provider's profile by dotted name, such as
    lifetimes.access_token. `zone` is the time zone that the client lives in, as TZ has it; empty for the machine's."""

    steps: tuple[Step, ...]
    name: str = ""
    seed: int = 0
    profile: Mapping[str, Any] = field(default_factory=dict)
    application: Mapping[str, Any] = field(default_factory=dict)
    zone: str = ""

    def prose(self) -> list[str]:
        """Say the scenario, one sentence for each step."""
        changes = [
            f"The provider has {key} = {value}." for key, value in (*self.profile.items(), *self.application.items())
        ]
        changes += [f"The client's local time is {self.zone}."] if self.zone else []
        return [*changes, *(step.prose() for step in self.steps)]

    def to_document(self) -> dict[str, Any]:
        """Return the scenario as JSON data."""
        document: dict[str, Any] = {"scenario": FORMAT, "name": self.name, "seed": self.seed}
        document |= {"profile": dict(self.profile)} if self.profile else {}
        document |= {"application": dict(self.application)} if self.application else {}
        document |= {"zone": self.zone} if self.zone else {}
        return document | {"steps": [to_document(step) for step in self.steps]}


def flow(*steps: Step, name: str = "", **changes: Any) -> Scenario:
    """Make a scenario that begins with a plain login."""
    return Scenario(
        steps=(Authorize(), *steps),
        name=name,
        profile=changes.get("profile", {}),
        application=changes.get("application", {}),
        zone=changes.get("zone", ""),
    )


def read_scenario(document: Any, place: str = "scenario") -> Scenario:
    """Read a scenario from JSON data; raises ValueError that names the place, what was found and what is allowed."""
    if not isinstance(document, dict):
        raise ValueError(f"{place}: expected an object, found {type(document).__name__}")
    allowed = {"scenario", "name", "seed", "profile", "application", "zone", "steps", "provider", "requirement"}
    unknown = sorted(set(document) - allowed)
    if unknown:
        raise ValueError(f"{place}: unknown key {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}")
    if document.get("scenario") != FORMAT:
        raise ValueError(f"{place}: scenario is {document.get('scenario')!r}; this version reads {FORMAT}")
    steps = document.get("steps")
    if not isinstance(steps, list):
        raise ValueError(f"{place}: steps must be a list, found {type(steps).__name__}")
    read = tuple(from_document(step, f"{place}: steps[{index}]") for index, step in enumerate(steps))
    return Scenario(
        steps=read,
        name=str(document.get("name", "")),
        seed=int(document.get("seed", 0)),
        profile=dict(document.get("profile", {})),
        application=dict(document.get("application", {})),
        zone=str(document.get("zone", "")),
    )


def dumps(scenario: Scenario, **about: str) -> str:
    """Return a scenario file's text; `about` adds provider and requirement."""
    return json.dumps({**scenario.to_document(), **about}, indent=2)
