"""What a server does with the parameters of RFC 7636, by `authorization.pkce`: four words, four servers."""

from dataclasses import replace
from typing import Any

import pytest

from kit.dumb_client import Play, play
from refreshproof.mock_servers.profile.profile import Pkce
from refreshproof.mock_servers.vendors.generic import GENERIC

PLAIN = "v" * 43
CHALLENGE = {"code_challenge": PLAIN}
RIGHT, WRONG = {"code_verifier": PLAIN}, {"code_verifier": "w" * 43}


def server(pkce: Pkce) -> Play:
    return play(replace(GENERIC, authorization=replace(GENERIC.authorization, pkce=pkce)))


LOGINS: list[tuple[Pkce, dict[str, Any], dict[str, Any], str | None]] = [
    ("enforced", {}, {}, None),
    ("enforced", CHALLENGE, RIGHT, None),
    ("enforced", CHALLENGE, WRONG, "wrong_verifier"),
    ("enforced", CHALLENGE, {}, "missing_verifier"),
    ("enforced", {}, RIGHT, "unexpected_verifier"),
    ("ignored", {}, {}, None),
    ("ignored", CHALLENGE, RIGHT, None),
    ("ignored", CHALLENGE, WRONG, None),
    ("ignored", CHALLENGE, {}, None),
    ("ignored", {}, RIGHT, None),
    ("ignored", {"code_challenge": "short", "code_challenge_method": "S512"}, {}, None),
    ("refused", {}, {}, None),
    ("refused", CHALLENGE, RIGHT, "invalid_request"),
    ("refused", {"code_challenge_method": "S256"}, {}, "invalid_request"),
    ("refused", {}, RIGHT, "unexpected_verifier"),
    ("required", {}, {}, "missing_parameter"),
    ("required", CHALLENGE, RIGHT, None),
    ("required", CHALLENGE, WRONG, "wrong_verifier"),
]


@pytest.mark.parametrize(("pkce", "request_has", "exchange_has", "cause"), LOGINS)
def test_a_login_succeeds_or_is_refused_as_the_word_says(
    pkce: Pkce, request_has: dict[str, Any], exchange_has: dict[str, Any], cause: str | None
) -> None:
    game = server(pkce)
    callback = game.callback(game.authorize(**request_has))
    if "code" in callback:
        game.exchange(callback["code"], **exchange_has)
    assert game.last.cause == cause
