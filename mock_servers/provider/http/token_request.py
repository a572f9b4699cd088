"""A token request as one value, which the grants and what they issue are functions of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRequest:
    """What a client that has authenticated itself asks for, of whom, and when.

    `profile` is the vendor as it is for this grant, `values` the parameters of the request, `entry` its line in the
    ledger, `header` gives what came with it by name.
    """

    profile: Profile = field(repr=False)
    state: State = field(repr=False)
    application: Application
    values: Mapping[str, str] = field(repr=False)
    entry: LedgerEntry
    now: Instant
    header: Callable[[str], str | None] = field(default=lambda name: None, repr=False)

    def required(self, name: str, otherwise: Cause = Cause.MISSING_PARAMETER) -> str:
        """Return a parameter that must be there; raises `Refused` where it is not."""
        if name not in self.values:
            raise Refused(otherwise, parameter=name, expected=name, found="none")
        return self.values[name]

    def under(self, profile: Profile) -> TokenRequest:
        """Return the request as it is under another profile."""
        return replace(self, profile=profile)
