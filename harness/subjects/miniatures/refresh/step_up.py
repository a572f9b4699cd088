"""Clients that break one requirement on scopes, logins or resources of a refresh each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.login_anew import LogsInAnew
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.harness.subjects.miniatures.able.step_up import StepsUp
from refreshproof.mock_servers.wire import WireResponse


class RefreshesForNoResource(TinyClient):
    """Names the resource in a login and not in a refresh."""

    def besides(self, form: Mapping[str, str]) -> Mapping[str, str]:
        """Send nothing besides with a refresh."""
        return {} if form["grant_type"] == "refresh_token" else super().besides(form)


class AsksForTheMissingScopeAlone(StepsUp):
    """Asks for the scope that is missing now, in place of those of before."""

    def scopes(self) -> tuple[str, ...]:
        """Leave the others out."""
        return self.wanted or super().scopes()

    def united(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Forget what was missing before."""
        return missing


class NeverGivesUpAScope(StepsUp):
    """Sends the user to consent for a scope as often as it is refused."""

    def given_up(self) -> bool:
        """Never."""
        return False


class LogsInAsBefore(LogsInAnew):
    """Has the user log in for another login, and asks for the same as ever."""

    def demand_of(self, response: WireResponse) -> dict[str, str]:
        """Ask for nothing."""
        return {}


class RefreshesForALogin(LogsInAnew):
    """Refreshes before it looks what the refusal wants."""

    def is_refusal(self, response: WireResponse) -> bool:
        """Take every 401 for the end of the access token, and remember what it wanted."""
        self.demand = self.demand_of(response) if self.wants_login(response) else self.demand
        return TinyClient.is_refusal(self, response)


MINIATURES: Mapping[str, Miniature] = {
    "refresh-names-resource": Miniature(client=RefreshesForNoResource),
    "resource-step-up-union": Miniature(client=AsksForTheMissingScopeAlone),
    "resource-step-up-bounded": Miniature(client=NeverGivesUpAScope),
    "resource-login-as-wanted": Miniature(client=LogsInAsBefore),
    "resource-login-not-refresh": Miniature(client=RefreshesForALogin),
}
"""Every miniature by the requirement it breaks."""
