"""A journal shows whose key a request proved, by its thumbprint."""

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from refreshproof.mock_servers.profile.signing_key import PRIVATE_KEY
from refreshproof.scenarios.evidence.proofs import UNREADABLE, thumbprint_of


@pytest.mark.parametrize("key", [ECKey.generate_key("P-256"), RSAKey.import_key(PRIVATE_KEY)], ids=["ec", "rsa"])
def test_a_proof_is_shown_by_the_thumbprint_of_its_key(key: ECKey | RSAKey) -> None:
    """RFC 7638 s3."""
    algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
    proof = jwt.encode({"alg": algorithm, "jwk": key.as_dict(private=False)}, {"jti": "x"}, key)
    assert thumbprint_of(proof) == key.thumbprint()


@pytest.mark.parametrize("text", ["", "x", "e30.e30.x", "W10.x", "eyJqd2siOnsia3R5IjoiRUMifX0.x", "\u00fc.x"])
def test_what_is_no_proof_is_told_as_such(text: str) -> None:
    assert thumbprint_of(text) == UNREADABLE
