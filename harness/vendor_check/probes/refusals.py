"""What refusals look like, cause by cause; client authentication; forms of the body.

Sources: RFC 6749 s2.3, s3.2, s5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus, urlencode

from refreshproof.harness.vendor_check.asking.asks import Play, Send
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.target import Client, Encoding, Method, Target
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, StopError
from refreshproof.harness.vendor_check.probes.answers import refusal
from refreshproof.harness.vendor_check.probes.moves import (
    ENCODINGS,
    as_json,
    authorize,
    basic,
    code_form,
    held,
    posted,
    refresh_form,
    token_request,
    works,
)
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values
from refreshproof.mock_servers.wire import WireRequest

UNKNOWN = "refreshproof-unknown-token"
INVALID = "invalid_request"
SECRET_METHODS: tuple[Method, ...] = ("client_secret_basic", "client_secret_post")
WRONG = "refreshproof-wrong-secret"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A request with one mistake: the fact it brings, the profile's cause for it if there is one, and the request.

    A `needless` mistake is one that a server may pass over: it then says what it says of an unknown refresh token.
    """

    fact: str
    cause: str | None
    request: Callable[[Target], WireRequest]
    needless: bool = False


def _refresh(target: Target, **changes: str) -> WireRequest:
    return token_request(target, target.client, refresh_form(UNKNOWN) | changes)


def _without(target: Target, *names: str) -> WireRequest:
    form = {name: value for name, value in refresh_form(UNKNOWN).items() if name not in names}
    return token_request(target, target.client, form)


def _as(target: Target, **changes: Any) -> WireRequest:
    return token_request(target, replace(target.client, **changes), refresh_form(UNKNOWN))


def _twice(target: Target) -> WireRequest:
    request = _refresh(target)
    return replace(request, body=request.body + b"&grant_type=refresh_token")


def _code(target: Target) -> WireRequest:
    form = {"grant_type": "authorization_code", "code": UNKNOWN, "redirect_uri": target.redirect_uri}
    return token_request(target, target.client, form)


MISTAKES: tuple[Wrong, ...] = (
    Wrong(fact="unknown_refresh_token", cause="unknown_refresh_token", request=_refresh),
    Wrong(fact="blank_refresh_token", cause=None, request=lambda target: _refresh(target, refresh_token="")),
    Wrong(
        fact="missing_refresh_token", cause=None,
        request=lambda target: _without(target, "refresh_token"),
    ),
    Wrong(fact="missing_grant_type", cause="missing_grant_type", request=lambda target: _without(target, "grant_type")),
    Wrong(
        fact="unsupported_grant_type", cause="unsupported_grant_type",
        request=lambda target: _refresh(target, grant_type="urn:example:refreshproof"),
    ),
    Wrong(fact="grant_type_twice", cause="invalid_request", request=_twice, needless=True),
    Wrong(fact="unknown_code", cause="unknown_code", request=_code),
    Wrong(
        fact="unknown_client", cause="unknown_client",
        request=lambda target: _as(target, client_id="refreshproof-nobody", client_secret=WRONG),
    ),
)  # fmt: skip
"""Requests that hold no live token; `grant_type_twice` repeats a parameter with the same value (RFC 6749 s3.2)."""


def refusals(bench: Bench) -> Play[Values]:
    """Send requests with one mistake each and no live token in them."""
    found: dict[str, Any] = {}
    for wrong in MISTAKES:
        reply = yield from _sent(wrong.request(bench.target))
        if wrong.needless and reply.words == found["fact.error_unknown_refresh_token"] and reply.error != INVALID:
            found[f"fact.error_{wrong.fact}"] = "passed over"
            found["token_request.repeated_parameters"] = "tolerated"
            continue
        if wrong.needless and reply.words != found["fact.error_unknown_refresh_token"]:
            found["token_request.repeated_parameters"] = "refused"
        found[f"fact.error_{wrong.fact}"] = reply.words
        if wrong.cause is not None and not reply.granted and reply.status >= 400:
            found[f"errors.{wrong.cause}"] = refusal(reply)
        if wrong.fact == "missing_refresh_token" and reply.words == found["fact.error_blank_refresh_token"]:
            found["errors.missing_refresh_token"] = refusal(reply)
    return found


