"""Dynamic client registration: whoever asks becomes an application of the vendor's.

Sources: RFC 7591 s2, s3; OpenID Connect Dynamic Client Registration 1.0 s3. There is no management protocol (RFC 7592).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.profile import TokenShape
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import SECOND, WireResponse, json_response

SECRET = TokenShape(length=64)
_PUBLIC = "none"
_USUAL = "client_secret_basic"
_ECHOED = ("client_name", "grant_types", "response_types", "scope", "contacts", "client_uri", "logo_uri")


def register(visit: Visit) -> WireResponse:
    """Register a client (RFC 7591 s3.1): its metadata come back with a client_id, and with a secret unless it is
    public."""
    wanted = _metadata(visit)
    redirect_uris, method = _redirect_uris(wanted), _authentication(visit, wanted)
    state = visit.state
    client_id = state.vault.identifier(32)
    secret = None if method == _PUBLIC else state.vault.mint("SECRET", SECRET)[0]
    state.applications[client_id] = Application(
        client_id=client_id,
        client_secret=secret,
        redirect_uris=redirect_uris,
        refresh_tokens="refresh_token" in _grant_types(wanted),
        kind="native" if wanted.get("application_type") == "native" else "web",
        name=str(wanted.get("client_name", "")),
        updated_at=visit.now,
    )
    visit.entry.client_id = client_id
    answered: dict[str, Any] = {"client_id": client_id, "client_id_issued_at": visit.now // SECOND}
    answered |= {} if secret is None else {"client_secret": secret, "client_secret_expires_at": 0}
    answered |= {"redirect_uris": list(redirect_uris), "token_endpoint_auth_method": method}
    answered |= {name: wanted[name] for name in _ECHOED if name in wanted}
    return json_response(201, answered, headers=(("Cache-Control", "no-store"),))


def _metadata(visit: Visit) -> Mapping[str, Any]:
    request = visit.sighting.request
    if request.media_type != "application/json":
        raise Refused(Cause.UNSUPPORTED_BODY, expected="application/json", found=request.media_type or "no type")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(Cause.INVALID_CLIENT_METADATA, detail="The body is no JSON object.")
    return found


def _redirect_uris(wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the redirect URIs; RFC 6749 s3.1.2: each absolute, and without a fragment."""
    found = wanted.get("redirect_uris")
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise Refused(Cause.INVALID_REDIRECT_URI, detail="redirect_uris: expected a list of URIs.")
    wrong = next((place for place, one in enumerate(found) if not _absolute(one)), None)
    if wrong is not None:
        raise Refused(
            Cause.INVALID_REDIRECT_URI, detail=f"redirect_uris.{wrong}: expected an absolute URI, no fragment."
        )
    return tuple(found)


def _absolute(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and "#" not in uri


def _grant_types(wanted: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the grants that a client will use: that of a code, where it names none (RFC 7591 s2)."""
    found = wanted.get("grant_types", ["authorization_code"])
    if not isinstance(found, list):
        raise Refused(Cause.INVALID_CLIENT_METADATA, detail="grant_types: expected a list of grants.")
    return tuple(found)


def _authentication(visit: Visit, wanted: Mapping[str, Any]) -> str:
    method = wanted.get("token_endpoint_auth_method", _USUAL)
    known = [*visit.profile.token_request.authentication, _PUBLIC]
    able = [one for one in known if one in ("client_secret_basic", "client_secret_post", _PUBLIC)]
    if method not in able:
        detail = f"token_endpoint_auth_method: expected {' or '.join(able)}."
        raise Refused(Cause.INVALID_CLIENT_METADATA, detail=detail)
    return str(method)
