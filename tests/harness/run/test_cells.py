"""A cell counts what was played in it, and accuses a client only of what it does again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import ClassVar

import pytest

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import UNSTEADY, Cell, Told, judge, witness
from refreshproof.harness.run.story import story_of
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.harm import Harm
from refreshproof.scenarios.evidence.journal import Journal, TableMove
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.play.remembered import Remembered
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Authorize, Call, Restart, Revoke, Until
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME, Capability, Outcome, Surroundings

GENERIC = VENDORS["generic"]
ROTATION = CATALOGUE["rotation-replace"]
DAY = 86_400
EXPIRED = Until(limit="access_token_expiry", offset=1)
SHORT, LONG = flow(Call(), name="short"), flow(EXPIRED, Call(times=2, every=4000), name="long")


def judged(check: object, **options: object) -> Cell:
    """Judge a client in two scenarios by a check of one's own."""
    requirement = replace(ROTATION, scenarios=(SHORT, LONG), check=check)  # type: ignore[arg-type]
    return judge(requirement, GENERIC, TinyClient, frozenset(), **options)  # type: ignore[arg-type]


def refreshes(evidence: Evidence) -> int:
    return len(evidence.refreshes)


def twice(evidence: Evidence) -> Verdict:
    """Break where a client refreshes more than once."""
    return violated("too often", 1, expected="once") if refreshes(evidence) > 1 else exercised(True)


def test_what_was_played_without_a_violation_is_counted_together() -> None:
    journals: list[Journal] = [play(GENERIC, TinyClient, one) for one in (SHORT, LONG)]
    cell = judged(lambda evidence: exercised(True))
    assert (cell.outcome, cell.examples) == ("satisfied", 2)
    assert cell.virtual_time == sum(one.span for one in journals) > 4_000_000_000
    assert cell.moves == sum((one.moves for one in journals), Counter[TableMove]())
    assert cell.moves.total() == 2


def test_the_worst_verdict_of_the_scenarios_is_the_cells_with_its_words_and_numbers() -> None:
    cell = judged(lambda one: exercised(True) if refreshes(one) else alternative("another way", 7))
    assert (cell.outcome, cell.why, cell.witness) == ("alternative", "another way", (7,))


def test_what_is_not_the_best_is_told_by_its_shortest_story_and_as_it_was_at_another_vendor() -> None:
    told = CATALOGUE["failure-terminal-stops"]
    days = flow(Call(), EXPIRED, Revoke(), Call(times=3, every=10), Restart(), Call(times=3, every=DAY))
    requirement = replace(told, scenarios=(days, told.scenarios[1]))
    found = judge(requirement, GENERIC, EngineSubject, frozenset())
    assert (found.outcome, found.harm, found.anomaly, found.examples) == ("alternative", None, None, 2)
    assert found.scenario is not None
    assert [type(one) for one in found.scenario.steps] == [Authorize, Revoke, Call]
    assert found.why == (
        "A refused refresh token was tried again, a day or more after each refusal (tries: 1); meanwhile every caller"
        " was told that the user is needed."
    )
    story = story_of(found, "engine", GENERIC)
    assert story is not None
    assert (story.expected, story.pytest) == (requirement.statement, "")
    there = judge(requirement, VENDORS["google"], EngineSubject, frozenset(), told={"alternative": found.scenario})
    assert (there.outcome, there.scenario) == ("alternative", found.scenario)


def test_what_is_not_the_best_once_and_never_again_has_no_story() -> None:
    verdicts = iter([alternative("another way")])
    cell = judged(lambda one: next(verdicts, exercised(True)))
    assert (cell.outcome, cell.why, cell.scenario) == ("alternative", "another way", None)


def test_a_violation_is_counted_with_all_that_was_played() -> None:
    for known, examples in (((), 2), ((SHORT,), 3), ((LONG,), 3)):
        cell = judged(twice, known=known, shorten=False)
        assert (cell.outcome, cell.examples, cell.expected) == ("violated", examples, "once")
        assert (cell.why, cell.witness, cell.anomaly) == ("too often", (1,), ROTATION.anomaly)


def test_the_story_of_a_violation_is_the_shortest_and_what_is_told_of_it_is_what_was_played_of_that() -> None:
    short, plain = judged(twice), judged(twice, shorten=False)
    assert plain.scenario is not None
    assert plain.scenario.steps == LONG.steps
    assert short.scenario is not None
    assert short.scenario.steps != LONG.steps
    for cell in (short, plain):
        assert cell.journal is not None
        assert (cell.virtual_time, cell.moves) == (cell.journal.span, cell.journal.moves)
    assert witness(replace(ROTATION, check=twice), GENERIC, TinyClient, LONG).examples == 1


class AsksAtOnce(TinyClient):
    """Asks for the user at the first expiry, and at the second for good."""

    asked = 0

    def renewed(self, grant: Grant, refresh_token: str) -> Grant:
        """Count the expiries."""
        self.asked += 1
        if self.asked == 2:
            self.disk.grant = replace(grant, dead=True)
        raise Failure(Outcome(kind="reauthorization_required" if self.asked > 1 else "transient_error"))


