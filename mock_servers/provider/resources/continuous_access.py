"""Continuous access evaluation: which clients understand a claims challenge, and the challenge itself.

Source: Microsoft's claims-challenge.md (M-CC) and recordings; pure.
"""

from __future__ import annotations

import base64
import json

from refreshproof.mock_servers.profile.profile import ContinuousAccess
from refreshproof.mock_servers.wire import SECOND, Instant


def understands(rules: ContinuousAccess | None, claims: str | None) -> bool:
    """Tell whether a claims parameter names the capability that the vendor's challenge needs."""
    if rules is None or claims is None:
        return False
    try:
        capabilities = json.loads(claims)["access_token"]["xms_cc"]["values"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return False
    return rules.capability in capabilities


def claims_challenge(valid_from: Instant) -> str:
    """Return the claims that a client must ask for next: an access token from `valid_from` on, in base64."""
    essential = {"essential": True, "value": str(valid_from // SECOND)}
    return base64.b64encode(json.dumps({"access_token": {"nbf": essential}}).encode()).decode()
