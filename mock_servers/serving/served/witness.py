"""Whoever watches what served vendors see, and judges it: what a server tells such a witness, and asks of it.

What the witness hears holds secrets; what it says holds none.
"""

from __future__ import annotations

from typing import Any, Protocol

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse


class Witness(Protocol):
    """Watches every vendor of a server, by name."""

    def answered(
        self,
        name: str,
        provider: Provider,
        request: WireRequest,
        inward: WireResponse,
        response: WireResponse,
        now: Instant,
    ) -> None:
        """Hear of an answer that is about to leave; `inward` is the vendor's own, with its real addresses."""

    def delivered(self, name: str, response: WireResponse, arrived: bool) -> None:
        """Hear whether it left whole."""

    def cut(self, name: str) -> None:
        """Hear that a vendor begins anew, or goes back to what it was."""

    def judgement(self) -> Any:
        """Judge what was seen up to now, and return the verdict as JSON data."""
