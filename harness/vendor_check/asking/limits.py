"""How much may be asked, how fast, and of whom."""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.harness.vendor_check.asking.trouble import StopError
from refreshproof.mock_servers.wire import SECOND, Instant, WireRequest


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Most requests in all, logins among them; most a second; whether grants may be ended on purpose."""

    requests: int = 500
    rate: float = 5.0
    burn_grants: bool = False


class Meter:
    """Counts what is sent, and says when the next request may leave; `origins` are those that were named."""

    def __init__(self, limits: Limits, origins: frozenset[str] = frozenset()) -> None:
        self._limits = limits
        self.origins = origins
        self.sent = 0
        self.logins = 0
        self._next: Instant = 0

    def admit(self, request: WireRequest) -> None:
        """Refuse a request to somebody who was not named; raises `StopError`."""
        if request.origin not in self.origins:
            raise StopError(f"{request.origin} was not named; requests go to {', '.join(sorted(self.origins))}")

    def count(self, many: int = 1, *, login: bool = False) -> None:
        """Count requests before they leave; raises `StopError` where there are too many."""
        if self.sent + many > self._limits.requests:
            raise StopError(f"the {self._limits.requests} requests that --max-requests allows are used up")
        self.sent += many
        self.logins += login

    def due(self, now: Instant, many: int = 1) -> Instant:
        """Return when the next requests may leave, and book their places."""
        start = max(now, self._next)
        self._next = start + round(many * SECOND / self._limits.rate)
        return start
