"""Proofs of possession (RFC 9449) as a journal shows them: by the thumbprint of their key, which is no secret."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

from refreshproof.scenarios.evidence.journal import Exchange

HEADER = "dpop"
UNREADABLE = "unreadable"
MEMBERS: Mapping[str, tuple[str, ...]] = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
"""What a thumbprint is made of, by the kind of key (RFC 7638 s3.2)."""


def thumbprint_of(proof: str) -> str:
    """Return the thumbprint of the key in a proof's header (RFC 7638), or that it cannot be read."""
    try:
        head = proof.partition(".")[0]
        key = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["jwk"]
        told = json.dumps({name: key[name] for name in MEMBERS[key["kty"]]}, separators=(",", ":"), sort_keys=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        return UNREADABLE
    return base64.urlsafe_b64encode(hashlib.sha256(told.encode()).digest()).rstrip(b"=").decode()


def key_of(exchange: Exchange) -> str | None:
    """Return the thumbprint of the key that a request proved to hold, None where it proved none."""
    return next((value for name, value in exchange.request_headers if name.lower() == HEADER), None)
