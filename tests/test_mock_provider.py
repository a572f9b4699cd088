"""The provider: authorization, code exchange, refresh, revocation, what it refuses and why, and that it keeps
secrets."""

import json
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_kit import Play, at, basic, generic, play
from refreshproof.mock_servers.causes import Cause
from refreshproof.mock_servers.consent import Decision
from refreshproof.mock_servers.profile import Endpoint, TokenRequestRules, TokenShape
from refreshproof.mock_servers.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, REDIRECT_URI, Provider
from refreshproof.mock_servers.records import Account, Application
from refreshproof.mock_servers.vault import Vault, redact_body
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.views import VIEWS
from refreshproof.mock_servers.visit import Visit
from refreshproof.mock_servers.wire import WireRequest, WireResponse

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
OTHER = Application(client_id="other-client", client_secret="other-secret-0123", redirect_uris=(REDIRECT_URI,))
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
    assert (response.status, game.last.cause) == (400, Cause.REFRESH_TOKEN_OF_OTHER_CLIENT)
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


def _form(**fields: str) -> str:
    return urlencode({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields})


def _challenged(game: Play) -> str:
    return game.code(code_challenge=CHALLENGE, code_challenge_method="S256")


def _used(game: Play) -> str:
    code = game.code()
    game.exchange(code)
    return code


def _rotated(game: Play) -> str:
    token: str = game.login()["refresh_token"]
    game.refresh(token)
    return token


def _aged(game: Play, after: float) -> WireResponse:
    token = game.login()["refresh_token"]
    return game.refresh(token, after=after)


