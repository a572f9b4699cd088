"""Clients that break one requirement of the rotation family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.harness.miniatures.miniature import Miniature
from refreshproof.harness.tiny_client import TinyClient


class KeepsFirstRefreshToken(TinyClient):
    """Keeps the refresh token of the first login for ever."""

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Prefer the old one."""
        return old or super().kept(old, members)


MINIATURES: Mapping[str, Miniature] = {
    "rotation-replace": Miniature(client=KeepsFirstRefreshToken, also=("rotation-old-never-reused",)),
}
"""Every miniature by the requirement it breaks."""
