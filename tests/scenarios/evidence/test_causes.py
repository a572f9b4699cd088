"""Findings of one flaw are one cause: the shortest story is told, and what else it breaks stands beneath it."""

from __future__ import annotations

from kit.journal import journal, login, outcome, redemption, renewal, use, verdict_on
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.causes import Finding, RootCause, cause_of, grouped
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Record
from refreshproof.scenarios.evidence.verdict import Verdict, violated
from refreshproof.scenarios.requirements import CATALOGUE

PAIR = {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}
ROTATION = renewal(3, at=3700, members=PAIR)
REUSE = renewal(4, at=7400)


def finding(requirement: str, *records: Record, verdict: Verdict | None = None, steps: int = 3) -> Finding:
    written = journal(login(), redemption(2), *records)
    evidence = Evidence(journal=written, profile=VENDORS["generic"].profile)
    judged = verdict or verdict_on(requirement, written)
    assert judged.outcome == "violated"
    return Finding(requirement=CATALOGUE[requirement], evidence=evidence, verdict=judged, steps=steps)


def ids(findings: list[Finding]) -> list[list[str]]:
    return [[one.requirement.id for one in group.findings] for group in grouped(findings)]


def test_a_cause_is_the_anomaly_the_first_wrong_request_and_the_point_at_which_it_was_sent() -> None:
    reused = finding("rotation-replace", ROTATION, REUSE)
    assert cause_of(reused) == RootCause(
        anomaly="A1", request="refresh", point="after a code exchange that was answered"
    )


def test_the_point_tells_what_became_of_the_request_before() -> None:
    wrong = violated("Wrong.", 4)
    for before, fate in (
        (use(3), "after a resource request that was answered"),
        (use(3, status=401), "after a resource request that was refused"),
        (renewal(3, delivered=False, status=None, trouble="reset", members={}), "after a refresh that was lost"),
    ):
        assert cause_of(finding("rotation-replace", before, REUSE, verdict=wrong)).point == fate


def test_the_first_request_of_a_client_is_at_the_beginning() -> None:
    wrong = finding("exchange-request-shape", verdict=violated("Wrong.", 2))
    assert cause_of(wrong) == RootCause(anomaly="A15", request="code exchange", point="at the beginning")


def test_a_violation_that_no_request_shows_has_its_anomaly_only() -> None:
    assert cause_of(finding("rotation-replace", verdict=violated("Wrong."))) == RootCause(anomaly="A1")


def test_findings_of_one_cause_are_a_group_with_the_shortest_story_at_its_head() -> None:
    long = finding("rotation-old-never-reused", ROTATION, REUSE, steps=9)
    short = finding("rotation-replace", ROTATION, REUSE, steps=4)
    assert ids([long, short]) == [["rotation-replace", "rotation-old-never-reused"]]
    assert grouped([long, short])[0].head is short


def test_findings_that_begin_otherwise_are_causes_of_their_own() -> None:
    reused = finding("rotation-replace", ROTATION, REUSE, steps=4)
    other = finding("resource-bearer-header-once", use(3), verdict=violated("Wrong.", 3), steps=2)
    assert ids([reused, other]) == [["resource-bearer-header-once"], ["rotation-replace"]]


def test_a_finding_whose_story_shows_the_heads_violation_first_is_beneath_it() -> None:
    """The spent token was refused, and what the client made of that is no second flaw."""
    asked = outcome("call", "crash", begun=3, ended=5, at=7401)
    refused = renewal(5, at=7401, status=400, members={"error": "invalid_grant"})
    later = finding("failure-not-json", ROTATION, REUSE, refused, asked, verdict=violated("Crashed.", 5), steps=9)
    head = finding("rotation-replace", ROTATION, REUSE, steps=4)
    assert ids([later, head]) == [["rotation-replace", "failure-not-json"]]


def test_a_finding_that_came_before_the_heads_violation_is_not() -> None:
    before = finding("resource-bearer-header-once", ROTATION, REUSE, verdict=violated("Wrong.", 2), steps=9)
    head = finding("rotation-replace", ROTATION, REUSE, steps=4)
    assert ids([before, head]) == [["rotation-replace"], ["resource-bearer-header-once"]]
