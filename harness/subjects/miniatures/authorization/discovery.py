"""Clients that break one requirement on discovery each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.harness.subjects.miniatures.able.discovery import Discovers, well_known
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature


class GuessesTheDocument(Discovers):
    """Looks for the resource's document at the well-known place, whatever the refusal says."""

    def place(self, resource: str, told: Mapping[str, str]) -> str:
        """Build the address."""
        return well_known(resource, "oauth-protected-resource")


class BelievesAnyResource(Discovers):
    """Uses a document whatever resource it is about."""

    def is_of_resource(self, document: Mapping[str, Any]) -> bool:
        """Compare nothing."""
        return True


class BelievesAnyIssuer(Discovers):
    """Uses metadata whoever's they say they are."""

    def is_of_issuer(self, metadata: Mapping[str, Any], issuer: str) -> bool:
        """Compare nothing."""
        return True


class RegistersOnce(Discovers):
    """Keeps its registration by the resource, and shows it to whatever server that names."""

    def key(self, metadata: Mapping[str, Any]) -> str:
        """Return the same for all servers."""
        return self.surroundings.resource


MINIATURES: Mapping[str, Miniature] = {
    "discovery-from-refusal": Miniature(client=GuessesTheDocument),
    "discovery-resource-matches": Miniature(client=BelievesAnyResource),
    "security-metadata-issuer": Miniature(client=BelievesAnyIssuer),
    "security-credentials-by-issuer": Miniature(client=RegistersOnce),
}
"""Every miniature by the requirement it breaks."""
