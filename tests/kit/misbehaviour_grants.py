"""What is to be seen of each misbehaviour of a grant's life."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from kit.dumb_client import Play, at, basic
from kit.misbehaviour import (
    DAY,
    Observation,
    code_form,
    credentials,
    error,
    expires,
    given,
    login,
    opens,
    post,
    refresh,
    refreshes,
    said,
    tokens,
    value,
)
from refreshproof.mock_servers.misbehaviours.implementation import DEVICE_GRANT
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.wire import WireRequest, WireResponse

LOCKED = "expected a later request, found a token request that is already being processed"
REUSED = {"error": "invalid_grant", "error_description": "Refresh token was already used."}


def _without_device_id(game: Play) -> list[int]:
    return [login(game).status, login(game, device_id="d1").status]


def _client_key(game: Play) -> list[int]:
    refused = game.authorize().status
    query = {"client_key": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code", "scope": "read"}
    code = game.callback(game.get(f"{game.url('authorization')}?{urlencode(query)}"))["code"]
    form = credentials(grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI)
    own = {"client_key" if name == "client_id" else name: value for name, value in form.items()}
    return [refused, game.post("token", form).status, game.post("token", own).status]


def _json_body(game: Play) -> list[int]:
    form = code_form(game)
    headers = (("Content-Type", "application/json"),)
    request = WireRequest(method="POST", url=game.url("token"), headers=headers, body=json.dumps(form).encode())
    return [game.post("token", form).status, game.handler(request, at(0)).status]


def _hop(game: Play, grant_type: str, access_token: str, after: float = 0) -> WireResponse:
    query = urlencode({"grant_type": grant_type, "access_token": access_token})
    return game.get(f"https://api.example.com/access_token?{query}", after=after)


def _two_hops(game: Play) -> list[Any]:
    short = tokens(game)
    other = _hop(game, "refresh_token", short["access_token"]).status
    long = _hop(game, "ig_exchange_token", short["access_token"])
    longer = _hop(game, "ig_refresh_token", long.document["access_token"], after=50 * DAY)
    opened = game.call(longer.document["access_token"], after=100 * DAY).status
    return ["refresh_token" in short, short["expires_in"], other, long.document["expires_in"], opened]


def _moving_host(game: Play) -> list[Any]:
    first = tokens(game)
    return [_at_its_host(game, answer) for answer in (first, game.refresh(first["refresh_token"]).document)]


def _at_its_host(game: Play, answer: dict[str, Any]) -> tuple[str, int, int]:
    host, bearer = answer["instance_url"], ("Authorization", f"Bearer {answer['access_token']}")
    name = host.removeprefix("https://").partition(".")[0]
    return name, *(game.get(f"{one}/resource", bearer).status for one in (host, "https://api.example.com"))


def _proofs(game: Play) -> list[Any]:
    code = game.code()
    digest = hashlib.sha256(f"{CLIENT_SECRET}|{code}".encode()).hexdigest()
    plain = [error(login(game)), error(game.exchange(game.code(), basic(), client_id="-", client_secret="-"))]
    return [*plain, error(game.exchange(game.code(), client_secret="-", hash=digest)),
            game.exchange(code, client_secret="-", hash=digest).status]  # fmt: skip


def _session(game: Play) -> list[Any]:
    bearer = ("Authorization", f"Bearer {tokens(game)['access_token']}")
    session = game.get("https://api.example.com/login", bearer).document
    plain = game.get(game.url("resource"), bearer).status
    return [plain, sorted(session), game.call(session["BhRestToken"]).status]


def _twice(game: Play) -> list[int]:
    code = game.code()
    return [game.exchange(code).status, game.exchange(code).status, opens(game, "AT1")]


def _device(game: Play) -> list[Any]:
    started = post(game, "https://auth.example.com/device/code", credentials(scope="read")).document
    polled = game.post("token", credentials(grant_type=DEVICE_GRANT, device_code=started["device_code"]))
    return [started["interval"], error(polled)]


def _asked(game: Play) -> list[bool]:
    return ["expires_in" in tokens(game), "expires_in" in login(game, expires_in="1800").document]


def _query_only(game: Play, method: str) -> list[int]:
    form = code_form(game)
    request = WireRequest(method=method, url=f"{game.url('token')}?{urlencode(form)}")
    return [game.post("token", form).status, game.handler(request, at(0)).status]


def _drift(game: Play) -> list[Any]:
    before = given(game, 0, 1)
    game.provider.profile = changed(game.profile, {"refresh.rotation": "always"})
    return [*before, *given(game, 2, 3)]


def _first_use(game: Play) -> list[Any]:
    first = given(game, 0, 1)
    return [*first, opens(game, "AT1"), opens(game, "AT3"), opens(game, "AT1"), *given(game, 2)]


def _moved(game: Play) -> list[int]:
    login(game)
    form = credentials(grant_type="refresh_token", refresh_token=value(game, "RT1"))
    return [game.post("token", form).status, post(game, f"{game.url('token')}/refresh", form).status]


def _extended(game: Play) -> list[Any]:
    answer = refresh(game, after=3000)
    return [answer.status, answer.document, opens(game, "AT1", 6000)]


def _one_string(game: Play) -> list[Any]:
    pair = tokens(game)
    renewed = game.refresh(pair["refresh_token"]).document
    same = [one["access_token"] == one["refresh_token"] for one in (pair, renewed)]
    return [*same, game.call(pair["access_token"]).status, game.call(renewed["access_token"]).status]


def _two_grants(game: Play) -> list[Any]:
    login(game)
    login(game)
    return [*refreshes(game, 0), *refreshes(game, 1, alias="RT2")]


def _parallel(game: Play) -> list[Any]:
    return [*refreshes(game, 0, 0, 0), *refreshes(game, 1, alias="RT2")]


def _old_token(game: Play) -> list[int]:
    return [*refreshes(game, 0), opens(game, "AT1", 3600), opens(game, "AT2", 3599)]


def _skewed(game: Play) -> list[int]:
    login(game)
    return [opens(game, "AT1", 3599), opens(game, "AT1", 3600 + 120)]


def _revoke(game: Play, token: str) -> int:
    return game.post("revocation", credentials(token=token)).status


def _raced(game: Play) -> list[Any]:
    """A revocation comes right after the refresh with that token, the next one two seconds after."""
    first = [*refreshes(game, 0), _revoke_at(game, "RT1", 1)]
    second = [*refreshes(game, 10, alias="RT2"), _revoke_at(game, "RT2", 12), *refreshes(game, 13, alias="RT3")]
    return [*first, *second]


def _revoke_at(game: Play, alias: str, after: float) -> int:
    return game.post("revocation", credentials(token=value(game, alias)), after=after).status


def _crowd(game: Play) -> list[Any]:
    for _ in range(3):
        login(game)
    return [error(refresh(game, name)) for name in ("RT1", "RT2", "RT3")]


def _bulk(game: Play) -> list[Any]:
    login(game)
    before = refreshes(game, 0)
    game.provider.revoke_user("alice")
    return [*before, *refreshes(game, 1, alias="RT2"), opens(game, "AT2")]


def _absolute(game: Play) -> list[Any]:
    return [given(game, day * DAY, alias=f"RT{day}")[0] for day in range(1, 31)][-2:]


def _stamps(game: Play) -> list[Any]:
    answer = tokens(game)
    return [answer["created_at"], answer["issued_at"]]


def _granted(game: Play, scope: str) -> list[str]:
    game.exchange(game.code(scope=scope))
    return sorted(game.provider.state.families[-1].scopes)


GRANTS: dict[str, Observation] = {
    "iss-rt-first-consent-only": (lambda g: ["refresh_token" in tokens(g) for _ in range(2)], [True, False]),
    "iss-offline-flag-zoo": (
        lambda g: ["refresh_token" in g.exchange(g.code(access_type=kind)).document for kind in ("online", "offline")],
        [False, True],
    ),
    "iss-no-refresh-token-ever": (lambda g: "refresh_token" in tokens(g), False),
    "iss-two-hop-exchange": (_two_hops, [False, 3600, 400, 60 * DAY, 200]),
    "iss-second-hop-session": (_session, [403, ["BhRestToken", "restUrl"], 200]),
    "iss-extra-required-params": (_without_device_id, [400, 200]),
    "iss-param-rename": (_client_key, [400, 400, 200]),
    "iss-json-request-body": (_json_body, [400, 200]),
    "iss-code-double-redeem": (_twice, [200, 400, 401]),
    "iss-pkce-intolerant": (
        lambda g: [g.callback(g.authorize(code_challenge="c" * 43)).get("error"), "code" in g.callback(g.authorize())],
        ["invalid_request", True],
    ),
    "iss-scope-separator": (
        lambda g: [_granted(g, scope) for scope in ("read,write", "read write")],
        [["read", "write"], ["read write"]],
    ),
    "iss-scope-changed": said("scope", "profile email openid read"),
    "iss-device-pending-wrong-code": (_device, [5, (400, "invalid_grant")]),
    "rot-single-use-strict": (
        lambda g: [*given(g, 0, 1), *given(g, 2, alias="RT2"), refresh(g).document],
        ["RT2", 400, "RT3", REUSED],
    ),
    "rot-omitted-rt": (lambda g: given(g, 0, DAY), ["-", "-"]),
    "rot-null-rt": (lambda g: given(g, 0, DAY), [None, None]),
    "rot-empty-string-rt": (lambda g: given(g, 0, DAY), ["", ""]),
    "rot-sometimes-new": (lambda g: given(g, 1, DAY - 1, DAY, DAY), ["RT1", "RT1", "RT2", 400]),
    "rot-policy-drift": (_drift, ["-", "-", "RT2", 400]),
    "rot-same-access-token": (
        lambda g: [(d["access_token"] == value(g, "AT1"), d["expires_in"])
                   for d in (refresh(g, after=after).document for after in (0, 2999, 3000))],
        [(True, 3600), (True, 601), (False, 3600)],
    ),
    "rot-grace-idempotent": (lambda g: given(g, 0, 30, 30.1), ["RT2", "RT2", 400]),
    "rot-grace-returns-dead-rt": (lambda g: given(g, 0, 120, 121), ["RT2", "RT1", 400]),
    "rot-grace-last-replay-wins": (
        lambda g: [*given(g, 0, 1), *given(g, 2, alias="RT2"), *given(g, 3, alias="RT3")], ["RT2", "RT3", 400, "RT4"],
    ),
    "rot-grace-access-only": (lambda g: given(g, 0, 60), ["RT2", "-"]),
    "rot-grace-multi-sibling-cap": (
        lambda g: [*given(g, 0, 1, 2, 3, 4), *given(g, 5, alias="RT2")], ["RT2", "RT3", "RT4", "RT5", 400, 400],
    ),
    "rot-revoke-on-first-use": (_first_use, ["RT2", "RT3", 200, 200, 401, 400]),
    "rot-reuse-kills-family": (
        lambda g: [*given(g, 0, 1), *given(g, 2, alias="RT2"), opens(g, "AT2")], ["RT2", 400, 400, 401],
    ),
    "rot-separate-endpoint": (_moved, [404, 200]),
    "rot-needs-redirect-uri": (
        lambda g: [error(refresh(g, redirect_uri="-")), refresh(g).status], [(400, "invalid_grant"), 200],
    ),
    "rot-too-early-refused": (lambda g: refreshes(g, 0, 569, 570), [401, 401, 200]),
    "iss-expires-only-if-requested": (_asked, [False, True]),
    "rot-absolute-expiry": (_absolute, ["RT30", 400]),
    "rot-inactivity-expiry": (lambda g: refreshes(g, 29 * DAY, 58 * DAY, 88 * DAY), [200, 200, 400]),
    "iss-dynamic-api-host": (_moving_host, [("eu7", 200, 403), ("eu8", 200, 403)]),
    "rot-refresh-without-token": (_extended, [200, {"result": "0000", "message": "OK"}, 200]),
    "rot-refresh-token-equals-access-token": (_one_string, [True, True, 200, 200]),
    "rot-flaky-invalid-grant": (lambda g: [error(refresh(g)), *refreshes(g, 1)], [(400, "invalid_grant"), 200]),
    "iss-secret-proof-variants": (_proofs, [*[(400, "invalid_client")] * 3, 200]),
    "rot-lock-as-400": (
        lambda g: [refresh(g).status, refresh(g, after=1.9).document["error_description"], refresh(g, after=2).status],
        [200, LOCKED, 200],
    ),
    "conc-thundering-refresh": (_parallel, [200, 400, 400, 400]),
    "conc-cross-process": (lambda g: [*refreshes(g, 0, 60), opens(g, "AT2", 60)], [200, 400, 401]),
    "conc-stale-snapshot": (
        lambda g: [*given(g, 0), *given(g, 3600, alias="RT2"), *given(g, 3700)], ["RT2", "RT3", 400],
    ),
    "conc-lock-ttl": (lambda g: refreshes(g, 0, 11), [200, 400]),
    "conc-return-old-token": (_old_token, [200, 401, 200]),
    "conc-persist-failure": (lambda g: [*given(g, 0), *given(g, 60)], ["RT2", 400]),
    "clk-client-skew": (_skewed, [200, 401]),
    "clk-skew-sign-bug": (_skewed, [200, 401]),
    "clk-created-at": (_stamps, [1_900_000_000, "1900000000000"]),
    "clk-short-life-vs-margin": expires(300),
    "clk-expiry-mid-operation": (_skewed, [200, 401]),
    "clk-2038": (
        lambda g: [tokens(g)["refresh_expires_in"] > 2**29, *refreshes(g, 3 * DAY)], [True, 400],
    ),
    "rot-previous-at-revoked": (lambda g: [*refreshes(g, 0), opens(g, "AT1"), opens(g, "AT2")], [200, 401, 200]),
    "rot-bulk-revocation": (_bulk, [200, 400, 401]),
    "rot-cross-product-coupling": (_two_grants, [200, 400]),
    "rev-non-200-for-unknown": (lambda g: _revoke(g, "never-issued-0123456789"), 400),
    "rev-200-noop": (lambda g: [_revoke(g, tokens(g)["refresh_token"]), *refreshes(g, 0)], [200, 200]),
    "rev-race-with-refresh": (_raced, [200, 204, 200, 200, 400]),
    "rev-oldest-evicted": (_crowd, [(400, "invalid_grant"), (200, None), (200, None)]),
    "iss-code-field-renamed": (
        lambda g: sorted(g.callback(g.authorize())), ["iss", "spapi_oauth_code", "state"],
    ),
    "iss-get-or-put-token-endpoint": (lambda g: _query_only(g, "GET"), [405, 200]),
    "iss-credentials-in-query": (lambda g: _query_only(g, "POST"), [400, 200]),
    "rot-lost-response": (
        lambda g: [refresh(g).drop, g.last.issued, *refreshes(g, 1)], ["before_headers", ("AT2", "RT2"), 400],
    ),
}  # fmt: skip
