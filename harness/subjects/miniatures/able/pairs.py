"""A correct client that keeps two pairs of tokens, on which miniatures that claim it build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.steps.subject import OK, Capability, Outcome, Surroundings

SECOND = "authed_user"
"""The member that holds the second pair, as Slack names it."""


class TwoPairs(TinyClient):
    """Keeps a second pair of tokens beside the first, which it calls with, and refreshes each by itself."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"two_pairs"}

    def __init__(self, surroundings: Surroundings) -> None:
        self.second = TinyClient(surroundings)
        super().__init__(surroundings)

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Take the second pair from the answer that holds it."""
        first = super().merged(old, members, sent_at)
        if old is None:
            pair = members.get(SECOND)
            self.second.disk.grant = super().merged(None, pair, sent_at) if isinstance(pair, dict) else None
        return first

    def call(self) -> Outcome:
        """Refresh the second pair if that is due, and use the first; each is stored when it comes."""
        if self.second.disk.grant is not None:
            self.attempt(lambda: self.second.newest() and OK)
        return super().call()

    def restart(self) -> None:
        """Lose everything but the disks."""
        super().restart()
        self.second.restart()
