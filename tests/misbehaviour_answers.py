"""What is to be seen of each misbehaviour of the token endpoint's answers."""

import gzip
import json
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from misbehaviour_kit import (
    DAY,
    Observation,
    code_form,
    cycle,
    dead,
    error,
    expires,
    header,
    login,
    opens,
    refresh,
    refreshes,
    said,
    tokens,
    value,
)
from mock_kit import Play, basic
from refreshproof.mock_servers.provider import CLIENT_SECRET


def _redirected(game: Play) -> list[Any]:
    answer = refresh(game)
    location = answer.header("location") or ""
    return [answer.status, location, game.get(location).status, *refreshes(game, 1)]


def _cached(game: Play) -> list[Any]:
    first, second = refresh(game), refresh(game, after=30)
    return [first.header("cache-control"), second.header("age"), first.body == second.body]


def _gzipped(game: Play) -> list[Any]:
    answer = login(game)
    return [answer.header("content-encoding"), answer.document, sorted(json.loads(gzip.decompress(answer.body)))[:2]]


def _doubled(game: Play) -> list[Any]:
    pairs: list[tuple[str, Any]] = json.loads(login(game).body, object_pairs_hook=list)
    found = [value for name, value in pairs if name == "refresh_token"]
    return [len(found), found[1] == value(game, "RT1")]


def _twice_delivered(game: Play) -> list[Any]:
    answer = refresh(game)
    return [answer.status, len(game.provider.ledger.presentations("RT1")), *refreshes(game, 1, alias="RT2")]


def _late(game: Play) -> list[int]:
    refresh(game)
    return [opens(game, "AT2", after) for after in (0, 4.9, 5)]


def _echo(game: Play) -> bool:
    answer = dead(game)
    return value(game, "RT1") in answer.document["errors"][0]["message"]


def _secret_as_user(game: Play) -> list[int]:
    form = {name: value for name, value in code_form(game).items() if name != "client_secret"}
    return [game.post("token", code_form(game)).status, game.post("token", form, basic(CLIENT_SECRET, "")).status]


def _probe(game: Play) -> list[Any]:
    """A client that takes the loss of an answer for a wrong way to authenticate."""
    refresh(game)
    form = {"grant_type": "refresh_token", "refresh_token": value(game, "RT1")}
    second = game.post("token", form, basic()).status
    return [second, len(game.provider.ledger.presentations("RT1")), opens(game, "AT2")]


