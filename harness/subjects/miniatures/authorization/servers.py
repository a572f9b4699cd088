"""Clients that mix up two servers; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from refreshproof.harness.subjects.miniatures.able.flows import TwoServers
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.scenarios.steps.subject import Surroundings


class FindsServerByState(TwoServers):
    """Takes a callback for the server whose login has its state, at whichever redirect URI it arrives."""

    def is_for_second(self, url: str) -> bool:
        """Look at the state only."""
        return parse_qs(urlsplit(url).query).get("state", [""])[0] in self.second.flows


class CachesByClientId(TwoServers):
    """Keeps grants by client id, which is the same at both servers."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.second.disk = self.disk


MINIATURES: Mapping[str, Miniature] = {
    "callback-code-to-right-issuer": Miniature(client=FindsServerByState),
    "security-no-mix-up": Miniature(client=CachesByClientId),
}
"""Every miniature by the requirement it breaks."""
