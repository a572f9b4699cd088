"""Secrets stay secret: redaction finds them in any context, and nothing a provider shows holds one."""

import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.dumb_client import play
from kit.refusals import OTHER, REFUSALS
from refreshproof.mock_servers.profile.profile import TokenShape
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION
from refreshproof.mock_servers.provider.state.vault import SHORTEST_SECRET, Vault, redact_body
from refreshproof.mock_servers.wire import WireRequest

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


def test_a_client_that_presents_next_to_nothing_has_no_other_text_altered() -> None:
    """One character is no secret to look for in the middle of words; where it stands by itself it has its alias."""
    vault = Vault(seed=0)
    vault.name("AT", "7")
    assert vault.redact("correlation 76c90035-1111-2222") == "correlation 76c90035-1111-2222"
    assert vault.redact("/resource/tokens/7/now") == "/resource/tokens/AT1/now"


@pytest.mark.parametrize(
    "text", ["https://a.example/cb?x=made-by-a-client", "https://a.example/cb?x=made%2dby%2da-client"]
)
def test_a_text_that_held_no_secret_is_redacted_once_it_holds_one(text: str) -> None:
    vault = Vault(seed=0)
    assert [vault.redact(text) for _ in range(2)] == [text.replace("%2d", "-"), text.replace("%2d", "-")]
    vault.name("RT", "another-refresh-token")
    vault.name("RT", "made-by-a-client")
    assert [vault.redact(text) for _ in range(2)] == ["https://a.example/cb?x=RT2", "https://a.example/cb?x=RT2"]


def test_a_secret_that_was_named_many_secrets_ago_is_found() -> None:
    vault = Vault(seed=0)
    assert vault.redact("a line with a-secret-of-22-characters") == "a line with a-secret-of-22-characters"
    vault.name("RT", "a-secret-of-22-characters")
    for number in range(50):
        vault.name("AT", f"another-of-the-{number}-tokens")
    assert vault.redact("a line with a-secret-of-22-characters") == "a line with RT1"


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


@pytest.mark.parametrize("short", ["abc123", "a1b2c3d"])
@pytest.mark.parametrize("context", ["in a form, raw", "in a path", "in a Bearer header"])
def test_a_secret_shorter_than_any_before_it_is_found_and_so_are_those(context: str, short: str) -> None:
    vault = Vault(1)
    long, alias = vault.mint("AT", TokenShape(length=40))
    assert vault.name("RT", short) == "RT1"
    for value, name in ((short, "RT1"), (long, alias)):
        text = vault.redact(CONTEXTS[context](value))
        assert value not in text
        assert name in text


def test_an_identifier_has_as_many_digits_as_asked_for_and_each_of_them_is_drawn() -> None:
    drawn = [Vault(seed).identifier(length) for seed in range(99) for length in (1, 16, 32)]
    assert [len(one) for one in drawn] == [1, 16, 32] * 99
    assert {one[0] for one in drawn} == set("0123456789abcdef")
    assert set(drawn[0::3]) == set("0123456789abcdef")


def test_a_redacted_body_keeps_the_letters_that_it_had() -> None:
    assert redact_body(Vault(1), '{"message": "Größe"}'.encode()) == '{"message": "Größe"}'


def test_an_identifier_has_sixteen_digits_where_nothing_else_is_said() -> None:
    assert len(Vault(1).identifier()) == 16


@pytest.mark.parametrize("known", [1, 400])
@pytest.mark.parametrize("length", [8, 9, 40])
def test_a_leak_is_seen_whether_secrets_or_letters_are_more(known: int, length: int) -> None:
    vault = Vault(1)
    for number in range(known):
        vault.mint("AT", TokenShape(length=20 + number % 9))
    value = "qwertzuiopasdfghjklyxcvbnm-1234567890-secret"[:length]
    assert vault.name("RT", value) == "RT1"
    assert vault.leaks(f"see {value} there") == ["RT1"]
    assert vault.leaks(f"see {value[:7]} there") == []


@pytest.mark.parametrize("value", ["ab/cd/ef12", "ab/cd/ef12/gh/34"])
def test_a_secret_that_is_short_only_when_decoded_is_found(value: str) -> None:
    vault = Vault(1)
    vault.name("RT", value)
    assert vault.redact(quote_plus(value)) == "RT1"


def test_a_secret_that_was_forgotten_is_one_again_after_a_return() -> None:
    vault = Vault(1)
    vault.name("AT", "first-secret-of-all")
    mark = vault.mark()
    vault.name("AT", "later-secret-than-that")
    vault.forget((), 1)
    address = "https://app.example.com/callback?st=first-secret-of-all"
    assert vault.redact(address) == address
    vault.return_to(mark)
    assert vault.redact(address) == "https://app.example.com/callback?st=AT1"
    assert vault.redact(address + "#x") == "https://app.example.com/callback?st=AT1#x"


def test_of_a_secret_that_another_one_begins_nothing_is_left() -> None:
    """As where a token comes cut off once; in whichever order they, and secrets of other lengths, become known."""
    vault = Vault(seed=0)
    cut, whole = vault.name("AT", "a-secret"), vault.name("AT", "a-secrets")
    for known in range(2, 40):
        assert vault.redact("/of/a-secrets/or/a-secret/") == f"/of/{whole}/or/{cut}/"
        vault.name("RT", "x" * (SHORTEST_SECRET + known))
        assert vault.as_of(2).redact("/of/a-secrets/or/a-secret/") == f"/of/{whole}/or/{cut}/"