REFUSALS: dict[str, tuple[Cause, Callable[[Play], WireResponse]]] = {
    "unknown client at authorization": (Cause.UNKNOWN_CLIENT, lambda g: g.authorize(client_id="nobody")),
    "no client at authorization": (Cause.MISSING_PARAMETER, lambda g: g.authorize(client_id="")),
    "foreign redirect URI": (Cause.REDIRECT_URI_MISMATCH, lambda g: g.authorize(redirect_uri="https://evil.example/")),
    "longer redirect URI": (Cause.REDIRECT_URI_MISMATCH, lambda g: g.authorize(redirect_uri=f"{REDIRECT_URI}/x")),
    "other response type": (Cause.UNSUPPORTED_RESPONSE_TYPE, lambda g: g.authorize(response_type="token")),
    "no response type": (Cause.MISSING_PARAMETER, lambda g: g.authorize(response_type="")),
    "short challenge": (Cause.INVALID_REQUEST, lambda g: g.authorize(code_challenge="short")),
    "other challenge method": (
        Cause.INVALID_REQUEST,
        lambda g: g.authorize(code_challenge=CHALLENGE, code_challenge_method="S512"),
    ),
    "unknown prompt": (Cause.INVALID_REQUEST, lambda g: g.authorize(prompt="maybe")),
    "prompt none with another": (Cause.INVALID_REQUEST, lambda g: g.authorize(prompt="none login")),
    "prompt none without a grant": (Cause.INTERACTION_REQUIRED, lambda g: g.authorize(prompt="none")),
    "repeated parameter at authorization": (
        Cause.INVALID_REQUEST,
        lambda g: g.get(
            f"{g.url('authorization')}?{_form(redirect_uri=REDIRECT_URI, response_type='code')}&state=a&state=b"
        ),
    ),
    "unknown code": (Cause.UNKNOWN_CODE, lambda g: g.exchange("no-such-code-0123456789")),
    "used code": (Cause.USED_CODE, lambda g: g.exchange(_used(g))),
    "expired code": (Cause.EXPIRED_CODE, lambda g: g.exchange(g.code(), after=600)),
    "code of another client": (
        Cause.CODE_OF_OTHER_CLIENT,
        lambda g: g.exchange(g.code(), client_id=OTHER.client_id, client_secret="other-secret-0123"),
    ),
    "other redirect URI at exchange": (
        Cause.REDIRECT_URI_MISMATCH,
        lambda g: g.exchange(g.code(), redirect_uri="https://app.example.com/other"),
    ),
    "no redirect URI at exchange": (Cause.REDIRECT_URI_MISMATCH, lambda g: g.exchange(g.code(), redirect_uri="-")),
    "no verifier after a challenge": (Cause.MISSING_VERIFIER, lambda g: g.exchange(_challenged(g))),
    "wrong verifier": (Cause.WRONG_VERIFIER, lambda g: g.exchange(_challenged(g), code_verifier="w" * 43)),
    "verifier without a challenge": (
        Cause.UNEXPECTED_VERIFIER,
        lambda g: g.exchange(g.code(), code_verifier=VERIFIER),
    ),
    "no code": (Cause.MISSING_PARAMETER, lambda g: g.exchange("")),
    "unknown client": (Cause.UNKNOWN_CLIENT, lambda g: g.exchange(g.code(), client_id="nobody")),
    "no client": (Cause.MISSING_CLIENT, lambda g: g.exchange(g.code(), client_id="-", client_secret="-")),
    "no secret": (Cause.MISSING_SECRET, lambda g: g.exchange(g.code(), client_secret="-")),
    "wrong secret": (Cause.WRONG_SECRET, lambda g: g.exchange(g.code(), client_secret="wrong-secret-0123")),
    "undecodable Basic": (
        Cause.UNKNOWN_CLIENT,
        lambda g: g.exchange(g.code(), ("Authorization", "Basic !"), client_id="-", client_secret="-"),
    ),
    "two authentications": (Cause.TWO_AUTHENTICATIONS, lambda g: g.exchange(g.code(), basic())),
    "unknown refresh token": (Cause.UNKNOWN_REFRESH_TOKEN, lambda g: g.refresh("no-such-token-0123456789")),
    "access token as refresh token": (Cause.UNKNOWN_REFRESH_TOKEN, lambda g: g.refresh(g.login()["access_token"])),
    "refresh token of another client": (
        Cause.REFRESH_TOKEN_OF_OTHER_CLIENT,
        lambda g: g.refresh(g.login()["refresh_token"], client_id=OTHER.client_id, client_secret="other-secret-0123"),
    ),
    "no refresh token": (Cause.MISSING_PARAMETER, lambda g: g.refresh("")),
    "wider scope on refresh": (Cause.INVALID_SCOPE, lambda g: g.refresh(g.login()["refresh_token"], scope="read root")),
    "reused refresh token": (Cause.REFRESH_TOKEN_REUSED, lambda g: g.refresh(_rotated(g))),
    "other grant type": (Cause.UNSUPPORTED_GRANT_TYPE, lambda g: g.post("token", _form(grant_type="password"))),
    "no grant type": (Cause.MISSING_PARAMETER, lambda g: g.post("token", _form())),
    "repeated parameter": (
        Cause.INVALID_REQUEST,
        lambda g: g.post("token", _form(grant_type="refresh_token") + "&grant_type=refresh_token"),
    ),
    "JSON body": (
        Cause.UNSUPPORTED_BODY,
        lambda g: g.handler(_token_request(g, "application/json", b'{"grant_type": "refresh_token"}'), at(0)),
    ),
    "GET at the token endpoint": (Cause.METHOD_NOT_ALLOWED, lambda g: g.get(g.url("token"))),
    "no access token": (Cause.NO_ACCESS_TOKEN, lambda g: g.get(g.url("resource"))),
    "Basic at a resource": (Cause.NO_ACCESS_TOKEN, lambda g: g.get(g.url("resource"), basic())),
    "unknown access token": (Cause.UNKNOWN_ACCESS_TOKEN, lambda g: g.call("no-such-token-0123456789")),
    "expired access token": (
        Cause.ACCESS_TOKEN_EXPIRED,
        lambda g: g.call(g.login()["access_token"], after=3600),
    ),
    "address the vendor does not have": (Cause.UNKNOWN_RESOURCE, lambda g: g.get("https://api.example.com/nothing")),
    "no token to revoke": (Cause.MISSING_PARAMETER, lambda g: g.post("revocation", _form())),
}


