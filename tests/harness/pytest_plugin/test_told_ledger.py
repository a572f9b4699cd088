"""What the ledger asserts of a client: each assertion catches its client and leaves an innocent one alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from refreshproof.harness import RunningProvider
from refreshproof.harness.pytest_plugin.told_ledger import ToldLedger
from refreshproof.mock_servers.vendors import VENDORS

ASSERTIONS: tuple[Callable[[ToldLedger], None], ...] = (
    ToldLedger.assert_single_flight,
    ToldLedger.assert_never_presented_dead_token,
    ToldLedger.assert_kept,
)


class Client:
    def __init__(self, vendor: str = "generic") -> None:
        self.provider = RunningProvider(VENDORS[vendor])
        self.tokens = self.provider.tokens()
        self.http = self.provider.client()

    def refresh(self, token: str | None = None) -> dict[str, Any]:
        app = self.provider.registration
        form = {"grant_type": "refresh_token", "refresh_token": token or self.tokens["refresh_token"]}
        who = {"client_id": app.client_id, "client_secret": app.client_secret}
        answer: dict[str, Any] = self.http.post(app.token_endpoint, data=form | who).json()
        return answer

    def call(self, token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token or self.tokens['access_token']}"}
        return self.http.get(self.provider.resource, headers=headers).status_code

    def wait(self, seconds: float) -> None:
        self.provider.world.clock.advance(seconds)


def test_a_client_that_does_it_right_passes_all() -> None:
    client = Client()
    for _ in range(3):
        client.wait(3600)
        client.tokens |= client.refresh()
        assert client.call() == 200
    for hold in ASSERTIONS:
        hold(client.provider.ledger)
    client.provider.ledger.assert_kept(client.tokens["refresh_token"])


def test_one_who_tries_again_after_a_lost_answer_passes_all() -> None:
    client = Client("google")
    client.provider.lose_next_response()
    with pytest.raises(httpx.ReadError):
        client.refresh()
    client.refresh()
    for hold in ASSERTIONS:
        hold(client.provider.ledger)


def test_two_refreshes_at_once_are_told_with_their_exchanges() -> None:
    client = Client("google")
    client.refresh()
    client.refresh()
    with pytest.raises(AssertionError) as told:
        client.provider.ledger.assert_single_flight()
    assert str(told.value).splitlines()[0] == "two refreshes of one grant at once"
    assert str(told.value).splitlines()[-2:] == [
        "* +0 s  POST refresh_token RT1 at oauth2.googleapis.com -> 200 AT2",
        "* +0 s  POST refresh_token RT1 at oauth2.googleapis.com -> 200 AT3",
    ]


def test_two_in_a_row_of_a_rotating_grant_are_told_too() -> None:
    client = Client()
    client.tokens |= client.refresh()
    client.tokens |= client.refresh()
    with pytest.raises(AssertionError, match="two refreshes of one grant at once"):
        client.provider.ledger.assert_single_flight()


def test_two_grants_refreshed_at_once_are_none_of_this() -> None:
    client = Client()
    first, second = client.tokens, client.provider.tokens(account="bob")
    client.refresh(first["refresh_token"])
    client.refresh(second["refresh_token"])
    client.provider.ledger.assert_single_flight()


def test_a_refresh_token_presented_after_its_end_is_told() -> None:
    client = Client()
    client.refresh()
    client.wait(3600)
    client.refresh()
    with pytest.raises(AssertionError, match=r"^RT1 was presented again after it was replaced\n"):
        client.provider.ledger.assert_never_presented_dead_token()


def test_an_access_token_presented_after_its_end_is_told() -> None:
    client = Client()
    client.wait(3600)
    assert client.call() == 401
    with pytest.raises(AssertionError, match=r"^AT1 had expired when it was presented\n"):
        client.provider.ledger.assert_never_presented_dead_token()


def test_a_grant_that_the_user_withdrew_unseen_is_no_fault_of_the_client_until_it_was_told() -> None:
    client = Client()
    client.provider.revoke()
    client.refresh()
    client.provider.ledger.assert_never_presented_dead_token()
    client.refresh()
    with pytest.raises(AssertionError, match=r"^RT1 was presented again after it was refused\n"):
        client.provider.ledger.assert_never_presented_dead_token()


def test_a_newer_refresh_token_that_was_not_kept_is_told() -> None:
    client = Client("atlassian")
    client.refresh()
    client.wait(60)
    client.refresh()
    with pytest.raises(AssertionError, match=r"^RT2 was the newest refresh token, and RT1 was presented\n"):
        client.provider.ledger.assert_kept()


def test_what_is_stored_is_compared_without_being_told() -> None:
    client = Client()
    stored = client.tokens["refresh_token"]
    client.refresh()
    with pytest.raises(AssertionError, match=r"^RT2 is the newest refresh token, and what is stored is RT1\n") as told:
        client.provider.ledger.assert_kept(stored)
    assert stored not in str(told.value)
    with pytest.raises(AssertionError, match="what is stored is none that the vendor knows"):
        client.provider.ledger.assert_kept("something-else")


@pytest.mark.parametrize("hold", ASSERTIONS)
def test_where_nothing_happened_nothing_was_shown(hold: Callable[[ToldLedger], None]) -> None:
    ledger = RunningProvider(VENDORS["generic"]).ledger
    with pytest.raises(
        AssertionError, match=r"^no \w+ reached the vendor, so that nothing was shown\nNo request was made\.$"
    ):
        hold(ledger)
