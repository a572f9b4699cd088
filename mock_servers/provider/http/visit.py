"""What a view is given: one request on its way through a provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.http.routes import Route
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import Instant, WireResponse


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request on its way through a provider."""

    profile: Profile
    state: State
    sighting: Sighting
    route: Route
    entry: LedgerEntry
    now: Instant


View = Callable[[Visit], WireResponse]
"""An endpoint's answer: a response, or `Refused`."""
