"""A correct client that proves to hold a key (RFC 9449), on which miniatures that claim it build."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.wire import SECOND, WireResponse
from refreshproof.scenarios.steps.subject import Capability

if TYPE_CHECKING:
    from joserfc.jwk import ECKey


class Proves(TinyClient):
    """Proves at the token endpoint to hold a key, which it keeps on its disk, and comes back with the newest nonce."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"dpop"}

    def start(self) -> None:
        """Know no nonce."""
        super().start()
        self.nonce: str | None = None

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Send it again once with the nonce, if that is what is wanted."""
        response = super().post(url, form)
        told = response.header("dpop-nonce")
        if told is not None:
            self.nonce = self.nonce_after(told)
        wanted = response.status == 400 and self.document(response).get("error") == "use_dpop_nonce"
        return super().post(url, form) if told is not None and wanted else response

    def nonce_after(self, told: str) -> str:
        """Return the nonce to use once another one was told: that one."""
        return told

    def key(self) -> ECKey:
        """Return the key that lies on the disk, made with the first request."""
        if self.disk.key is None:
            self.disk.key = self.new_key()
        key: ECKey = self.disk.key
        return key

    def new_key(self) -> ECKey:
        """Make a key, from the seed."""
        # cryptography and joserfc take as long to import as a small run; few clients prove anything.
        from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
        from joserfc.jwk import ECKey

        made = derive_private_key(self.random.getrandbits(250) + 1, SECP256R1())
        return ECKey(made, made)

    def headers(self, url: str) -> tuple[tuple[str, str], ...]:
        """Add the proof of a token request."""
        return (*super().headers(url), *((("DPoP", self.proof(url)),) if url == self.endpoint() else ()))

    def endpoint(self) -> str:
        """Return where proofs are wanted."""
        return self.registration.token_endpoint

    def proof(self, url: str) -> str:
        """Return a new proof for a POST."""
        from joserfc import jwt

        jti = base64.urlsafe_b64encode(self.random.randbytes(16)).decode()
        claims: dict[str, Any] = {"htm": "POST", "htu": url, "iat": self.now() // SECOND, "jti": jti}
        claims |= {} if self.nonce is None else {"nonce": self.nonce}
        key = self.key()
        return jwt.encode({"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}, claims, key)
