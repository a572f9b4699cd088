"""Small recordings written by hand in the ways of two writers: a browser's network panel and a proxy.

A client at Atlassian refreshes three times; the third time the writer's client presents what had been replaced, or not.
"""

from __future__ import annotations

import base64
import json
from typing import Any

TOKEN = "https://auth.atlassian.com/oauth/token"
ME = "https://api.atlassian.com/me"
SECRET = "client-secret-0123456789abcdef"


def token(kind: str, number: int, user: str = "ann") -> str:
    """Return a token that looks like one."""
    return f"eyJ{kind}-{user}-{number:02}-{'z' * 24}"


def story(user: str = "ann", *, stale: bool, minute: int = 0) -> list[dict[str, Any]]:
    """Return what one user's client sends: a call with each access token, and three refreshes."""
    presented = [1, 2, 2 if stale else 3]
    entries: list[dict[str, Any]] = []
    for place, old in enumerate(presented):
        entries += [
            _entry(
                "POST", TOKEN, at=f"2026-11-30T1{place}:{minute:02}:00.000Z",
                sends={"grant_type": "refresh_token", "client_id": f"app-of-{user}", "client_secret": SECRET,
                       "refresh_token": token("rt", old, user)},
                answers={"access_token": token("at", place + 2, user), "refresh_token": token("rt", place + 2, user),
                         "expires_in": 3600, "token_type": "Bearer", "scope": "offline_access"},
            ),
            _entry(
                "GET", ME, at=f"2026-11-30T1{place}:{minute:02}:01.000Z", bearer=token("at", place + 2, user),
                answers={"name": "Ann", "email": "ann@example.com"},
            ),
        ]  # fmt: skip
    return entries


def code_exchange(second: int) -> dict[str, Any]:
    """Return the exchange of a code."""
    sends = {"grant_type": "authorization_code", "client_id": "app-of-ann", "client_secret": SECRET,
             "code": "code-of-ann-0123456789abcdef", "redirect_uri": "https://app.example.com/callback"}  # fmt: skip
    answers = {"access_token": token("at", 1), "refresh_token": token("rt", 1), "expires_in": 3600}
    return _entry("POST", TOKEN, at=f"2026-11-30T09:00:0{second}.000Z", sends=sends, answers=answers)


def mitmproxy(*entries: dict[str, Any]) -> dict[str, Any]:
    """Return a recording as mitmproxy's hardump writes it: bodies as text, offsets of a zone."""
    for one in entries:
        one["startedDateTime"] = one["startedDateTime"].replace("Z", "+00:00")
    return {"log": {"version": "1.2", "creator": {"name": "mitmproxy", "version": "11.0.2"}, "pages": [],
                    "entries": list(entries)}}  # fmt: skip


def chromium(*entries: dict[str, Any]) -> dict[str, Any]:
    """Return a recording as Chromium's network panel writes it: pseudo-headers, params, base64, and no entry in order;
    among the others a preflight, a picture of a stranger, and a request that was aborted."""
    for one in entries:
        request, content = one["request"], one["response"]["content"]
        request["headers"] = [
            {"name": ":authority", "value": "auth.atlassian.com"}, {"name": ":method", "value": request["method"]},
            *request["headers"],
        ]  # fmt: skip
        content.update(text=base64.b64encode(content["text"].encode()).decode(), encoding="base64")
        one.update(_initiator={"type": "script"}, _priority="High", _resourceType="fetch", pageref="page_1")
    aborted = _entry("GET", ME, at="2026-11-30T13:00:00.000Z", bearer=token("at", 4), answers={})
    aborted["response"].update(status=0, content={"size": 0, "mimeType": "x-unknown"}, _error="net::ERR_ABORTED")
    others = [
        _entry("OPTIONS", TOKEN, at="2026-11-30T09:59:59.000Z", answers={}),
        _entry("GET", "https://cdn.example.net/logo.png", at="2026-11-30T10:00:00.500Z", answers={}),
        aborted,
    ]
    return {"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"},
                    "pages": [{"id": "page_1"}], "entries": [*reversed(entries), *others]}}  # fmt: skip


def _entry(
    method: str, url: str, *, at: str, answers: Any, sends: dict[str, str] | None = None, bearer: str | None = None
) -> dict[str, Any]:
    headers = [] if bearer is None else [{"name": "authorization", "value": f"Bearer {bearer}"}]
    text = json.dumps(answers)
    request: dict[str, Any] = {"method": method, "url": url, "httpVersion": "HTTP/2.0", "cookies": [],
                               "headers": headers, "queryString": [], "headersSize": -1, "bodySize": 0}  # fmt: skip
    if sends is not None:
        request["headers"].append({"name": "content-type", "value": "application/json"})
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(sends)}
        request["bodySize"] = len(request["postData"]["text"])
    return {
        "startedDateTime": at,
        "time": 120.5,
        "request": request,
        "response": {"status": 200, "statusText": "", "httpVersion": "HTTP/2.0", "redirectURL": "", "headersSize": -1,
                     "cookies": [{"name": "session", "value": "cookie-of-the-user-0123456789"}], "bodySize": len(text),
                     "headers": [{"name": "set-cookie", "value": "session=cookie-of-the-user-0123456789"}],
                     "content": {"size": len(text), "mimeType": "application/json", "text": text}},
        "cache": {},
        "timings": {"send": 0, "wait": 120.5, "receive": 0},
    }  # fmt: skip
