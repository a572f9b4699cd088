"""The base for a library that leaves the login to the application, and the call of the resource as well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.library.login import ApplicationLogin
from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.mock_servers.wire import WireRequest
from refreshproof.scenarios.steps.subject import Surroundings


class ApplicationAdapter(LibraryAdapter):
    """A library in an application. Write `finish`, `use` and `renew`; `self.login` takes the callback, by `redeem` or
    by `code_of`, and `get` calls the resource."""

    refusal = Refusal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.login = ApplicationLogin(replace(surroundings, carrier=self.carry))

    def begin(self) -> str:
        """Begin a login."""
        self.flow = self.login
        return self.login.begin()

    def finish(self, url: str, flow: Any) -> Any:
        """Exchange the code and store the answer."""
        self.keep(self.login.redeem(url))

    def get(self, access_token: str, *, on_behalf: bool = False) -> int:
        """Call the resource, perhaps for a client that hands out tokens and never calls; returns the status."""
        headers = (("Authorization", f"Bearer {access_token}"), ("Accept", "application/json"))
        request = WireRequest(method="GET", url=self.surroundings.resource, headers=headers, on_behalf=on_behalf)
        return self.carry(request, PATIENCE).status