def harmed(evidence: Evidence) -> Verdict:
    """Break in every story."""
    return violated("always", expected="never")


ONCE, TWICE = flow(EXPIRED, Call(), name="once"), flow(Call(), EXPIRED, Call(times=9, every=60), name="nine times")


def test_the_worst_harm_of_all_stories_decides_and_the_shortest_that_keeps_it_is_told() -> None:
    requirement = replace(ROTATION, scenarios=(ONCE, TWICE, SHORT), check=harmed)
    found = judge(requirement, GENERIC, AsksAtOnce, frozenset())
    assert (found.harm, found.examples) == (Harm.GRANT_LOST, 2)
    assert found.scenario is not None
    assert [step.prose() for step in found.scenario.steps] == [
        "Alice logs in and consents.",
        "Time passes until the access token expiry.",
        "The client calls the API 2 times, with no time between.",
    ]


def broken_at(vendor: str, scenario: Scenario, **options: object) -> Cell:
    """Shorten a story in which a client asks for the user, by a rule that names the loss of the grant apart."""
    requirement = replace(ROTATION, check=asked_or_lost)
    return witness(requirement, VENDORS[vendor], AsksAtOnce, scenario, **options)  # type: ignore[arg-type]


def asked_or_lost(evidence: Evidence) -> Verdict:
    """Break where the user is asked for, with an anomaly of its own where that is at the second refusal."""
    told = [one.kind for one in evidence.calls]
    if "reauthorization_required" in told:
        return violated("lost", expected="kept", anomaly="A2")
    return violated("failed", expected="kept") if "transient_error" in told else exercised(True)


def test_the_anomaly_of_a_story_is_that_of_the_shortest() -> None:
    assert broken_at("generic", ONCE).anomaly == ROTATION.anomaly
    long = broken_at("generic", TWICE)
    assert long.anomaly == "A2"
    assert long.scenario is not None
    assert [type(one) for one in long.scenario.steps] == [Authorize, Until, Call]


def as_told(story: Scenario | None) -> Told:
    return {} if story is None else {"violated": story}


class Counting:
    """Makes clients, and counts them."""

    made = 0

    def __call__(self, surroundings: Surroundings) -> AsksAtOnce:
        self.made += 1
        return AsksAtOnce(surroundings)


def test_a_short_story_is_told_of_another_vendor_too_where_it_shows_the_same_there() -> None:
    told, counting = broken_at("generic", TWICE), Counting()
    requirement = replace(ROTATION, check=asked_or_lost)
    found = witness(requirement, VENDORS["atlassian"], counting, TWICE, told=as_told(told.scenario))
    assert found.scenario == told.scenario
    assert (found.vendor, found.anomaly, found.harm) == ("atlassian", told.anomaly, told.harm)
    assert counting.made == 5, "the story that was found, that of the other vendor, and that three times for the report"


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(SHORT, id="no violation"),
        pytest.param(ONCE, id="another anomaly and less harm"),
        pytest.param(replace(TWICE, profile={"no.such.field": 1}), id="not to be played"),
    ],
)
def test_where_the_story_of_another_vendor_does_not_show_it_one_is_found_at_this_one(elsewhere: Scenario) -> None:
    own, found = broken_at("atlassian", TWICE), broken_at("atlassian", TWICE, told=as_told(elsewhere))
    assert (found.scenario, found.anomaly, found.harm) == (own.scenario, own.anomaly, Harm.GRANT_LOST)
    assert found.scenario != elsewhere


def test_a_story_with_less_harm_is_not_told_in_the_place_of_a_worse_one() -> None:
    requirement = replace(ROTATION, check=harmed)
    found = witness(requirement, VENDORS["atlassian"], AsksAtOnce, TWICE, told=as_told(ONCE))
    assert found.scenario != ONCE
    assert found.harm == Harm.GRANT_LOST


def test_what_is_remembered_accuses_nobody_the_story_itself_is_played_once_more() -> None:
    counting, playing = Counting(), Remembered()
    requirement = replace(ROTATION, scenarios=(ONCE,), check=harmed)
    again = [judge(requirement, GENERIC, counting, frozenset(), playing=playing, shorten=False) for _ in range(2)]
    assert [one.outcome for one in again] == ["violated", "violated"]
    assert counting.made == 7


def test_what_a_story_harms_though_the_rule_is_kept_is_told() -> None:
    requirement = replace(ROTATION, scenarios=(SHORT, TWICE), check=lambda evidence: exercised(True))
    assert judge(requirement, GENERIC, AsksAtOnce, frozenset()).harmful == (TWICE,)
    assert judge(requirement, GENERIC, TinyClient, frozenset()).harmful == ()


