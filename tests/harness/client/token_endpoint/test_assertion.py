"""A client that signs who it is: the assertion of each request, and the keys that a configuration takes."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from kit.client_engine import World, configuration, pairs
from refreshproof.harness.client.model.client_key import EXPECTED, read_key, signed
from refreshproof.harness.client.model.configuration import ClientAuthentication, field_faults
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.token_endpoint.assertion import LIFETIME
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.provider.client_key import CLIENT_CERTIFICATE, CLIENT_KEY

SIGNS: dict[str, Any] = {
    "client_authentication": ClientAuthentication.PRIVATE_KEY_JWT,
    "client_secret": CLIENT_KEY + CLIENT_CERTIFICATE,
}


def pem(key: Any, password: bytes | None = None) -> str:
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()  # type: ignore[no-any-return]


P256, P384, RSA = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1()), CLIENT_KEY


def assertions(world: World) -> list[jwt.Token]:
    key = RSAKey.import_key(CLIENT_KEY)
    return [jwt.decode(one["client_assertion"], key) for one in world.endpoint.parameters]


def test_each_request_that_is_sent_says_who_the_client_is_in_an_assertion_of_its_own() -> None:
    """RFC 7523 s3: iss and sub, aud, exp and a jti that no other has; a server may remember it."""
    world = World(pairs(), pairs(), **SIGNS)
    for _ in range(2):
        world.clock.advance(3601)
        world.call()
    first, second = (one.claims for one in assertions(world))
    assert first["iss"] == first["sub"] == world.configuration.client_id
    assert first["aud"] == world.configuration.token_endpoint
    assert first["exp"] - first["iat"] == LIFETIME
    assert first["jti"] != second["jti"]
    assert "client_secret" not in world.endpoint.parameters[0]


def test_an_assertion_is_for_whom_the_configuration_names_and_shows_its_certificate() -> None:
    world = World(pairs(), assertion_audience="https://issuer.example", **SIGNS)
    world.clock.advance(3601)
    world.call()
    digest = x509.load_pem_x509_certificate(CLIENT_CERTIFICATE.encode()).fingerprint(SHA256())
    only = assertions(world)[0]
    assert (only.claims["aud"], only.header["x5t#S256"]) == ("https://issuer.example", base64url(digest))


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (pem(P256), "ES256")], ids=["rsa", "p256"])
def test_keys_sign_by_the_algorithm_of_their_kind(key: str, algorithm: str) -> None:
    made = signed(read_key(key), {"sub": "me"})
    kind = RSAKey if algorithm == "RS256" else ECKey
    read = jwt.decode(made, kind.import_key(key))
    assert (read.header["alg"], read.claims) == (algorithm, {"sub": "me"})


BAD = {
    "a secret": "s3cret",
    "nothing": "",
    "a public key": P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    "a curve that nobody asked for": pem(P384),
    "a password": pem(P256, b"secret"),
    "half a certificate": CLIENT_KEY + CLIENT_CERTIFICATE[:100],
}


@pytest.mark.parametrize("secret", BAD.values(), ids=BAD)
def test_what_is_no_key_is_refused_and_not_shown(secret: str) -> None:
    told = field_faults(replace(configuration(**SIGNS), client_secret=secret), Settings())
    assert told == {"clientSecret": EXPECTED}


def test_a_key_is_in_no_representation() -> None:
    world = World(pairs(), **SIGNS)
    assert "PRIVATE KEY" not in repr(world.configuration) + repr(read_key(CLIENT_KEY))
    assert isinstance(read_key(CLIENT_KEY).key, rsa.RSAPrivateKey)


def test_a_refresh_names_the_scopes_that_were_granted_where_the_vendor_wants_them() -> None:
    """And those that were asked for, where no answer has told of scopes."""
    told = World(pairs(), repeats_scope=True)
    told.clock.advance(3601)
    told.call()
    assert told.endpoint.parameters[0]["scope"] == " ".join(told.configuration.scopes)
