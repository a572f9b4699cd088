"""A small matrix of subjects in which everything comes up that the pages and the document have to show."""

from __future__ import annotations

from datetime import date

from refreshproof.reports import Harm, Keyword, Outcome, RequirementInfo
from refreshproof.reports.formats.matrix.values import (
    Confirmation,
    Play,
    PlayedCell,
    PlayedStory,
    PlayedSubject,
    SubjectMatrix,
)

DAY = date(2026, 11, 30)
REQUIREMENT = RequirementInfo(
    id="rotation-replace",
    keyword=Keyword.SHOULD,
    statement="A new refresh token replaces the old one.",
    source="RFC 6749 section 6",
    effect="It works for one more lifetime.",
    fix="Store the new one.",
    family="rotation",
    links=("https://www.rfc-editor.org/rfc/rfc6749#section-6",),
)
OTHER = RequirementInfo(
    id="failure-no-loop",
    keyword=Keyword.MUST,
    statement="Nothing asks for ever.",
    source="RFC 6749 section 5.2",
    effect="The vendor throttles.",
    fix="Wait.",
    family="failure",
)
STORY = PlayedStory(
    requirement="rotation-replace",
    providers=("atlassian",),
    prose=("Alice logs in and consents.", "The client calls the API."),
    expected="The next refresh presents RT2.",
    happened="The next refresh presented RT1 again.",
    scenario={"scenario": 1, "steps": [{"step": "authorize"}, {"step": "call"}]},
)


def play(provider: str, *cells: PlayedCell, day: date = DAY, version: str = "1.0", unsuited: str = "") -> Play:
    """Return what was played at a vendor."""
    return Play(
        provider=provider,
        library="Sample Session",
        version=version,
        day=day,
        judged_by="0.1.0+0123456789",
        seed=0,
        command=("refreshproof", "run", "sample", "-p", provider, "--examples", "0", "--seed", "0"),
        unsuited=unsuited,
        cells=cells,
    )


def violated(harm: Harm = Harm.NONE_YET, confirmation: Confirmation = Confirmation.NOT_CONFIRMED) -> PlayedCell:
    """Return the cell of a violation."""
    return PlayedCell(
        requirement="rotation-replace",
        outcome=Outcome.VIOLATED,
        anomaly="A1",
        harm=harm,
        confirmation=confirmation,
        remark="it could not be played over sockets: <why>" if confirmation is Confirmation.NOT_CONFIRMED else "",
    )


def kept(requirement: str = "rotation-replace") -> PlayedCell:
    """Return the cell of a rule that was kept."""
    return PlayedCell(requirement=requirement, outcome=Outcome.SATISFIED)


def sample_matrix(**changes: object) -> SubjectMatrix:
    """Return a matrix of two subjects, one of which cannot be had."""
    sample = PlayedSubject(
        name="sample",
        summary="a client <of> nobody's",
        installed="1.0",
        plays=(
            play("atlassian", violated(Harm.GRANT_LOST), kept("failure-no-loop")),
            play(
                "generic",
                PlayedCell(
                    requirement="rotation-replace", outcome=Outcome.NOT_APPLICABLE, why="The vendor has no such case."
                ),
                PlayedCell(requirement="failure-no-loop", outcome=Outcome.SUBJECT_ERROR, why="It came to no end."),
            ),
            play("google", unsuited="It knows one vendor alone."),
        ),
        stories=(STORY,),
    )
    missing = PlayedSubject(name="absent", summary="not there", missing="No module named 'absent'")
    values: dict[str, object] = {
        "version": "0.1.0",
        "command": ("refreshproof", "matrix"),
        "requirements": (REQUIREMENT, OTHER),
        "subjects": (missing, sample),
    }
    return SubjectMatrix(**(values | changes))  # type: ignore[arg-type]
