"""What is to be seen of each way of behaving that reports of 2025 and 2026 tell of."""

from dataclasses import replace
from typing import Any

from kit.dumb_client import Play
from kit.misbehaviour import DAY, Observation, error, login, refresh, refreshes, tokens, value
from kit.proofs import asserted, proof
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.provider.client_key import CLIENT_CERTIFICATE
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION, REDIRECT_URI

API = "https://api.example.com"


def _resources(game: Play) -> list[Any]:
    """Login and refreshes at one resource: the login's, the address that is called, none."""
    first = [error(game.exchange(game.code(resource=API), after=0, resource=one)) for one in (f"{API}/mcp", API)]
    return [*first, *(error(refresh(game, "RT1", resource=one)) for one in (f"{API}/mcp",)), refresh(game).status]


def _repeated(game: Play) -> list[Any]:
    login(game)
    alone, with_scope = refresh(game), refresh(game, scope="read", resource=API)
    return [error(alone), alone.document["error_description"], with_scope.status]


def _hidden(game: Play) -> list[int]:
    access_token = tokens(game)["access_token"]
    return [game.call(access_token, after=one).status for one in (3599, 3600)]


def _late(game: Play) -> list[int]:
    return refreshes(game, 1799, 1799 + 1799, 1799 + 1799 + 1800)


def _spent(game: Play) -> list[Any]:
    """A refresh without the nonce, and the same with it."""
    login(game)
    told = game.refresh(value(game, "RT1"), proof(game))
    again = game.refresh(value(game, "RT1"), proof(game, told.header("dpop-nonce")))
    return [error(told), error(again)]


def _changing(game: Play) -> list[Any]:
    """One nonce at the beginning of its life, near its end, after it; and the one told then."""
    login(game)
    old = game.refresh(value(game, "RT1"), proof(game)).header("dpop-nonce")
    seen = [game.refresh(value(game, "RT1"), proof(game, old, after=one), after=one) for one in (0, 300)]
    new = seen[-1].header("dpop-nonce")
    last = game.refresh(value(game, "RT2"), proof(game, new, after=300), after=300)
    return [*map(error, seen), new == old, last.status]


def _once(game: Play) -> list[int]:
    """An assertion used, used again, one without jti, another."""
    game.provider.register(replace(DEFAULT_APPLICATION, client_secret=None, certificate=CLIENT_CERTIFICATE))

    def exchanged(fields: dict[str, str]) -> int:
        form = {"grant_type": "authorization_code", "code": game.code(), "redirect_uri": REDIRECT_URI}
        return game.post("token", {**form, **fields}).status

    first = asserted(game, jti="one")
    return [exchanged(one) for one in (first, first, asserted(game), asserted(game, jti="two"))]


def _nonces(game: Play) -> list[Any]:
    """The nonce in the id_tokens of a login and of a refresh."""
    first = game.exchange(game.code(nonce="of-the-login"), after=0).document
    answers = [first, refresh(game).document]
    return [(signing.read(one["id_token"]) or {}).get("nonce") for one in answers]


def _timeouts(game: Play) -> list[Any]:
    """The example of the draft's section 6.3: seven days of idling, ten of consent."""
    answers = [login(game), refresh(game, "RT1", 2 * DAY), refresh(game, "RT2", 7 * DAY)]
    told = [(a.document["refresh_token_timeout"], a.document["authorization_expires_in"]) for a in answers]
    metadata = game.get(game.url("metadata")).document
    return [*told, metadata["refresh_token_expiration_types_supported"], refresh(game, "RT3", 10 * DAY).status]


OF_2026: dict[str, Observation] = {
    "iss-other-resource-refused": (_resources, [(400, "invalid_target"), (200, None), (400, "invalid_target"), 200]),
    "rot-needs-login-parameters": (_repeated, [(400, "invalid_request"), "Missing parameter: resource", 200]),
    "err-hidden-expiry": (_hidden, [200, 404]),
    "rot-grant-not-allowed": (
        lambda g: [login(g).document["refresh_token"] != "", error(refresh(g))], [True, (400, "unauthorized_client")],
    ),
    "rot-while-access-token-lives": (_late, [200, 200, 400]),
    "rot-spent-before-nonce": (_spent, [(400, "use_dpop_nonce"), (400, "invalid_grant")]),
    "auth-nonce-changes": (_changing, [(200, None), (400, "use_dpop_nonce"), False, 200]),
    "auth-assertion-once": (_once, [200, 401, 401, 200]),
    "iss-nonce-on-refresh": (_nonces, ["of-the-login", "of-the-login"]),
    "exp-refresh-timeout": (
        _timeouts,
        [(604_800, 864_000), (604_800, 691_200), (259_200, 259_200), ["authorization", "token_timeout"], 400],
    ),
}  # fmt: skip
