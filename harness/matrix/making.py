"""Making the matrix: what is still good of an earlier one is kept, everything else is played, vendor after vendor.

It yields after every subject at a vendor, so that a run which is broken off can be continued.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from os import times
from typing import TypeVar

from refreshproof.harness.matrix.asking import Asked, judge_of
from refreshproof.harness.matrix.confirming import NO_CLOCK, Confirmations, confirmations
from refreshproof.harness.matrix.playing import Sitting, sat_through, told_of
from refreshproof.harness.subjects.registry import SUBJECTS
from refreshproof.harness.work.jobs import results
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.dated import AT, date_of
from refreshproof.reports.formats.matrix.values import (
    LONGEST_AGE,
    Confirmation,
    Play,
    PlayedCell,
    PlayedStory,
    PlayedSubject,
    merged_stories,
)
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A subject was played at a vendor, or its violations there were played over sockets: `seconds` of processor time
    went into it, `done` of `planned` pieces are over."""

    subject: str
    play: Play
    seconds: float
    done: int
    planned: int
    over_sockets: bool = False


@dataclass(kw_only=True)
class Making:
    """A matrix as it comes about: `subjects` by name, with what is known by now.

    `asked` are the subjects to play by `requirements`, what is known of others stays; `seed` and `day` are those of new
    plays. `fresh` keeps nothing of what is to be played, `confirm` has violations played over sockets too.
    """

    asked: Sequence[Asked]
    seed: int
    day: date
    jobs: int = 1
    fresh: bool = False
    confirm: bool = False
    requirements: tuple[str, ...] = tuple(CATALOGUE)
    subjects: dict[str, PlayedSubject] = field(default_factory=dict)
    _told: dict[str, dict[str, Scenario]] = field(default_factory=dict)

    def make(self) -> Generator[Progress, None, None]:
        """Play what is to be played; raises WorkerLostError if a process is lost."""
        for one in self.asked:
            self._begin(one)
        work = [(one, vendor) for one in self.asked for vendor in one.vendors if not self._is_kept(one, vendor.name)]
        planned, done = len(work), 0
        for place in range(max((len(one.vendors) for one in self.asked), default=0)):
            turn = [(one, vendor) for one, vendor in work if one.vendors.index(vendor) == place]
            sittings = [
                Sitting(
                    asked=one,
                    vendor=vendor,
                    seed=self.seed,
                    day=self.day,
                    told=self._told[one.name] | told_of(self.subjects[one.name]),
                    requirements=self.requirements,
                )
                for one, vendor in turn
            ]
            pieces = [partial(_timed, partial(sat_through, sitting)) for sitting in sittings]
            with closing(results(pieces, self.jobs)) as finished:
                for sitting, ((play, stories), seconds) in zip(sittings, finished, strict=True):
                    done += 1
                    name = sitting.asked.name
                    self._take(name, play, stories)
                    yield Progress(subject=name, play=play, seconds=seconds, done=done, planned=planned)
        yield from self._confirmed() if self.confirm else ()

    def _begin(self, one: Asked) -> None:
        """Take a subject up, with what was played before and is still good; stories that are not may be short yet."""
        before = self.subjects.get(one.name, PlayedSubject(name=one.name, summary=""))
        self._told[one.name] = {} if self.fresh else _readable(before)
        about = replace(before, summary=SUBJECTS[one.name].summary, installed=one.version, missing=one.missing)
        if one.missing:
            self.subjects[one.name] = about
            return
        due = {vendor.name for vendor in one.vendors}
        kept = tuple(play for play in before.plays if play.provider not in due or self._is_good(play, one))
        self.subjects[one.name] = replace(
            about, plays=kept, stories=_of(before.stories, {play.provider for play in kept})
        )

    def _is_good(self, play: Play, one: Asked) -> bool:
        now = {vendor.name: date_of(vendor).get(AT, "") for vendor in one.vendors}[play.provider]
        same = (play.version, play.seed, play.judged_by, play.at) == (one.version, self.seed, judge_of(), now)
        return same and not self.fresh and timedelta() <= self.day - play.day <= LONGEST_AGE

    def _is_kept(self, one: Asked, provider: str) -> bool:
        play = self.subjects[one.name].at(provider)
        return play is not None and (bool(play.unsuited) or set(self.requirements) <= _rules(play))

    def _take(self, name: str, play: Play, stories: Sequence[PlayedStory]) -> None:
        subject = self.subjects[name]
        others = [one for one in subject.plays if one.provider != play.provider]
        if (kept := subject.at(play.provider)) is not None:
            left = tuple(cell for cell in kept.cells if cell.requirement not in _rules(play))
            cells = sorted((*play.cells, *left), key=lambda cell: cell.requirement)
            stories = (*stories, *_told_at(subject.stories, play.provider, {cell.requirement for cell in left}))
            play = replace(play, cells=tuple(cells), day=min(play.day, kept.day))
        before = _of(subject.stories, {one.provider for one in others})
        self.subjects[name] = replace(
            subject,
            plays=tuple(sorted((*others, play), key=lambda one: one.provider)),
            stories=merged_stories((*before, *stories)),
        )

    def _doubtful(self) -> list[tuple[Asked, Play, tuple[str, ...]]]:
        """Return the plays with violations that nobody has tried over sockets, or could, and the rules broken."""
        plays = [
            (one, play, tuple(cell.requirement for cell in play.cells if _is_doubtful(cell)))
            for one in self.asked
            for play in self.subjects[one.name].plays
            if play.provider in VENDORS and not one.missing
        ]
        asked = [(one, play, tuple(name for name in rules if name in self.requirements)) for one, play, rules in plays]
        return [(one, play, rules) for one, play, rules in asked if rules]

    def _confirmed(self) -> Iterator[Progress]:
        doubtful = self._doubtful()
        work = [
            partial(_timed, partial(confirmations, self.subjects[one.name], play, rules))
            for one, play, rules in doubtful
        ]
        with closing(results(work, self.jobs)) as finished:
            for done, ((one, play, _), (found, seconds)) in enumerate(zip(doubtful, finished, strict=True), 1):
                tried = replace(play, cells=_with(play, found))
                subject = self.subjects[one.name]
                plays = tuple(tried if other.provider == play.provider else other for other in subject.plays)
                self.subjects[one.name] = replace(subject, plays=plays)
                yield Progress(
                    subject=one.name,
                    play=tried,
                    seconds=seconds,
                    done=done,
                    planned=len(doubtful),
                    over_sockets=True,
                )


