"""The private key by which a client signs who it is, read from PEM: what stands in the place of a client secret.

A text may hold the certificate besides, whose thumbprint some vendors want to see. No IO, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CERTIFICATE = "-----BEGIN CERTIFICATE-----"
EXPECTED = "must hold a private key in PEM without a password: RSA, or elliptic on P-256"


@dataclass(frozen=True, kw_only=True)
class ClientKey:
    """A key that can sign, the algorithm it signs by (RFC 7518 s3.1), and its certificate's SHA-256 digest."""

    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    algorithm: str
    thumbprint: bytes | None = None


@lru_cache(maxsize=64)
def read_key(text: str) -> ClientKey:
    """Read a PEM text; raises ValueError that says what is expected, and never what was found."""
    # A tenth of what a run has in memory as it begins; few clients have a key.
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
        thumbprint = None
        if CERTIFICATE in text:
            certificate = x509.load_pem_x509_certificate(text[text.index(CERTIFICATE) :].encode())
            thumbprint = certificate.fingerprint(SHA256())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(EXPECTED) from None
    if isinstance(key, RSAPrivateKey):
        return ClientKey(key=key, algorithm="RS256", thumbprint=thumbprint)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return ClientKey(key=key, algorithm="ES256", thumbprint=thumbprint)
    raise ValueError(EXPECTED)


def key_fault(value: object) -> str | None:
    """Return why a value is no key that can sign, None if it is one."""
    try:
        return None if isinstance(value, str) and read_key(value) else "must be text"
    except ValueError as error:
        return str(error)


def signed(key: ClientKey, claims: Mapping[str, Any]) -> str:
    """Return a JWT of the claims, with the certificate's thumbprint in its header if there is one."""
    # joserfc takes as long to import as the rest of the engine; few clients have a key.
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from joserfc import jwt
    from joserfc.jwk import ECKey, RSAKey
    from joserfc.util import urlsafe_b64encode

    header = {"alg": key.algorithm, "typ": "JWT"}
    if key.thumbprint is not None:
        header["x5t#S256"] = urlsafe_b64encode(key.thumbprint).decode()
    made = RSAKey(key.key, key.key) if isinstance(key.key, RSAPrivateKey) else ECKey(key.key, key.key)
    return jwt.encode(header, dict(claims), made, algorithms=[key.algorithm])