ANSWERS: dict[str, Observation] = {
    "exp-missing": (lambda g: ["expires_in" in tokens(g), opens(g, "AT1", 3600)], [False, 401]),
    "exp-missing-on-refresh-only": (
        lambda g: ["expires_in" in tokens(g), "expires_in" in refresh(g).document], [True, False],
    ),
    "exp-string": expires("3600"),
    "exp-null": expires(None),
    "exp-zero-means-never": (lambda g: [tokens(g)["expires_in"], opens(g, "AT1", 3649 * DAY)], [0, 200]),
    "exp-zero-real": (lambda g: refresh(g, after=3599.5).document["expires_in"], 0),
    "exp-milliseconds": expires(3_600_000),
    "exp-wrong-key-expires": (lambda g: [tokens(g)["expires"], "expires_in" in tokens(g)], [3600, False]),
    "exp-absolute-timestamp": (
        lambda g: [tokens(g)["expires_at"], "expires_in" in tokens(g)], [1_900_003_600, False],
    ),
    "exp-duration-format": expires("1:00:00"),
    "exp-renamed-relative": said("expireIn", 3600),
    "exp-float": expires(3600.27),
    "exp-huge": (lambda g: tokens(g)["expires_in"] > 2**31, True),
    "exp-negative-nan-garbage": (
        lambda g: [repr(answer.document["expires_in"]) for answer in cycle(4, g)], ["nan", "-1", "'1 hour'", "''"],
    ),
    "exp-lies-short": (lambda g: [tokens(g)["expires_in"], opens(g, "AT1", 599), opens(g, "AT1", 600)],
                       [3600, 200, 401]),
    "exp-remaining-of-cached": (
        lambda g: [refresh(g, after=after).document["expires_in"] for after in (0, 301)], [3600, 3299],
    ),
    "exp-refresh-expiry-zoo": said("x_refresh_token_expires_in", 100 * DAY),
    "exp-refresh-zero-lie": (lambda g: [tokens(g)["refresh_expires_in"], *refreshes(g, 31 * DAY)], [0, 400]),
    "exp-two-tokens-two-expiries": (
        lambda g: [(d["expires_in"], d["authed_user"]["expires_in"]) for d in [tokens(g)]], [(3600, 1800)],
    ),
    "shape-nested-envelope": (
        lambda g: [[*sorted(d), d["data"]["token_type"]] for d in [tokens(g)]], [["code", "data", "message", "Bearer"]],
    ),
    "shape-token-is-object": (lambda g: tokens(g)["access_token"] == {"token": value(g, "AT1")}, True),
    "shape-camel-case": (
        lambda g: list(tokens(g)), ["accessToken", "token_type", "expiresIn", "refreshToken", "scope"],
    ),
    "shape-form-encoded": (
        lambda g: [(answer.header("content-type"), dict(parse_qsl(answer.body.decode()))["token_type"])
                   for answer in [login(g)]],
        [("application/x-www-form-urlencoded", "Bearer")],
    ),
    "shape-wrong-content-type": header("content-type", "text/javascript"),
    "shape-no-content-type": header("content-type", None),
    "shape-xml": (lambda g: [login(g).header("content-type"), b"<expires_in>3600</expires_in>" in login(g).body],
        ["application/xml", True]),
    "shape-array-wrapped": (lambda g: login(g).document[0]["expires_in"], 3600),
    "shape-tt-missing": (lambda g: "token_type" in tokens(g), False),
    "shape-tt-nonstandard": said("token_type", "User Access Token"),
    "shape-tt-case": said("token_type", "bearer"),
    "shape-scope-array": said("scope", ["read", "write"]),
    "shape-scope-null-or-comma": (
        lambda g: [answer.document["scope"] for answer in cycle(2, g)], [None, "read,write"],
    ),
    "shape-status-201": (lambda g: (login(g).status, login(g).document["expires_in"]), (201, 3600)),
    "shape-no-access-token-200": (lambda g: refresh(g).document, {"token_type": "Bearer"}),
    "shape-token-growth": (
        lambda g: [len(tokens(g)[name]) for name in ("access_token", "refresh_token")], [2100, 1215],
    ),
    "shape-www-authenticate-on-2xx": header("www-authenticate", "Bearer"),
    "err-200-error-body": (lambda g: [error(refresh(g)), *refreshes(g, 1)], [(200, "temporarily_unavailable"), 200]),
    "err-object": (lambda g: dead(g).document["error"]["type"], "OAuthException"),
    "err-array": (_echo, True),
    "err-flat-vendor-keys": (
        lambda g: dead(g).document, {"status": "BAD_REFRESH_TOKEN", "message": "Refresh token was revoked."},
    ),
    "err-invalid-request-for-dead-grant": (lambda g: error(dead(g)), (400, "invalid_request")),
    "err-403-unauthorized-client": (lambda g: error(dead(g)), (403, "unauthorized_client")),
    "err-status-drift": (lambda g: [dead(g).status, *refreshes(g, 1, 2)], [401, 400, 401]),
    "err-500-html": (lambda g: [(a.status, a.header("content-type")) for a in [dead(g)]],
                     [(500, "text/html; charset=utf-8")]),
    "err-html-200-or-json-labelled": (
        lambda g: [(a.status, a.header("content-type"), a.document is None) for a in cycle(3, g)],
        [(200, "text/html; charset=utf-8", True), (200, "application/json; charset=utf-8", False),
         (200, "application/json; charset=utf-8", True)],
    ),
    "err-vendor-code": (lambda g: error(dead(g)), (400, "bad_refresh_token")),
    "err-catch-all-description": (lambda g: "expired, revoked" in dead(g).document["error_description"], True),
    "err-ms-interaction-required": (
        lambda g: (error(refresh(g)), refresh(g, after=1).status), ((400, "interaction_required"), 200),
    ),
    "err-429-token": (
        lambda g: [(a.status, a.header("retry-after"), a.header("content-type")) for a in cycle(3, g)][::2],
        [(429, "30", "application/json; charset=utf-8"), (429, None, "text/plain")],
    ),
    "err-waf-403-html": (lambda g: (refresh(g).status, refresh(g, after=1).status), (403, 200)),
    "err-invalid-client-is-config": (lambda g: error(refresh(g)), (401, "invalid_client")),
    "err-fields-in-error-body": (
        lambda g: sorted(dead(g).document), ["access_token", "error", "expires_in", "refresh_token"],
    ),
    "auth-basic-rejected": (
        lambda g: [
            g.post("token", code_form(g)).status,
            g.exchange(g.code(), basic(), client_id="-", client_secret="-").status,
        ], [200, 401],
    ),
    "auth-body-rejected": (
        lambda g: [
            g.post("token", code_form(g)).status,
            g.exchange(g.code(), basic(), client_id="-", client_secret="-").status,
        ], [401, 200],
    ),
    "auth-both-rejected": (lambda g: error(g.exchange(g.code(), basic())), (400, "invalid_request")),
    "auth-basic-encoding": (
        lambda g: [g.exchange(g.code(), basic(secret=secret), client_id="-", client_secret="-").status
                   for secret in (CLIENT_SECRET, quote_plus(CLIENT_SECRET))],
        [401, 200],
    ),
    "auth-secret-as-bearer-or-username": (_secret_as_user, [401, 200]),
    "auth-empty-secret-rejected": (
        lambda g: [error(g.exchange(g.code(), client_secret=secret)) for secret in ("", "-")],
        [(400, "invalid_request"), (401, "invalid_client")],
    ),
    "auth-probe-double-spend": (_probe, [400, 2, 401]),
    "auth-mtls-required": (lambda g: (login(g).status, b"certificate" in login(g).body), (400, True)),
    "redir-301-302-post-to-get": (_redirected, [301, "https://auth.example.com/token?moved=1", 405, 200]),
    "redir-307-308-replays-secrets": (_redirected, [307, "http://collector.example.net/token", 404, 200]),
    "shape-cacheable-token": (_cached, [None, "30", True]),
    "shape-gzip-unlabelled": (_gzipped, [None, None, ["access_token", "expires_in"]]),
    "net-timeout-after-commit": (lambda g: [refresh(g).delay, g.last.issued], [120, ("AT2", "RT2")]),
    "net-reset-after-headers": (
        lambda g: [(a.drop, a.truncate_at) for a in cycle(3, g)], [("after_headers", None), (None, None), (None, 40)],
    ),
    "net-truncated-json": (
        lambda g: [(len(a.body), a.truncate_at, a.document) for a in [refresh(g)]], [(40, None, None)],
    ),
    "net-5xx-retry-after": (
        lambda g: [(a.status, a.header("retry-after")) for a in cycle(4, g)],
        [(503, "30"), (503, "Sun, 17 Mar 2030 17:47:10 GMT"), (502, None), (200, None)],
    ),
    "net-duplicate-delivery": (_twice_delivered, [400, 2, 400]),
    "net-propagation-delay": (_late, [401, 401, 200]),
    "net-bom": (lambda g: login(g).body[:4], b"\xef\xbb\xbf{"),
    "net-leading-whitespace": (lambda g: login(g).body[:3], b"\r\n{"),
    "net-duplicate-json-keys": (_doubled, [2, True]),
    "net-huge-or-slow-body": (
        lambda g: [(len(a.body) > 2_000_000, a.drip) for a in cycle(3, g)], [(True, 0), (False, 0), (False, 1)],
    ),
    "net-tls-and-proxy-failures": (
        lambda g: [(a.drop, a.status) for a in cycle(3, g)], [("refused", 0), (None, 200), (None, 200)],
    ),
    "net-non-ascii-members": (
        lambda g: [piece in dead(g).document["error_description"] for piece in ("\r\n", '"', "\u00ab")], [True] * 3,
    ),
}  # fmt: skip