def _sent(request: WireRequest) -> Play[Reply]:
    """Send what may be answered in any way; only silence and 429 end the check."""
    reply: Reply = yield Send(request=request)
    if reply.response is None or reply.status == 429:
        raise StopError(reply.why or "the server answered 429, too many requests")
    return reply


def bodies(bench: Bench) -> Play[Values]:
    """Refresh as JSON, by GET, and with the token in the query; each on a grant of its own."""
    target = bench.target
    values: dict[str, Any] = {}
    forms: dict[str, Callable[[WireRequest], WireRequest]] = {
        "json_body": as_json, "get": _by_get, "query": _in_query,
    }  # fmt: skip
    for fact, form in forms.items():
        grant = yield from held(bench)
        reply = yield from _sent(form(token_request(target, target.client, refresh_form(grant.refresh_token))))
        values[f"fact.{fact}"] = "taken" if reply.granted else reply.words
        if fact == "json_body":
            values["token_request.bodies"] = ["form", "json"] if reply.granted else ["form"]
            values |= {} if reply.granted or reply.status < 400 else {"errors.unsupported_body": refusal(reply)}
    return values


def _by_get(request: WireRequest) -> WireRequest:
    return replace(request, method="GET", url=f"{request.url}?{request.body.decode()}", body=b"")


def _in_query(request: WireRequest) -> WireRequest:
    return replace(request, url=f"{request.url}?{request.body.decode()}", body=b"")


def authentication(bench: Bench) -> Play[Values]:
    """Refresh with the secret in the header, in the body, in both; each on a grant of its own."""
    target, client = bench.target, bench.target.client
    if client.client_secret is None:
        return {"token_request.authentication": ["none"]}
    taken: list[Method] = []
    values: dict[str, Any] = {}
    for method in SECRET_METHODS:
        grant = yield from held(bench)
        by = replace(client, authentication=method)
        reply = yield from _sent(token_request(target, by, refresh_form(grant.refresh_token)))
        values[f"fact.{method}"] = "taken" if reply.granted else reply.words
        taken += [method] if reply.granted else []
    grant = yield from held(bench)
    both = yield from _sent(_both(target, grant.refresh_token))
    values["fact.both_authentications"] = "taken" if both.granted else both.words
    if both.granted:
        values["token_request.both_at_once"] = "tolerated"
    elif both.words not in list(values.values())[:-1] or len(taken) > 1:
        values |= {"token_request.both_at_once": "refused", "errors.two_authentications": refusal(both)}
    values["token_request.authentication"] = taken
    return values | (yield from _wrong_secrets(bench, taken))


def _wrong_secrets(bench: Bench, methods: list[Method]) -> Play[dict[str, Any]]:
    """Present a wrong secret by each method that is taken: a challenge goes with the header (RFC 6749 s5.2)."""
    values: dict[str, Any] = {}
    for method in methods:
        reply = yield from _sent(_as(bench.target, client_secret=WRONG, authentication=method))
        values[f"fact.error_wrong_secret_by_{method}"] = reply.words
        if reply.status >= 400:
            told = values.get("errors.wrong_secret")
            by_post = told is not None and told["status"] != reply.status
            here = refusal(reply)
            values["errors.wrong_secret"] = (told or here) | ({"status_by_post": here["status"]} if by_post else {})
    return values


def _both(target: Target, token: str) -> WireRequest:
    secret = target.client.client_secret or ""
    form = refresh_form(token, client_id=target.client.client_id, client_secret=secret)
    request = posted(target.token_endpoint, replace(target.client, authentication="none"), form)
    return replace(request, headers=(*request.headers, basic(target.client)), body=urlencode(form).encode())