def test_harm_that_another_rule_names_is_not_named_again() -> None:
    rest = replace(CATALOGUE["outcome-no-harm"], scenarios=(TWICE,))
    named = replace(ROTATION, check=harmed)
    assert judge(rest, GENERIC, AsksAtOnce, frozenset()).outcome == "violated"
    assert judge(rest, GENERIC, AsksAtOnce, frozenset(), broken=(ROTATION,)).outcome == "violated"
    assert judge(rest, GENERIC, AsksAtOnce, frozenset(), broken=(named,)).outcome == "satisfied"


class BreaksItOnce(TinyClient):
    """Presents the refresh token of its login a second time, in its first life only."""

    lives: ClassVar[list[object]] = []
    first = ""

    def renewed(self, grant: Grant, refresh_token: str) -> Grant:
        """Look whether this is the first life."""
        if all(one is not self.surroundings for one in self.lives):
            self.lives.append(self.surroundings)
        self.first = self.first or refresh_token
        return super().renewed(grant, self.first if self.lives[0] is self.surroundings else refresh_token)


@pytest.mark.parametrize("shorten", [True, False])
def test_a_client_that_does_not_break_a_rule_again_is_not_accused(
    shorten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BreaksItOnce, "lives", [])
    requirement = replace(ROTATION, scenarios=(LONG,))
    cell = judge(requirement, GENERIC, BreaksItOnce, frozenset(), shorten=shorten)
    assert (cell.outcome, cell.why, cell.examples) == ("subject_error", UNSTEADY, 1)


class BreaksItLater(TinyClient):
    """Presents the refresh token before the newest at its third refresh; in its first lives at the second too, as
    though by chance."""

    lives: ClassVar[list[object]] = []
    before, refreshes = "", 0

    def renewed(self, grant: Grant, refresh_token: str) -> Grant:
        """Count lives and refreshes."""
        if all(one is not self.surroundings for one in self.lives):
            self.lives.append(self.surroundings)
        self.refreshes += 1
        by_chance = self.refreshes == 2 and len(self.lives) <= 9
        presented = self.before if self.refreshes == 3 or by_chance else refresh_token
        self.before = refresh_token
        return super().renewed(grant, presented)


def test_a_story_that_was_shortened_to_what_hangs_on_chance_is_shortened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BreaksItLater, "lives", [])
    long = flow(EXPIRED, Call(times=6, every=4000), Call())
    cell = judge(replace(ROTATION, scenarios=(long,)), GENERIC, BreaksItLater, frozenset())
    assert (cell.outcome, cell.why) == (
        "violated",
        "The next refresh presented RT2 again although RT3 had replaced it.",
    )
    assert cell.scenario is not None
    assert cell.scenario.prose()[-1] == "The client calls the API 4 times, 58 minutes apart."


def test_the_seed_of_the_run_is_that_of_its_scenarios() -> None:
    cell = judge(ROTATION, GENERIC, MINIATURES[ROTATION.id].client, frozenset(), seed=7, shorten=False)
    assert cell.scenario is not None
    assert cell.scenario.seed == 7


def test_a_client_is_not_asked_for_what_it_cannot_do_nor_where_a_vendor_has_no_such_case() -> None:
    needy = replace(ROTATION, needs=frozenset({"pages", "clock"}))
    both: list[tuple[set[Capability], str]] = [(set(), "clock, pages"), ({"pages"}, "clock")]
    for able, missing in both:
        cell = judge(needy, GENERIC, TinyClient, frozenset(able))
        assert (cell.outcome, cell.examples) == ("unsupported", 0)
        assert cell.why == f"The client under test cannot: {missing}."
    assert judge(needy, GENERIC, TinyClient, frozenset({"pages", "clock", "refresh"})).outcome == "satisfied"
    nowhere = replace(needy, applies=lambda vendor: False)
    assert judge(nowhere, GENERIC, TinyClient, frozenset()).outcome == "not_applicable"


@pytest.mark.parametrize(
    ("lifetime", "told", "ever", "outcome"),
    [
        (MINIMUM_LIFETIME - 1, True, False, "unsupported"),
        (MINIMUM_LIFETIME, True, False, "not_exercised"),
        (MINIMUM_LIFETIME, False, False, "unsupported"),
        (MINIMUM_LIFETIME - 1, True, True, "not_exercised"),
        (MINIMUM_LIFETIME - 1, False, True, "not_exercised"),
    ],
)
def test_a_client_that_wants_lasting_tokens_is_excused_where_none_is_to_be_had(
    lifetime: int, told: bool, ever: bool, outcome: str
) -> None:
    profile = GENERIC.profile
    profile = replace(
        profile,
        lifetimes=replace(profile.lifetimes, access_token=lifetime, access_token_longest=None),
        response=replace(profile.response, expires_in="number" if told else "omitted"),
        issuance=replace(profile.issuance, ever=ever),
    )
    never = replace(ROTATION, applies=lambda vendor: True, check=lambda evidence: exercised(False, "never"))
    vendor = replace(GENERIC, profile=profile)
    assert judge(never, vendor, TinyClient, frozenset({"minimum_lifetime"})).outcome == outcome
    assert judge(never, vendor, TinyClient, frozenset()).outcome == "not_exercised"
