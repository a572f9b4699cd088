"""Client authentication beside id and secret: what a signed assertion may be for, and the ways of single vendors."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from kit.dumb_client import START, Play, basic, play
from kit.serving import CALLBACK, ORIGIN, Browser, authorization_url, options, parameters, post
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.signing_key import CERTIFICATE, PRIVATE_KEY
from refreshproof.mock_servers.provider.clients.signed_proofs import LONGEST_LIFE
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.vendor import well_behaved
from refreshproof.mock_servers.wire import SECOND, WireResponse

NOW = START // SECOND
BEARER_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def accepting(*methods: Any, **rules: Any) -> Profile:
    return replace(GENERIC, token_request=replace(GENERIC.token_request, authentication=methods, **rules))


# private_key_jwt: whom the assertion is for.


def _assertion(audience: str) -> str:
    now = VIRTUAL_START // SECOND
    digest = x509.load_pem_x509_certificate(CERTIFICATE.encode()).fingerprint(SHA1())  # noqa: S303 - x5t is SHA-1
    claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": audience, "nbf": now, "exp": now + 600}
    header = {"alg": "RS256", "x5t": base64url(digest)}
    return jwt.encode(header, claims, RSAKey.import_key(PRIVATE_KEY), algorithms=["RS256"])


def _served(*audiences: Any, **changes: Any) -> Served:
    vendor = well_behaved(accepting("private_key_jwt", audiences=audiences))
    application = replace(DEFAULT_APPLICATION, client_secret=None, certificate=CERTIFICATE, any_loopback=True)
    return Served(vendor, options("generic", applications=(application,), **changes), ORIGIN)


@pytest.mark.parametrize(
    ("audiences", "right", "wrong"),
    [
        (("token_endpoint",), (f"{ORIGIN}/token", "https://auth.example.com/token"), (ORIGIN, GENERIC.issuer)),
        (("issuer",), (ORIGIN, GENERIC.issuer), (f"{ORIGIN}/token", "https://auth.example.com/token")),
        (("token_endpoint", "issuer"), (f"{ORIGIN}/token", GENERIC.issuer), ("https://elsewhere.example",)),
    ],
)
def test_an_assertion_is_for_what_the_profile_names_by_its_local_or_its_real_address(
    audiences: tuple[str, ...], right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    for audience in (*right, *wrong):
        one = _served(*audiences)
        code = parameters(Browser(one).open(authorization_url(one)).header("location"))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": CLIENT_ID,
                "client_assertion": _assertion(audience), "client_assertion_type": BEARER_TYPE}  # fmt: skip
        response = post(one, f"{ORIGIN}/token", form, VIRTUAL_START, ("Host", "127.0.0.1:8001"))
        assert (response.status == 200) is (audience in right), audience


# A secret that stands alone.


def _token(game: Play, *headers: tuple[str, str], **fields: str) -> WireResponse:
    alone: dict[str, Any] = {"client_id": "-", "client_secret": "-"} | fields
    return game.exchange(game.code(), *headers, **alone)


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("secret_as_username", basic(CLIENT_SECRET, "")),
        ("secret_as_bearer", ("Authorization", f"Bearer {CLIENT_SECRET}")),
    ],
)
def test_a_secret_that_stands_alone_tells_whose_it_is(method: str, header: tuple[str, str]) -> None:
    game = play(accepting(method))
    game.provider.register(replace(DEFAULT_APPLICATION, client_id="other", client_secret="the-secret-of-the-other"))
    tokens = _token(game, header)
    assert (tokens.status, game.last.client_id) == (200, CLIENT_ID)
    assert game.refresh(tokens.document["refresh_token"], header, client_id="-", client_secret="-").status == 200
    wrong = header[1].replace(b64encode(f"{CLIENT_SECRET}:".encode()).decode(), b64encode(b"nobodys:").decode())
    assert (
        _token(game, (header[0], wrong.replace(CLIENT_SECRET, "nobodys-secret"))).document["error"] == "invalid_client"
    )
    for others in ((), (basic(),)):
        assert _token(game, *others).document["error"] == "invalid_client"
    assert _token(game, client_id=CLIENT_ID, client_secret=CLIENT_SECRET).document["error"] == "invalid_client"


# The digest of the secret and of what is spent.


def _digest(secret: str, spent: str) -> str:
    return hashlib.sha256(f"{secret}|{spent}".encode()).hexdigest()


def test_a_digest_is_of_the_secret_and_of_the_code_or_refresh_token() -> None:
    game = play(accepting("secret_digest"))
    for secret, status in (("another", 401), (CLIENT_SECRET, 200)):
        code = game.code()
        response = game.exchange(code, client_secret="-", hash=_digest(secret, code))
        assert response.status == status
    token = response.document["refresh_token"]
    statuses = [
        game.refresh(token, client_secret="-", hash=_digest(CLIENT_SECRET, spent)).status for spent in ("x", token)
    ]
    assert statuses == [401, 200]
    assert game.exchange(game.code()).status == 401, "the secret itself proves nothing here"


# A secret that is a token signed with the client's own key.

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CLIENT_ID)])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key()).serial_number(1)
        .not_valid_before(begins).not_valid_after(begins + timedelta(days=9999)).sign(KEY, SHA256())
    )  # fmt: skip
    return built.public_bytes(Encoding.PEM).decode()


def _signed(key: bytes = PEM, **changes: Any) -> str:
    claims = {"iss": "TEAM", "sub": CLIENT_ID, "aud": GENERIC.issuer, "iat": NOW, "exp": NOW + 600} | changes
    return jwt.encode({"alg": "ES256"}, claims, ECKey.import_key(key))


def _other_key() -> bytes:
    other = ec.generate_private_key(ec.SECP256R1())
    return other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("secret", "status"),
    [
        (_signed(), 200), (_signed(exp=NOW + LONGEST_LIFE), 200), (_signed(exp=NOW + LONGEST_LIFE + 1), 401),
        (_signed(exp=NOW), 401), (_signed(sub="other"), 401), (_signed(aud="https://elsewhere.example"), 401),
        (_signed(_other_key()), 401), (CLIENT_SECRET, 401),
    ],
    ids=["right", "six-months", "longer", "over", "subject", "audience", "key", "plain"],
)  # fmt: skip
def test_a_signed_secret_is_the_clients_for_this_server_and_of_at_most_six_months(secret: str, status: int) -> None:
    application = replace(DEFAULT_APPLICATION, client_secret=None, certificate=_certificate())
    game = play(accepting("signed_secret"), applications=(application,))
    assert game.exchange(game.code(), client_secret=secret).status == status


def test_a_client_without_a_key_has_no_signed_secret() -> None:
    game = play(accepting("signed_secret"))
    assert game.exchange(game.code(), client_secret=_signed()).status == 401


def test_what_proves_a_client_stays_out_of_every_text() -> None:
    vault = play(GENERIC).provider.vault
    token = _signed()
    for said in (f"Authorization: JWT {token}", f"Authorization: Bearer {CLIENT_SECRET}", f"Bearer {token}"):
        assert token not in vault.redact(said)
        assert CLIENT_SECRET not in vault.redact(said)
    assert vault.redact("a JWT is no secret by its name") == "a JWT is no secret by its name"
    assert vault.redact_parameters((("hash", _digest("s", "c")),)) == (("hash", "SECRET2"),)