def _token_request(game: Play, media_type: str, body: bytes) -> WireRequest:
    return WireRequest(method="POST", url=game.url("token"), headers=(("Content-Type", media_type),), body=body)


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


SHAPES = st.builds(
    TokenShape,
    prefix=st.sampled_from(["", "ya29.", "1//", "gho_"]),
    length=st.integers(20, 3000),
    jwt_shaped=st.booleans(),
)
CONTEXTS: dict[str, Callable[[str], str]] = {
    "alone": lambda value: value,
    "in a query": lambda value: f"https://a.example/cb?state=1&code={quote_plus(value)}&x=2",
    "in a form, raw": lambda value: f"grant_type=refresh_token&refresh_token={value}&client_id=c",
    "in a form, encoded": lambda value: urlencode({"refresh_token": value, "client_id": "c"}),
    "in a JSON document": lambda value: json.dumps({"a": [{"refresh_token": value}], "b": value}),
    "in JSON in a query": lambda value: urlencode({"q": json.dumps({"t": value})}),
    "in a path": lambda value: f"https://a.example/revoke/{value}/now",
    "in a sentence": lambda value: f"Refresh token invalid: {value}. Visit https://dev.example for help.",
    "in quotes": lambda value: f"token '{value}' and \"{value}\"",
    "in a Bearer header": lambda value: f"Authorization: Bearer {value}",
    "in a Basic header": lambda value: "Basic " + b64encode(f"client:{value}".encode()).decode(),
}


@given(shape=SHAPES, seed=st.integers(0, 1000))
@pytest.mark.parametrize("context", CONTEXTS)
def test_no_secret_survives_redaction(context: str, shape: TokenShape, seed: int) -> None:
    vault = Vault(seed)
    value, _ = vault.mint("RT", shape)
    text = vault.redact(CONTEXTS[context](value))
    assert vault.leaks(text) == []
    assert ("RT1" in text) is (context != "in a Basic header"), text


@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_a_body_is_redacted_by_member_and_by_value(shape: TokenShape, seed: int) -> None:
    vault = Vault(seed)
    value, alias = vault.mint("AT", shape)
    document = {"access_token": value, "refresh_token": "not-ours-at-all", "text": f"see {value}", "n": 1, "no": None}
    redacted = json.loads(redact_body(vault, json.dumps(document).encode()))
    assert redacted == {"access_token": alias, "refresh_token": "RT1", "text": f"see {alias}", "n": 1, "no": None}


def test_equal_seeds_mint_equal_secrets_and_others_do_not() -> None:
    assert play(seed=1).login() == play(seed=1).login()
    assert play(seed=1).login() != play(seed=2).login()


def test_secrets_show_in_no_repr_ledger_or_redacted_traffic() -> None:
    """Everything that a provider shows of a whole life of a grant, refusals included."""
    game = play(applications=(DEFAULT_APPLICATION, OTHER))
    authorized = game.authorize()
    code = game.callback(authorized)["code"]
    answers = [authorized, game.exchange(code)]
    answers += [game.refresh(answers[-1].document["refresh_token"]) for _ in range(3)]
    answers += [provoke(game) for _, provoke in REFUSALS.values()]
    provider = game.provider
    shown = [repr(provider.ledger.entries), repr(provider.state.families), repr(provider.state.codes.values())]
    shown += [repr(provider.state.applications), repr(list(provider.state.access_tokens.values())), repr(answers)]
    shown += [repr(token) for family in provider.state.families for token in family.refresh_tokens]
    assert [provider.vault.leaks(text) for text in shown] == [[]] * len(shown)
    bodies = [redact_body(provider.vault, answer.body) for answer in answers]
    assert [provider.vault.leaks(text) for text in bodies] == [[]] * len(bodies)
    assert provider.vault.leaks(repr(answers[1].document)) == ["AT1", "RT1"], "the check itself must see a leak"


def test_a_request_shows_neither_address_nor_body() -> None:
    request = WireRequest(method="POST", url="https://a.example/?code=secret-code-0123", body=b"refresh_token=x")
    assert repr(request) == "WireRequest(method='POST')"


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
