"""When the user may be asked, and what a client could know of a refusal: told by what reached it, in order."""

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import exchange, journal, login, outcome, redemption, renewal, use
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.asking import asks, doubtful_asks, false_asks, justified_asks, may_ask
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import ClockMove, Record, UserAction
from refreshproof.scenarios.evidence.refusals import access_tokens_of, is_terminal, knew, terminal_refusals

WEEK = 604_800
LOGIN = (login(), redemption())
ASKED: Any = "reauthorization_required"
NONCE = (("DPoP-Nonce", "of the server"),)


def evidence(*records: Record | list[Record]) -> Evidence:
    return Evidence(journal=journal(*LOGIN, *records), profile=VENDORS["generic"].profile)


def reasons(*records: Record | list[Record]) -> list[str | None]:
    return [ask.reason for ask in asks(evidence(*records))]


def asked(at: float = 5000, **changes: Any) -> Record:
    return outcome("call", ASKED, at=at, step=2, **changes)


def failing(number: int = 3, at: float = 3601, status: int | None = 503, **changes: Any) -> Record:
    plain: dict[str, Any] = {"members": {}, "committed": False, "step": 2, "status": status}
    return renewal(number, at=at, **(plain | changes))


def refused(number: int = 3, error: str = "invalid_grant", **changes: Any) -> Record:
    plain: dict[str, Any] = {"status": 400, "members": {"error": error}}
    return failing(number, **(plain | changes))


def happened(what: str, at: float = 4000) -> Record:
    return UserAction(step=2, at=START + seconds(at), what=what)


LOST: dict[str, Any] = {"status": None, "delivered": False}


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ((), None),
        ((failing(),), None),
        ((failing(status=None, delivered=False, trouble="refused"),), None),
        ((refused(error="temporarily_unavailable"),), None),
        ((refused(error="invalid_request"),), None),
        ((refused(),), "over"),
        ((refused(status=500),), "over"),
        ((refused(status=200),), "over"),
        ((failing(status=502, cause=Cause.REFRESH_TOKEN_REVOKED),), "over"),
        ((failing(**LOST, trouble="reset", cause=Cause.REFRESH_TOKEN_REVOKED),), "over"),
        ((happened("revoke"),), "over"),
        (tuple(refused(n, "invalid_request") for n in range(3, 7)), None),
        (tuple(refused(n, "invalid_request") for n in range(3, 8)), "doubts"),
        ((failing(**LOST, trouble="timeout"),), "unknown"),
        ((failing(**LOST, trouble="reset"),), "unknown"),
        ((failing(status=502),), "unknown"),
        ((failing(status=200, committed=True),), "unknown"),
        ((outcome("disconnect", step=2, at=4000),), "no_grant"),
    ],
)
def test_the_user_may_be_asked_for_a_reason(before: tuple[Record, ...], reason: str | None) -> None:
    assert reasons(*before, asked()) == [reason]


@pytest.mark.parametrize("trouble", [refused(), failing(status=502), failing(at=-WEEK)])
def test_a_success_ends_every_reason(trouble: Record) -> None:
    assert reasons(trouble, renewal(9, at=4000, step=2), asked()) == [None]


def test_what_happens_later_is_no_reason() -> None:
    assert reasons(asked(), refused(9), happened("revoke")) == [None]


def test_who_never_had_a_refresh_token_may_ask_and_so_may_who_has_logged_out() -> None:
    bare = redemption(members={"access_token": "AT1"})
    story = Evidence(journal=journal(login(), bare, asked()), profile=VENDORS["generic"].profile)
    assert [ask.reason for ask in asks(story)] == ["no_grant"]
    out = (outcome("disconnect", step=2, at=4000), failing(9, at=4001))
    assert reasons(*out, asked()) == ["no_grant"]
    assert reasons(*out, [*login(10), redemption(11)], asked()) == [None]


@pytest.mark.parametrize(
    ("after", "moves", "reason"),
    [
        (WEEK - 1, (), None),
        (WEEK, (), "failed_for_long"),
        (WEEK - 3600, (ClockMove(step=2, at=START + seconds(9000), what="step", value=3600),), "failed_for_long"),
        (WEEK - 3600, (ClockMove(step=2, at=START + seconds(9000), what="skew", value=3599),), None),
        (WEEK, (ClockMove(step=2, at=START + seconds(9000), what="step", value=-3600),), "failed_for_long"),
    ],
)
def test_seven_days_of_failing_are_counted_by_true_time_or_by_the_clients_clock(
    after: float, moves: tuple[Record, ...], reason: str | None
) -> None:
    assert reasons(failing(), *moves, asked(3601 + after, begun=3, ended=3)) == [reason]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (use(5, step=2, status=401, presented="AT2"), "access_refused"),
        (use(5, step=2, status=401, presented="AT1"), None),
        (use(5, step=2, status=403, members={"error": "insufficient_scope"}), "access_refused"),
        (use(5, step=2, status=403), None),
    ],
)
def test_a_resource_that_refuses_a_new_access_token_or_wants_more_is_a_reason(last: Record, reason: str | None) -> None:
    assert reasons(renewal(4, at=4999, step=2), last, asked(begun=3, ended=5)) == [reason]