def encoding(bench: Bench) -> Play[Values]:
    """Authenticate with a secret whose characters a form encodes: form-encoded, as it is, with %20 for a blank.

    An unknown refresh token shows it: who is let in is told that the token is bad, not that the client is. Where both
    are told in the same words, a login shows it.
    """
    client = bench.target.special or bench.target.client
    if client.client_secret is None or quote_plus(client.client_secret) == client.client_secret:
        raise NeedlessError("the secret reads the same encoded and not (--special-client names one that does not)")
    by = replace(client, authentication="client_secret_basic")
    nobody = yield from _sent(token_request(bench.target, replace(by, client_secret=WRONG), refresh_form(UNKNOWN)))
    let_in = {}
    for how in ENCODINGS:
        request = token_request(bench.target, replace(by, encoding=how), refresh_form(UNKNOWN))
        let_in[how] = _differs((yield from _sent(request)), nobody)
    if not any(let_in.values()) and bench.start is None:
        for how in ENCODINGS:
            let_in[how] = yield from _logs_in(bench, replace(by, encoding=how))
    return _encoding_of(let_in)


def _logs_in(bench: Bench, client: Client) -> Play[bool]:
    callback, verifier = yield from authorize(bench, user=bench.new_user(), client=client)
    form = code_form(bench.target, callback.get("code", ""), verifier)
    return (yield from _sent(token_request(bench.target, client, form))).granted


def _encoding_of(let_in: Mapping[Encoding, bool]) -> dict[str, str]:
    if let_in["form_encoded"] and let_in["raw"]:
        return {"token_request.basic_encoding": "either", "fact.basic_encoding": "either"}
    found = next((how for how, taken in let_in.items() if taken), None)
    if found is None:
        return {"fact.basic_encoding": "neither encoded nor raw"}
    return {"token_request.basic_encoding": found, "fact.basic_encoding": found.replace("_", " ")}


def _differs(reply: Reply, refused: Reply) -> bool:
    return (reply.status, reply.error) != (refused.status, refused.error)


def strangers(bench: Bench) -> Play[Values]:
    """Present a live refresh token as another client, and on another grant with a wrong secret; then rightly."""
    target = bench.target
    values: dict[str, Any] = {}
    spent = []
    if target.second is not None:
        grant = yield from held(bench)
        reply = yield from _sent(token_request(target, target.second, refresh_form(grant.refresh_token)))
        values["fact.other_clients_token"] = "taken" if reply.granted else reply.words
        values["refresh.of_any_client"] = reply.granted
        if not reply.granted:
            values["errors.refresh_token_of_other_client"] = refusal(reply)
            spent.append(not (yield from works(bench, grant.refresh_token)))
    if target.client.client_secret is not None:
        grant = yield from held(bench)
        wrong = replace(target.client, client_secret=WRONG)
        reply = yield from _sent(token_request(target, wrong, refresh_form(grant.refresh_token)))
        if not reply.granted:
            spent.append(not (yield from works(bench, grant.refresh_token)))
    if spent:
        values["fact.refused_client_spends"] = "yes" if any(spent) else "no"
    if any(spent):
        values["refresh.spent_before"] = "client"
    return values


PROBES = (
    Probe(
        id="refusals", asks="What do refusals look like, cause by cause?", requests=9, logins=0, play=refusals,
        settles=(
            "errors.unknown_refresh_token", "errors.missing_refresh_token", "errors.missing_grant_type",
            "errors.unsupported_grant_type", "token_request.repeated_parameters",
            "errors.unknown_code", "errors.unknown_client",
        ),
        for_start_token=True,
    ),
    Probe(
        id="bodies", asks="Which forms of the body are taken?", requests=6, logins=3, play=bodies,
        settles=("token_request.bodies",),
    ),
    Probe(
        id="authentication", asks="How may a client authenticate itself?", requests=8, logins=3, play=authentication,
        settles=("token_request.authentication", "token_request.both_at_once", "errors.wrong_secret"),
    ),
    Probe(
        id="basic-encoding", asks="Are Basic credentials form-encoded?", requests=3, logins=0, play=encoding,
        settles=("token_request.basic_encoding",), for_start_token=True,
    ),
    Probe(
        id="strangers", asks="Does a refused client cost the refresh token that it presented?", requests=6, logins=2,
        play=strangers, settles=("errors.refresh_token_of_other_client", "refresh.of_any_client"), destructive=True,
    ),
)  # fmt: skip
