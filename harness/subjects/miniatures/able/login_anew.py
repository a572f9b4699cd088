"""A correct client that has its user log in anew where a resource wants another login, on which miniatures build."""

from __future__ import annotations

import re
from typing import ClassVar

from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.steps.subject import Capability, Outcome

_NAMED = re.compile(r'\b(acr_values|max_age)="([^"]*)"')


class LogsInAnew(TinyClient):
    """Asks in its next login for what a refusal named, and sends no refresh for it (RFC 9470 s4)."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"logs_in_anew"}

    def start(self) -> None:
        """Want no other login."""
        super().start()
        self.demand: dict[str, str] = {}

    def authorization_parameters(self, flow: Flow) -> dict[str, str]:
        """Add what was wanted."""
        return super().authorization_parameters(flow) | self.demand

    def is_refusal(self, response: WireResponse) -> bool:
        """Leave out what no refresh would mend."""
        return super().is_refusal(response) and not self.wants_login(response)

    def outcome_of(self, response: WireResponse) -> Outcome:
        """Say that the user is needed."""
        if not self.wants_login(response):
            return super().outcome_of(response)
        self.demand = self.demand_of(response)
        return Outcome(kind="reauthorization_required", status=401, error="insufficient_user_authentication")

    def wants_login(self, response: WireResponse) -> bool:
        """Tell whether a resource wants another login."""
        return response.status == 401 and "insufficient_user_authentication" in self.challenge(response)

    def demand_of(self, response: WireResponse) -> dict[str, str]:
        """Return what the login is to ask for."""
        return dict(_NAMED.findall(self.challenge(response)))

    def challenge(self, response: WireResponse) -> str:
        """Return the challenge of an answer."""
        return response.header("www-authenticate") or ""
