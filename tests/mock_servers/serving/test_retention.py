"""What a served vendor forgets, and what it never does: memory stays flat, and no client can tell."""

from typing import Any

import pytest

from kit.console import Person
from kit.serving import CALLBACK, Browser, authorization_url, log_in, parameters, post, served, token_form
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.served import retention
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import MINUTE, SECOND, WireRequest

KEEP = 200
RENEWING = ("generic", "google", "atlassian", "gitlab", "auth0", "okta")


class _Client:
    """A client that refreshes once a minute and presents what it was given last."""

    def __init__(self, one: Served) -> None:
        self.one = one
        self.now = VIRTUAL_START
        self.url = one.addresses.local_url(one.vendor.profile.url("token"))
        self.tokens: dict[str, Any] = log_in(one)

    def refresh(self, times: int = 1) -> list[dict[str, Any]]:
        answers = []
        for _ in range(times):
            self.now += MINUTE
            fields = token_form("refresh_token", refresh_token=self.tokens["refresh_token"], redirect_uri=CALLBACK)
            answer = post(self.one, self.url, fields, self.now)
            assert answer.status == 200, answer.document
            self.tokens |= answer.document
            answers.append(dict(answer.document))
        return answers


def _held(provider: Provider) -> dict[str, int]:
    state, vault = provider.state, provider.vault
    return {
        "entries": len(provider.ledger.entries),
        "refresh tokens": len(state.refresh_tokens),
        "access tokens": len(state.access_tokens),
        "codes": len(state.codes),
        "tokens of families": sum(len(one.refresh_tokens) + len(one.access_tokens) for one in state.families),
        "secrets": len(vault.mark().aliases),
    }


@pytest.mark.parametrize("name", RENEWING)
def test_after_five_thousand_refreshes_no_more_is_held_than_after_two_thousand(name: str) -> None:
    client = _Client(served(name, ledger_keep=KEEP, journal=100))
    client.refresh(2000)
    early = _held(client.one.provider)
    client.refresh(3000)
    late = _held(client.one.provider)
    # What is forgotten is forgotten in batches, so the two may differ by one of them.
    assert {kind: count for kind, count in late.items() if count > 1.5 * early[kind] + 10} == {}
    assert late["entries"] <= 1.5 * KEEP


@pytest.mark.parametrize("name", RENEWING)
def test_a_client_cannot_tell_a_vendor_that_forgets_from_one_that_does_not(name: str) -> None:
    forgetful, faithful = (_Client(served(name, ledger_keep=keep, journal=10)) for keep in (10, None))
    assert forgetful.refresh(200) == faithful.refresh(200)
    assert forgetful.one.provider.ledger.count == faithful.one.provider.ledger.count


def test_the_oldest_token_still_renews_and_the_oldest_grant_stands() -> None:
    one = served("google", ledger_keep=20, journal=10)
    first = log_in(one)
    busy = _Client(one)
    busy.refresh(500)
    url = one.addresses.local_url(one.vendor.profile.url("token"))
    fields = token_form("refresh_token", refresh_token=first["refresh_token"])
    assert post(one, url, fields, busy.now).status == 200
    assert [grant.account for grant in one.provider.state.grants.values()] == ["alice"]


def test_an_access_token_opens_until_it_expires_however_many_came_after_it() -> None:
    one = served("generic", ledger_keep=10, journal=10)
    client = _Client(one)
    first = client.tokens["access_token"]
    life = int(client.tokens["expires_in"])
    client.refresh(life // 60 - 2)
    headers = (("Authorization", f"Bearer {first}"),)
    url = one.addresses.local_url(one.vendor.profile.url("resource")) or ""
    resource = WireRequest(method="GET", url=url, headers=headers)
    assert one.handle(resource, client.now).status == 200
    client.refresh(200)
    assert one.handle(resource, client.now).status == 401


def test_of_many_access_tokens_those_go_that_their_own_login_has_replaced_a_thousand_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "MOST_GOOD", 60)
    monkeypatch.setattr(retention, "MOST_OF_A_LOGIN", 20)
    one = served("google", ledger_keep=10, journal=10)
    quiet, busy = _Client(one), _Client(one)
    busy.now -= 60 * MINUTE
    held = []
    for _ in range(400):
        busy.now -= MINUTE - SECOND
        held += [answer["access_token"] for answer in busy.refresh()]
    known = one.provider.state.access_tokens
    assert quiet.tokens["access_token"] in known
    assert set(held[-20:]) <= known.keys()
    assert len(known) <= 1.5 * 60 + 10


