"""Proof of possession (DPoP) at the token endpoint: is the proof good for this request, and whose key does it show?

It binds refresh tokens only; access tokens stay bearer tokens, as at Google (native-app). Source: RFC 9449 s4.2, s4.3,
s5, s8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.profile.profile import Cause, ProofRules
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import SECOND

ALGORITHMS = ["ES256", "RS256", "PS256"]
LEEWAY = 300
"""Seconds by which iat may differ from now, where no nonce tells the age."""


def proven_key(visit: Visit, application: Application) -> str | None:
    """Return the thumbprint of the key that a token request proves to hold, None where it proves none.

    Raises `Refused` for a proof that is not good, and for a missing one where the refresh token is bound to a key.
    """
    rules, proof = visit.profile.proof, visit.sighting.request.header("dpop")
    if rules is None or application.kind not in rules.kinds:
        return None
    token = visit.state.refresh_tokens.get(visit.sighting.values.get("refresh_token", ""))
    bound = None if token is None else token.family.key
    key = None if proof is None else _checked(visit, rules, proof)
    if bound not in (None, key):
        raise _invalid("the refresh token is bound to another key")
    return key


def bind(state: State, members: Mapping[str, Any], key: str | None) -> None:
    """Bind the refresh token of a success body to a key."""
    token = state.refresh_tokens.get(members.get("refresh_token") or "")
    if key is not None and token is not None:
        token.family.key = key


def _checked(visit: Visit, rules: ProofRules, proof: str) -> str:
    """Check a proof; returns the thumbprint of its key (RFC 7638)."""
    # joserfc takes as long to import as a server to start; few clients send proofs.
    from joserfc import jws, jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    try:
        header = jws.extract_compact(proof.encode()).headers()
        key = JWKRegistry.import_key(header["jwk"])
        claims = jwt.decode(proof, key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError):
        raise _invalid("it is no JWT that is signed with the key in its header") from None
    if header.get("typ") != "dpop+jwt" or key.is_private:
        raise _invalid("the header needs typ dpop+jwt and a public jwk")
    _check_claims(visit, rules, claims)
    return key.thumbprint()


def _check_claims(visit: Visit, rules: ProofRules, claims: Mapping[str, Any]) -> None:
    sighting = visit.sighting
    if claims.get("htm") != sighting.request.method or claims.get("htu") not in sighting.addresses:
        raise _invalid(f"htm and htu must be {sighting.request.method} and {' or '.join(sighting.addresses)}")
    if not isinstance(claims.get("iat"), int | float):
        raise _invalid("iat must be there, in seconds")
    if not claims.get("jti") or claims["jti"] != _jti(rules, sighting.values, claims["jti"]):
        raise _invalid("jti must be there, and for a code the digest of the code")
    _check_age(visit, rules, claims)


def _check_age(visit: Visit, rules: ProofRules, claims: Mapping[str, Any]) -> None:
    """Refuse a proof that was not made for now: by the server's own nonce where it gives one, else by the client's iat.

    RFC 9449 s4.3 (11): either tells the age, and with the nonce a client's wrong clock does not matter.
    """
    nonce = visit.state.proof_nonce(rules.nonce_lasts, visit.now)
    if rules.nonce:
        if claims.get("nonce") != nonce:
            raise Refused(Cause.MISSING_NONCE, nonce=nonce, expected="the nonce of DPoP-Nonce", found="none or another")
    elif abs(visit.now - claims["iat"] * SECOND) > LEEWAY * SECOND:
        raise _invalid(f"iat must be within {LEEWAY} s of now")


def _jti(rules: ProofRules, values: Mapping[str, str], given: object) -> object:
    """Return what jti must be: at some vendors the digest of the code, else what it is."""
    bound = rules.jti_of_code and values.get("grant_type") == "authorization_code"
    return base64url(hashlib.sha256(values.get("code", "").encode()).digest()) if bound else given


def _invalid(detail: str) -> Refused:
    return Refused(Cause.INVALID_PROOF, detail=f"DPoP proof: {detail}.", expected="a good proof", found=detail)
