"""What probes do over and over: log in, exchange a code, refresh, look whether a token works; as generators.

Sources: RFC 6749 s4.1, s6; RFC 7636; RFC 7662.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import quote, quote_plus, urlencode

from refreshproof.harness.vendor_check.asking.asks import Authorize, Callback, Play, Send, Until
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.target import Client, Encoding, Target
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, StopError, TroubleError
from refreshproof.harness.vendor_check.probes.probe import Bench
from refreshproof.mock_servers.wire import WireRequest, seconds

FORM_TYPE = ("Content-Type", "application/x-www-form-urlencoded")
JSON_TYPE = ("Content-Type", "application/json")
ACCEPT = ("Accept", "application/json")
A_SECOND = 1.2
"""Seconds after which an access token that is signed by the second must have another text."""

ENCODINGS: Mapping[Encoding, Callable[[str], str]] = {
    "form_encoded": quote_plus, "raw": str, "percent_encoded": partial(quote, safe=""),
}  # fmt: skip
Form = Mapping[str, str]


class NoCodeError(TroubleError):
    """The browser came back, and brought no code."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """What one login, or the refresh after it, brought; `first` is the answer that did."""

    user: str
    scopes: tuple[str, ...]
    client: Client
    first: Reply = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)


# -- requests as values


def token_request(target: Target, client: Client, form: Form) -> WireRequest:
    """Return a token request in which a client authenticates itself as it is registered."""
    return posted(target.token_endpoint, client, form)


def posted(url: str, client: Client, form: Form) -> WireRequest:
    """Return a form to an endpoint of the server, with a client's authentication."""
    fields, headers = authenticated(client, form)
    return WireRequest(method="POST", url=url, headers=(FORM_TYPE, ACCEPT, *headers), body=urlencode(fields).encode())


def authenticated(client: Client, form: Form) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Return a form and headers with a client's authentication (RFC 6749 s2.3.1)."""
    if client.authentication == "client_secret_basic" and client.client_secret is not None:
        return dict(form), (basic(client),)
    fields = dict(form) | {"client_id": client.client_id}
    if client.authentication == "client_secret_post" and client.client_secret is not None:
        fields |= {"client_secret": client.client_secret}
    return fields, ()


def basic(client: Client) -> tuple[str, str]:
    """Return the Authorization header of a client."""
    name, secret = map(ENCODINGS[client.encoding], (client.client_id, client.client_secret or ""))
    return "Authorization", "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def as_json(request: WireRequest) -> WireRequest:
    """Return a request with its form as a JSON object."""
    headers = tuple(JSON_TYPE if pair == FORM_TYPE else pair for pair in request.headers)
    return replace(request, headers=headers, body=json.dumps(dict(request.form)).encode())


def refresh_form(token: str, **more: str) -> dict[str, str]:
    """Return the form of a refresh."""
    return {"grant_type": "refresh_token", "refresh_token": token, **more}


# -- logins


def authorize(
    bench: Bench,
    *,
    user: str,
    scopes: tuple[str, ...] | None = None,
    parameters: Form | None = None,
    client: Client | None = None,
) -> Play[tuple[Callback, str]]:
    """Send the user to the authorization endpoint; return the callback and the code verifier."""
    target = bench.target
    asked = bench.scopes if scopes is None else scopes
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    query = {
        "response_type": "code",
        "client_id": (client or target.client).client_id,
        "redirect_uri": target.redirect_uri,
        "state": state,
        **({"scope": " ".join(asked)} if asked else {}),
        **(_challenge(verifier) if target.pkce else {}),
        **({"nonce": secrets.token_urlsafe(16)} if "openid" in asked else {}),
        **(bench.parameters if parameters is None else parameters),
    }
    joint = "&" if "?" in target.authorization_endpoint else "?"
    url = f"{target.authorization_endpoint}{joint}{urlencode(query)}"
    callback = yield Authorize(url=url, state=state, user=user)
    return callback, verifier


def _challenge(verifier: str) -> dict[str, str]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {"code_challenge": digest, "code_challenge_method": "S256"}


def came_back(callback: Callback) -> str:
    """Return the words for a callback without a code."""
    error = callback.get("error", "neither code nor error")
    return f"{error}: {callback['error_description'][:200]}" if "error_description" in callback else error


def code_form(target: Target, code: str, verifier: str) -> dict[str, str]:
    """Return the form that exchanges a code."""
    proof = {"code_verifier": verifier} if target.pkce else {}
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": target.redirect_uri, **proof}