def test_a_code_is_redeemed_although_many_were_used_since() -> None:
    one = served("generic", ledger_keep=10, journal=10)
    code = parameters(Browser(one).open(authorization_url(one)).header("location"))["code"]
    for _ in range(50):
        log_in(one)
    url = one.addresses.local_url(one.vendor.profile.url("token"))
    fields = token_form("authorization_code", code=code, redirect_uri=CALLBACK)
    assert post(one, url, fields).status == 200


def test_a_replay_is_known_as_long_as_the_token_is_kept_and_then_unknown() -> None:
    one = served("generic", ledger_keep=20, journal=10)
    client = _Client(one)
    old = client.tokens["refresh_token"]
    client.refresh(100)
    fields = token_form("refresh_token", refresh_token=old)
    assert post(one, client.url, fields, client.now).document["error"] == "invalid_grant"
    assert one.provider.ledger.entries[-1].cause == "unknown_refresh_token"


def test_ledger_and_journal_say_what_was_dropped_and_count_on() -> None:
    person = Person("generic", ledger_keep=20, journal=15)
    client = _Client(person.vendors["generic"])
    client.refresh(100)
    ledger = client.one.provider.ledger
    first, *others = ledger.entries
    assert first.view == "dropped"
    assert first.detail == f"entries 0 to {first.number} were dropped: the newest 20 are kept"
    assert [entry.number for entry in others] == list(range(first.number + 1, ledger.count))
    assert ledger.since(5, 2) == [first, others[0]]
    assert ledger.since(ledger.count - 1, 10) == [others[-1]]
    mark, *exchanges = client.one.journal.rows(0, 1000)
    assert mark["request_body"] == f"exchanges 0 to {client.one.journal.count - 16} were dropped"
    assert [row["number"] for row in exchanges] == list(range(mark["number"] + 1, client.one.journal.count))
    person.log_in()
    assert "unknown" not in person.page.text


def test_an_answer_that_arrives_after_its_entry_was_dropped_is_nobodys() -> None:
    one = served("generic", ledger_keep=10, journal=10)
    client = _Client(one)
    late = one.handle(WireRequest(method="GET", url="http://127.0.0.1:8001/nothing", headers=()), client.now)
    client.refresh(100)
    before = [entry.delivered for entry in one.provider.ledger.entries]
    one.delivered(late, True)
    assert [entry.delivered for entry in one.provider.ledger.entries] == before


def test_families_keep_their_numbers_and_new_ones_get_others() -> None:
    one = served("atlassian", ledger_keep=10, journal=10)
    for _ in range(60):
        log_in(one)
    numbers = [family.number for family in one.provider.state.families]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 60


def test_a_snapshot_brings_back_what_was_dropped_since() -> None:
    one = served("generic", ledger_keep=30, journal=10)
    client = _Client(one)
    kept = one.keep(client.now)
    token = client.tokens["refresh_token"]
    client.refresh(100)
    one.restore(kept)
    fields = token_form("refresh_token", refresh_token=token)
    assert post(one, client.url, fields, VIRTUAL_START + SECOND).status == 200
    assert one.provider.ledger.entries[0].view == "authorization"


def test_without_a_bound_nothing_is_dropped() -> None:
    client = _Client(served("generic"))
    client.refresh(500)
    assert len(client.one.provider.ledger.entries) == client.one.provider.ledger.count == 502
    assert set(RENEWING) <= VENDORS.keys()
