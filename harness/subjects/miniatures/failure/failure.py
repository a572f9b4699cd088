"""Clients that break one requirement of the failure family each; the docstring says the flaw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.wire import Instant, WireResponse
from refreshproof.scenarios.steps.subject import Outcome, Surroundings

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


class LetsParserRaise(TinyClient):
    """Parses whatever comes with status 200 and lets the parser's error escape."""

    def document(self, response: WireResponse) -> dict[str, Any]:
        """Parse first."""
        if response.status == 200 and response.header("content-type") is not None:
            json.loads(response.body.decode("utf-8-sig"))
        return super().document(response)


class BlamesTheGrant(TinyClient):
    """Takes any 401 of the token endpoint for the end of the grant."""

    def is_dead(self, status: int, error: str) -> bool:
        """Look at the status."""
        return status == 401 or super().is_dead(status, error)


class WaitsForEver(TinyClient):
    """Sets no deadline for a request."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(replace(surroundings, carrier=lambda request, timeout: surroundings.carrier(request, None)))


class RetellsRefusal(TinyClient):
    """Answers callers with the provider's last error, as though that were final, for as long as it waits."""

    last: Outcome | None = None

    def start(self) -> None:
        """Remember nothing."""
        super().start()
        self.last = None

    def note_failure(self, grant: Grant, failure: Failure) -> Failure:
        """Remember what the provider said."""
        noted = super().note_failure(grant, failure)
        self.last = noted.outcome
        return noted

    def renew(self, seen: Grant) -> Grant:
        """Say it again."""
        if self.last is not None and self.last.error and self.now() < self.not_before:
            raise Failure(replace(self.last, kind="permanent_error"))
        return super().renew(seen)


class RetellsOutage(TinyClient):
    """Answers callers with the status of the provider's last outage for as long as it waits."""

    last: Outcome | None = None

    def start(self) -> None:
        """Remember nothing."""
        super().start()
        self.last = None

    def note_failure(self, grant: Grant, failure: Failure) -> Failure:
        """Remember the status, and tell it."""
        noted = super().note_failure(grant, failure)
        outcome = noted.outcome
        if outcome.kind != "transient_error" or outcome.error or (outcome.status or 0) < 500:
            return noted
        self.last = replace(outcome, detail=f"status {outcome.status}")
        return Failure(self.last)

    def renew(self, seen: Grant) -> Grant:
        """Say it again."""
        if self.last is not None and self.now() < self.not_before:
            raise Failure(self.last)
        return super().renew(seen)


MINIATURES: Mapping[str, Miniature] = {
    "failure-terminal-stops": Miniature(
        client=PresentsDeadToken,
        also=(
            "rotation-crash-before-save",
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
            "rotation-crash-before-save",
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
            "failure-not-json",
            "failure-invalid-client-is-config",
            "diagnosis-outcome-classes",
        ),
    ),
    "failure-unrecoverable-after": Miniature(client=HopesForEver),
    "failure-retry-after": Miniature(client=IgnoresRetryAfter),
    "failure-pause-is-told": Miniature(client=RetellsRefusal),
    "failure-outage-pause-is-told": Miniature(client=RetellsOutage),
    "failure-no-loop": Miniature(
        client=OneRequestPerCall,
        also=(
            "rotation-replay-bounded",
            "refresh-valid-token-survives",
            "failure-invalid-client-is-config",
            "failure-retry-after",
            "concurrency-callers-share-outcome",
        ),
    ),
    "failure-not-json": Miniature(
        client=LetsParserRaise,
        also=(
            "failure-unrecoverable-after",
            "failure-invalid-client-is-config",
            "failure-total-deadline",
            "failure-no-loop",
            "diagnosis-outcome-classes",
        ),
    ),
    "failure-invalid-client-is-config": Miniature(client=BlamesTheGrant, also=("diagnosis-outcome-classes",)),
    "failure-total-deadline": Miniature(client=WaitsForEver, also=("rotation-replay-bounded",)),
}
"""Every miniature by the requirement it breaks."""