def exchanged(
    bench: Bench,
    *,
    user: str | None = None,
    scopes: tuple[str, ...] | None = None,
    parameters: Form | None = None,
    client: Client | None = None,
) -> Play[Reply]:
    """Log in and exchange the code; returns the answer, whatever it is. Raises `TroubleError` without a code."""
    by, name = client or bench.target.client, user or bench.new_user()
    callback, verifier = yield from authorize(bench, user=name, scopes=scopes, parameters=parameters, client=client)
    if "code" not in callback:
        raise NoCodeError(f"the login of {by.client_id} came back with {came_back(callback)}")
    request = token_request(bench.target, by, code_form(bench.target, callback["code"], verifier))
    reply = steady((yield Send(request=request)))
    if reply.error == "invalid_client" or reply.status == 401:
        wrong = "wrong client id or secret, or another --authentication"
        raise TroubleError(
            f"the token endpoint answered {reply.words} to {by.client_id} by {by.authentication}: {wrong}"
        )
    return reply


def held(
    bench: Bench,
    *,
    user: str | None = None,
    scopes: tuple[str, ...] | None = None,
    client: Client | None = None,
) -> Play[Held]:
    """Log in, as the user named or a fresh one; return what is held. Raises `TroubleError` without a refresh token."""
    by, name = client or bench.target.client, user or bench.new_user()
    asked = bench.scopes if scopes is None else scopes
    if bench.start is not None:
        reply = yield from refreshed(bench, bench.start, by)
    else:
        reply = yield from exchanged(bench, user=name, scopes=asked, client=client)
    token = reply.refresh_token or bench.start
    if reply.granted and token is None and bench.found.get("issuance.ever") is False:
        raise NeedlessError("no refresh token comes")
    if not reply.granted or token is None:
        raise TroubleError(f"a login of {by.client_id} brought no refresh token: {reply.words}")
    return Held(user=name, scopes=asked, client=by, first=reply, refresh_token=token, access_token=reply.access_token)


# -- refreshes


def refreshed(bench: Bench, token: str, client: Client | None = None, **more: str) -> Play[Reply]:
    """Refresh; returns the answer, granted or refused. Raises `TroubleError` for what is neither."""
    request = token_request(bench.target, client or bench.target.client, refresh_form(token, **more))
    reply = steady((yield Send(request=request)))
    if bench.start == token and reply.refresh_token is not None:
        bench.start = reply.refresh_token
    return reply


def needed(reply: Reply, what: str) -> Reply:
    """Return an answer that must hold tokens; raises `TroubleError` that says what should have."""
    if not reply.granted:
        raise TroubleError(f"{what} was answered {reply.words}")
    return reply


def steady(reply: Reply) -> Reply:
    """Return an answer that is a grant or a refusal; raises `TroubleError` for anything else, such as a page."""
    if reply.response is None:
        raise StopError(f"no answer: {reply.why}")
    if reply.status == 429:
        after = reply.header("retry-after")
        raise StopError(f"the server answered 429, too many requests{f'; Retry-After: {after}' if after else ''}")
    if reply.status >= 500 or "html" in reply.media_type or (reply.status == 200 and not reply.members):
        raise TroubleError(f"the server answered {reply.status} {reply.media_type or 'without a type'}")
    return reply


# -- whether tokens work


def lives(bench: Bench, access_token: str) -> Play[bool]:
    """Tell whether an access token works, at the resource or by introspection."""
    target = bench.target
    if target.resource is not None:
        bearer = (("Authorization", f"Bearer {access_token}"), ACCEPT)
        reply: Reply = yield Send(request=WireRequest(method="GET", url=target.resource, headers=bearer))
        _present(reply)
        return 200 <= reply.status < 300
    if target.introspection_endpoint is None:
        raise NeedlessError("no resource and no introspection endpoint is known that would show it")
    form = {"token": access_token, "token_type_hint": "access_token"}
    told: Reply = yield Send(request=posted(target.introspection_endpoint, target.client, form))
    _present(told)
    return told.members.get("active") is True


def _present(reply: Reply) -> None:
    if reply.response is None or reply.status == 429 or reply.status >= 500:
        steady(reply)


def works(bench: Bench, token: str | None, client: Client | None = None) -> Play[bool]:
    """Tell whether a refresh token works, by using it; one that is not there does not."""
    if token is None:
        return False
    reply = yield from refreshed(bench, token, client)
    return reply.granted


def pause(bench: Bench, duration: float) -> Play[None]:
    """Let seconds pass."""
    yield Until(instant=bench.now() + seconds(duration))


def same_text(bench: Bench, one: str, other: str, apart: float) -> bool | None:
    """Tell whether two access tokens are one; None where they could be two that are signed within one second."""
    return None if one == other and one.count(".") == 2 and apart < A_SECOND else one == other
