"""Runs that begin at a date: which client the day of a change ends, and that what was found is found again."""

import json
import os
import shlex
from pathlib import Path

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.cli.command import main
from refreshproof.harness.cli.lists import provider_row
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.run.replaying import replay
from refreshproof.harness.run.saved import Saved
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.dates import day, instant_of
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.dated import as_dated, date_of, dated, when_met
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports.formats.registry import DEFAULT_FORMATS
from refreshproof.scenarios.exploration.exhaustive import limit_triples
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Until
from refreshproof.scenarios.steps.subject import SubjectFactory


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[3])) / "README.md"
MARK = "<!-- executed by tests/harness/run/test_dates.py -->\n```sh\n"
RULE = "lifecycle-announced-change"
EVE = instant_of("2027-03-31")
OTHERWISE: dict[tuple[SubjectFactory, str], str] = {(EngineSubject, "zendesk-endless"): "unsupported"}
"""Who takes no part where, with how that is told."""
ANNOUNCING = [name for name, one in VENDORS.items() if one.profile.announced]


@pytest.mark.parametrize("name", ANNOUNCING)
@pytest.mark.parametrize("client", [TinyClient, EngineSubject])
def test_a_correct_client_lives_through_every_announced_change(name: str, client: SubjectFactory) -> None:
    found = judge(CATALOGUE[RULE], VENDORS[name], client, describe(client, VENDORS[name]).capabilities)
    usual = "alternative" if name == "hubspot-v1" else "satisfied"
    assert found.outcome == OTHERWISE.get((client, name), usual), found.why


def test_a_client_that_failed_before_the_day_is_not_said_to_fail_for_its_sake() -> None:
    """It takes no token that comes without a lifetime and without a refresh token."""
    found = judge(CATALOGUE[RULE], VENDORS["zendesk-endless"], EngineSubject, frozenset())
    assert (found.outcome, found.why) == ("not_exercised", "A call failed before 2027-04-01 came.")


def test_a_client_without_a_rule_for_endless_tokens_dies_on_the_first_of_april() -> None:
    met = dated(VENDORS["zendesk-endless"], EVE)
    found = judge(CATALOGUE[RULE], met, MINIATURES[RULE].client, frozenset())
    assert found.outcome == "violated"
    assert found.why.startswith("2027-04-01 came.")
    assert found.journal is not None
    assert found.journal.started_at == EVE


def test_a_client_that_keeps_its_first_refresh_token_dies_where_rotation_begins() -> None:
    found = judge(CATALOGUE[RULE], VENDORS["salesforce-commerce"], MINIATURES["rotation-replace"].client, frozenset())
    assert (found.outcome, "RT1" in found.why) == ("violated", True)


@pytest.mark.parametrize("name", ["google", "zendesk"])
def test_the_rule_asks_nothing_of_a_vendor_that_has_announced_nothing(name: str) -> None:
    assert not CATALOGUE[RULE].applies(VENDORS[name])


def test_what_a_life_meets_depends_on_its_date_alone() -> None:
    story = flow(Call(), Advance(seconds=2 * 86_400), Call())
    vendor = VENDORS["zendesk-endless"]
    kinds = [
        [one.kind for one in play(met, TinyClient, story).outcomes("call")]
        for met in (vendor, dated(vendor, EVE), dated(vendor, EVE, strict_future=True))
    ]
    assert kinds == [["ok", "ok"], ["ok", "reauthorization_required"], ["ok", "ok"]]


def test_a_story_that_leaps_with_local_time_begins_where_it_always_does() -> None:
    fixed = Scenario(steps=(), begins="fixed")
    assert play(dated(VENDORS["zendesk-endless"], EVE), TinyClient, fixed).started_at == 1_900_000_000_000_000


def test_every_small_life_reaches_the_day_where_there_is_one() -> None:
    standing = VENDORS["zendesk-endless"]
    reached = [
        {step.limit for story in limit_triples(met) for step in story.steps if isinstance(step, Until)}
        for met in (standing, dated(standing, EVE))
    ]
    assert [("announced_change" in limits) for limits in reached] == [False, True]


@pytest.mark.parametrize(("at", "strict"), [(EVE, False), (None, True), (EVE, True), (None, False)])
def test_a_saved_story_is_played_again_at_its_date(at: int | None, *, strict: bool) -> None:
    met = dated(VENDORS["zendesk-endless"], at, strict)
    told = date_of(met)
    again = as_dated(VENDORS["zendesk-endless"], told.get("at"), told.get("future"))
    assert (again, again.lived) == (met, met.lived)
    saved = Saved(scenario=flow(Call()), provider=met.name, requirement="outcome-no-harm", **told)
    document = json.loads(json.dumps(saved.to_document()))
    assert replay(document, TinyClient).journal.started_at == (1_900_000_000_000_000 if at is None else at)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"at": "soon"}, "at: found 'soon'; expected a date, such as 2027-03-31"),
        ({"future": "lax"}, "allowed is 'strict'"),
    ],
)
def test_a_saved_story_of_no_date_is_refused(about: dict[str, str], told: str) -> None:
    document = {**flow(Call()).to_document(), "provider": "zendesk", "requirement": "outcome-no-harm", **about}
    with pytest.raises(ValueError, match=told):
        replay(document, TinyClient)


