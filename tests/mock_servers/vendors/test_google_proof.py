"""Proof of possession at Google's token endpoint: for installed clients that send one, and for refresh tokens only.

The ids begin with the fact's key in `GOOGLE.sources`.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from kit.provider import DAY, START, Bench, granted
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.profile.profile import ProofRules
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION
from refreshproof.mock_servers.vendors.google.google import GOOGLE, OAUTH2
from refreshproof.mock_servers.wire import SECOND, WireResponse

NATIVE = replace(DEFAULT_APPLICATION, kind="native")
MINE, OTHER = (ECKey.generate_key("P-256") for _ in range(2))


@pytest.fixture
def bench() -> Bench:
    return Bench(GOOGLE, application=NATIVE)


def proof(nonce: str | None, key: ECKey = MINE, header: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return the headers of a request with a proof; a claim that is None is left out."""
    claims = {"htm": "POST", "htu": f"{OAUTH2}/token", "iat": START // SECOND, "jti": "once", "nonce": nonce} | changes
    shown = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)} | (header or {})
    return (("DPoP", jwt.encode(shown, {name: one for name, one in claims.items() if one is not None}, key)),)


def digest(code: str) -> str:
    return base64url(hashlib.sha256(code.encode()).digest())


def nonce_of(bench: Bench) -> str:
    return bench.refresh("1//x", headers=proof(None)).header("dpop-nonce") or ""


def bound_login(bench: Bench) -> dict[str, Any]:
    code = bench.code()
    return granted(bench.exchange(code, headers=proof(nonce_of(bench), jti=digest(code))))


def test_the_first_proof_is_answered_with_a_nonce_and_the_code_is_not_used_up(bench: Bench) -> None:
    """errors.missing_nonce"""
    code = bench.code()
    refused = bench.exchange(code, headers=proof(None, jti=digest(code)))
    assert (refused.status, refused.document["error"]) == (400, "use_dpop_nonce")
    nonce = refused.header("dpop-nonce")
    assert nonce
    tokens = granted(bench.exchange(code, headers=proof(nonce, jti=digest(code))))
    assert tokens["token_type"] == "Bearer"
    assert bench.call(tokens["access_token"]) == 200


HOLDERS = [
    pytest.param(MINE, 200, id="proof-same-key"),
    pytest.param(OTHER, 400, id="proof-another-key"),
    pytest.param(None, 400, id="proof-none"),
]


@pytest.mark.parametrize(("key", "status"), HOLDERS)
def test_a_bound_refresh_token_needs_a_proof_of_its_key(bench: Bench, key: ECKey | None, status: int) -> None:
    refresh_token = bound_login(bench)["refresh_token"]
    headers = () if key is None else proof(nonce_of(bench), key)
    response: WireResponse = bench.refresh(refresh_token, headers=headers)
    assert response.status == status
    assert status == 200 or response.document["error"] == "invalid_dpop_proof"


WRONG = [
    pytest.param({"htm": "GET"}, {}, id="errors.invalid_proof-htm"),
    pytest.param({"htu": f"{OAUTH2}/revoke"}, {}, id="errors.invalid_proof-htu"),
    pytest.param({"iat": None}, {}, id="errors.invalid_proof-no-iat"),
    pytest.param({"jti": "another"}, {}, id="errors.invalid_proof-jti-is-not-the-code's"),
    pytest.param({"jti": None}, {}, id="errors.invalid_proof-no-jti"),
    pytest.param({}, {"typ": "JWT"}, id="errors.invalid_proof-typ"),
    pytest.param({}, {"jwk": OTHER.as_dict(private=False)}, id="errors.invalid_proof-signature"),
    pytest.param({}, {"jwk": MINE.as_dict(private=True)}, id="errors.invalid_proof-private-key"),
]


