"""The provider: authorization, code exchange, refresh, revocation, and what it refuses and why."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

import pytest

from kit.dumb_client import Play, basic, generic, play
from kit.refusals import CHALLENGE, OTHER, REFUSALS, VERIFIER
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.profile import Endpoint, TokenRequestRules
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.provider import CLIENT_SECRET, DEFAULT_APPLICATION, Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.provider.views import VIEWS
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.wire import WireResponse

PUBLIC = Application(client_id="public-client", client_secret=None, redirect_uris=("http://127.0.0.1/cb",))


def test_a_login_ends_with_a_code_the_state_and_the_issuer() -> None:
    game = play()
    callback = game.callback(game.authorize(state="s/1 &"))
    assert callback == {"code": callback["code"], "state": "s/1 &", "iss": GENERIC.issuer}
    assert game.last.issued == ("CODE1",)


def test_a_code_brings_a_pair_that_opens_the_resource_for_an_hour() -> None:
    game = play()
    tokens = game.login()
    assert list(tokens) == ["access_token", "token_type", "expires_in", "refresh_token", "scope"]
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, "read")
    assert game.call(tokens["access_token"], after=3599.999999).status == 200
    assert game.call(tokens["access_token"], after=3600).status == 401
    assert game.last.cause is Cause.ACCESS_TOKEN_EXPIRED


def test_a_token_response_may_not_be_stored() -> None:
    """RFC 6749 s5.1: Cache-Control: no-store on every response that holds tokens."""
    game = play()
    assert game.exchange(game.code()).header("cache-control") == "no-store"


def test_a_refresh_gives_a_new_pair_and_the_ledger_says_which() -> None:
    game = play()
    first = game.login()
    second = game.refresh(first["refresh_token"], after=10).document
    assert len({first["access_token"], second["access_token"], first["refresh_token"], second["refresh_token"]}) == 4
    assert (game.last.presented, game.last.issued, game.last.event) == ("RT1", ("AT2", "RT2"), "rotated")
    assert game.provider.ledger.presentations("RT1") == (game.last,)


def test_a_refresh_may_ask_for_less_scope_and_the_token_then_opens_less() -> None:
    """RFC 6749 s6."""
    game = play(replace(GENERIC, scopes=("read", "write")))
    narrowed = game.refresh(game.login()["refresh_token"], scope="write").document
    assert narrowed["scope"] == "write"
    assert game.call(narrowed["access_token"]).status == 403
    again = game.refresh(narrowed["refresh_token"]).document
    assert game.call(again["access_token"]).status == 200


def test_a_client_may_authenticate_in_the_header_or_the_body() -> None:
    game = play()
    assert game.exchange(game.code(), basic(), client_id="-", client_secret="-").status == 200
    assert game.exchange(game.code()).status == 200


@pytest.mark.parametrize(
    ("encoding", "raw_works", "encoded_works"),
    [("raw", True, False), ("form_encoded", False, True), ("either", True, True)],
)
def test_basic_credentials_are_read_as_the_vendor_reads_them(
    encoding: Any, raw_works: bool, encoded_works: bool
) -> None:
    """RFC 6749 s2.3.1 wants them form-encoded; not every vendor does."""
    game = play(replace(GENERIC, token_request=TokenRequestRules(basic_encoding=encoding)))
    for works, secret in ((raw_works, CLIENT_SECRET), (encoded_works, quote_plus(CLIENT_SECRET))):
        response = game.exchange(game.code(), basic(secret=secret), client_id="-", client_secret="-")
        assert response.status == (200 if works else 401), secret


def test_a_public_client_needs_no_secret_and_may_use_any_loopback_port() -> None:
    """RFC 8252 s7.3."""
    game = play(applications=(PUBLIC,))
    uri = "http://127.0.0.1:49152/cb"
    location = game.authorize(client_id="public-client", redirect_uri=uri).header("location") or ""
    assert location.startswith(f"{uri}?code=")
    code = location.partition("code=")[2].partition("&")[0]
    assert game.exchange(code, client_id="public-client", client_secret="-", redirect_uri=uri).status == 200


@pytest.mark.parametrize(("method", "challenge"), [("S256", CHALLENGE), ("plain", VERIFIER)])
def test_a_verifier_redeems_the_code_of_its_challenge(method: str, challenge: str) -> None:
    game = play()
    code = game.code(code_challenge=challenge, code_challenge_method=method)
    assert game.exchange(code, code_verifier=VERIFIER).status == 200


def test_a_second_use_of_a_code_is_refused_and_ends_what_the_first_brought() -> None:
    """RFC 6749 s4.1.2."""
    game = play()
    code = game.code()
    tokens = game.exchange(code).document
    assert game.exchange(code).document["error"] == "invalid_grant"
    assert game.call(tokens["access_token"]).status == 401
    assert game.refresh(tokens["refresh_token"]).status == 400
    assert game.last.cause is Cause.REFRESH_TOKEN_REVOKED


def test_a_failed_exchange_does_not_spend_the_code() -> None:
    game = play()
    code = game.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert game.exchange(code, code_verifier="w" * 43).status == 400
    assert game.exchange(code, code_verifier=VERIFIER).status == 200


def test_a_denied_consent_comes_back_as_an_error_with_the_state() -> None:
    game = play()
    game.provider.user.will(Decision(answer="deny"))
    callback = game.callback(game.authorize())
    assert (callback["error"], callback["state"]) == ("access_denied", "st")
    assert game.last.cause is Cause.ACCESS_DENIED


def test_a_revoked_refresh_token_takes_its_access_tokens_with_it() -> None:
    """RFC 7009 s2.1."""
    game = play()
    tokens = game.login()
    assert _revoke(game, tokens["refresh_token"]).status == 200
    assert game.call(tokens["access_token"]).status == 401
    assert game.refresh(tokens["refresh_token"]).document["error"] == "invalid_grant"


def test_a_revoked_access_token_leaves_the_refresh_token_alone() -> None:
    game = play()
    tokens = game.login()
    assert _revoke(game, tokens["access_token"]).status == 200
    assert game.call(tokens["access_token"]).status == 401
    assert game.refresh(tokens["refresh_token"]).status == 200


def test_revoking_an_unknown_token_is_a_success_that_changes_nothing() -> None:
    """RFC 7009 s2.2."""
    game = play()
    tokens = game.login()
    assert _revoke(game, "no-such-token-at-all").status == 200
    assert game.call(tokens["access_token"]).status == 200


def test_a_client_cannot_revoke_the_token_of_another() -> None:
    """RFC 7009 s2.1."""
    game = play(applications=(DEFAULT_APPLICATION, OTHER))
    tokens = game.login()
    response = _revoke(game, tokens["refresh_token"], OTHER)
    assert (response.status, game.last.cause) == (400, Cause.TOKEN_OF_OTHER_CLIENT)
    assert game.call(tokens["access_token"]).status == 200


def test_a_user_who_withdraws_consent_ends_all_their_grants_and_nobody_elses() -> None:
    game = play(accounts=(Account(name="alice"), Account(name="bob")))
    alices = game.login()
    game.provider.user.will(Decision(account="bob"))
    bobs = game.login()
    game.provider.revoke_user("alice")
    assert [game.call(tokens["access_token"]).status for tokens in (alices, bobs)] == [401, 200]
    assert game.refresh(alices["refresh_token"]).status == 400
    assert game.refresh(bobs["refresh_token"]).status == 200


def test_a_template_of_an_address_matches_any_segment() -> None:
    endpoint = Endpoint(view="resource", url="https://api.example.com/{item}/me")
    game = play(replace(GENERIC, endpoints=(*GENERIC.endpoints, endpoint)))
    token = game.login()["access_token"]
    bearer = ("Authorization", f"Bearer {token}")
    assert game.get("https://api.example.com/contoso/me", bearer).status == 200
    assert game.get("https://api.example.com/contoso/you", bearer).status == 404


def _revoke(game: Play, token: str, client: Application = DEFAULT_APPLICATION) -> WireResponse:
    assert client.client_secret is not None
    fields = {"token": token, "client_id": client.client_id, "client_secret": client.client_secret}
    return game.post("revocation", fields)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_tells_what_was_expected_and_what_came(name: str) -> None:
    cause, provoke = REFUSALS[name]
    game = play(applications=(DEFAULT_APPLICATION, OTHER))
    response = provoke(game)
    assert game.last.cause is cause
    assert game.last.status == response.status
    assert "expected: " in game.last.detail, game.last.detail
    assert "found: " in game.last.detail, game.last.detail
    assert game.provider.vault.leaks(game.last.detail) == []


def test_equal_seeds_mint_equal_secrets_and_others_do_not() -> None:
    assert play(seed=1).login() == play(seed=1).login()
    assert play(seed=1).login() != play(seed=2).login()


def test_sixteen_threads_that_present_one_refresh_token_get_one_new_pair() -> None:
    """A refresh is an atomic claim: under strict single use one thread wins, and the reuse of the others is seen."""
    game = play(generic(rotation="always", on_replay="reject"))
    token = game.login()["refresh_token"]
    answers = _at_once(16, lambda: game.refresh(token))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 15
    presentations = game.provider.ledger.presentations("RT1")
    assert sum(entry.event == "rotated" for entry in presentations) == 1
    assert len(presentations) == 16


def test_a_provider_carries_out_one_request_at_a_time() -> None:
    """Each request waits inside the view for another one to come in, and none does."""
    inside: list[Visit] = []
    met = threading.Event()

    def lingering(visit: Visit) -> WireResponse:
        inside.append(visit)
        if len(inside) > 1:
            met.set()
        met.wait(timeout=0.05)
        inside.remove(visit)
        return VIEWS["token"](visit)

    game = play(views={**VIEWS, "token": lingering})
    answers = _at_once(4, lambda: game.refresh("never-issued-0123456789"))
    assert [answer.status for answer in answers] == [400] * 4
    assert not met.is_set()


def test_sixteen_threads_inside_a_grace_window_all_get_the_same_successor() -> None:
    game = play(generic(rotation="always", on_replay="same_successor", window=10))
    token = game.login()["refresh_token"]
    answers = _at_once(16, lambda: game.refresh(token))
    assert len({answer.document["refresh_token"] for answer in answers}) == 1
    assert len({answer.document["access_token"] for answer in answers}) == 16
    assert sorted(entry.number for entry in game.provider.ledger.entries) == list(range(18))


def _at_once(number: int, act: Callable[[], WireResponse]) -> list[WireResponse]:
    answers: list[WireResponse] = []
    barrier = threading.Barrier(number)

    def run() -> None:
        barrier.wait()
        answers.append(act())

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_delivery_is_recorded_where_the_answer_was_caused() -> None:
    game = play()
    lost, arrived = game.authorize(), game.authorize()
    game.provider.delivered(lost, False)
    game.provider.delivered(arrived, True)
    assert [entry.delivered for entry in game.provider.ledger.entries] == [False, True]


def test_an_answer_without_an_entry_has_nothing_to_record() -> None:
    provider = Provider(GENERIC)
    provider.delivered(WireResponse(status=503), True)
    assert provider.ledger.entries == ()