def test_a_vendor_is_told_with_its_date() -> None:
    assert when_met(VENDORS["zendesk"]) == ""
    assert when_met(dated(VENDORS["zendesk"], EVE, strict_future=True)) == (
        ", from 2027-03-31 on, with all that it has announced"
    )


@pytest.mark.parametrize(("date", "stale"), [("2026-12-31", False), ("2027-05-29", False), ("2027-05-30", True)])
def test_a_vendor_is_marked_when_nobody_has_looked_at_it_for_180_days(date: str, *, stale: bool) -> None:
    row = provider_row(VENDORS["zendesk-endless"], day(date))
    assert (row["seen"], row["stale"]) == ("2026-11-30", stale)
    assert ("not looked at since 2026-11-30" in row["news"]) is stale
    assert "2027-04-01: Access tokens that were issued without an end are over." in row["news"]


def test_a_run_at_a_date_says_so_and_saves_what_plays_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = README.read_text().partition(MARK)[2].partition("```")[0].strip()
    _, *words = shlex.split(line)
    formats = [word for name in (*DEFAULT_FORMATS, "har") for word in ("--report", name)]
    code, out, err = call(capsys, *words, "--examples", "0", "-j", "1", "--out", str(tmp_path), *formats)
    assert code == 1
    assert "from 2027-03-31 on" in err
    assert f"FAIL {RULE} at zendesk-endless" in out
    file = next((tmp_path / "scenarios").glob("*.json"))
    assert json.loads(file.read_text())["at"] == "2027-03-31T00:00:00+00:00"
    assert call(capsys, "replay", str(file))[0] == 1
    about = json.loads((tmp_path / "results.json").read_text())["run"]
    assert (about["at"], about["strict_future"]) == ("2027-03-31T00:00:00+00:00", False)
    assert ", seed 0, from 2027-03-31 on" in out
    assert "<dd>from 2027-03-31 on</dd>" in (tmp_path / "index.html").read_text()
    assert ", seed 0, from 2027-03-31 on." in (tmp_path / "summary.md").read_text()
    assert '<property name="date" value="from 2027-03-31 on" />' in (tmp_path / "junit.xml").read_text()
    recording = str(next((tmp_path / "har").glob("*.har")))
    told = [call(capsys, "judge", recording, *date)[1] for date in ((), ("--at", "2027-05-01"))]
    assert [", from 2027-03-31 on" in one for one in told] == [True, False]
    assert ", from 2027-05-01 on" in told[1]


def test_what_is_no_date_is_named_with_what_is(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["run", "tiny"], ["judge", "x.har"], ["compare", "a", "b"], ["matrix"], ["serve", "zendesk"]):
        code, _, err = call(capsys, *command, "--at", "31.3.2027")
        assert code == 4
        assert (
            "Invalid value for '--at': found '31.3.2027'; expected a date, such as 2027-03-31 or"
            " 2027-03-31T09:00:00+02:00: that is no day of the calendar in ISO 8601"
        ) in " ".join(err.replace("│", " ").split())


def test_two_clients_are_compared_at_a_date(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("-p", "zendesk-endless", "-r", RULE, "--at", "2027-03-31", "--examples", "0", "-j", "1")
    code, out, err = call(capsys, "compare", "tiny", f"miniature:{RULE}", *words)
    assert code == 1
    assert "old: tiny, from 2027-03-31 on, seed 0" in err
    assert f"new: miniature:{RULE} 1, seed 0, from 2027-03-31 on" in out


@pytest.mark.parametrize(
    ("met", "told"),
    [
        (dated(VENDORS["zendesk-endless"], instant_of("2027-04-02")), ", from 2027-04-02 on"),
        (dated(VENDORS["zendesk-endless"], None, strict_future=True), ", with all that it has announced"),
    ],
)
def test_a_rule_that_nothing_is_left_for_at_a_date_says_why(met: Vendor, told: str) -> None:
    found = judge(CATALOGUE[RULE], met, TinyClient, frozenset())
    changes = "; ".join(f"{one.effective}: {one.what}" for one in VENDORS["zendesk-endless"].profile.announced)
    assert (found.outcome, found.why) == (
        "not_applicable",
        f"The vendor has no such case any more{told}. It had it before what is in force by then ({changes}).",
    )
    never = judge(CATALOGUE["authz-google-offline"], met, TinyClient, frozenset())
    assert never.why == "The vendor has no such case."
