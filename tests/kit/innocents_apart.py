"""Good clients with a habit that few have: proof of possession, PKCE wherever they go, a lock that one process sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Self
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey

from kit.innocents import Minimal, document
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.flow_rules import ProofRules
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import SECOND, WireRequest, WireResponse
from refreshproof.scenarios.evidence.requirement import serves_well
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory, Surroundings


class ProvesPossession(Minimal):
    """Sends a proof with every token request, always with the newest nonce that came (RFC 9449 s8, s8.2)."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.key = ECKey.generate_key("P-256")
        self.nonce: str | None = None

    def send(self, request: WireRequest, timeout: float) -> WireResponse:
        """Prove, and come back with the nonce that was asked for."""
        if request.url != self.registration.token_endpoint:
            return super().send(request, timeout)
        response = self.proven(request, timeout)
        if response.status == 400 and document(response).get("error") == "use_dpop_nonce":
            response = self.proven(request, timeout)
        return response

    def proven(self, request: WireRequest, timeout: float) -> WireResponse:
        """Send a request with a proof of its own, and keep the nonce that comes."""
        claims = {
            "htm": request.method, "htu": request.url, "iat": self.now() // SECOND,
            "jti": str(UUID(int=self.random.getrandbits(128))),
        }  # fmt: skip
        claims |= {} if self.nonce is None else {"nonce": self.nonce}
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)}
        proof = ("DPoP", jwt.encode(header, claims, self.key))
        response = super().send(replace(request, headers=(*request.headers, proof)), timeout)
        self.nonce = response.header("dpop-nonce") or self.nonce
        return response


def wanting_proof(vendor: Vendor) -> Vendor:
    """Return a vendor that looks at proofs of every application and wants its nonce in them.

    One that serves well sends a newer nonce with every success, and wants the old one again: each token request is
    refused once.
    """
    newer = FaultSpec(
        fault="header", parameters={"name": "DPoP-Nonce", "value": "newer"}, grant_type=None, skip=1, every=2
    )
    profile = replace(vendor.profile, proof=ProofRules(kinds=("web",)))
    return replace(vendor, profile=profile, faults=(newer,) if serves_well(vendor) else vendor.faults)


class AlwaysSendsPkce(Minimal):
    """Sends a challenge to every provider, as RFC 9700 s2.1.1 recommends."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(replace(surroundings, registration=replace(surroundings.registration, pkce=True)))


class TwoProcesses(Minimal):
    """Has a store that its processes share, and a lock in each of them."""

    capabilities: ClassVar[frozenset[Capability]] = Minimal.capabilities | {"shared_store"}

    def twin(self, surroundings: Surroundings) -> Self:
        """Begin another process on the same store."""
        other = type(self)(surroundings)
        other.store = self.store
        return other


APART: Mapping[str, SubjectFactory] = {one.__name__: one for one in (AlwaysSendsPkce, ProvesPossession)}
"""Those that no check may accuse, by name; the lock of `TwoProcesses` is too small."""
