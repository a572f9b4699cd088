"""A fault strikes the requests it is for, after those it lets pass, as often as it says, until all is well again."""

from __future__ import annotations

from typing import Any

from kit.journal import journal, renewal, use
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Record, StepRecord
from refreshproof.scenarios.evidence.struck import struck
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Fault, Mend, Until

GENERIC = VENDORS["generic"]


def step(number: int, name: str, **fields: Any) -> StepRecord:
    return StepRecord(number=number, at=START, step={"step": name, **fields})


def numbers(*records: Record) -> set[int]:
    return set(struck(Evidence(journal=journal(*records), profile=GENERIC.profile)))


def test_a_fault_strikes_once_and_only_requests_of_its_kind() -> None:
    fault = step(1, "fault", fault="html")
    requests = (use(3, step=2), renewal(4, step=2), renewal(5, step=2))
    assert numbers(fault, step(2, "call"), *requests) == {4}


def test_a_fault_lets_some_pass_and_lasts_until_it_is_mended() -> None:
    fault = step(1, "fault", fault="html", skip=1, times=None)
    first = (step(2, "call"), renewal(3, step=2), renewal(4, step=2), renewal(5, step=2))
    assert numbers(fault, *first, step(3, "mend"), step(4, "call"), renewal(6, step=4)) == {4, 5}


def test_a_fault_does_not_strike_what_was_sent_before_it() -> None:
    assert numbers(step(1, "call"), renewal(3, step=1), step(2, "fault", fault="html"), step(3, "call")) == set()


def test_what_is_told_of_a_journal_is_what_the_provider_did() -> None:
    expired = Until(limit="access_token_expiry", offset=1)
    fault = Fault(fault="status", parameters={"code": 503}, times=2)
    played = play(GENERIC, TinyClient, flow(fault, *(expired, Call(times=4, every=400)) * 2, Mend(), expired, Call()))
    met = {one.number for one in played.exchanges("token", "refresh_token") if one.status == 503}
    assert met == set(struck(Evidence(journal=played, profile=GENERIC.profile)))
    assert len(met) == 2
