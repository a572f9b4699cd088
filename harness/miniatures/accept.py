"""Clients that break one requirement of the accept family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.harness.miniatures.able import MinimumLifetime
from refreshproof.harness.miniatures.miniature import Miniature
from refreshproof.harness.tiny_answers import Failure, Grant
from refreshproof.harness.tiny_client import TinyClient
from refreshproof.mock_servers.wire import DAY, WireResponse
from refreshproof.scenarios.subject import Outcome


class StoresAnything(TinyClient):
    """Stores any JSON that arrives."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Take a JSON object for a success."""
        document = self.document(response)
        return {"access_token": None, **document} if document else super().members(response)


class AcceptsShortLives(MinimumLifetime):
    """Accepts every access token and dies an hour later."""

    def too_short(self, grant: Grant) -> bool:
        """Never mind."""
        return False


class InsistsOnRefreshToken(MinimumLifetime):
    """Insists on a refresh token always."""

    def too_short(self, grant: Grant) -> bool:
        """Look at nothing but the refresh token."""
        return grant.refresh_token is None


class DropsGrantAfterThirtyDays(TinyClient):
    """Drops a live grant on day 30."""

    def known_grant(self) -> Grant:
        """Take the assumed expiry for a fact."""
        grant = super().known_grant()
        if self.now() >= grant.obtained_at + 30 * DAY:
            raise Failure(Outcome(kind="reauthorization_required", detail="The refresh token has expired."))
        return grant


class RaisesOnStringLifetime(TinyClient):
    """Raises on a string expires_in after the server has committed."""

    def lifetime(self, members: Mapping[str, Any]) -> int | None:
        """Calculate with whatever is there."""
        if isinstance(members.get("expires_in"), str):
            raise TypeError("expires_in is not a number")
        return super().lifetime(members)


MINIATURES: Mapping[str, Miniature] = {
    "accept-success-definition": Miniature(client=StoresAnything),
    "accept-short-without-rt": Miniature(client=AcceptsShortLives),
    "accept-long-or-refreshable": Miniature(client=InsistsOnRefreshToken),
    "accept-rt-lifetime-recorded": Miniature(client=DropsGrantAfterThirtyDays),
    "accept-oddity-keeps-pair": Miniature(client=RaisesOnStringLifetime),
}
"""Every miniature by the requirement it breaks."""
