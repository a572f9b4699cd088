"""Shortening a scenario that shows a violation to the shortest story that still shows it.

Greedy and deterministic: the shortest beginning, fewer turns, plain numbers, fewer steps, then what is left plainer,
until nothing more can go; no scenario is tried twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from refreshproof.scenarios.steps.calls import Call, Pages, Parallel, Refresh
from refreshproof.scenarios.steps.documents import LEAST
from refreshproof.scenarios.steps.logins import Authorize, AuthorizeAtSecond, AuthorizeByDiscovery, DeviceLogin
from refreshproof.scenarios.steps.provider import without
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Step
from refreshproof.scenarios.steps.times import Advance, Until
from refreshproof.scenarios.world.standstill import StandstillError

StillFails = Callable[[Scenario], bool]

MOST_PLAYS = 400
"""How many shorter scenarios are tried before the best one so far is taken."""


def shortest(scenario: Scenario, still_fails: StillFails) -> Scenario:
    """Return the shortest scenario found that still fails; one that cannot be played to its end is none.

    What comes after the violation goes first, for a beginning of what was played has been played; then turns, the
    fewest first, so that all that is tried afterwards takes less time. After a success the search goes on where it was,
    and comes round until no candidate is left that is new.
    """
    if not scenario.steps:
        return scenario
    search = _Search(still_fails=still_fails, tried={repr(scenario)})
    scenario = search.with_plain_numbers(search.with_fewer_turns(search.begun(search.by_its_end(scenario))))
    options = list(candidates(scenario))
    place, since = 0, 0
    while since < len(options):
        candidate = options[place % len(options)]
        place, since = (place + 1) % len(options), since + 1
        if search.shows(scenario, candidate):
            scenario, options = candidate, list(candidates(candidate))
            place, since = max(place - 1, 0), 0
    return scenario


@dataclass(kw_only=True)
class _Search:
    """What has been tried, and how many plays are left; `too_near` holds by step and field how far a number was from
    its least value that showed nothing any more."""

    still_fails: StillFails
    tried: set[str]
    plays: Iterator[int] = field(default_factory=lambda: iter(range(MOST_PLAYS)))
    too_near: dict[str, float] = field(default_factory=dict)

    def shows(self, scenario: Scenario, candidate: Scenario) -> bool:
        """Tell whether a candidate is new, and still fails.

        Where a number was too near to its least value one that is nearer still is not tried, but for the least.
        """
        key, number = repr(candidate), _number(scenario, candidate)
        if key in self.tried or (number is not None and number[1] <= self.too_near.get(number[0], 0)):
            return False
        self.tried.add(key)
        if next(self.plays, None) is None:
            return False
        found = _shows(candidate, self.still_fails, self.plays)
        if number is not None and not found:
            self.too_near[number[0]] = number[1]
        return found

    def by_its_end(self, scenario: Scenario) -> Scenario:
        """Return a scenario whose last calls, of which few are enough and which are apart, are all the use and time
        there is, if that still fails."""
        *before, last = scenario.steps
        if not (isinstance(last, Call) and last.times > 1 and last.every):
            return scenario
        around = (one for one in before if not isinstance(one, (*USES, *TIMES)))
        less = replace(scenario, steps=(*around, replace(last, times=min(last.times, SPARE))))
        return less if self.shows(scenario, less) else scenario

    def begun(self, scenario: Scenario) -> Scenario:
        """Return a beginning of a scenario that still fails, of as few steps, and of as few calls in the last where no
        other step uses the client; found by halves."""
        steps = scenario.steps
        most = self._fewest(scenario, len(steps), lambda count: replace(scenario, steps=steps[:count]))
        scenario = self.by_its_end(replace(scenario, steps=steps[:most])) if most < len(steps) else scenario
        *before, last = scenario.steps
        if not isinstance(last, Call) or any(isinstance(one, USES) for one in before):
            return scenario

        def calling(times: int) -> Scenario:
            return replace(scenario, steps=(*before, replace(last, times=times)))

        return calling(self._fewest(scenario, last.times, calling))

    def _fewest(self, scenario: Scenario, most: int, having: Callable[[int], Scenario]) -> int:
        """Return the least number with which a scenario still fails, as it does with the most; above nothing."""
        few = 0
        while most - few > 1:
            middle = (few + most) // 2
            few, most = (few, middle) if self.shows(scenario, having(middle)) else (middle, most)
        return most

    def with_plain_numbers(self, scenario: Scenario) -> Scenario:
        """Return a scenario with every number that need not be given as near to nothing as it can be, if that still
        fails."""
        plain = replace(scenario, steps=tuple(map(_with_plain_numbers, scenario.steps)))
        return plain if self.shows(scenario, plain) else scenario

    def with_fewer_turns(self, scenario: Scenario) -> Scenario:
        """Return a scenario with few turns that still fails; with some to spare, so that one step may do for two."""
        for most in _doubling(scenario):
            fewer = at_most(most, scenario)
            if self.shows(scenario, fewer):
                spare = at_most(SPARE * most, scenario)
                return spare if spare == scenario or self.shows(scenario, spare) else fewer
        return scenario


def _number(scenario: Scenario, candidate: Scenario) -> tuple[str, float] | None:
    """Return the step and field in which a candidate has another number, and how far that is from the least; None where
    more is different, or it is the least."""
    changed = [pair for pair in zip(scenario.steps, candidate.steps, strict=False) if pair[0] != pair[1]]
    if len(scenario.steps) != len(candidate.steps) or len(changed) != 1:
        return None
    before, after = changed[0]
    names = [one.name for one in fields(before) if getattr(before, one.name) != getattr(after, one.name)]
    value = getattr(after, names[0])
    if len(names) != 1 or not _is_number(value):
        return None
    least: Any = {names[0]: type(value)(_goal(names[0], value))}
    distance = abs(value - least[names[0]])
    return (f"{names[0]} of {replace(after, **least)!r}", distance) if distance else None


def _with_plain_numbers(step: Step) -> Step:
    numbers: Any = {
        one.name: type(value)(_goal(one.name, value))
        for one in fields(step)
        if one.default is not MISSING and one.name not in TURNS and _is_number(value := getattr(step, one.name))
    }
    return replace(step, **numbers)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _goal(name: str, value: float) -> int:
    return _LEAST.get(name, 0) if value > 0 else 0


def still_shows(candidate: Scenario, still_fails: StillFails) -> bool:
    """Tell whether a scenario of another's still fails; one that cannot be played to its end does not."""
    return _shows(candidate, still_fails, iter(()))


