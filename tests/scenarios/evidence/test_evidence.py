"""Evidence is one value: whatever checks ask of it is worked out once and cannot be changed by who asked."""

from __future__ import annotations

from kit.journal import journal, login, outcome, redemption, renewal, use
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, once
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
