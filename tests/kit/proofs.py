"""What a client signs: proofs of possession (RFC 9449) and assertions of who it is (RFC 7523)."""

import hashlib
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from kit.dumb_client import START, Play
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.provider.client_key import CLIENT_CERTIFICATE, CLIENT_KEY
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.wire import SECOND

MINE, OTHER = (ECKey.generate_key("P-256") for _ in range(2))
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def proof(game: Play, nonce: str | None = None, *, after: float = 0, key: ECKey = MINE) -> tuple[str, str]:
    """The header of a token request that proves to hold a key."""
    claims = {"htm": "POST", "htu": game.url("token"), "iat": START // SECOND + int(after), "jti": "a-proof"}
    claims |= {} if nonce is None else {"nonce": nonce}
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
    return "DPoP", jwt.encode(header, claims, key)


def asserted(game: Play, **claims: Any) -> dict[str, str]:
    """The parameters by which the default application says who it is."""
    now = START // SECOND
    told = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": game.url("token"), "iat": now, "exp": now + 60, **claims}
    digest = hashlib.sha256(x509.load_pem_x509_certificate(CLIENT_CERTIFICATE.encode()).public_bytes(Encoding.DER))
    header = {"alg": "RS256", "x5t#S256": base64url(digest.digest())}
    made = jwt.encode(header, told, RSAKey.import_key(CLIENT_KEY))
    return {"client_id": CLIENT_ID, "client_assertion": made, "client_assertion_type": ASSERTION_TYPE}
