"""What callers and processes that meet are judged by: who was there, in which process, and what each could know."""

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, StepRecord
from refreshproof.scenarios.requirements import CATALOGUE

IDS = [one for one in CATALOGUE if one.startswith("concurrency-")]
FLIGHT, SHARED, RELOAD = (
    "concurrency-single-flight",
    "concurrency-callers-share-outcome",
    "rotation-invalid-grant-reload",
)
ASKED: Any = "reauthorization_required"


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def judged(requirement: str, *records: Record) -> str:
    together = StepRecord(number=2, at=START, step={"step": "parallel"})
    return verdict_on(requirement, journal(login(), redemption(), together, *records)).outcome


def sent(number: int, caller: str, at: float = 3601, until: float = 3606, node: int = 1, **changes: Any) -> Exchange:
    """Write down a refresh of a caller that took some seconds; where one began after another, `order` says so."""
    order = changes.pop("order", 2 * number)
    return renewal(
        number, at=at, step=2, actor=caller, node=node, finished_at=START + seconds(until), sent_order=order,
        settled_order=changes.pop("settled", 100 + number), **changes,
    )  # fmt: skip


def ended(
    caller: str, begun: int, last: int, kind: Any = "ok", at: float = 3601, until: float = 3606, node: int = 1
) -> OutcomeRecord:
    told = outcome("call", kind, step=2, begun=begun, ended=last, node=node)
    return replace(told, actor=caller, began_at=START + seconds(at), at=START + seconds(until))


@pytest.mark.parametrize(("node", "expected"), [(1, "violated"), (2, "satisfied")])
def test_two_flights_at_once_are_a_fault_of_one_process(node: int, expected: str) -> None:
    waiting = ended("third", 2, 2)
    records = (sent(3, "first"), sent(4, "second", node=node), ended("first", 2, 4), waiting)
    assert judged(FLIGHT, *records, ended("second", 2, 4, node=node)) == expected


@pytest.mark.parametrize(("node", "expected"), [(1, "violated"), (2, "not_exercised")])
def test_an_outcome_is_shared_within_a_process(node: int, expected: str) -> None:
    first, second = sent(3, "first", settled=7), sent(4, "second", node=node, at=3606, order=8)
    told = (ended("first", 2, 3), ended("second", 2, 4, node=node))
    assert judged(SHARED, first, second, *told) == expected


@pytest.mark.parametrize(
    ("begun", "began_at", "refused", "expected"),
    [
        (2, 3601, "AT1", "violated"),
        (3, 3603, "AT1", "violated"),
        (3, 3606, "AT1", "satisfied"),
        (2, 3601, "AT2", "satisfied"),
    ],
)
def test_a_caller_that_came_later_or_was_refused_the_new_access_token_has_a_reason_of_its_own(
    begun: int, began_at: float, refused: str, expected: str
) -> None:
    first = sent(3, "first", settled=7)
    turned_away = use(4, step=2, at=3606, actor="second", presented=refused, status=401, sent_order=8, settled_order=9)
    again = sent(5, "second", at=3606, until=3607, order=10)
    records = (first, ended("first", 2, 3), turned_away, again)
    assert judged(SHARED, *records, ended("second", begun, 5, at=began_at, until=3607)) == expected


DEAD: dict[str, Any] = {
    "status": 400, "cause": Cause.REFRESH_TOKEN_REVOKED, "committed": False, "members": {"error": "invalid_grant"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("began", "until", "expected"),
    [(3601, 3606, "violated"), (3602, 3606, "satisfied"), (3601, 3605, "satisfied")],
)
def test_only_who_stayed_until_a_refusal_came_has_to_tell_of_it(began: float, until: float, expected: str) -> None:
    refused = sent(4, "first", **DEAD)
    turned_away = use(3, step=2, at=3601, actor="second", status=401)
    other = ended("second", 2, 3, "permanent_error", at=began, until=until)
    assert judged(SHARED, turned_away, refused, ended("first", 2, 4, ASKED), other) == expected


def rotated(*later: Record) -> str:
    brought = {"access_token": "AT2", "refresh_token": "RT2"}
    return judged(RELOAD, renewal(3, at=3601, step=2, members=brought), outcome("call", step=2, at=3601), *later)


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        ((), "violated"),
        ((renewal(5, at=4001, step=3, node=2, presented="RT2", **DEAD),), "satisfied"),
    ],
)
def test_whoever_has_read_the_store_again_and_was_refused_again_did_what_it_could(
    newer: tuple[Record, ...], expected: str
) -> None:
    refused = renewal(4, at=4000, step=3, node=2, **DEAD)
    told = outcome("call", ASKED, at=4001, step=3, node=2, begun=3, ended=5)
    assert rotated(refused, *newer, told) == expected


def test_a_process_that_asks_without_a_reason_has_not_looked_at_the_store() -> None:
    assert rotated(outcome("call", ASKED, at=4001, step=3, node=2, begun=3, ended=3)) == "violated"
