"""Clients that break one requirement of the resource family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.steps.subject import Outcome


class SendsTokenTwice(TinyClient):
    """Adds access_token to the query as well."""

    def get(self, grant: Grant) -> WireResponse:
        """Send the token in the header and in the URL."""
        address = self.surroundings.resource.partition("?")[0]
        self.surroundings = replace(self.surroundings, resource=f"{address}?access_token={grant.access_token}")
        return super().get(grant)


class TakesRefusalForFinal(TinyClient):
    """Takes a 401 for final."""

    def call_with_newest(self) -> Outcome:
        """Call once."""
        return self.outcome_of(self.get(self.newest()))


class RefreshesUntilItWorks(TinyClient):
    """Refreshes and retries as long as the resource answers 401."""

    def call_with_newest(self) -> Outcome:
        """Go on for ten rounds."""
        grant = self.newest()
        response = self.get(grant)
        for _ in range(10):
            if response.status == 401:
                grant = self.renew(grant)
                response = self.get(grant)
        return self.outcome_of(response)


class RefreshesOnForbidden(TinyClient):
    """Refreshes on 403, as if a new access token had more scope."""

    def get(self, grant: Grant) -> WireResponse:
        """Take a 403 for a 401."""
        response = super().get(grant)
        return replace(response, status=401) if response.status == 403 else response


class UsesTokenReadBefore(TinyClient):
    """Uses the token object that it read before the refresh."""

    def newest(self) -> Grant:
        """Refresh, and return the old one."""
        grant = self.known_grant()
        super().newest()
        return grant


MINIATURES: Mapping[str, Miniature] = {
    "resource-bearer-header-once": Miniature(client=SendsTokenTwice, also=("security-no-secret-in-url",)),
    "resource-401-one-retry": Miniature(
        client=TakesRefusalForFinal, also=("accept-expires-missing", "accept-expires-odd", "expiry-clock-step")
    ),
    "resource-401-persistent-stops": Miniature(client=RefreshesUntilItWorks, also=("resource-403-scope",)),
    "resource-403-scope": Miniature(client=RefreshesOnForbidden),
    "resource-newest-token": Miniature(
        client=UsesTokenReadBefore,
        also=(
            "expiry-cluster-skew",
            "expiry-never-present-expired",
            "expiry-clock-step",
            "expiry-leg-delays",
            "expiry-lead-boundary",
            "expiry-recomputed",
        ),
    ),
}
"""Every miniature by the requirement it breaks."""
