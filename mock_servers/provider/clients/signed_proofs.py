"""Secrets that are JSON Web Tokens: Apple's, signed with the client's own key, and Atlassian Connect's, signed with the
shared secret.

Pure. Sources: misbehaviours.json, iss-secret-proof-variants; developer.atlassian.com/cloud/bitbucket/oauth-2-connect.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import SECOND, Instant

LONGEST_LIFE = 15_777_000
"""Seconds that a signed secret may still have to live: six months."""


def is_signed_secret(token: str, application: Application, audience: str, now: Instant) -> bool:
    """Tell whether a secret is an ES256 token of the application's key, for this server, and of at most six months."""
    if application.certificate is None:
        return False
    public = x509.load_pem_x509_certificate(application.certificate.encode()).public_key()
    claims = _claims(token, ECKey, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "ES256")
    left = _instant(claims.get("exp")) - now
    return claims.get("sub") == application.client_id and claims.get("aud") == audience and (
        0 < left <= LONGEST_LIFE * SECOND
    )  # fmt: skip


def is_connect_token(token: str, application: Application, now: Instant) -> bool:
    """Tell whether a token is signed with the application's secret and not over."""
    claims = _claims(token, OctKey, application.client_secret or "", "HS256")
    return claims.get("sub") == application.client_id and now < _instant(claims.get("exp"))


def subject_of(token: str) -> str | None:
    """Return who a token says it is from, before anything is proven."""
    try:
        subject = json.loads(jws.extract_compact(token.encode()).payload)["sub"]
    except (JoseError, ValueError, LookupError, TypeError):
        return None
    return str(subject)


def _claims(token: str, kind: Any, key: str | bytes, algorithm: str) -> dict[str, Any]:
    """Return the claims of a token, none if the key did not sign it."""
    try:
        return dict(jwt.decode(token, kind.import_key(key), algorithms=[algorithm]).claims)
    except (JoseError, ValueError, TypeError):
        return {}


def _instant(value: Any) -> Instant:
    return int(value * SECOND) if isinstance(value, int | float) else 0
