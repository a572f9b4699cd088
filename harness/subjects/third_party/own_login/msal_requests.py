"""MSAL's ConfidentialClientApplication on requests as a subject: the flow of a web application.

Each call builds an application on the account's serialised token cache and saves the cache if it has changed, as
Microsoft's sample for web applications does; what MSAL remembers of HTTP answers lives as long as the process. MSAL
refreshes 300 seconds before expiry, and leaves the call itself to the application.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from msal import ConfidentialClientApplication, SerializableTokenCache
from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS
from msal.exceptions import MsalServiceError

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.scenarios.steps.subject import Outcome

TOKEN_PATH = "/oauth2/v2.0/token"
"""What stands behind the authority in the address of a token endpoint of the Microsoft identity platform."""


class SignInNeeded(Exception):
    """MSAL has no token and no way to get one: None instead of a result."""


class Refused(Exception):
    """MSAL returned an error instead of a token."""

    def __init__(self, error: str | None) -> None:
        super().__init__(error)
        self.error = error


class Msal(LibraryAdapter):
    """A confidential client with one account."""

    name = "MSAL ConfidentialClientApplication"
    distribution = "msal"
    refusal = Refusal(over=(SignInNeeded,), passing=(requests.RequestException, MsalServiceError), coded=(Refused,))

    @property
    def unsuited(self) -> str | None:
        """MSAL takes an authority, not endpoints."""
        if self.registration.token_endpoint.endswith(TOKEN_PATH):
            return None
        return (
            "MSAL speaks to authorities of the Microsoft identity platform, whose token endpoints end in " + TOKEN_PATH
        )

    def begin(self) -> str:
        """Begin a login; the callback is a redirect, where MSAL would rather have a form."""
        with self._application() as application, warnings.catch_warnings(action="ignore"):
            self.flow = application.initiate_auth_code_flow(
                list(self.registration.scopes),
                redirect_uri=self.registration.redirect_uri,
                **self.registration.authorization_parameters,
            )
        return str(self.flow["auth_uri"])

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code; a callback that MSAL rejects is ignored, as its documentation has it."""
        with self._application() as application:
            try:
                result = application.acquire_token_by_auth_code_flow(dict(flow), dict(parse_qsl(urlsplit(url).query)))
            except ValueError as error:
                raise Refused(None) from error
        _token(result)

    def use(self) -> int:
        """Call the resource with a token from the cache, or with a new one."""
        headers = {"Authorization": f"Bearer {self._silently()}"}
        return requests.get(self.surroundings.resource, headers=headers, timeout=PATIENCE).status_code

    def renew(self) -> None:
        """Refresh whatever the cache has."""
        self._silently(force_refresh=True)

    @property
    def refreshable(self) -> bool:
        """Whether the cache holds a refresh token."""
        return bool((self.stored or {}).get("refreshable"))

    def outcome_of_error(self, error: Exception) -> Outcome | None:
        """Return what an exception means; of an outage MSAL says the status, and nothing else."""
        outcome = super().outcome_of_error(error)
        return replace(outcome, detail=str(error)) if outcome and isinstance(error, MsalServiceError) else outcome

    def _silently(self, **options: Any) -> str:
        """Return an access token got without the user: by the call that tells errors, which MSAL's other one hides."""
        with self._application() as application:
            account = next(iter(application.get_accounts()), None)
            result = application.acquire_token_silent_with_error(list(self.registration.scopes), account, **options)
        return _token(result)

    @contextmanager
    def _application(self) -> Iterator[ConfidentialClientApplication]:
        cache = SerializableTokenCache()
        cache.deserialize((self.stored or {}).get("cache"))
        self.session = {} if self.session is None else self.session
        authority = self.registration.token_endpoint.removesuffix(TOKEN_PATH)
        yield ConfidentialClientApplication(
            self.registration.client_id,
            client_credential=self.registration.client_secret,
            authority=authority,
            instance_discovery=urlsplit(authority).hostname
            in WELL_KNOWN_AUTHORITY_HOSTS,  # asked about other hosts Microsoft says no
            token_cache=cache,
            http_cache=self.session,
            timeout=PATIENCE,
        )
        if cache.has_state_changed:
            known = any(cache.search(cache.CredentialType.REFRESH_TOKEN))
            self.keep({"cache": cache.serialize(), "refreshable": known})


def _token(result: dict[str, Any] | None) -> str:
    if result is None:
        raise SignInNeeded
    if "access_token" not in result:
        raise Refused(result.get("error"))
    return str(result["access_token"])
