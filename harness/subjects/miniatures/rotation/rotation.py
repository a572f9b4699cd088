"""Clients that break one requirement of the rotation family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.harness.subjects.miniatures.able.pairs import TwoPairs
from refreshproof.scenarios.steps.subject import OK, Outcome


class KeepsFirstRefreshToken(TinyClient):
    """Keeps the refresh token of the first login for ever."""

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Prefer the old one."""
        return old or super().kept(old, members)


class SecondCopy(TinyClient):
    """Presents the refresh token of the login when a person asks for a refresh."""

    copy: str | None = None

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Make a copy for the button."""
        self.copy = grant.refresh_token
        super().accept(grant, before)

    def refresh(self) -> Outcome:
        """Refresh with the copy."""
        return self.attempt(lambda: self.renewed(self.known_grant(), self.copy or "none") and OK)


class SavesAfterUse(TinyClient):
    """Writes the new pair only after the call that it was fetched for."""

    unwritten: Grant | None = None

    def start(self) -> None:
        """Lose what was not written."""
        super().start()
        self.unwritten = None

    def save(self, grant: Grant) -> None:
        """Write later."""
        self.unwritten = grant

    def load(self) -> Grant | None:
        """Prefer what was not written yet."""
        return self.unwritten or super().load()

    def call(self) -> Outcome:
        """Use the resource, then write."""
        outcome = super().call()
        self.disk.grant = self.load()
        return outcome


class WritesOneByOne(TinyClient):
    """Writes the access token of an answer with its expiry, and the refresh token after that."""

    def save(self, grant: Grant) -> None:
        """Write twice."""
        before = self.disk.grant
        if before is not None:
            super().save(replace(grant, refresh_token=before.refresh_token))
        super().save(grant)


class SavesBothOrNone(TwoPairs):
    """Stores the new second pair only once the call has gone well that refreshes the first."""

    def call(self) -> Outcome:
        """Go back to the second pair that there was if anything fails."""
        before = self.second.disk.grant
        ended = super().call()
        if ended.kind != "ok":
            self.second.disk.grant = before
        return ended


class TakesAbsentForNone(TinyClient):
    """Overwrites its refresh token with nothing when an answer has no such member."""

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Take what is there."""
        return super().kept(old, members) if "refresh_token" in members else None


class TakesNull(TinyClient):
    """Overwrites its refresh token with null."""

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Take null for a value."""
        return None if members.get("refresh_token", "") is None else super().kept(old, members)


class TakesEmpty(TinyClient):
    """Overwrites its refresh token with an empty text."""

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Test for null only."""
        new = members.get("refresh_token")
        return old if new is None else str(new)


class ReplaysLate(TinyClient):
    """Repeats a refresh whose answer was lost, but not before a quarter of an hour has passed."""

    def attempts(self, grant: Grant) -> int:
        """Send it once."""
        return 1

    def backoff(self, grant: Grant) -> int:
        """Wait long when the answer is unknown."""
        return 900 if grant.unknown else super().backoff(grant)


class LearnsTheMode(TinyClient):
    """Learns from its first refresh whether the vendor rotates, and never looks again."""

    rotates: bool | None = None

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Believe what was learned."""
        new = super().kept(old, members)
        if old is None:
            return new
        if self.rotates is None:
            self.rotates = new != old
        return new if self.rotates else old


class CountsOnRotation(TinyClient):
    """Takes an answer without a refresh token for the end of the old one, once the vendor has rotated."""

    rotated = False

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Believe that a vendor that rotates has nothing left."""
        new = super().kept(old, members)
        if old is not None and new != old:
            self.rotated = True
        return None if self.rotated and new == old and members.get("refresh_token") != old else new


class RetriesThreeTimes(TinyClient):
    """Repeats a refresh without an answer three times, as HTTP libraries do."""

    def attempts(self, grant: Grant) -> int:
        """Send it four times."""
        return 4


class DoubtsAfterRestart(TinyClient):
    """Takes no refusal for final once it has been restarted."""

    lives = 0

    def start(self) -> None:
        """Count lives."""
        super().start()
        self.lives += 1

    def is_dead(self, status: int, error: str) -> bool:
        """Hope on."""
        return self.lives == 1 and super().is_dead(status, error)

    def is_doubtful(self, status: int, document: Mapping[str, Any]) -> bool:
        """Never doubt the grant."""
        return self.lives == 1 and super().is_doubtful(status, document)


MINIATURES: Mapping[str, Miniature] = {
    "rotation-replace": Miniature(
        client=KeepsFirstRefreshToken,
        also=(
            "rotation-old-never-reused",
            "rotation-persist-before-use",
            "rotation-mode-agnostic",
            "accept-success-definition",
            "accept-oddity-keeps-pair",
            "rotation-invalid-grant-reload",
            "concurrency-stale-snapshot",
            "lifecycle-disconnect-revokes",
            "accept-token-type",
        ),
    ),
    "rotation-old-never-reused": Miniature(client=SecondCopy),
    "rotation-persist-before-use": Miniature(
        client=SavesAfterUse,
        also=(
            "rotation-invalid-grant-reload",
            "concurrency-stale-snapshot",
            "lifecycle-disconnect-revokes",
            "expiry-cluster-skew",
        ),
    ),
    "rotation-one-write": Miniature(client=WritesOneByOne),
    "rotation-pairs-apart": Miniature(client=SavesBothOrNone),
    "rotation-keep-when-absent": Miniature(
        client=TakesAbsentForNone,
        also=(
            "refresh-without-user",
            "resource-401-one-retry",
            "lifecycle-inactivity",
            "lifecycle-absolute",
            "lifecycle-disconnect-revokes",
            "accept-expires-missing",
        ),
    ),
    "rotation-keep-when-null": Miniature(
        client=TakesNull,
        also=(
            "refresh-without-user",
            "resource-401-one-retry",
            "lifecycle-disconnect-revokes",
            "accept-expires-missing",
        ),
    ),
    "rotation-keep-when-empty": Miniature(client=TakesEmpty),
    "rotation-keep-though-rotating": Miniature(client=CountsOnRotation),
    "rotation-lost-response-recovers": Miniature(
        client=ReplaysLate,
        also=(
            "rotation-replay-bounded",
            "failure-transient-keeps-grant",
            "failure-invalid-client-is-config",
        ),
    ),
    "rotation-mode-agnostic": Miniature(client=LearnsTheMode),
    "rotation-replay-bounded": Miniature(client=RetriesThreeTimes),
    "rotation-crash-before-save": Miniature(client=DoubtsAfterRestart),
}
"""Every miniature by the requirement it breaks."""
