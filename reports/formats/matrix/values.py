"""The matrix of subjects as plain frozen values: what each client library does at each vendor, requirement by
requirement, and since when that is known. Ranks nothing and scores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from refreshproof.reports.results import Grade, Harm, Keyword, Outcome, RequirementInfo
from refreshproof.reports.verdict import GRADES, SEVERE, urgency

LONGEST_AGE = timedelta(days=90)
"""Age from which on a result says nothing of today's library any more."""


class Confirmation(StrEnum):
    """Whether the story of a violation was played over real sockets as well, by the unmodified library in a process of
    its own, and broke the same rule there."""

    CONFIRMED = "confirmed over sockets"
    NOT_CONFIRMED = "not confirmed over sockets"


@dataclass(frozen=True, kw_only=True)
class PlayedCell:
    """What a subject did about one requirement at one vendor.

    `anomaly`, `harm` and `confirmation` are those of a violation, None for anything else; `remark` says why a violation
    was not confirmed, or in which numbers it differed over sockets. `why` is a sentence, empty where a story tells it.
    """

    requirement: str
    outcome: Outcome
    anomaly: str | None = None
    harm: Harm | None = None
    why: str = ""
    confirmation: Confirmation | None = None
    remark: str = ""

    def grade(self, keyword: Keyword) -> Grade:
        """Return the grade of the outcome under a keyword, as a run has it by default."""
        plain = GRADES[self.outcome, keyword]
        if self.outcome is Outcome.VIOLATED and self.harm in SEVERE:
            return min(plain, Grade.FAIL, key=urgency)
        return plain


@dataclass(frozen=True, kw_only=True)
class Play:
    """What was played of a subject at one vendor, in one go.

    `library` and `version` name what was tried, `day` says when, `judged_by` which state of Refreshproof judged it,
    `command` plays it again (a cell's own has `-r` and the requirement besides). `at` is the date at which the vendor
    was met, in ISO 8601, empty where it was at none. Where the subject cannot work with the vendor `unsuited` says why,
    and there are no cells.
    """

    provider: str
    library: str
    version: str
    day: date
    judged_by: str
    seed: int
    command: tuple[str, ...]
    at: str = ""
    unsuited: str = ""
    cells: tuple[PlayedCell, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlayedStory:
    """The short story in which a subject breaks a requirement, the same at all of `providers`: its steps in words,
    what was expected, what happened, and the scenario as JSON-able data."""

    requirement: str
    providers: tuple[str, ...]
    prose: tuple[str, ...]
    expected: str
    happened: str
    scenario: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PlayedSubject:
    """A subject with all that was played of it.

    `installed` is the version of its library on the machine that wrote this, empty where it could not be had, and
    `missing` says why it could not.
    """

    name: str
    summary: str
    installed: str = ""
    missing: str = ""
    plays: tuple[Play, ...] = ()
    stories: tuple[PlayedStory, ...] = ()

    def at(self, provider: str) -> Play | None:
        """Return what was played at a vendor."""
        return next((one for one in self.plays if one.provider == provider), None)

    def story(self, requirement: str, provider: str) -> PlayedStory | None:
        """Return the story of a violation."""
        fitting = (one for one in self.stories if one.requirement == requirement and provider in one.providers)
        return next(fitting, None)


@dataclass(frozen=True, kw_only=True)
class SubjectMatrix:
    """Requirements by subjects, the subjects in the order of the alphabet; `command` made it with version `version` of
    Refreshproof."""

    version: str
    command: tuple[str, ...]
    requirements: tuple[RequirementInfo, ...]
    subjects: tuple[PlayedSubject, ...]

    @property
    def providers(self) -> tuple[str, ...]:
        """The vendors at which anything was played, in the order of the alphabet."""
        return tuple(sorted({play.provider for subject in self.subjects for play in subject.plays}))


def outdated(play: Play, subject: PlayedSubject, today: date) -> str:
    """Say why a play tells nothing of today's library any more; empty where it does."""
    if subject.missing:
        return f"not to be had here: {subject.missing}"
    if play.version != subject.installed:
        return f"played with {play.version or 'an unknown version'}; {subject.installed} is installed"
    if play.day > today:
        return f"played on {play.day.isoformat()}, which is yet to come"
    if today - play.day > LONGEST_AGE:
        return f"played on {play.day.isoformat()}, more than {LONGEST_AGE.days} days ago"
    return ""


def current(subject: PlayedSubject, today: date) -> tuple[Play, ...]:
    """Return the plays of a subject that still say something."""
    return tuple(play for play in subject.plays if not outdated(play, subject, today))


def worst(grades: Iterable[Grade]) -> Grade | None:
    """Return the most urgent of some grades, None if there is none."""
    return min(grades, key=urgency, default=None)


def merged_stories(stories: Iterable[PlayedStory]) -> tuple[PlayedStory, ...]:
    """Put together stories that are the same but for their vendors, in the order of requirement and first vendor."""
    alike: dict[str, tuple[PlayedStory, set[str]]] = {}
    for one in stories:
        same = repr((one.requirement, one.prose, one.expected, one.happened, sorted(one.scenario.items())))
        alike.setdefault(same, (one, set()))[1].update(one.providers)
    merged = [
        PlayedStory(
            requirement=one.requirement,
            providers=tuple(sorted(providers)),
            prose=one.prose,
            expected=one.expected,
            happened=one.happened,
            scenario=one.scenario,
        )
        for one, providers in alike.values()
    ]
    return tuple(sorted(merged, key=lambda one: (one.requirement, one.providers)))
