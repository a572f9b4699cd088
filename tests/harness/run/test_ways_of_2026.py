"""The engine and the rules at vendors that behave in the ways that reports of 2025 and 2026 tell of."""

from dataclasses import replace

import pytest

from kit.misbehaviour_of_2026 import OF_2026
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.run.smoke import SMOKE, tried
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.mock_servers.misbehaviours.catalogue import misbehaviours
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.vendor import Vendor, well_behaved
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.fitting import LAST_MOMENT, fitted
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Until
from refreshproof.scenarios.steps.subject import SubjectFactory

PLAIN = well_behaved(GENERIC)
WAYS = {name: misbehaviours()[name].on(PLAIN) for name in OF_2026}
LIVE = WAYS["rot-while-access-token-lives"]


def outcome(requirement: str, vendor: Vendor, client: SubjectFactory = EngineSubject) -> str:
    capabilities = describe(client, vendor).capabilities
    return judge(CATALOGUE[requirement], vendor, client, capabilities, shorten=False).outcome


def seen(requirement: str, vendor: Vendor, client: SubjectFactory, story: Scenario) -> str:
    evidence = Evidence(journal=play(vendor, client, story), profile=vendor.profile)
    return CATALOGUE[requirement].check(evidence).outcome


@pytest.mark.parametrize("name", WAYS)
def test_the_engine_comes_through_a_plain_flow(name: str) -> None:
    assert tried(WAYS[name], EngineSubject).reason == ""
    assert describe(EngineSubject, WAYS[name]).unsuited is None


@pytest.mark.parametrize("name", sorted(set(WAYS) - {"auth-assertion-once"}))
def test_so_does_a_small_client(name: str) -> None:
    assert tried(WAYS[name], TinyClient).reason == ""


def test_a_client_that_cannot_sign_is_unsuited_and_is_not_begun_there() -> None:
    about = describe(TinyClient, WAYS["auth-assertion-once"])
    assert about.unsuited == "The client cannot authenticate itself by private_key_jwt."
    odd = replace(GENERIC, token_request=replace(GENERIC.token_request, authentication=("secret_digest",)))
    about = describe(EngineSubject, well_behaved(odd))
    assert about.unsuited == "The client cannot authenticate itself by secret_digest."


def test_every_request_of_the_engine_has_an_assertion_of_its_own() -> None:
    journal = play(WAYS["auth-assertion-once"], EngineSubject, SMOKE)
    assert [one.status for one in journal.exchanges("token")] == [200, 200]
    assert all(one.values["client_assertion"].startswith("SECRET") for one in journal.exchanges("token"))


def test_a_login_elsewhere_accuses_nobody_who_has_no_secret_to_give_away() -> None:
    assert outcome("security-no-mix-up", WAYS["auth-assertion-once"]) == "satisfied"


# Refresh only while the access token lives.


def test_scenarios_call_before_the_end_where_no_refresh_is_taken_after_it() -> None:
    scenario = flow(Until(limit="access_token_expiry", offset=1), Until(limit="inactivity_expiry", offset=1))
    told = fitted(scenario, LIVE.profile)
    assert told.steps[1:] == (Until(limit="access_token_expiry", offset=-LAST_MOMENT), scenario.steps[2])
    assert fitted(scenario, GENERIC) == scenario
    early = flow(Until(limit="access_token_expiry", offset=-1800))
    assert fitted(early, LIVE.profile) == early


@pytest.mark.parametrize("requirement", ["refresh-without-user", "refresh-request-shape"])
def test_a_rule_is_tested_there_by_calls_before_the_end(requirement: str) -> None:
    assert outcome(requirement, LIVE) == "satisfied"


# The API hides an expiry behind another status.


class KnowsOnly401(TinyClient):
    """Takes nothing but 401 for a refused access token."""

    def is_refusal(self, response: WireResponse) -> bool:
        return response.status == 401


def test_a_client_that_was_told_of_the_status_repairs_it_and_one_that_heeds_only_401_does_not() -> None:
    hidden = WAYS["err-hidden-expiry"]
    assert outcome("accept-expires-missing", hidden, TinyClient) == "satisfied"
    assert outcome("accept-expires-missing", hidden, KnowsOnly401) == "violated"


def test_a_refresh_after_that_status_is_not_called_early() -> None:
    """Where it meets another trouble of the resource too: who was told that 404 means expiry believes it."""
    trouble = Fault(fault="status", parameters={"code": 404}, view="resource", grant_type=None)
    story = flow(Call(), Advance(seconds=100), trouble, Call(times=3, every=5))
    assert seen("refresh-only-when-due", WAYS["err-hidden-expiry"], EngineSubject, story) == "satisfied"
    assert seen("refresh-only-when-due", PLAIN, EngineSubject, story) == "not_exercised"


def test_where_403_is_how_an_expiry_is_told_a_refresh_after_it_is_no_fault() -> None:
    said = replace(GENERIC.reply(Cause.ACCESS_TOKEN_EXPIRED), status=403)
    hidden = well_behaved(replace(GENERIC, errors={Cause.ACCESS_TOKEN_EXPIRED: said}))
    trouble = Fault(fault="status", parameters={"code": 403}, view="resource", grant_type=None)
    story = flow(Call(), Advance(seconds=100), trouble, Call(times=2, every=5))
    assert seen("resource-403-scope", hidden, TinyClient, story) == "not_exercised"
    assert seen("resource-403-scope", PLAIN, TinyClient, story) == "satisfied"


# The refresh grant is not allowed.


class Stops(TinyClient):
    """Takes a client that may not refresh for a matter of configuration."""

    def is_dead(self, status: int, error: str) -> bool:
        return error != "unauthorized_client" and super().is_dead(status, error)


@pytest.mark.parametrize("client", [EngineSubject, TinyClient, Stops], ids=["engine", "tiny", "stops"])
def test_nobody_is_blamed_for_a_grant_that_the_vendor_forbids(client: SubjectFactory) -> None:
    forbids = WAYS["rot-grant-not-allowed"]
    lacks = well_behaved(replace(GENERIC, token_request=replace(GENERIC.token_request, grants=("authorization_code",))))
    for vendor in (forbids, lacks):
        assert seen("outcome-no-harm", vendor, client, SMOKE) == "satisfied"
        assert outcome("refresh-without-user", vendor, client) == "not_applicable"
