"""Clients that work alone but not beside another process on the same store; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.clocks.clock import Clock
from refreshproof.scenarios.steps.subject import Outcome


class ReadsOnce(TinyClient):
    """Reads the store once, and when its view is refused writes that over what another process has stored."""

    view: Grant | None = None

    def start(self) -> None:
        """Know nothing yet."""
        super().start()
        self.view = None

    def load(self) -> Grant | None:
        """Read at the first use."""
        self.view = self.view or super().load()
        return self.view

    def save(self, grant: Grant) -> None:
        """Write through."""
        self.view = grant
        super().save(grant)

    def disconnect(self) -> Outcome:
        """Forget the view too."""
        outcome = super().disconnect()
        self.view = None
        return outcome


class PresentsCopyFirst(TinyClient):
    """Presents the refresh token that it read last, and the stored one only when that is refused."""

    copy: str | None = None

    def start(self) -> None:
        """Know nothing yet."""
        super().start()
        self.copy = None

    def save(self, grant: Grant) -> None:
        """Copy what is written."""
        self.copy = grant.refresh_token
        super().save(grant)

    def newest(self) -> Grant:
        """Copy what is read first."""
        grant = super().newest()
        self.copy = self.copy or grant.refresh_token
        return grant

    def renewed(self, grant: Grant, refresh_token: str) -> Grant:
        """Try the copy."""
        copy = self.copy or refresh_token
        try:
            return super().renewed(grant, copy)
        except Failure:
            if copy == refresh_token:
                raise
            return super().renewed(grant, refresh_token)


class LockOfItsOwn(TinyClient):
    """Has a lock that other processes do not see."""

    def start(self) -> None:
        """Begin with a new lock."""
        super().start()
        self.lock = self.surroundings.make_lock()


class ShortLease(AbstractContextManager[None]):
    """A lock that is taken for abandoned after ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.taken_at: Instant | None = None

    def __enter__(self) -> None:
        while self.taken_at is not None and self.clock.now() - self.taken_at < 10 * SECOND:
            self.clock.sleep(1)
        self.taken_at = self.clock.now()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.taken_at = None


class LockExpires(TinyClient):
    """Takes the lock of another caller for abandoned after ten seconds."""

    def start(self) -> None:
        """Put the lease in the place of the lock."""
        if not isinstance(self.disk.lock, ShortLease):
            self.disk.lock = ShortLease(self.surroundings.clock)
        super().start()


class RefreshesOnEvery401(TinyClient):
    """Refreshes whatever is stored when its own copy of the access token is refused."""

    copy: Grant | None = None

    def save(self, grant: Grant) -> None:
        """Drop the copy."""
        self.copy = None
        super().save(grant)

    def call_with_newest(self) -> Outcome:
        """Use the copy while it should live."""
        copied = self.copy if self.load() is not None else None
        grant = self.newest() if copied is None or self.due(copied) else copied
        response = self.get(grant)
        if response.status == 401 and self.now() >= self.hopeless_until:
            grant = self.renew(self.known_grant())
            response = self.get(grant)
            self.note_second_answer(response)
        self.copy = grant if grant == self.load() else None
        return self.outcome_of(response)


MINIATURES: Mapping[str, Miniature] = {
    "rotation-invalid-grant-reload": Miniature(
        client=ReadsOnce,
        also=(
            "concurrency-processes",
            "concurrency-stale-snapshot",
            "concurrency-no-ping-pong",
            "expiry-cluster-skew",
            "resource-newest-token",
        ),
    ),
    "concurrency-processes": Miniature(client=LockOfItsOwn, also=("concurrency-lock-lifetime",)),
    "concurrency-stale-snapshot": Miniature(client=PresentsCopyFirst, also=("rotation-invalid-grant-reload",)),
    "concurrency-lock-lifetime": Miniature(
        client=LockExpires, also=("concurrency-single-flight", "concurrency-callers-share-outcome")
    ),
    "concurrency-no-ping-pong": Miniature(client=RefreshesOnEvery401, also=("resource-newest-token",)),
}
"""Every miniature by the requirement it breaks."""
