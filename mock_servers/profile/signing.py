"""Signatures of the emulated vendors: id_tokens, and the public half of the key in the two forms clients ask for.

The key is read at the first signature and kept; until then not even joserfc is imported, which takes longer than all
of a server's start. Sources: RFC 7515, RFC 7517, RFC 7519.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from refreshproof.mock_servers.profile.signing_key import CERTIFICATE, PRIVATE_KEY

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

ALGORITHM = "RS256"


@lru_cache(maxsize=1)
def _key() -> RSAKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from joserfc.jwk import RSAKey

    # The key is ours and known to be good: checking it again would take longer than fifty signatures.
    key = load_pem_private_key(PRIVATE_KEY.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"expected an RSA key, found {type(key).__name__}")
    return RSAKey(key, key)


@lru_cache(maxsize=1)
def key_id() -> str:
    """Return the key's id: its RFC 7638 thumbprint, the same in both forms of the public key."""
    return _key().thumbprint()


def sign(claims: Mapping[str, Any]) -> str:
    """Return a signed JWT of the claims."""
    return _signed(json.dumps(claims))


@lru_cache(maxsize=1024)
def _signed(claims: str) -> str:
    """Sign claims in JSON. RS256 signs the same alike, and stories that begin alike ask for the same tokens."""
    from joserfc import jwt

    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key_id()}, json.loads(claims), _key())


def read(token: str) -> dict[str, Any] | None:
    """Return the claims of a JWT that `sign` made, or None for any other text; times are not checked."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        return dict(jwt.decode(token, _key(), algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError):
        return None


def key_set(**members: str) -> dict[str, Any]:
    """Return the public key as a JWK set (RFC 7517 s5), with further members on the key."""
    key = {**_key().as_dict(private=False), "use": "sig", "alg": ALGORITHM, "kid": key_id(), **members}
    return {"keys": [key]}


def certificates() -> dict[str, str]:
    """Return the key's certificate in PEM, by key id."""
    return {key_id(): CERTIFICATE}
