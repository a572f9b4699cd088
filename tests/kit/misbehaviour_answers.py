"""What is to be seen of each misbehaviour of the token endpoint's answers."""

import gzip
import json
import re
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kit.dumb_client import START, Play, basic
from kit.misbehaviour import (
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
from refreshproof.mock_servers.profile.signing_key import CERTIFICATE as PEM
from refreshproof.mock_servers.provider.provider import CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import SECOND


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


def _shrinking(game: Play) -> list[Any]:
    """Under which name each answer says how many days the refresh token has, and that it is true."""
    answers = [tokens(game), *(refresh(game, f"RT{day}", day * DAY).document for day in (1, 2))]
    told = [next((name, round(life / DAY)) for name, life in one.items() if "refresh" in name and name[-2:] == "in")
            for one in answers]  # fmt: skip
    return [*told, refresh(game, "RT3", 100 * DAY).status]


def _two_pairs(game: Play) -> list[Any]:
    """Bot and user: lives, calls after half an hour, a refresh of each, and the end of both when the code is
    replayed."""
    code = game.code()
    bot = game.exchange(code).document
    user = bot["authed_user"]
    told = [(one["token_type"], bot["expires_in"], user["expires_in"]) for one in (bot, user)]
    called = tuple(game.call(one["access_token"], after=1800).status for one in (user, bot))
    renewed = [game.refresh(one["refresh_token"], after=1801).document for one in (bot, user)]
    game.exchange(code)
    ends = [game.call(one["access_token"], after=1802).status for one in renewed]
    return [*told, called, [(one["token_type"], one["expires_in"]) for one in renewed], ends]


def _grown(game: Play) -> list[bool]:
    """Each token of a life is longer than the one before, and works."""
    answers = [tokens(game), *(refresh(game, f"RT{number}").document for number in (1, 2, 3))]
    lengths = [[len(one[name]) for one in answers] for name in ("access_token", "refresh_token")]
    return [
        *(ones == sorted(set(ones)) for ones in lengths),
        max(lengths[0]) > 2000,
        game.call(answers[-1]["access_token"]).status == 200,
    ]


CERTIFICATE = x509.load_pem_x509_certificate(PEM.encode())
CLIENT_CERT = f":{b64encode(CERTIFICATE.public_bytes(Encoding.DER)).decode()}:"


def _certified(game: Play) -> list[Any]:
    """What comes with no certificate, with none that can be read, with one that is over, and with one in force."""
    over = (CERTIFICATE.not_valid_after_utc.timestamp() - START / SECOND) + 1
    bare = login(game)
    answers = [game.post("token", code_form(game), ("Client-Cert", value), after=after).status
               for value, after in ((":AAAA:", 0), (CLIENT_CERT, over), (CLIENT_CERT, 0))]  # fmt: skip
    return [bare.status, b"certificate" in bare.body, *answers]


def _public(game: Play) -> list[Any]:
    game.provider.register(Application(client_id="public", client_secret=None, redirect_uris=(REDIRECT_URI,)))
    return [
        error(game.exchange(game.code(client_id="public"), client_id="public", client_secret=secret))
        for secret in ("", "-")
    ]


def _late(game: Play) -> list[int]:
    refresh(game)
    return [opens(game, "AT2", after) for after in (0, 4.9, 5)]


def _echo(game: Play) -> bool:
    answer = dead(game)
    return value(game, "RT1") in answer.document["errors"][0]["message"]


def _secret_alone(game: Play) -> list[int]:
    alone: dict[str, Any] = {"client_id": "-", "client_secret": "-"}
    ways = (basic(CLIENT_SECRET, ""), ("Authorization", f"Bearer {CLIENT_SECRET}"))
    return [login(game).status, *(game.exchange(game.code(), way, **alone).status for way in ways)]


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
    "exp-duration-format": expires("0:01:00"),
    "exp-renamed-relative": said("expireIn", 3600),
    "exp-float": expires(3600.27),
    "exp-huge": (lambda g: tokens(g)["expires_in"] > 2**31, True),
    "exp-negative-nan-garbage": (
        lambda g: [repr(answer.document["expires_in"]) for answer in cycle(5, g)],
        ["nan", "-1", "'1 hour'", "''", "'3600abc'"],
    ),
    "exp-lies-short": (lambda g: [tokens(g)["expires_in"], opens(g, "AT1", 599), opens(g, "AT1", 600)],
                       [3600, 200, 401]),
    "exp-remaining-of-cached": (
        lambda g: [refresh(g, after=after).document["expires_in"] for after in (0, 301)], [3600, 3299],
    ),
    "exp-refresh-expiry-zoo": (
        _shrinking,
        [("refresh_token_expires_in", 100), ("x_refresh_token_expires_in", 99), ("refresh_expires_in", 98), 400],
    ),
    "exp-refresh-zero-lie": (
        lambda g: [tokens(g)["refresh_expires_in"], refresh(g, after=31 * DAY).document["error_description"]],
        [0, "Session not active"],
    ),
    "exp-two-tokens-two-expiries": (
        _two_pairs,
        [("Bearer", 3600, 1800), ("user", 3600, 1800), (401, 200), [("Bearer", 3600), ("user", 1800)], [401, 401]],
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
    "shape-xml": (lambda g: [login(g).header("content-type"), re.findall(r"</([^>]+)>", login(g).body.decode())],
        ["application/xml", ["Token", "Token_Type", "Expires_In", "Refresh_Token", "Scope", "Access_Token"]]),
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
    "shape-token-growth": (_grown, [True] * 4),
    "shape-www-authenticate-on-2xx": header("www-authenticate", "Bearer"),
    "err-200-error-body": (
        lambda g: [error(refresh(g)), *refreshes(g, 1), error(refresh(g)), error(refresh(g))],
        [(200, "temporarily_unavailable"), 200, (200, "temporarily_unavailable"), (200, "bad_refresh_token")],
    ),
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
    "auth-secret-as-bearer-or-username": (_secret_alone, [401, 200, 200]),
    "auth-empty-secret-rejected": (_public, [(400, "invalid_request"), (200, None)]),
    "auth-probe-double-spend": (_probe, [400, 2, 401]),
    "auth-mtls-required": (_certified, [400, True, 400, 400, 200]),
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
        lambda g: [(a.status, a.header("retry-after"), a.entry is not None) for a in cycle(5, g)],
        [(503, "30", False), (503, "Sun, 17 Mar 2030 17:47:10 GMT", False), (502, None, False), (504, None, True),
         (200, None, True)],
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
        lambda g: [(a.drop, a.status) for a in cycle(3, g)], [("refused", 0), ("tls", 0), (None, 200)],
    ),
    "net-non-ascii-members": (
        lambda g: [piece in dead(g).document["error_description"] for piece in ("\r\n", '"', "\u00ab")], [True] * 3,
    ),
}  # fmt: skip
