"""The recorded matrix, `reports/matrix/`: each library still does what is written there, at its first vendor."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from refreshproof.harness.matrix.asking import asked, third_party
from refreshproof.harness.matrix.playing import Sitting, sat_through, told_of
from refreshproof.harness.subjects.registry import SUBJECTS
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports import Outcome
from refreshproof.reports.formats.matrix.document import NAME, matrix_from_dict
from refreshproof.reports.formats.matrix.pages import render_index
from refreshproof.reports.formats.matrix.values import PlayedSubject, SubjectMatrix
from refreshproof.scenarios.requirements import CATALOGUE

QUICK = tuple(name for name, one in CATALOGUE.items() if one.family == "rotation")
"""What CI plays again: the rules that a grant lives by. All of them take a minute and more for each library."""

KNOWN = (
    ("authlib-requests 1.9.9", "google", "rotation-keep-when-null", "RT1"),
    ("databricks-sdk 0.156.0", "generic", "expiry-never-present-expired", "after its expiry"),
    ("go-x-oauth2 0.3.0", "generic", "exchange-client-auth", "by client_secret_post after .* by client_secret_basic"),
    ("google-auth 2.62.2", "google", "rotation-keep-when-null", "RT1"),
    ("mcp 2.3.0", "generic", "failure-transient-keeps-grant", "the user is needed; .* status 503"),
    ("mcp 2.3.0", "generic", "refresh-without-user", "no refresh had failed"),
    ("msal 1.39.0", "microsoft", "failure-outage-pause-is-told", "status 503 .* nothing was sent"),
    ("msal 1.39.0", "microsoft", "failure-pause-is-told", "invalid_request .* nothing was sent"),
    ("msal 1.39.0", "microsoft", "rotation-keep-though-rotating", "instead of RT1|ended in a crash"),
    ("node-google-auth-library 10.9.1", "generic", "rotation-replace", "RT1 again although RT2 had replaced it"),
    ("node-simple-oauth2 5.1.0", "google", "rotation-keep-when-absent", "an empty refresh token instead of RT1"),
    ("perl-lwp-authen-oauth2 0.20", "generic", "expiry-leg-delays", "after its expiry"),
    ("prawcore 4.0.0", "generic", "expiry-never-present-expired", "after its expiry"),
    ("requests-oauthlib 2.0.0", "google", "rotation-keep-when-null", "RT1"),
    ("requests-oauthlib-one-session 2.0.0", "generic", "expiry-recomputed", "AT2 came without expires_in"),
    ("slack-sdk 3.48.0", "slack", "rotation-pairs-apart", "the refresh of RT2 failed; .* RT1 was presented again"),
    ("social-auth-core 7.0.0", "generic", "expiry-never-present-expired", "after its expiry"),
)
"""What is known of clients otherwise too: client and version, where, under which rule, and words of the story."""


@pytest.fixture(scope="module")
def recorded(tree: Path) -> SubjectMatrix:
    """The matrix that the project holds."""
    return matrix_from_dict(json.loads((tree / "reports" / "matrix" / NAME).read_text()))


def differences(subject: PlayedSubject, requirements: tuple[str, ...]) -> list[str]:
    """Play a subject at the first vendor that it was played at, and tell by requirement what is otherwise."""
    then = next((play for play in subject.plays if not play.unsuited), None)
    if then is None:
        pytest.skip(f"{subject.name} has not been played at any vendor yet")
    told = asked(subject.name, [VENDORS[then.provider]])
    if told.missing:
        pytest.skip(f"{subject.name} is not to be had here: {told.missing}")
    if told.version != then.version:
        pytest.skip(f"{subject.name} was recorded with {then.version}; {told.version} is installed")
    now, _ = sat_through(
        Sitting(
            asked=told,
            vendor=VENDORS[then.provider],
            seed=then.seed,
            day=date(2026, 11, 30),
            told=told_of(subject),
            requirements=requirements,
        )
    )
    before = {cell.requirement: (cell.outcome, cell.anomaly) for cell in then.cells}
    blocked = {cell.requirement for cell in then.cells if cell.outcome is Outcome.BLOCKED}
    untold = blocked if set(requirements) < set(CATALOGUE) else set()  # what they build on may not be among the rules
    after = {cell.requirement: (cell.outcome, cell.anomaly) for cell in now.cells}
    return [
        f"{subject.name} at {then.provider}: {name}: {before.get(name, 'not recorded')} -> {after[name]}"
        for name in after
        if name not in untold and before.get(name) != after[name]
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", third_party())
@pytest.mark.parametrize(
    "requirements",
    [
        pytest.param(QUICK, id="quick", marks=pytest.mark.slow),
        pytest.param(tuple(CATALOGUE), marks=pytest.mark.long, id="all"),
    ],
)
def test_a_library_does_what_is_recorded(name: str, requirements: tuple[str, ...], recorded: SubjectMatrix) -> None:
    subject = next((one for one in recorded.subjects if one.name == name), None)
    if subject is None:
        pytest.skip(f"{name} is not in the recorded matrix yet; `refreshproof matrix --out reports/matrix` adds it")
    told = differences(subject, requirements)
    assert not told, "\n".join(told)


@pytest.mark.parametrize("name", third_party())
def test_what_is_recorded_is_of_the_version_that_is_pinned(name: str, recorded: SubjectMatrix, tree: Path) -> None:
    """A page is grey where its version is not the installed one; what the project shows is of what it pins."""
    plays = next((one.plays for one in recorded.subjects if one.name == name), ())
    about = vars(SUBJECTS[name].factory)
    if not plays or "module" not in about:
        pytest.skip(f"{name} is not recorded yet, or is a program")
    lines = (tree / ".ci" / "constraints.txt").read_text().lower().replace("_", "-").split("\n")[1:-1]
    pins = dict(line.split("==") for line in lines)
    library = pytest.importorskip(f"refreshproof.harness.subjects.third_party.{about['module']}")
    pinned = pins[getattr(library, about["subject"]).distribution.lower().replace("_", "-")]
    assert {play.version for play in plays} == {pinned}, f"`refreshproof matrix {name} --out reports/matrix` records it"


@pytest.mark.parametrize(("client", "provider", "requirement", "words"), KNOWN)
def test_what_is_known_of_a_client_stands_in_the_matrix_under_the_rule_that_names_it(
    client: str, provider: str, requirement: str, words: str, recorded: SubjectMatrix
) -> None:
    name, version = client.split()
    (subject,) = (one for one in recorded.subjects if one.name == name)
    play = subject.at(provider)
    assert play is not None
    assert play.version == version
    assert {cell.requirement: cell.outcome for cell in play.cells}[requirement] is Outcome.VIOLATED
    story = subject.story(requirement, provider)
    assert story is not None
    assert re.search(words, story.happened), story.happened


def test_what_is_recorded_can_be_read_and_shown(recorded: SubjectMatrix, tree: Path) -> None:
    assert {one.name for one in recorded.subjects} <= set(third_party())
    assert {one.id for one in recorded.requirements} <= set(CATALOGUE)
    assert "<table" in render_index(recorded, date(2026, 11, 30))
    assert (tree / "reports" / "matrix" / "index.html").stat().st_size < 1_500_000
    assert (tree / "reports" / "matrix" / NAME).stat().st_size < 3_000_000
