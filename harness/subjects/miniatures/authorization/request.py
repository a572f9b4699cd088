"""Clients that break one requirement of the authorization family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.scenarios.steps.subject import Outcome


class AddsTrailingSlash(TinyClient):
    """Appends a slash to its redirect URI."""

    def redirect_uri(self) -> str:
        """Add the slash."""
        return f"{super().redirect_uri()}/"


class ForgetsPromptAtGoogle(TinyClient):
    """Sends access_type=offline without prompt=consent."""

    def authorization_parameters(self, flow: Flow) -> dict[str, str]:
        """Leave the prompt out."""
        parameters = super().authorization_parameters(flow)
        if "access_type" in parameters:
            del parameters["prompt"]
        return parameters


class SendsOfflineToEveryone(TinyClient):
    """Sends Google's access_type=offline to every server."""

    def offline_parameters(self) -> Mapping[str, str]:
        """Add Google's parameter."""
        return {**super().offline_parameters(), "access_type": "offline"}


class ForgetsOfflineScope(TinyClient):
    """Adds no offline_access to the scopes of the authorization request."""

    def scopes(self) -> tuple[str, ...]:
        """Take the scopes as they are."""
        return self.registration.scopes


class PromisesToRefresh(TinyClient):
    """Leaves offline_access out and calls the grant refreshable."""

    def scopes(self) -> tuple[str, ...]:
        """Leave the scope out where the type does not add it."""
        dropped = "offline_access" if self.registration.provider_type == "GENERIC" else None
        return tuple(scope for scope in super().scopes() if scope != dropped)

    def exchange(self, code: str, flow: Flow) -> Outcome:
        """Promise what cannot be kept."""
        return replace(super().exchange(code, flow), refreshable=True)


class CountsFlows(TinyClient):
    """Uses the number of the flow as its state."""

    def new_state(self) -> str:
        """Count."""
        self.count = getattr(self, "count", 0) + 1
        return f"{self.count:032d}"


class OneVerifier(TinyClient):
    """Uses one PKCE verifier for the lifetime of the process."""

    def new_verifier(self) -> str:
        """Return the same value for every flow."""
        return "one-verifier-for-every-flow-0123456789-0123456789"


class AsksForOpenid(TinyClient):
    """Asks for the scope openid although nobody configured it."""

    def scopes(self) -> tuple[str, ...]:
        """Add the scope."""
        return (*super().scopes(), "openid")


_NO_REFRESH_TOKEN = ("expiry-clock-step", "resource-401-one-retry", "accept-expires-missing", "accept-expires-odd")
"""What a client cannot keep to that never gets a refresh token."""

MINIATURES: Mapping[str, Miniature] = {
    "authz-code-request": Miniature(client=AddsTrailingSlash),
    "authz-google-offline": Miniature(client=ForgetsPromptAtGoogle),
    "authz-generic-defaults": Miniature(client=SendsOfflineToEveryone),
    "authz-microsoft-offline": Miniature(client=ForgetsOfflineScope, also=_NO_REFRESH_TOKEN),
    "authz-atlassian-params": Miniature(
        client=PromisesToRefresh, also=("authz-scope-as-configured", "diagnosis-missing-rt-advice", *_NO_REFRESH_TOKEN)
    ),
    "authz-state-unguessable": Miniature(client=CountsFlows),
    "authz-pkce-s256": Miniature(client=OneVerifier),
    "authz-scope-as-configured": Miniature(client=AsksForOpenid),
}
"""Every miniature by the requirement it breaks."""