def _shows(candidate: Scenario, still_fails: StillFails, plays: Iterator[int]) -> bool:
    """Tell whether a candidate still fails.

    Whatever is raised says something of the candidate only: a provider that breaks in it, a client that stands still.
    Where finding that out cost the patience of the watch it is the last that is tried.
    """
    try:
        return still_fails(candidate)
    except StandstillError as met:
        if met.overdue:
            deque(plays, maxlen=0)
        return False
    except Exception:
        return False


_LEAST = LEAST | {"callers": 2}

TURNS = ("times", "callers")
"""What says of a step how often it is done."""

USES = (Call, Pages, Parallel, Refresh)
"""Steps in which the client is used; one that is done often may do for another."""

TIMES = (Advance, Until)
"""Steps in which time passes and nothing else."""

LOGINS = (Authorize, AuthorizeAtSecond, AuthorizeByDiscovery, DeviceLogin)
"""Steps without any of which hardly anything can be shown."""

SPARE = 4
"""How many times as many turns as are needed are left while steps are dropped."""


def _doubling(scenario: Scenario) -> Iterator[int]:
    """Yield how often each step is done at most: once, twice, four times, and so on below what it is."""
    turns = [value for step in scenario.steps for name in TURNS if isinstance(value := getattr(step, name, None), int)]
    most = 1
    while most < max(turns, default=1):
        yield most
        most *= 2


def at_most(most: int, scenario: Scenario) -> Scenario:
    """Return a scenario in which every step is done at most so often, or as seldom as it can be."""
    return replace(scenario, steps=tuple(_at_most(most, step) for step in scenario.steps))


def _at_most(most: int, step: Step) -> Step:
    changes: Any = {
        name: max(most, _LEAST.get(name, 1))
        for name in TURNS
        if isinstance(value := getattr(step, name, None), int) and value > max(most, _LEAST.get(name, 1))
    }
    return replace(step, **changes)


def candidates(scenario: Scenario) -> Iterator[Scenario]:
    """Yield simpler scenarios, the boldest cuts first; without any login last, by a cut of a single step."""
    steps = scenario.steps
    size, last = len(steps) // 2, list[Scenario]()
    while size:
        for start in range(0, len(steps) - size + 1, size):
            fewer = steps[:start] + steps[start + size :]
            if any(isinstance(one, LOGINS) for one in fewer) or not any(isinstance(one, LOGINS) for one in steps):
                yield replace(scenario, steps=fewer)
            elif size == 1:
                last.append(replace(scenario, steps=fewer))
        size //= 2
    for index, (one, other) in enumerate(pairwise(steps)):
        if isinstance(one, Call) and isinstance(other, Call):
            together = replace(other if one.times == 1 else one, times=one.times + other.times)
            yield replace(scenario, steps=(*steps[:index], together, *steps[index + 2 :]))
    for name in scenario.profile:
        yield replace(scenario, profile=without(scenario.profile, name))
    for index, step in enumerate(steps):
        for plainer in plainer_steps(step):
            yield replace(scenario, steps=(*steps[:index], plainer, *steps[index + 1 :]))
    yield from last


def plainer_steps(step: Step) -> Iterator[Step]:
    """Yield the same step with one choice as it usually is, fewer turns, or a number nearer to nothing or rounder."""
    for one in fields(step):
        value: Any = getattr(step, one.name)
        for plainer in _plainer(one, value):
            changes: Any = {one.name: plainer}
            yield replace(step, **changes)


def _plainer(one: Field[Any], value: Any) -> Iterator[Any]:
    if isinstance(value, bool | str | None) and one.default is not MISSING and value != one.default:
        yield one.default
    if one.name == "schedule":
        yield from (value[:place] + "0" + value[place + 1 :] for place, digit in enumerate(value) if digit != "0")
    if one.name == "changes" and len(value) > 1:
        yield from (fewer for fewer in (without(value, name) for name in value) if fewer)
    if _is_number(value):
        yield from _nearer(value, _goal(one.name, value))


def _nearer(value: float, least: int) -> Iterator[float]:
    """Yield the least value, a round one, then those that are nearer to the least by a half of the way, a quarter, and
    so on to one."""
    goal = type(value)(least)
    gap = abs(value - goal)
    if gap:
        yield goal
    if value != round(value) and abs(round(value)) >= abs(goal):
        yield type(value)(round(value))
    while gap > 1:
        gap //= 2
        yield type(value)(value - gap if value > goal else value + gap)
