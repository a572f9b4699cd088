"""A scenario: a list of steps for one provider and one seed, as data that can be saved, read back, said and printed
as a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from refreshproof.scenarios.steps.documents import from_document, to_document
from refreshproof.scenarios.steps.steps import Authorize, Step

Beginning: TypeAlias = Literal["usual", "fixed", "before_the_next_change"]

FORMAT = 1
LARGEST_SEED = 2**63 - 1

_BEGINNINGS: Mapping[Beginning, tuple[str, ...]] = {
    "usual": (),
    "fixed": (),
    "before_the_next_change": ("It is the day before the provider's next announced change.",),
}
"""Where a story begins, in words, where that matters to it."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Steps in order. `profile` holds changes to the provider's profile by dotted name, such as
    lifetimes.access_token. `begins` says at which date: where the vendor's time begins, where every world does whatever
    the vendor's date, or the day before the next change that the vendor has announced."""

    steps: tuple[Step, ...]
    name: str = ""
    seed: int = 0
    profile: Mapping[str, Any] = field(default_factory=dict)
    application: Mapping[str, Any] = field(default_factory=dict)
    begins: Beginning = "usual"

    def prose(self) -> list[str]:
        """Say the scenario, one sentence for each step."""
        return [*self._before_the_steps(), *(step.prose() for step in self.steps)]

    def number_of(self, step: int) -> int:
        """Return which of the sentences tells of a step, both counted from 1."""
        return len(self._before_the_steps()) + step

    def _before_the_steps(self) -> list[str]:
        changes = (*self.profile.items(), *self.application.items())
        return [*_BEGINNINGS[self.begins], *(f"The provider has {key} = {value}." for key, value in changes)]

    def to_document(self) -> dict[str, Any]:
        """Return the scenario as JSON data."""
        document: dict[str, Any] = {"scenario": FORMAT, "name": self.name, "seed": self.seed}
        document |= {"profile": dict(self.profile)} if self.profile else {}
        document |= {"application": dict(self.application)} if self.application else {}
        document |= {"begins": self.begins} if self.begins != "usual" else {}
        return document | {"steps": [to_document(step) for step in self.steps]}


def flow(*steps: Step, name: str = "", **changes: Any) -> Scenario:
    """Make a scenario that begins with a plain login."""
    return Scenario(
        steps=(Authorize(), *steps),
        name=name,
        profile=changes.get("profile", {}),
        application=changes.get("application", {}),
        begins=changes.get("begins", "usual"),
    )


def read_scenario(document: Any, place: str = "scenario") -> Scenario:
    """Read a scenario from JSON data; raises ValueError that names the place, what was found and what is allowed."""
    if not isinstance(document, dict):
        raise ValueError(f"{place}: expected an object, found {type(document).__name__}")
    allowed = {"scenario", "name", "seed", "profile", "application", "begins", "steps", "provider", "requirement"}
    unknown = sorted(set(document) - allowed)
    if unknown:
        raise ValueError(f"{place}: unknown key {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}")
    if type(document.get("scenario")) is not int or document["scenario"] != FORMAT:
        raise ValueError(f"{place}: scenario is {document.get('scenario')!r}; this version reads {FORMAT}")
    for name, kind, wanted in _KINDS:
        if type(document.get(name, kind())) is not kind:
            raise ValueError(f"{place}: {name}: found {type(document[name]).__name__}; expected {wanted}")
    if document.get("begins", "usual") not in _BEGINNINGS:
        raise ValueError(f"{place}: begins: found {document['begins']!r}; allowed are {', '.join(_BEGINNINGS)}")
    if "steps" not in document:
        raise ValueError(f"{place}: steps: missing; expected a list of steps")
    if not 0 <= document.get("seed", 0) <= LARGEST_SEED:
        raise ValueError(f"{place}: seed: found {document['seed']}; expected 0 to {LARGEST_SEED}")
    steps = tuple(from_document(step, f"{place}: steps[{index}]") for index, step in enumerate(document["steps"]))
    return Scenario(
        steps=steps, **{name: document[name] for name, _, _ in _KINDS if name in document and name != "steps"}
    )


_KINDS: tuple[tuple[str, type, str], ...] = (
    ("name", str, "a text"),
    ("seed", int, "a whole number"),
    ("profile", dict, "an object"),
    ("application", dict, "an object"),
    ("begins", str, "a text"),
    ("steps", list, "a list of steps"),
)


def dumps(scenario: Scenario, **about: str) -> str:
    """Return a scenario file's text; `about` adds provider and requirement."""
    return json.dumps({**scenario.to_document(), **about}, indent=2)
