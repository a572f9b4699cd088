"""databricks-sdk's SessionCredentials at whatever vendor has the token endpoint, with the login of its OAuthClient.

As the SDK's example of a web application has it (https://github.com/databricks/databricks-sdk-py, `examples/`, seen
2026-11-30): a consent, whose callback gives the credentials, and their `as_dict()` as what is kept. They refresh 40
seconds before expiry, which is kept as naive local time, under a lock. The endpoints are the vendor's, for the SDK's
own are found from a Databricks host; what the vendor wants in the authorization request besides is appended.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from databricks.sdk.oauth import OAuthClient, OidcEndpoints, SessionCredentials, Token

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.scenarios.steps.subject import Outcome

NO_REFRESH_TOKEN = "oauth2: token expired and refresh token is not set"
"""The words by which the SDK says that the user has to log in again."""


class Databricks(LibraryAdapter):
    """Credentials that all callers of a process share."""

    name = "databricks-sdk SessionCredentials"
    distribution = "databricks-sdk"
    refusal = Refusal(passing=(requests.RequestException,), coded=(ValueError, NotImplementedError))

    def begin(self) -> str:
        """Begin a login, always with PKCE."""
        chosen = self.registration
        endpoints = OidcEndpoints(chosen.authorization_endpoint, chosen.token_endpoint)
        client = OAuthClient(
            endpoints, chosen.redirect_uri, chosen.client_id, scopes=self.scopes, client_secret=chosen.client_secret
        )
        self.flow = client.initiate_consent()
        besides = urlencode(chosen.authorization_parameters)
        return f"{self.flow.authorization_url}&{besides}" if besides else str(self.flow.authorization_url)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code."""
        self._take(flow.exchange_callback_parameters(dict(parse_qsl(urlsplit(url).query))))

    def use(self) -> int:
        """Call the resource with the headers that the credentials give, which refresh before it if it is time."""
        if self.session is None:
            stored, chosen = self.stored or {}, self.registration
            self.session = SessionCredentials.from_dict(
                stored, chosen.token_endpoint, chosen.client_id, chosen.client_secret, chosen.redirect_uri
            )
        headers = self.session()()
        self.keep(self.session.as_dict())
        return requests.get(self.surroundings.resource, headers=headers, timeout=PATIENCE).status_code

    def renew(self) -> None:
        """Refresh by the credentials' own method, which hands the token over, and begin anew with that."""
        chosen, token = self.registration, Token.from_dict((self.stored or {})["token"])
        options = (chosen.token_endpoint, chosen.client_id, chosen.client_secret, chosen.redirect_uri)
        self._take(SessionCredentials(SessionCredentials(token, *options).refresh(), *options))

    @property
    def refreshable(self) -> bool:
        """Whether a refresh token is stored."""
        return bool((self.stored or {}).get("token", {}).get("refresh_token"))

    def code(self, error: Exception) -> str | None:
        """Return the code with which the text of an exception begins."""
        code = str(error).partition(":")[0]
        return code if code.isidentifier() and code != "oauth2" else None

    def outcome_of_error(self, error: Exception) -> Outcome | None:
        """Read the SDK's own words for a login that is needed."""
        if str(error) == NO_REFRESH_TOKEN:
            return Outcome(kind="reauthorization_required", detail=type(error).__name__)
        return super().outcome_of_error(error)

    def _take(self, credentials: Any) -> None:
        self.session = credentials
        self.keep(credentials.as_dict())
