"""Client authentication by a signed assertion (private_key_jwt): who the client is, to whom it says so, and until when.

Sources: RFC 7521 4.2, RFC 7523 2.2 and 3. Servers may remember a jti, so every request that is sent has its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from refreshproof.harness.client.model.client_key import read_key, signed
from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.configuration import ClientAuthentication, ClientConfiguration

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 300
"""Seconds for which an assertion may be taken: longer than an answer may take, and than a clock may be wrong."""


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """What a client asserts with each request."""

    client_id: str
    audience: str
    key: str = field(repr=False)

    def parameters(self, now: int) -> dict[str, str]:
        """Return the parameters of a request that is sent at `now`."""
        issued = now // SECOND
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.audience, "jti": uuid.uuid4().hex,
            "iat": issued, "exp": issued + LIFETIME,
        }  # fmt: skip
        return {"client_assertion_type": TYPE, "client_assertion": signed(read_key(self.key), claims)}


def assertion_of(configuration: ClientConfiguration) -> Assertion | None:
    """Return what a configuration's requests assert, None where it authenticates in another way."""
    if configuration.client_authentication is not ClientAuthentication.PRIVATE_KEY_JWT:
        return None
    audience = configuration.assertion_audience or configuration.token_endpoint
    return Assertion(client_id=configuration.client_id, audience=audience, key=configuration.client_secret)
