"""Clients that break one requirement of the concurrency family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature

WAITING = "Waiting after a failure."
"""What the small client says of a pause."""


class NoLock(TinyClient):
    """Lets every caller refresh for itself."""

    def start(self) -> None:
        """Begin without a lock."""
        super().start()
        self.lock = nullcontext()


class QueuesForRefresh(TinyClient):
    """Lets waiting callers repeat in turn a refresh that has just failed."""

    def renew(self, seen: Grant) -> Grant:
        """Take a pause that began while it waited for none."""
        before = self.failures
        try:
            return super().renew(seen)
        except Failure as failure:
            if failure.outcome.detail != WAITING or self.failures == before:
                raise
            self.not_before = 0
            return super().renew(seen)


MINIATURES: Mapping[str, Miniature] = {
    "concurrency-single-flight": Miniature(
        client=NoLock,
        also=(
            "concurrency-callers-share-outcome",
            "concurrency-processes",
            "concurrency-lock-lifetime",
            "lifecycle-reconsent-replaces",
            "lifecycle-disconnect-revokes",
        ),
    ),
    "concurrency-callers-share-outcome": Miniature(client=QueuesForRefresh),
}
"""Every miniature by the requirement it breaks."""
