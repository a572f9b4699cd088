"""Clients that break one requirement on proofs of possession each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.harness.subjects.miniatures.able.proofs import Proves


class NewKeyForEachProcess(Proves):
    """Keeps its key in memory and makes another one after a restart."""

    def start(self) -> None:
        """Lose it."""
        super().start()
        self.disk.key = None


class KeepsTheFirstNonce(Proves):
    """Goes on with the first nonce that it was told, whatever comes after it."""

    def nonce_after(self, told: str) -> str:
        """Keep the first."""
        return self.nonce or told


MINIATURES: Mapping[str, Miniature] = {
    "refresh-proof-key-kept": Miniature(client=NewKeyForEachProcess),
    "refresh-proof-newest-nonce": Miniature(client=KeepsTheFirstNonce),
}
"""Every miniature by the requirement it breaks."""
