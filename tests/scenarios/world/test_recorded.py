"""What a journal writes down of an exchange: secrets by their aliases, whenever somebody reads it."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from kit.journal import exchange
from refreshproof.mock_servers.provider.state.vault import Vault, redact_body
from refreshproof.mock_servers.wire import WireRequest, WireResponse, json_response
from refreshproof.scenarios.evidence.journal import Exchange, Journal
from refreshproof.scenarios.evidence.proofs import HEADER
from refreshproof.scenarios.world.recorded import Unread

TOKEN = "a-token-of-the-server"
SECRET = "an-unknown-token-of-a-fault"
REQUEST = WireRequest(
    method="GET",
    url=f"https://a.example/tokens/{TOKEN}",
    headers=(("Authorization", f"Bearer {TOKEN}"), ("Cookie", "not recorded"), (HEADER, "no proof")),
)
ANSWER = json_response(200, {"access_token": TOKEN, "nested": [{"refresh_token": SECRET}]}, headers=(("X", TOKEN),))


PLAIN = exchange(1, None, "https://a.example/")


def recorded(vault: Vault, response: WireResponse | None = ANSWER) -> Exchange:
    known = {one.name: getattr(PLAIN, one.name) for one in dataclasses.fields(PLAIN)}
    for name in ("url", "request_headers", "response_headers", "response_body"):
        del known[name]
    return Exchange.read_later(Unread(vault, REQUEST, response), **known)


@pytest.fixture
def vault() -> Vault:
    vault = Vault(seed=0)
    vault.name("AT", TOKEN)
    return vault


READERS: dict[str, Any] = {
    "repr": repr,
    "the fields": lambda one: repr(dataclasses.asdict(one)),
    "a line": lambda one: "".join(Journal(records=[one]).lines()),
    "a copy": lambda one: repr(vars(copy.copy(one))),
    "a changed copy": lambda one: repr(dataclasses.replace(one, delivered=False)),
    "a pickle": lambda one: pickle.dumps(one).decode("latin-1") + repr(pickle.loads(pickle.dumps(one))),  # noqa: S301
    "what it holds": lambda one: repr(vars(one)),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_secret_shows_in_nothing_that_is_made_of_a_record(vault: Vault, reader: str) -> None:
    text = READERS[reader](recorded(vault))
    assert vault.leaks(text) == []
    if reader != "what it holds":
        assert "AT1" in text
        assert "RT1" in text


def test_fields_are_written_alike_whenever_they_are_read(vault: Vault) -> None:
    early, late = recorded(vault), recorded(vault)
    first = (early.url, early.request_headers, early.response_headers, early.response_body)
    for number in range(50):
        vault.name("AT", f"another-of-the-{number}-tokens")
    assert first == (late.url, late.request_headers, late.response_headers, late.response_body)
    assert early == late
    assert first[0] == "https://a.example/tokens/AT1"
    assert first[1] == (("Authorization", "Bearer AT1"), (HEADER, early.request_headers[1][1]))
    assert first[2][1] == ("X", "AT1")
    assert first[3] == '{"access_token": "AT1", "nested": [{"refresh_token": "RT1"}]}'


def test_aliases_are_given_when_an_answer_passes_and_not_when_it_is_read(vault: Vault) -> None:
    record = recorded(vault)
    assert vault.alias(SECRET) == "RT1"
    assert vault.name("RT", "the-next-token") == "RT2"
    assert "RT1" in record.response_body


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"refresh_token": "an-unknown-token-of-a-fault"}',
        b'  {"refresh_token": "an-unknown-token-of-a-fault"}',
        '{"refresh_token": "an-unknown-token-of-a-fault", "x": "ä"}'.encode(),
        '{"refresh_token": "an-unknown-token-of-a-fault"}'.encode("utf-16"),
    ],
    ids=["a mark of the order of bytes", "blanks", "no ASCII", "two bytes each"],
)
def test_a_body_that_is_read_otherwise_is_written_as_text_is(vault: Vault, body: bytes) -> None:
    other = Vault(seed=0)
    other.name("AT", TOKEN)
    written = redact_body(other, body)
    record = recorded(vault, WireResponse(status=200, body=body))
    assert (record.response_body, vault.alias(SECRET)) == (written, other.alias(SECRET))


def test_a_secret_that_is_learned_later_is_none_of_an_earlier_record(vault: Vault) -> None:
    """As it was written down at once, so that a journal does not depend on when it is read."""
    record = recorded(vault, WireResponse(status=200, body=b"a-word-that-becomes-a-secret"))
    vault.name("RT", "a-word-that-becomes-a-secret")
    assert record.response_body == "a-word-that-becomes-a-secret"
    assert vault.redact("a-word-that-becomes-a-secret") == "RT1"


def test_a_request_without_an_answer_has_none(vault: Vault) -> None:
    record = recorded(vault, None)
    assert (record.response_headers, record.response_body) == ((), "")


def test_what_is_no_field_is_told_as_such(vault: Vault) -> None:
    with pytest.raises(AttributeError, match="'Exchange' object has no attribute 'uri'"):
        recorded(vault).uri  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'uri'"):
        PLAIN.uri  # type: ignore[attr-defined]  # noqa: B018
