"""Clients that break one requirement of the failure family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.harness.miniatures.miniature import Miniature
from refreshproof.harness.tiny_answers import Failure, Grant
from refreshproof.harness.tiny_client import TinyClient
from refreshproof.mock_servers.wire import Instant, WireResponse
from refreshproof.scenarios.subject import Outcome

REAUTHORIZE = Outcome(kind="reauthorization_required")


class PresentsDeadToken(TinyClient):
    """Presents a refused refresh token again whenever it is called."""

    def known_grant(self) -> Grant:
        """Take a dead grant for a live one."""
        grant = self.load()
        if grant is None:
            raise Failure(REAUTHORIZE)
        return grant


class KnowsOneForm(TinyClient):
    """Knows a dead grant only by status 400 with invalid_grant."""

    def is_dead(self, status: int, error: str) -> bool:
        """Compare both."""
        return (status, error) == (400, "invalid_grant")

    def is_doubtful(self, status: int, document: Mapping[str, Any]) -> bool:
        """Never doubt."""
        return False


class LogsOutOnAnyFailure(TinyClient):
    """Gives the grant up when a refresh fails, whatever the reason."""

    def is_lost(self, grant: Grant) -> bool:
        """Hope for nothing."""
        return True


class HopesForEver(TinyClient):
    """Tries a failing grant again for ever."""

    def is_lost(self, grant: Grant) -> bool:
        """Doubt refusals, never time."""
        return grant.doubts > 4


class IgnoresRetryAfter(TinyClient):
    """Does not read Retry-After and tries again after half a minute or so."""

    def pause(self, response: WireResponse) -> Instant:
        """Ask for no pause."""
        return 0


class OneRequestPerCall(TinyClient):
    """Sends a refresh with every call while refreshing fails."""

    def backoff(self, grant: Grant) -> int:
        """Never wait."""
        return 0


MINIATURES: Mapping[str, Miniature] = {
    "failure-terminal-stops": Miniature(
        client=PresentsDeadToken,
        also=(
            "failure-unrecoverable-after",
            "failure-no-loop",
            "concurrency-callers-share-outcome",
            "lifecycle-inactivity",
            "lifecycle-absolute",
            "lifecycle-eviction",
            "lifecycle-revoked-or-password",
        ),
    ),
    "failure-vendor-forms": Miniature(
        client=KnowsOneForm,
        also=(
            "failure-terminal-stops",
            "failure-no-loop",
            "concurrency-callers-share-outcome",
            "lifecycle-inactivity",
            "lifecycle-absolute",
            "lifecycle-revoked-or-password",
            "diagnosis-outcome-classes",
        ),
    ),
    "failure-transient-keeps-grant": Miniature(
        client=LogsOutOnAnyFailure,
        also=(
            "refresh-without-user",
            "refresh-valid-token-survives",
            "failure-unrecoverable-after",
            "diagnosis-outcome-classes",
        ),
    ),
    "failure-unrecoverable-after": Miniature(client=HopesForEver),
    "failure-retry-after": Miniature(client=IgnoresRetryAfter),
    "failure-no-loop": Miniature(
        client=OneRequestPerCall,
        also=(
            "refresh-valid-token-survives",
            "failure-retry-after",
            "concurrency-callers-share-outcome",
        ),
    ),
}
"""Every miniature by the requirement it breaks."""
