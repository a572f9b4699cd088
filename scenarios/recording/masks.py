"""What a recorder has put in the place of secrets: it is taken out, lest equal masks be taken for equal tokens."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

from refreshproof.mock_servers.provider.state.vault import SECRET_PARAMETERS, SHORTEST_SECRET
from refreshproof.mock_servers.wire import WireRequest, WireResponse

TOKENS = ("access_token", "refresh_token")
_MASK = re.compile(
    r"[\[<({]?(\*+|\.+|[\u2026\u2022]+|x+|#+|-+|_+"
    r"|(redacted|removed|masked|hidden|sanitized|sanitised|filtered|secret|token)[\w ]*)[\]>)}]?",
    re.IGNORECASE,
)


def is_masked(value: str) -> bool:
    """Tell whether a value stands for a secret that was taken out: no token is as short as that, or looks like it."""
    value = value.strip()
    return bool(value) and (len(value) < SHORTEST_SECRET or _MASK.fullmatch(value) is not None)


def unmasked_request(request: WireRequest) -> tuple[WireRequest, frozenset[str]]:
    """Return a request without masks, and the names of the parameters and the header that had one."""
    names = {name for name, value in (*request.query, *request.form) if name in SECRET_PARAMETERS and is_masked(value)}
    credentials = (request.header("authorization") or "").partition(" ")[2]
    header = {"authorization"} if is_masked(credentials) or is_masked(request.header("authorization") or "") else set()
    if not names and not header:
        return request, frozenset()
    return (
        WireRequest(
            method=request.method,
            url=_url(request, names),
            headers=tuple(pair for pair in request.headers if pair[0].lower() not in header),
            body=_body(request, names),
        ),
        frozenset(names | header),
    )


def unmasked_answer(response: WireResponse) -> tuple[WireResponse, bool]:
    """Return an answer without masked tokens, and whether it had any."""
    document = response.document
    if not isinstance(document, dict):
        return response, False
    hidden = {name for name in TOKENS if isinstance(document.get(name), str) and is_masked(document[name])}
    if not hidden:
        return response, False
    left = {name: value for name, value in document.items() if name not in hidden}
    return replace(response, body=json.dumps(left).encode()), True


def _url(request: WireRequest, names: set[str]) -> str:
    if not any(name in names for name, _ in request.query):
        return request.url
    query = urlencode([pair for pair in request.query if pair[0] not in names])
    return urlunsplit(urlsplit(request.url)._replace(query=query))


def _body(request: WireRequest, names: set[str]) -> bytes:
    if not any(name in names for name, _ in request.form):
        return request.body
    kept = [pair for pair in request.form if pair[0] not in names]
    return json.dumps(dict(kept)).encode() if request.media_type == "application/json" else urlencode(kept).encode()
