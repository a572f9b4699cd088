"""Lives in which a good client has been accused: no requirement that holds always is broken in any of them."""

from dataclasses import replace

import pytest

from kit.innocents import INNOCENTS
from kit.innocents_apart import AlwaysSendsPkce, ProvesPossession, TwoProcesses, wanting_proof
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import judge
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.asking import asks
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Authorize,
    Call,
    ChangeSecret,
    Fault,
    Lose,
    Mend,
    Parallel,
    Revoke,
    Until,
)
from refreshproof.scenarios.steps.subject import SubjectFactory

WEEK = 7 * 86_400
EXPIRED = Until(limit="access_token_expiry", offset=1)
DOWN = Fault(fault="status", parameters={"code": 503}, times=None)
GATEWAY = Fault(fault="status", parameters={"code": 502, "acts": True})
LATER = (Call(times=5, every=60), Advance(seconds=9000), Call())
FALSE_REFUSAL = Fault(fault="status", parameters={"code": 401}, view="resource", grant_type=None, times=3)

LIVES = {
    "the vendor is down for more than a week": flow(
        EXPIRED, DOWN, Call(), Advance(seconds=WEEK + 1), Call(), Call(times=3, every=60), Mend(), Call()
    ),
    "a gateway answers 502 in the place of a refusal": flow(Call(), EXPIRED, Revoke(), GATEWAY, *LATER),
    "a gateway answers 502 in the place of tokens": flow(Call(), EXPIRED, GATEWAY, *LATER),
    "refreshes are lost before they arrive": flow(Call(), EXPIRED, Lose(leg="request", times=2), *LATER),
    "refusals are lost": flow(Call(), EXPIRED, Revoke(), Lose(leg="response", times=2), *LATER),
    "a page comes before the refusal": flow(Call(), EXPIRED, Revoke(), Fault(fault="html"), *LATER),
    "callers meet a refusal, twice": flow(Call(), EXPIRED, Revoke(), Parallel(callers=3), Parallel(callers=3)),
    "callers meet a false refusal": flow(Call(), Advance(seconds=60), FALSE_REFUSAL, Parallel(callers=3), Call()),
    "the user comes back, and then says no": flow(
        Call(), EXPIRED, Revoke(), Call(times=2), Authorize(), Call(), EXPIRED, Call(), Authorize(answer="deny"), Call()
    ),
    "the secret is wrong for more than a week": flow(
        *(EXPIRED, ChangeSecret(), Call(times=3, every=400), Advance(seconds=WEEK + 5), Call(times=2, every=400)),
        *(ChangeSecret(back=True), Call(times=3, every=400)),
    ),
}
CLIENTS: dict[str, SubjectFactory] = {
    "tiny": TinyClient,
    "engine": subject_factory("engine"),
    **{name: INNOCENTS[name] for name in ("Minimal", "Reactive")},
}


JUST = {"Reactive": {"failure-retry-after"}}
"""What a client is told with reason: one that reads no clock cannot wait."""


def accusations(played: Journal, vendor: Vendor) -> dict[str, str]:
    """Judge a life by everything that holds always."""
    evidence = Evidence(journal=played, profile=vendor.profile)
    judged = {
        one.id: one.check(evidence)
        for one in CATALOGUE.values()
        if one.invariant and one.applies(vendor) and one.needs <= played.claims
    }
    return {name: verdict.why for name, verdict in judged.items() if verdict.outcome == "violated"}


@pytest.mark.parametrize("vendor", CORE, ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("client", CLIENTS)
def test_nothing_that_holds_always_accuses_a_good_client(client: str, vendor: Vendor) -> None:
    found = {life: accusations(play(vendor, CLIENTS[client], scenario), vendor) for life, scenario in LIVES.items()}
    unjust = {life: accused.keys() - JUST.get(client, set()) for life, accused in found.items()}
    assert {life: found[life] for life, accused in unjust.items() if accused} == {}


SHORT = {"lifetimes.access_token": 300, "lifetimes.access_token_longest": None}
PROVEN = Scenario(steps=(Authorize(), Call(), *(EXPIRED, Call(times=3, every=60)) * 3))
OFTEN = flow(Call(), *(EXPIRED, Call()) * 9, profile=SHORT)


@pytest.mark.parametrize("vendor", [wanting_proof(one) for one in CORE], ids=lambda vendor: vendor.name)
def test_a_client_that_keeps_to_the_newest_nonce_is_not_accused(vendor: Vendor) -> None:
    for scenario in (PROVEN, OFTEN):
        played = play(vendor, ProvesPossession, scenario)
        asked = [one for one in played.exchanges("token") if one.cause is Cause.MISSING_NONCE]
        assert len(asked) > (3 if "newer" in repr(vendor.faults) else 0)
        assert accusations(played, vendor) == {}


PROOF_IDS = [
    "exchange-code-sent-once", "exchange-request-shape", "callback-single-use", "failure-terminal-stops",
    "failure-transient-keeps-grant", "failure-not-json", "concurrency-callers-share-outcome",
    "lifecycle-revoked-or-password",
]  # fmt: skip


@pytest.mark.parametrize("requirement", PROOF_IDS)
def test_a_client_that_comes_back_with_the_nonce_keeps_the_rule(requirement: str) -> None:
    vendor = wanting_proof(VENDORS["generic"])
    found = judge(CATALOGUE[requirement], vendor, ProvesPossession, ProvesPossession.capabilities, shorten=False)
    assert found.outcome == "satisfied", found.why


@pytest.mark.parametrize("vendor", CORE, ids=lambda vendor: vendor.name)
def test_a_client_that_always_sends_a_challenge_is_not_accused(vendor: Vendor) -> None:
    found = judge(CATALOGUE["authz-pkce-s256"], vendor, AlwaysSendsPkce, frozenset(), shorten=False)
    assert found.outcome == "satisfied", found.why


def test_a_challenge_that_a_provider_really_refuses_is_a_fault() -> None:
    generic = VENDORS["generic"].profile
    refusing = replace(generic, authorization=replace(generic.authorization, pkce="refused"))
    vendor = replace(VENDORS["generic"], profile=refusing)
    chosen = CATALOGUE["authz-pkce-s256"]
    assert judge(chosen, vendor, AlwaysSendsPkce, frozenset(), shorten=False).outcome == "violated"
    assert judge(chosen, vendor, TinyClient, frozenset(), shorten=False).outcome == "satisfied"


def test_callers_in_two_processes_are_two_flights_of_which_another_requirement_tells() -> None:
    together = flow(EXPIRED, Parallel(callers=2, nodes=2))
    vendor = VENDORS["generic"]
    evidence = Evidence(journal=play(vendor, TwoProcesses, together), profile=vendor.profile)
    assert CATALOGUE["concurrency-single-flight"].check(evidence).outcome != "violated"
    assert CATALOGUE["concurrency-callers-share-outcome"].check(evidence).outcome != "violated"
    assert CATALOGUE["concurrency-processes"].check(evidence).outcome == "violated"


@pytest.mark.parametrize("client", CLIENTS)
def test_whoever_gives_up_after_a_week_of_failing_asks_with_a_reason(client: str) -> None:
    vendor = VENDORS["generic"]
    played = play(vendor, CLIENTS[client], LIVES["the vendor is down for more than a week"])
    evidence = Evidence(journal=played, profile=vendor.profile)
    assert {ask.reason for ask in asks(evidence)} <= {"failed_for_long"}
