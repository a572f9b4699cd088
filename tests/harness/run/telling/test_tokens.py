"""How long tokens are told to have been good for."""

from typing import Any

import pytest

from kit.journal import RESOURCE, TOKEN, exchange
from refreshproof.harness.run.telling.tokens import token_lives
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.reports import TokenLife
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Journal, Record, UserAction

LOGIN = exchange(
    1, "token", TOKEN, grant_type="authorization_code", presented="CODE1", issued=("AT1", "RT1"),
    members={"access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600},
)  # fmt: skip


def refresh(number: int, presented: str, **changes: Any) -> Record:
    """Write down a refresh an hour after the one before."""
    return exchange(
        number, "token", TOKEN, at=3600 * (number - 1), grant_type="refresh_token", presented=presented, **changes
    )


def lives(*records: Record, vendor: str = "generic") -> dict[str, TokenLife]:
    """Tell of the tokens in a journal, by alias."""
    return {one.alias: one for one in token_lives(Journal(records=list(records)), VENDORS[vendor].profile)}


def test_an_access_token_lives_as_long_as_its_answer_says() -> None:
    told = lives(LOGIN)["AT1"]
    assert (told.kind, told.issued_at, told.expires_at, told.ended_at) == ("access", START, START + seconds(3600), None)
    assert lives(LOGIN)["RT1"].expires_at is None


@pytest.mark.parametrize(
    ("said", "lasts"), [("3600", 3600), (3600.5, 3600.5), (None, None), ("soon", None), (True, None)]
)
def test_what_is_no_number_is_no_lifetime(said: object, lasts: float | None) -> None:
    record = exchange(1, "token", TOKEN, issued=("AT1",), members={"access_token": "AT1", "expires_in": said})
    assert lives(record)["AT1"].expires_at == (None if lasts is None else START + seconds(lasts))


def test_a_rotated_token_ends_where_its_successor_is_issued() -> None:
    told = lives(LOGIN, refresh(2, "RT1", event=TokenEvent.ROTATED, issued=("AT2", "RT2")))["RT1"]
    assert (told.ending, told.ended_at, told.ended_by) == ("replaced by RT2", START + seconds(3600), 2)


def test_a_token_that_is_kept_goes_on() -> None:
    assert lives(LOGIN, refresh(2, "RT1", event=TokenEvent.KEPT, issued=("AT2",)))["RT1"].ended_at is None


def test_a_spent_token_that_comes_back_ends_what_its_vendor_ends() -> None:
    rotated = refresh(2, "RT1", event=TokenEvent.ROTATED, issued=("AT2", "RT2"))
    again = refresh(3, "RT1", event=TokenEvent.BREACHED, cause=Cause.REFRESH_TOKEN_REUSED, status=400, committed=False)
    told = lives(LOGIN, rotated, again, vendor="atlassian")
    assert (told["RT2"].ending, told["RT2"].ended_by) == ("revoked: a spent token came back", 3)
    assert told["RT1"].ending == "replaced by RT2"


def test_a_token_that_is_refused_before_its_time_ended_then() -> None:
    call = exchange(
        2, "resource", RESOURCE, at=60, presented="AT1", cause=Cause.ACCESS_TOKEN_REVOKED, status=401, committed=False
    )
    assert lives(LOGIN, call)["AT1"].ending == "refused"
    late = exchange(
        2, "resource", RESOURCE, at=3600, presented="AT1", cause=Cause.ACCESS_TOKEN_EXPIRED, status=401, committed=False
    )
    assert lives(LOGIN, late)["AT1"].ended_at is None


def test_a_user_who_revokes_ends_what_they_granted() -> None:
    told = lives(LOGIN, UserAction(step=2, at=START + seconds(5), what="revoke"))
    assert told["RT1"].ending == "revoked by the user"


def test_of_a_request_that_never_arrived_nothing_is_told() -> None:
    assert lives(refresh(2, "RT1", arrived_at=None, issued=(), delivered=False, trouble="refused")) == {}
