"""Evidence is one value: whatever checks ask of it is worked out once and cannot be changed by who asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import RESOURCE, journal, login, outcome, redemption, renewal, use
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import (
    Evidence,
    is_bare,
    once,
    refresh_token_of,
    refused_access_token,
    usable_string,
    wants_nonce,
)
from refreshproof.scenarios.evidence.lives import early_refreshes, lapses, lives, unforced_refreshes
from refreshproof.scenarios.evidence.logins import deliveries, logins
from refreshproof.scenarios.evidence.operations import operations
from refreshproof.scenarios.evidence.refusals import failed, terminal_refusals

PAIR = {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}
QUESTIONS = (
    deliveries, early_refreshes, failed, false_asks, lapses, lives, logins, operations, terminal_refusals,
    unforced_refreshes,
)  # fmt: skip


def evidence() -> Evidence:
    records = (login(), redemption(2), renewal(4, at=3700, members=PAIR), use(3), outcome("call", begun=2, ended=4))
    return Evidence(journal=journal(*records), profile=VENDORS["generic"].profile)


def test_a_question_is_worked_out_once_for_each_evidence() -> None:
    asked: list[Evidence] = []

    @once
    def question(of: Evidence) -> int:
        """Count the exchanges."""
        asked.append(of)
        return len(of.exchanges())

    first, second = evidence(), evidence()
    assert [question(first), question(first), question(second)] == [4, 4, 4]
    assert asked == [first, second]


def test_every_answer_of_many_is_kept_and_cannot_be_changed() -> None:
    one = evidence()
    for question in QUESTIONS:
        assert isinstance(question(one), tuple), question
    for name in (
        "refreshes",
        "code_exchanges",
        "resource_calls",
        "consents",
        "calls",
        "token_answers",
        "supersessions",
    ):
        assert isinstance(getattr(one, name), tuple)
        assert getattr(one, name) is getattr(one, name)


def test_exchanges_come_in_the_order_in_which_they_were_sent() -> None:
    assert [one.number for one in evidence().exchanges()] == [1, 2, 3, 4]
    assert [one.number for one in evidence().exchanges("token", "refresh_token")] == [4]


def test_two_evidences_of_one_journal_are_two_values() -> None:
    """A journal may be judged as that of another vendor; nothing is shared."""
    written = evidence().journal
    first = Evidence(journal=written, profile=VENDORS["generic"].profile)
    second = Evidence(journal=written, profile=VENDORS["google"].profile)
    assert first != second
    assert first.refreshes == second.refreshes


def test_the_answers_kept_are_no_part_of_what_is_shown_of_an_evidence() -> None:
    one = evidence()
    shown = repr(one)
    assert one.refreshes
    assert one.exchanges("token")
    assert repr(one) == shown
    assert "answers" not in shown


def test_exchanges_of_one_view_are_not_taken_for_those_of_another() -> None:
    one = evidence()
    assert [exchange.number for exchange in one.exchanges("token")] == [2, 4]
    assert [exchange.number for exchange in one.exchanges("resource")] == [3]
    assert [exchange.number for exchange in one.exchanges("token", "authorization_code")] == [2]
    assert [exchange.number for exchange in one.exchanges()] == [1, 2, 3, 4]
    assert one.outcomes("call") == one.outcomes()
    assert one.outcomes("refresh") == ()


BARE: dict[str, Any] = {"presented": None, "request_headers": ()}


@pytest.mark.parametrize(
    ("changes", "bare"),
    [
        ({}, True),
        ({"request_headers": (("Accept", "*/*"),), "parameters": (("page", "2"),), "url": RESOURCE + "?page=2"}, True),
        ({"presented": "AT1"}, False),
        ({"request_headers": (("Authorization", "Bearer "),)}, False),
        ({"request_headers": (("authorization", "Basic x"),)}, False),
        ({"parameters": (("access_token", ""),)}, False),
        ({"url": RESOURCE + "?access_token=…"}, False),
    ],
)
def test_a_request_is_bare_that_carries_a_credential_nowhere(changes: dict[str, Any], bare: bool) -> None:
    one = replace(use(3), **(BARE | changes))
    assert is_bare(one) is bare
    assert bool(Evidence(journal=journal(one), profile=VENDORS["generic"].profile).resource_calls) is not bare


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"status": 401}, True),
        ({"status": 401, "delivered": False}, False),
        ({"status": 403}, False),
        ({"status": 403, "cause": Cause.UNKNOWN_ACCESS_TOKEN}, True),
        ({"status": 403, "cause": Cause.ACCESS_TOKEN_EXPIRED}, True),
        ({"status": 403, "cause": Cause.ACCESS_TOKEN_REVOKED}, True),
        ({"status": 403, "cause": Cause.CLAIMS_CHALLENGE}, True),
        ({"status": 403, "cause": Cause.INSUFFICIENT_SCOPE}, False),
    ],
)
def test_an_access_token_is_refused_by_the_status_or_by_its_cause(changes: dict[str, Any], refused: bool) -> None:
    assert refused_access_token(use(3, **changes)) is refused


@pytest.mark.parametrize(
    ("changes", "wants"),
    [
        ({}, True),
        ({"delivered": False}, False),
        ({"response_headers": ()}, False),
        ({"response_headers": (("dpop-NONCE", "n"),)}, True),
        ({"members": {"error": "invalid_grant"}}, False),
    ],
)
def test_a_nonce_is_asked_for_by_header_and_error_together(changes: dict[str, Any], wants: bool) -> None:
    asking: dict[str, Any] = {"response_headers": (("DPoP-Nonce", "n"),), "members": {"error": "use_dpop_nonce"}}
    assert wants_nonce(renewal(3, **(asking | changes))) is wants


@pytest.mark.parametrize(
    ("value", "usable"), [("AT1", True), (" a ", True), ("", False), (" ", False), (None, False), (7, False)]
)
def test_a_token_is_a_text_that_is_not_blank(value: object, usable: bool) -> None:
    assert usable_string(value) is usable
    assert refresh_token_of(renewal(3, members={"refresh_token": value})) == (value if usable else None)


def test_an_access_token_was_minted_when_its_request_arrived() -> None:
    one = renewal(3, at=7, issued=("AT2", "RT2"))
    found = Evidence(journal=journal(login(), redemption(2), one), profile=VENDORS["generic"].profile)
    assert (found.issue_time("AT2"), found.issue_time("AT9")) == (one.arrived_at, None)


def test_a_refresh_is_lost_after_its_commit_that_was_carried_out_and_never_answered() -> None:
    cases = ((True, False), (True, True), (False, False), (False, True))
    made = [renewal(3 + n, committed=done, delivered=came) for n, (done, came) in enumerate(cases)]
    found = Evidence(journal=journal(login(), redemption(2), *made), profile=VENDORS["generic"].profile)
    assert [one.number for one in found.lost_after_commit] == [3]
