"""What carries requests to the server and the user to its pages, as the check sees it: injected, with its clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.mock_servers.wire import Instant, WireRequest


class Carrier(Protocol):
    """Sends requests and lets time pass. No redirect is followed and nothing is repeated."""

    def now(self) -> Instant:
        """Return the time in microseconds."""
        ...

    def wait(self, until: Instant) -> None:
        """Return at an instant or later."""
        ...

    def send(self, request: WireRequest) -> Reply:
        """Send one request; a reply without a response where none came."""
        ...

    def together(self, requests: Sequence[WireRequest]) -> tuple[Reply, ...]:
        """Send requests at the same time."""
        ...


class Login(Protocol):
    """Brings a user through the pages; `fresh_users` says whether it can be another user each time."""

    @property
    def fresh_users(self) -> bool:
        """Whether every name of a user is a user of its own."""
        ...

    def __call__(self, url: str, user: str) -> str:
        """Return the address that the browser was sent back to; raises `TroubleError`."""
        ...
