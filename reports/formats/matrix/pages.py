"""The matrix for people: index.html with a sign for each requirement and subject, and a page for each subject.

Nothing is loaded from anywhere. What a page shows depends on the day it is made: a result that is too old, or of
another version, is none.
"""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.formats.matrix.values import (
    Confirmation,
    Play,
    PlayedCell,
    PlayedStory,
    PlayedSubject,
    SubjectMatrix,
    current,
    outdated,
)
from refreshproof.reports.formats.words.legend import HARMS, LEGEND
from refreshproof.reports.formats.words.templating import html_environment, policy, resource
from refreshproof.reports.results import Grade, Harm, Outcome, RequirementInfo
from refreshproof.reports.verdict import urgency

PACKAGE = "refreshproof.reports.formats.matrix"
NONE = "NONE"
"""The sign of a subject about which nothing is known any more, or yet."""
MOST_COSTLY = 8
"""Rules that the first look names."""
WORDS: Mapping[str, str] = MappingProxyType({**{grade.value: grade.value for grade in Grade}, NONE: "no result"})
"""What stands beside a sign, so that it is never told by its colour alone."""
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        **{grade.value: LEGEND[grade].means for grade in Grade},
        NONE: "Not played, played more than 90 days ago or with another version than the one that is installed, or not "
        "to be had where this was written.",
    }
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A cell as it is drawn: its sign, what it says when one points at it, and a reason in words."""

    sign: str
    subject: str = ""
    title: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Worst:
    """A rule that a client breaks, in a sentence: its sign, the vendors, what happened and with what harm in the worst
    of its stories, and whether that was confirmed over sockets."""

    requirement: str
    sign: str
    providers: str
    happened: str
    harm: str
    confirmation: str


@dataclass(frozen=True, kw_only=True)
class Costly:
    """A rule, and how many clients lost a grant in their stories of breaking it."""

    requirement: RequirementInfo
    clients: int


@dataclass(frozen=True, kw_only=True)
class ShownStory:
    """A story with what the cells that it belongs to say."""

    story: PlayedStory
    signs: tuple[str, ...]
    anomaly: str
    harm: str
    confirmation: str
    commands: tuple[str, ...]
    outdated: str


def pages(matrix: SubjectMatrix, today: date, folder: Path) -> list[tuple[Path, Callable[[], str]]]:
    """Return every page as its file and what gives its text, seen on a day."""
    subjects = [
        (folder / f"{subject.name}.html", partial(render_subject_page, matrix, subject, today))
        for subject in matrix.subjects
    ]
    return [(folder / "index.html", partial(render_index, matrix, today)), *subjects]


def render_index(matrix: SubjectMatrix, today: date) -> str:
    """Return index.html."""
    rows = {
        requirement.id: [_over_vendors(subject, requirement, today) for subject in matrix.subjects]
        for requirement in matrix.requirements
    }
    asked, unasked = _apart(matrix.requirements, rows)
    return _render(
        "matrix_index.html.j2",
        matrix=matrix,
        today=today,
        families=_families(asked, rows),
        unasked=unasked,
        costly=_costly(matrix, today),
        current=lambda subject: current(subject, today),
        confirmed=lambda subject: _confirmed(subject, today),
    )


def render_subject_page(matrix: SubjectMatrix, subject: PlayedSubject, today: date) -> str:
    """Return the page of a subject."""
    judged = [play for play in subject.plays if play.cells]
    cells = {(play.provider, cell.requirement): cell for play in judged for cell in play.cells}
    rows = {
        requirement.id: [_at(play, cells.get((play.provider, requirement.id)), requirement) for play in judged]
        for requirement in matrix.requirements
    }
    broken = [
        (requirement, _stories(subject, requirement, cells, today))
        for requirement in matrix.requirements
        if any(story.requirement == requirement.id for story in subject.stories)
    ]
    asked, unasked = _apart(matrix.requirements, rows)
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for one in unasked:
        reasons[" ".join(dict.fromkeys(cell.why for cell in rows[one.id]))].append(one.id)
    return _render(
        "matrix_subject.html.j2",
        matrix=matrix,
        subject=subject,
        judged=judged,
        families=_families(asked, rows),
        unasked=reasons,
        broken=broken,
        worst=_worst(matrix, subject, today),
        told={requirement.id for requirement, _ in broken},
        outdated=lambda play: outdated(play, subject, today),
    )


def _over_vendors(subject: PlayedSubject, requirement: RequirementInfo, today: date) -> Shown:
    """Return the most urgent verdict over the vendors, which names those that have it."""
    at: defaultdict[Grade, list[str]] = defaultdict(list)
    for play in current(subject, today):
        if play.unsuited:
            at[Grade.NA].append(play.provider)
        for cell in play.cells:
            if cell.requirement == requirement.id:
                at[cell.grade(requirement.keyword)].append(play.provider)
    if not at:
        return Shown(sign=NONE, subject=subject.name, title=f"{subject.name}: no result")
    said = "; ".join(f"{grade} at {', '.join(at[grade])}" for grade in sorted(at, key=urgency))
    return Shown(sign=min(at, key=urgency).value, subject=subject.name, title=f"{subject.name}: {said}")


def _at(play: Play, cell: PlayedCell | None, requirement: RequirementInfo) -> Shown:
    if cell is None:
        return Shown(sign=NONE)
    return Shown(sign=cell.grade(requirement.keyword).value, why=cell.why)


def _stories(
    subject: PlayedSubject,
    requirement: RequirementInfo,
    cells: Mapping[tuple[str, str], PlayedCell],
    today: date,
) -> list[ShownStory]:
    shown = []
    for story in subject.stories:
        at = [(provider, cells.get((provider, story.requirement))) for provider in story.providers]
        violated = [(provider, cell) for provider, cell in at if cell and cell.outcome is Outcome.VIOLATED]
        if story.requirement != requirement.id or not violated:
            continue
        grades = sorted({cell.grade(requirement.keyword) for _, cell in violated}, key=urgency)
        plays = [play for provider, _ in violated if (play := subject.at(provider)) is not None]
        shown.append(
            ShownStory(
                story=story,
                signs=tuple(one.value for one in grades),
                anomaly=anomaly_in_words(violated[0][1].anomaly or ""),
                harm=_together((provider, HARMS[cell.harm]) for provider, cell in violated if cell.harm),
                confirmation=_together((provider, _confirmation(cell)) for provider, cell in violated),
                commands=tuple(shlex.join((*play.command, "-r", requirement.id)) for play in plays),
                outdated=next((why for play in plays if (why := outdated(play, subject, today))), ""),
            )
        )
    return shown


def _worst(matrix: SubjectMatrix, subject: PlayedSubject, today: date) -> list[Worst]:
    """Return what a subject breaks, as far as it holds today, the worst first."""
    found: list[tuple[tuple[int, int], Worst]] = []
    for requirement in matrix.requirements:
        cells = [
            (play.provider, cell)
            for play in current(subject, today)
            for cell in play.cells
            if cell.requirement == requirement.id and cell.outcome is Outcome.VIOLATED
        ]
        if not cells:
            continue
        weights = [(urgency(cell.grade(requirement.keyword)), _severity(cell.harm)) for _, cell in cells]
        provider, cell = cells[weights.index(min(weights))]
        story = subject.story(requirement.id, provider)
        worst = Worst(
            requirement=requirement.id,
            sign=cell.grade(requirement.keyword).value,
            providers=", ".join(at for at, _ in cells),
            happened=story.happened if story else requirement.statement,
            harm=HARMS[cell.harm] if cell.harm and cell.harm is not Harm.NONE_YET else "",
            confirmation=_together((at, str(one.confirmation or "")) for at, one in cells),
        )
        found.append((min(weights), worst))
    return [worst for _, worst in sorted(found, key=lambda one: one[0])]


def _costly(matrix: SubjectMatrix, today: date) -> list[Costly]:
    """Return the rules whose breaking has cost clients the grant, those that did so with the most clients first."""
    lost = Counter(
        rule
        for subject in matrix.subjects
        for rule in {
            cell.requirement
            for play in current(subject, today)
            for cell in play.cells
            if cell.outcome is Outcome.VIOLATED and cell.harm is Harm.GRANT_LOST
        }
    )
    found = [Costly(requirement=one, clients=lost[one.id]) for one in matrix.requirements if lost[one.id]]
    return sorted(found, key=lambda one: -one.clients)[:MOST_COSTLY]


def _apart(
    requirements: Iterable[RequirementInfo], rows: Mapping[str, list[Shown]]
) -> tuple[list[RequirementInfo], list[RequirementInfo]]:
    """Return the requirements of which a table says something, and those that apply nowhere in it."""
    asked, unasked = list[RequirementInfo](), list[RequirementInfo]()
    for one in requirements:
        signs = {cell.sign for cell in rows[one.id]}
        (unasked if Grade.NA.value in signs and signs <= {Grade.NA.value, NONE} else asked).append(one)
    return asked, unasked


def _confirmed(subject: PlayedSubject, today: date) -> str:
    """Count the violations that hold today and were confirmed, of how many; empty where there are none."""
    told = [cell.confirmation for play in current(subject, today) for cell in play.cells if cell.confirmation]
    return f"{told.count(Confirmation.CONFIRMED)} of {len(told)}" if told else ""


def _severity(harm: Harm | None) -> int:
    return list(Harm).index(harm) if harm else len(Harm)


def _confirmation(cell: PlayedCell) -> str:
    said = str(cell.confirmation or "")
    return f"{said}: {cell.remark}" if cell.remark else said


def _together(said: Iterable[tuple[str, str]]) -> str:
    """Say once what holds for all vendors, and otherwise which says what."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for provider, words in said:
        places[words].append(provider)
    if len(places) == 1:
        return next(iter(places))
    return "; ".join(f"{words} (at {', '.join(providers)})" for words, providers in places.items())


def _families(
    requirements: Iterable[RequirementInfo], rows: Mapping[str, list[Shown]]
) -> list[tuple[str, list[tuple[RequirementInfo, list[Shown]]]]]:
    families: defaultdict[str, list[tuple[RequirementInfo, list[Shown]]]] = defaultdict(list)
    for one in requirements:
        families[one.family].append((one, rows[one.id]))
    return list(families.items())


def _render(name: str, **content: object) -> str:
    style, script = resource(PACKAGE, "matrix.css"), resource(PACKAGE, "matrix.js")
    environment = html_environment(PACKAGE, "default")
    environment.globals |= {"shell": shlex.join, "words": WORDS, "legend_of": MEANINGS}
    return environment.get_template(name).render(style=style, script=script, policy=policy(style, script), **content)
