"""Clients that break one requirement of the accept family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.able import MinimumLifetime
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.wire import DAY, Instant, WireResponse
from refreshproof.scenarios.steps.subject import Outcome


class StoresAnything(TinyClient):
    """Stores any JSON that arrives with a 2xx status."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Take a JSON object for a success."""
        document = self.document(response)
        stored = response.status // 100 == 2 and document
        return {"access_token": None, **document} if stored else super().members(response)


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


class UnknownLifetimeIsForEver(TinyClient):
    """Without expires_in never refreshes and takes a 401 for final."""

    def call_with_newest(self) -> Outcome:
        """Trust a token of unknown lifetime for ever."""
        grant = self.newest()
        return super().call_with_newest() if grant.lifetime is not None else self.outcome_of(self.get(grant))


class ZeroIsExpired(TinyClient):
    """Reads expires_in 0 as already expired and refreshes every time."""

    def lifetime(self, members: Mapping[str, Any]) -> int | None:
        """Take 0 at its word."""
        return 0 if members.get("expires_in") == 0 else super().lifetime(members)


class OverflowsLifetime(TinyClient):
    """Keeps the lifetime in 32 bits: a token that lives for 68 years is born expired."""

    def lifetime(self, members: Mapping[str, Any]) -> int | None:
        """Cut off what does not fit, with the sign."""
        value = super().lifetime(members)
        return None if value is None else (value + 2**31) % 2**32 - 2**31


class EchoesTokenType(TinyClient):
    """Echoes token_type as the scheme of the Authorization header."""

    def scheme(self, grant: Grant) -> str:
        """Send what came."""
        return str(grant.token_type)


class ComparesScopeStrings(TinyClient):
    """Raises when the granted scope is not the requested string."""

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Compare before anything is stored."""
        told = members.get("scope")
        if old is None and told is not None and set(str(told).split()) - set(self.scopes()):
            raise ValueError("scope has changed")
        return super().merged(old, members, sent_at)


class CutsRefreshTokens(TinyClient):
    """Keeps refresh tokens in a column of 4,000 characters."""

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Cut off what does not fit."""
        value = super().kept(old, members)
        return None if value is None else value[:4000]


MINIATURES: Mapping[str, Miniature] = {
    "accept-success-definition": Miniature(
        client=StoresAnything,
        also=(
            "accept-expires-missing",
            "accept-tolerates-unknown",
            "failure-no-loop",
            "failure-vendor-forms",
            "lifecycle-reconsent-replaces",
        ),
    ),
    "accept-short-without-rt": Miniature(client=AcceptsShortLives, also=("diagnosis-short-lifetime-message",)),
    "accept-long-or-refreshable": Miniature(client=InsistsOnRefreshToken),
    "accept-rt-lifetime-recorded": Miniature(
        client=DropsGrantAfterThirtyDays,
        also=(
            "lifecycle-absolute",
            "lifecycle-inactivity",
        ),
    ),
    "accept-expires-missing": Miniature(client=UnknownLifetimeIsForEver, also=("accept-expires-odd",)),
    "accept-expires-zero": Miniature(client=ZeroIsExpired),
    "accept-expires-odd": Miniature(client=OverflowsLifetime),
    "accept-token-type": Miniature(client=EchoesTokenType),
    "accept-scope-as-set": Miniature(client=ComparesScopeStrings),
    "accept-tolerates-unknown": Miniature(client=CutsRefreshTokens),
    "accept-oddity-keeps-pair": Miniature(client=RaisesOnStringLifetime, also=("accept-expires-odd",)),
}
"""Every miniature by the requirement it breaks."""