@pytest.mark.parametrize(("changes", "header"), WRONG)
def test_a_proof_that_is_not_for_this_request_is_refused(
    bench: Bench, changes: dict[str, Any], header: dict[str, Any]
) -> None:
    nonce, code = nonce_of(bench), bench.code()
    headers = proof(nonce, header=header, **{"jti": digest(code)} | changes)
    response = bench.exchange(code, headers=headers)
    assert (response.status, response.document["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("off", [-86_400, -301, 301, 86_400])
def test_with_the_nonce_a_clients_wrong_clock_does_not_matter(bench: Bench, off: int) -> None:
    """RFC 9449 s4.3 (11): the nonce tells the age of the proof, and the first refusal tells the nonce."""
    code, iat = bench.code(), START // SECOND + off
    nonce = bench.exchange(code, headers=proof(None, jti=digest(code), iat=iat)).header("dpop-nonce")
    assert bench.exchange(code, headers=proof(nonce, jti=digest(code), iat=iat)).status == 200


@pytest.mark.parametrize(("off", "status"), [(-301, 400), (-300, 200), (300, 200), (301, 400)])
def test_without_nonces_the_clients_clock_tells_the_age(off: int, status: int) -> None:
    other = Bench(replace(GOOGLE, proof=ProofRules(kinds=("native",), nonce=False)), application=NATIVE)
    refresh_token = other.login()["refresh_token"]
    assert other.refresh(refresh_token, headers=proof(None, iat=START // SECOND + off)).status == status


def test_a_client_that_keeps_to_the_newest_nonce_is_served_ever_after(bench: Bench) -> None:
    refresh_token, nonce = bound_login(bench)["refresh_token"], nonce_of(bench)
    for _ in range(100):
        bench.advance(DAY)
        response = bench.refresh(refresh_token, headers=proof(nonce))
        nonce = response.header("dpop-nonce") or nonce
        assert response.status == 200


def test_where_the_token_is_spent_before_the_proof_is_looked_at_a_missing_nonce_costs_it() -> None:
    rules = replace(GOOGLE.refresh, rotation="always", spent_before="proof")
    other = Bench(replace(GOOGLE, refresh=rules), application=NATIVE)
    refresh_token = other.login()["refresh_token"]
    refused = other.refresh(refresh_token, headers=proof(None))
    entry = other.provider.ledger.entries[-1]
    assert (refused.document["error"], entry.cause, entry.event) == ("use_dpop_nonce", "missing_nonce", "revoked")
    assert other.refresh(refresh_token, headers=proof(refused.header("dpop-nonce"))).status == 400


@pytest.mark.parametrize("text", ["", "not-a-jwt", "a.b.c"])
def test_what_is_no_jwt_is_no_proof(bench: Bench, text: str) -> None:
    response = bench.exchange(bench.code(), headers=(("DPoP", text),))
    assert (response.status, response.document["error"]) == (400, "invalid_dpop_proof")


UNASKED = [
    pytest.param(replace(DEFAULT_APPLICATION, kind="web"), GOOGLE, id="proof-web-client"),
    pytest.param(NATIVE, replace(GOOGLE, proof=None), id="proof-switched-off"),
]


@pytest.mark.parametrize(("application", "profile"), UNASKED)
def test_where_proofs_mean_nothing_they_are_passed_over(application: Any, profile: Any) -> None:
    other = Bench(profile, application=application)
    assert other.exchange(other.code(), headers=(("DPoP", "not-a-jwt"),)).status == 200


def test_a_desktop_client_that_sends_no_proof_is_served_as_ever(bench: Bench) -> None:
    tokens = bench.login()
    assert bench.refresh(tokens["refresh_token"]).status == 200


def test_at_a_local_address_the_proof_names_that_address(bench: Bench) -> None:
    """A client that was given http://127.0.0.1:8001 proves for it, as the Host header tells."""
    headers = proof(None, htu="http://127.0.0.1:8001/token")
    response = bench.refresh("1//x", headers=(*headers, ("Host", "127.0.0.1:8001")))
    assert response.document["error"] == "use_dpop_nonce"
