"""What the tests of the misbehaviours do to a provider, in words short enough for a table."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from kit.dumb_client import FORM, Play, at
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.vendor import well_behaved
from refreshproof.mock_servers.wire import WireRequest, WireResponse

DAY = 86_400
BASE = well_behaved(replace(GENERIC, scopes=("read", "write")))
Observation = tuple[Callable[[Play], Any], Any]
"""What to look at in a play, and what is to be seen there."""


def login(game: Play, **fields: str) -> WireResponse:
    return game.exchange(game.code(), after=0, **fields)


def tokens(game: Play) -> dict[str, Any]:
    document = login(game).document
    assert isinstance(document, dict)
    return document


def value(game: Play, alias: str) -> str:
    state = game.provider.state
    return next(v for v in (*state.access_tokens, *state.refresh_tokens) if game.provider.vault.alias(v) == alias)


def refresh(game: Play, alias: str = "RT1", after: float = 0, **fields: str) -> WireResponse:
    """Present a refresh token by its alias, after a login if there was none."""
    if not game.provider.ledger.entries:
        login(game)
    return game.refresh(value(game, alias), after=after, **fields)


def refreshes(game: Play, *times: float, alias: str = "RT1") -> list[int]:
    return [refresh(game, alias, after).status for after in times]


def dead(game: Play) -> WireResponse:
    """What a client gets whose grant was withdrawn."""
    login(game)
    game.provider.revoke_user("alice")
    return refresh(game)


def error(response: WireResponse) -> tuple[int, Any]:
    document = response.document
    return response.status, document.get("error") if isinstance(document, dict) else None


def given(game: Play, *when: float, alias: str = "RT1") -> list[Any]:
    """What refresh tokens the answers hold, by alias; the status of a refusal."""
    answers = [refresh(game, alias, after) for after in when]
    name = game.provider.vault.alias
    return [
        a.status
        if a.status != 200
        else name(a.document.get("refresh_token") or "") or a.document.get("refresh_token", "-")
        for a in answers
    ]


def opens(game: Play, alias: str, after: float = 0) -> int:
    return game.call(value(game, alias), after=after).status


def post(game: Play, url: str, fields: Mapping[str, str], *headers: tuple[str, str]) -> WireResponse:
    body = urlencode(fields).encode()
    request = WireRequest(method="POST", url=url, headers=(("Content-Type", FORM), *headers), body=body)
    return game.handler(request, at(0))


def credentials(**fields: str) -> dict[str, str]:
    return {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}


def code_form(game: Play, **fields: str) -> dict[str, str]:
    return credentials(grant_type="authorization_code", code=game.code(), redirect_uri=REDIRECT_URI, **fields)


def expires(value: Any) -> tuple[Callable[[Play], Any], Any]:
    return lambda game: tokens(game)["expires_in"], value


def said(name: str, value: Any) -> tuple[Callable[[Play], Any], Any]:
    return lambda game: tokens(game)[name], value


def header(name: str, value: str | None) -> tuple[Callable[[Play], Any], Any]:
    return lambda game: login(game).header(name), value


def cycle(number: int, game: Play) -> list[Any]:
    """Status and document of successive refreshes of whatever is newest."""
    login(game)
    return [refresh(game, f"RT{game.provider.state.families[0].newest_generation + 1}") for _ in range(number)]