DOCUMENT = exchange(6, "resource_metadata", "https://api.example.com/.well-known/oauth-protected-resource", step=2)
WANTS_LOGIN = use(5, step=2, status=401, members={"error": "insufficient_user_authentication"})


@pytest.mark.parametrize(
    ("refusal", "after", "reason"),
    [
        (WANTS_LOGIN, renewal(6, at=5000, step=2), "access_refused"),
        (WANTS_LOGIN, DOCUMENT, "access_refused"),
        (use(5, step=2, status=401, presented="AT2"), DOCUMENT, "access_refused"),
        (use(5, step=2, status=401, presented="AT2"), renewal(6, at=5000, step=2), None),
        (WANTS_LOGIN, use(6, step=2), None),
    ],
)
def test_what_a_client_asks_others_after_a_resource_has_refused_changes_nothing(
    refusal: Record, after: Record, reason: str | None
) -> None:
    assert reasons(renewal(4, at=4999, step=2), refusal, after, asked(begun=3, ended=6)) == [reason]


def test_asks_are_sorted_by_their_reasons_and_say_what_had_become_of_the_last_refresh() -> None:
    story = evidence(asked(1), failing(), asked(2), failing(4, status=504), asked(3), refused(5), asked(4))
    assert [ask.circumstances for ask in false_asks(story)] == [
        "no refresh had failed",
        "the last refresh had ended with status 503, which ends no grant",
    ]
    assert [ask.reason for ask in (*doubtful_asks(story), *justified_asks(story))] == ["unknown", "over"]
    assert [may_ask(story, record) for record in story.outcomes()] == [False, False, True, True]


@pytest.mark.parametrize(
    ("one", "terminal"),
    [
        (refused(), True),
        (refused(status=500), False),
        (refused(status=200), False),
        (refused(**LOST), False),
        (refused(error="invalid_request", cause=Cause.REFRESH_TOKEN_REVOKED), False),
        (refused(error="of_the_vendor", cause=Cause.REFRESH_TOKEN_REVOKED), True),
        (failing(status=400, cause=Cause.REFRESH_TOKEN_REVOKED), False),
        (failing(status=502, cause=Cause.REFRESH_TOKEN_REVOKED), False),
    ],
)
def test_a_refusal_is_terminal_only_where_its_words_have_reached_the_client(one: Any, terminal: bool) -> None:
    assert is_terminal(one) == terminal


def test_the_refusal_that_a_client_understood_is_the_one_that_it_read() -> None:
    gateway = failing(3, status=502, cause=Cause.REFRESH_TOKEN_REVOKED)
    story = evidence(gateway, refused(4, at=3602), asked(3602, begun=2, ended=4))
    assert [one.number for one in terminal_refusals(story)] == [4]


@pytest.mark.parametrize(("begun", "known"), [(2, False), (3, True)])
def test_whoever_began_before_a_refusal_was_told_could_not_know_of_it(begun: int, known: bool) -> None:
    late = use(4, at=3602, step=2, actor="another")
    told = outcome("call", ASKED, at=3603, step=2, begun=2, ended=3)
    own = replace(outcome("call", at=3604, step=2, begun=begun, ended=4), actor="another")
    story = evidence(refused(3), late, told, own)
    assert knew(story, story.refreshes[0], story.resource_calls[0]) == known


def test_the_access_tokens_of_a_refused_refresh_token_are_those_of_its_own_grant() -> None:
    rotated = renewal(3, step=2, members={"access_token": "AT2", "refresh_token": "RT2"})
    kept = renewal(4, step=2, presented="RT2", members={"access_token": "AT3"})
    foreign = [*login(5), redemption(6, presented="CODE5", members={"access_token": "AT9", "refresh_token": "RT9"})]
    end = refused(7, presented="RT2")
    after = renewal(8, step=2, presented="RT2", members={"access_token": "AT4"})
    story = evidence(rotated, kept, foreign, end, after)
    assert access_tokens_of(story, story.refreshes[2]) == {"AT1", "AT2", "AT3"}


def test_a_request_that_only_brought_a_nonce_is_no_refresh_unless_the_nonce_is_not_used() -> None:
    def wants(number: int, **changes: Any) -> Record:
        return refused(number, "use_dpop_nonce", response_headers=NONCE, **changes)

    once = evidence(wants(3), renewal(4), wants(5), renewal(6))
    assert [one.number for one in once.refreshes] == [4, 6]
    again = evidence(wants(3), wants(4), wants(5), renewal(6))
    assert [one.number for one in again.refreshes] == [4, 5, 6]
    without = evidence(refused(3, "use_dpop_nonce"), renewal(4))
    assert [one.number for one in without.refreshes] == [3, 4]
    code = exchange(
        3, "token", "https://auth.example.com/token", grant_type="authorization_code", presented="CODE1", status=400,
        members={"error": "use_dpop_nonce"}, response_headers=NONCE,
    )  # fmt: skip
    assert [one.number for one in evidence(code).code_exchanges] == [2]
