"""Client authentication by a signed assertion (private_key_jwt): is it the application's, for this server, and now?

Pure. Sources: RFC 7523 s3; the certificate's thumbprint in the header as Microsoft asks for it (M-CERT).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.wire import SECOND, Instant

BEARER_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "PS256"]
# Clients put a whole certificate chain into the header as x5c, and not always as the list of RFC 7515 s4.1.6.
_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_REGISTRY.max_header_length = 16_384
_THUMBPRINTS = {"x5t": hashlib.sha1, "x5t#S256": hashlib.sha256}


def check_assertion(
    assertion: str, certificate: str, client_id: str, audiences: tuple[str, ...], now: Instant
) -> Mapping[str, Any]:
    """Return the claims of an assertion; refuse one that is not signed with the certificate's key, not for `audiences`,
    or not for now."""
    read = x509.load_pem_x509_certificate(certificate.encode())
    try:
        token = jwt.decode(assertion, RSAKey.import_key(_public_key(read)), registry=_REGISTRY)
    except (JoseError, ValueError):
        raise Refused(Cause.INVALID_ASSERTION, detail="the signature is not valid") from None
    _check_thumbprint(token.header, read.public_bytes(Encoding.DER))
    _check_claims(token.claims, client_id, audiences, now)
    return token.claims


def _public_key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _check_thumbprint(header: Mapping[str, Any], certificate: bytes) -> None:
    """Compare whichever thumbprint the header has; padding does not matter."""
    given = {name: header[name].rstrip("=") for name in _THUMBPRINTS if name in header}
    right = {name: base64url(digest(certificate).digest()) for name, digest in _THUMBPRINTS.items()}
    if not given or any(right[name] != value for name, value in given.items()):
        raise Refused(
            Cause.INVALID_ASSERTION, detail=f"the header needs {' or '.join(_THUMBPRINTS)} of the certificate"
        )


def _check_claims(claims: Mapping[str, Any], client_id: str, audiences: tuple[str, ...], now: Instant) -> None:
    if claims.get("sub") != client_id or claims.get("iss") != client_id:
        raise Refused(Cause.INVALID_ASSERTION, detail="iss and sub must be the client id")
    if claims.get("aud") not in audiences:
        allowed = " or ".join(audiences)
        raise Refused(Cause.INVALID_ASSERTION, detail=f"aud must be {allowed}, found {claims.get('aud')}")
    if not claims.get("nbf", 0) * SECOND <= now < claims.get("exp", 0) * SECOND:
        raise Refused(Cause.INVALID_ASSERTION, detail="it is not within its valid time range")
