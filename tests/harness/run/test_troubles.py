"""A client that crashes, or is none, is told so: once, at the top, with exception, place and step; and nothing else is
made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from refreshproof.harness import Adapter, Outcome, TinyClient
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.run.smoke import UNPLAYABLE, tried
from refreshproof.harness.run.troubles import injected, told_once
from refreshproof.harness.run.under_test import SubjectFaultError, UnderTest, client_named
from refreshproof.harness.subjects.own import UnknownSubjectError
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.reports import Trouble
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.steps import Call, Fault, Lose, Mend
from refreshproof.scenarios.steps.subject import Surroundings

GENERIC, ATLASSIAN = VENDORS["generic"], VENDORS["atlassian"]


class Sound(Adapter):
    """A client that comes through, on which the others differ."""

    name = "sound"

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.client = TinyClient(surroundings)

    def authorize(self) -> str:
        return self.client.authorize()

    def callback(self, url: str) -> Outcome:
        return self.client.callback(url)

    def call(self) -> Outcome:
        return self.client.call()


class CrashesInCall(Sound):
    def call(self) -> Outcome:
        raise KeyError("missing")


class ReturnsNothing(Sound):
    def call(self) -> Outcome:
        self.client.call()
        return None  # type: ignore[return-value]


class MisspellsClaim(Sound):
    capabilities = frozenset({"refesh"})  # type: ignore[arg-type]


class CannotBeMade(Sound):
    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        raise ValueError(f"no settings for {self.registration.client_secret}")


class NeverLogsIn(Sound):
    def callback(self, url: str) -> Outcome:
        return Outcome(kind="permanent_error", error="invalid_client")


class CannotBeClosed(Sound):
    def close(self) -> None:
        raise OSError("the socket is gone")


class EndsTheProcess(Sound):
    def call(self) -> Outcome:
        raise SystemExit(0)


class CrashesAtAtlassian(Sound):
    def call(self) -> Outcome:
        if "atlassian" in self.registration.issuer:
            raise RuntimeError("not here")
        return super().call()


class BreaksTheRuleOnce(TinyClient):
    """Presents its first refresh token once, and never again in this process."""

    broken = False

    def call(self) -> Outcome:
        first, outcome = self.load(), super().call()
        now = self.load()
        if not BreaksTheRuleOnce.broken and first and now and now.refresh_token != first.refresh_token:
            BreaksTheRuleOnce.broken = True
            self.save(first)
        return outcome


class Lacking(Adapter):
    def authorize(self) -> str:
        return ""


class CrashesAfterNull(Sound):
    """Comes through, and raises where a refresh token is null."""

    def call(self) -> Outcome:
        before = self.client.load()
        outcome = super().call()
        after = self.client.load()
        if before and after and before.refresh_token and after.refresh_token is None:
            raise TypeError("None is no token")
        return outcome


def played(client: type[Adapter], *vendors: str, requirements: Sequence[str] = ("rotation-replace",)) -> Matrix:
    plan = Plan(
        subject=f"{__name__}:{client.__name__}",
        vendors=tuple(VENDORS[name] for name in vendors or ("generic", "atlassian")),
        requirements=tuple(requirements),
        examples=2,
    )
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    return matrix


def outcomes(matrix: Matrix) -> dict[str, str]:
    return {cell.vendor: cell.outcome for cell in matrix.results()}


@pytest.mark.parametrize(
    ("client", "exception", "what", "line"),
    [
        (CrashesInCall, "KeyError: 'missing'", "KeyError left the client in call", True),
        (ReturnsNothing, "", "ReturnsNothing.call returned None; allowed: an Outcome", True),
        (MisspellsClaim, "", "did you mean refresh?", True),
        (CannotBeMade, "ValueError: no settings for (the client's secret)", "the client could not be made", True),
        (EndsTheProcess, "", "the client ended the process with exit status 0", True),
    ],
)
def test_it_is_told_once_with_exception_and_place_and_all_is_blocked(
    client: type[Adapter], exception: str, what: str, line: bool
) -> None:
    matrix = played(client)
    [trouble] = matrix.told
    assert (trouble.exception, bool(trouble.line), trouble.stops) == (exception, line, True)
    assert what in trouble.what
    assert trouble.file.endswith("test_troubles.py")
    assert outcomes(matrix) == {"generic": "blocked", "atlassian": "blocked"}
    assert {cell.why for cell in matrix.results()} == {UNPLAYABLE}, "what it is, is told once"
    assert trouble.also == ("atlassian",)
    assert matrix.complete


def test_the_step_in_which_it_crashed_is_named() -> None:
    assert played(CrashesInCall, "generic").told[0].step == "The client calls the API."


def test_an_exception_of_one_line_is_told_for_each_operation() -> None:
    """A line that several operations run through is one place, and not one trouble."""
    [call, refresh] = [
        Trouble(where="client", what=f"KeyError left the client in {name}", exception="KeyError: 'x'", file="a.py",
                line=3, operation=name, provider="generic")
        for name in ("call", "refresh")
    ]  # fmt: skip
    assert told_once((call, refresh, call)) == (call, refresh)


def test_of_the_same_trouble_the_shortest_story_is_told_with_all_providers() -> None:
    def met(provider: str, steps: int, stops: bool = True) -> Trouble:
        scenario = {"steps": [{"step": "call"}] * steps}
        return Trouble(where="client", what="it hung", provider=provider, scenario=scenario, stops=stops)

    [told] = told_once((met("google", 5, stops=False), met("generic", 3, stops=False), met("google", 4, stops=False)))
    assert (told.provider, told.also, told.stops) == ("generic", ("google",), False)
    [told] = told_once((met("google", 2, stops=False), met("generic", 9), met("generic", 8)))
    assert (told.provider, told.also, told.stops) == ("generic", ("google",), True)


def test_what_had_been_injected_is_named_unless_it_was_mended() -> None:
    steps = (Fault(fault="status", parameters={"code": 503}), Call(), Lose(leg="request"), Call())
    assert injected(steps) == Lose(leg="request").prose()
    assert injected((*steps, Mend(), Call())) == ""


def test_a_login_that_never_succeeds_is_told_once_with_every_vendor_and_is_never_untested() -> None:
    matrix = played(NeverLogsIn)
    assert [(one.title, one.also) for one in matrix.told] == [
        ("the login never succeeded at generic: permanent error (invalid_client)", ("atlassian",))
    ]
    assert outcomes(matrix) == {"generic": "blocked", "atlassian": "blocked"}


class AsksForNoAudience(Sound):
    def authorize(self) -> str:
        return str(httpx.URL(super().authorize()).copy_remove_param("audience"))


def test_a_login_that_ends_on_a_page_of_the_vendors_is_told_with_what_the_page_said() -> None:
    assert [(one.title, one.provider) for one in played(AsksForNoAudience).told] == [
        (
            "the login never succeeded at atlassian: the vendor did not send the user back to the client; its last page"
            " said: invalid_request, Missing parameter: audience",
            "atlassian",
        )
    ]


def test_one_vendor_at_which_it_crashes_leaves_the_others_alone() -> None:
    matrix = played(CrashesAtAtlassian)
    assert [(one.provider, one.exception) for one in matrix.told] == [("atlassian", "RuntimeError: not here")]
    assert outcomes(matrix) == {"generic": "satisfied", "atlassian": "blocked"}


def test_a_close_that_fails_is_told_and_stops_nothing() -> None:
    matrix = played(CannotBeClosed)
    assert [(one.where, one.exception, one.stops) for one in matrix.told] == [
        ("close()", "OSError: the socket is gone", False)
    ]
    assert set(outcomes(matrix).values()) == {"satisfied"}


def test_an_exception_in_the_midst_of_a_scenario_is_told_and_stops_nothing() -> None:
    matrix = played(CrashesAfterNull, "generic", requirements=("rotation-keep-when-null",))
    assert [one.stops for one in matrix.told if one.exception.startswith("TypeError")] in ([], [False])


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("os:getcwd", "is no factory of clients"),
        (f"{__name__}:Lacking", "the class lacks call, callback"),
        ("./my_client.py:Client", "there is no such file"),
        ("no_such_module_here:X", "No module named"),
    ],
)
def test_what_is_no_client_is_refused_by_name(subject: str, told: str) -> None:
    with pytest.raises(UnknownSubjectError) as refused:
        client_named(subject)
    assert told in str(refused.value)


@pytest.mark.parametrize("subject", ["tiny", "engine"])
def test_a_good_client_comes_through_at_every_vendor(subject: str) -> None:
    factory = subject_factory(subject)
    assert [one for one in (tried(vendor, factory) for vendor in VENDORS.values()) if one.trouble is not None] == []


def test_a_violation_that_cannot_be_repeated_accuses_nobody() -> None:
    BreaksTheRuleOnce.broken = True
    client, requirement = UnderTest(BreaksTheRuleOnce), CATALOGUE["rotation-replace"]
    about = describe(client, GENERIC)
    BreaksTheRuleOnce.broken = False
    cell = judge(requirement, GENERIC, client, about.capabilities)
    assert (cell.outcome, cell.scenario) == ("subject_error", None)
    assert "kept it when the same scenario was played again" in cell.why


def test_the_plain_flow_counts_for_nothing() -> None:
    matrix = played(Sound, "generic")
    assert matrix.told == ()
    quiet = replace(matrix.plan, examples=0)
    again = Matrix.of(quiet)
    for event in run(quiet):
        again.take(event)
    assert again.virtual_time == sum(cell.virtual_time for cell in again.results())


def test_a_fault_of_the_client_is_an_exception_of_its_own() -> None:
    error = SubjectFaultError(Trouble(where="factory", what="it cannot be made"))
    assert str(error) == "it cannot be made"
    assert CORE
