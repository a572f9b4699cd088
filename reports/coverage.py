"""How much a run has walked: of tables of states, and of what Hypothesis varies in lives. Knows neither whose states
they are, nor how lives are drawn, nor what was found."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A transition of a table: `times` counts how often the run made it.

    `beyond` says why no scenario can bring it about; it is empty where one can.
    """

    state: str
    event: str
    after: str
    times: int
    beyond: str = ""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """A table of states, by its name, with all its transitions."""

    table: str
    transitions: tuple[Transition, ...]

    @property
    def walked(self) -> int:
        """How many of the transitions the run made."""
        return sum(one.times > 0 for one in self.transitions)

    @property
    def states(self) -> tuple[str, ...]:
        """The states in which something can happen, in the order of the table."""
        return tuple(dict.fromkeys(one.state for one in self.transitions))

    @property
    def events(self) -> tuple[str, ...]:
        """What can happen, in the order of the table."""
        return tuple(dict.fromkeys(one.event for one in self.transitions))

    def at(self, state: str, event: str) -> Transition | None:
        """Return the transition of a state by an event, None if the table has none."""
        return next((one for one in self.transitions if (one.state, one.event) == (state, event)), None)


def in_words(coverage: Coverage) -> str:
    """Say in one line how much was walked, and name what was not, with the reason if there is one."""
    unseen: defaultdict[str, list[Transition]] = defaultdict(list)
    for one in coverage.transitions:
        if not one.times:
            unseen[one.beyond].append(one)
    parts = [f"{coverage.table}: {coverage.walked} of {len(coverage.transitions)} transitions"]
    if missed := unseen.pop("", []):
        parts.append(f"not seen: {_named(missed)}")
    parts += [f"out of reach, as {reason}: {_named(ones)}" for reason, ones in unseen.items()]
    return "; ".join(parts)


def walked_in_words(coverage: Coverage) -> str:
    """Say how much of a table was walked."""
    return f"{coverage.walked} of {len(coverage.transitions)} transitions of the {coverage.table}"


def _named(transitions: Iterable[Transition]) -> str:
    """Name transitions, those by the same event together."""
    states: defaultdict[str, list[str]] = defaultdict(list)
    for one in transitions:
        states[one.event.replace("_", " ")].append(one.state)
    return ", ".join(f"{event} while {' or '.join(names)}" for event, names in states.items())


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One thing that Hypothesis varies: in how many lives it did, and between which values, in words."""

    name: str
    count: int
    values: str = ""


@dataclass(frozen=True, kw_only=True)
class Explored:
    """What Hypothesis explored: the lives it generated from the seed, and the dimensions in which they differ."""

    lives: int
    seed: int
    dimensions: tuple[Dimension, ...] = ()


def explored_in_words(explored: Explored, *, values: bool = True) -> str:
    """Say in one line how many lives there were and in what they differ, with the values between which if wanted."""
    varied = "; ".join(_varied(one if values else replace(one, values="")) for one in explored.dimensions)
    lives = f"Hypothesis generated {explored.lives} {'life' if explored.lives == 1 else 'lives'}"
    return f"{lives} from seed {explored.seed}{f', varying {varied}' if varied else ''}"


def _varied(dimension: Dimension) -> str:
    values = f" ({dimension.values})" if dimension.values else ""
    return f"{dimension.name}{values} in {dimension.count}"