def _is_doubtful(cell: PlayedCell) -> bool:
    """Tell whether nobody has tried to confirm a violation, or nobody could."""
    return cell.confirmation is Confirmation.NOT_CONFIRMED and cell.remark in ("", NO_CLOCK)


def _readable(subject: PlayedSubject) -> dict[str, Scenario]:
    """Return the short stories of a subject, but for those that an earlier Refreshproof wrote in another way."""
    told: dict[str, Scenario] = {}
    for story in reversed(subject.stories):
        with suppress(ValueError):
            told |= told_of(replace(subject, stories=(story,)))
    return told


def _rules(play: Play) -> set[str]:
    return {cell.requirement for cell in play.cells}


def _told_at(stories: Sequence[PlayedStory], provider: str, rules: set[str]) -> tuple[PlayedStory, ...]:
    """Return what stories tell of some rules at a vendor."""
    mine = (one for one in stories if one.requirement in rules and provider in one.providers)
    return tuple(replace(one, providers=(provider,)) for one in mine)


def _with(play: Play, found: Confirmations) -> tuple[PlayedCell, ...]:
    return tuple(
        replace(
            cell,
            confirmation=Confirmation.CONFIRMED if tried.confirmed else Confirmation.NOT_CONFIRMED,
            remark=tried.remark,
        )
        if (tried := found.get(cell.requirement)) is not None
        else cell
        for cell in play.cells
    )


def _of(stories: Sequence[PlayedStory], providers: set[str]) -> tuple[PlayedStory, ...]:
    """Return what stories tell of some vendors."""
    left = [(one, tuple(at for at in one.providers if at in providers)) for one in stories]
    return tuple(replace(one, providers=at) for one, at in left if at)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """Do some work; return what came of it, and the seconds of processor time that went into it."""
    before = sum(times()[:4])
    return work(), sum(times()[:4]) - before
