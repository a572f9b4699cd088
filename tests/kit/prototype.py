"""What the provider is measured against: a token endpoint as one would first write it, on werkzeug's objects.

State in dictionaries, rotation, reuse detection and a ledger; a WSGI application (PEP 3333) that one calls directly.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CLIENT, SECRET = "prototype-client", "prototype-secret"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Prototype:
    """Answers refreshes of one client; `log_in` stands for the flow that begins a family."""

    def __init__(self) -> None:
        self.ledger: list[dict[str, Any]] = []
        self._family_of: dict[str, int] = {}
        self._newest: dict[int, str] = {}
        self._access_tokens: dict[str, int] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._refresh(Request(environ))(environ, start_response)

    def log_in(self) -> str:
        """Begin a family; returns its first refresh token."""
        return self._rotate(len(self._family_of))

    def _refresh(self, request: Request) -> Response:
        form = request.form
        presented = form.get("refresh_token", "")
        family = self._family_of.get(presented)
        entry = {"number": len(self.ledger), "client_id": form.get("client_id"), "family": family, "issued": None}
        self.ledger.append(entry)
        if entry["client_id"] != CLIENT or not secrets.compare_digest(form.get("client_secret", ""), SECRET):
            return _answer(401, {"error": "invalid_client"})
        if form.get("grant_type") != "refresh_token":
            return _answer(400, {"error": "unsupported_grant_type"})
        if family is None or self._newest.get(family) != presented:
            # Reuse ends the family (RFC 9700 s4.14.2).
            self._newest.pop(-1 if family is None else family, None)
            return _answer(400, {"error": "invalid_grant"})
        access_token = secrets.token_urlsafe(32)
        self._access_tokens[access_token] = family
        entry["issued"] = access_token
        return _answer(200, {
            "access_token": access_token, "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": self._rotate(family), "scope": "read",
        })  # fmt: skip

    def _rotate(self, family: int) -> str:
        token = self._newest[family] = secrets.token_urlsafe(32)
        self._family_of[token] = family
        return token


def _answer(status: int, document: dict[str, Any]) -> Response:
    return Response(json.dumps(document), status=status, headers=NO_STORE, mimetype="application/json")
