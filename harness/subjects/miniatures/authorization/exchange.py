"""Clients that break one requirement of the exchange family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import WireResponse


class SendsCurrentPage(TinyClient):
    """Sends the address of the current page as redirect_uri of the exchange."""

    def exchange_form(self, code: str, flow: Flow) -> dict[str, str]:
        """Take the address with its query."""
        return super().exchange_form(code, flow) | {"redirect_uri": f"{self.redirect_uri()}?code={code}"}


class AuthenticatesTwice(TinyClient):
    """Sends its secret in the header and in the body at once."""

    def authenticated(self, form: dict[str, str]) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
        """Do both."""
        headers, fields = super().authenticated(form)
        return (*headers, ("Authorization", self.basic())), {
            **fields, "client_id": self.registration.client_id, "client_secret": self.registration.client_secret or ""
        }  # fmt: skip


class RetriesExchanges(TinyClient):
    """Sends a code exchange again when it is answered 5xx or not at all."""

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Try twice."""
        if form.get("grant_type") != "authorization_code":
            return super().post(url, form)
        try:
            response = super().post(url, form)
        except Trouble:
            return super().post(url, form)
        return super().post(url, form) if response.status >= 500 else response


MINIATURES: Mapping[str, Miniature] = {
    "exchange-request-shape": Miniature(client=SendsCurrentPage),
    "exchange-client-auth": Miniature(client=AuthenticatesTwice),
    "exchange-code-sent-once": Miniature(client=RetriesExchanges),
}
"""Every miniature by the requirement it breaks."""
