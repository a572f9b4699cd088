"""requests-auth's OAuth2AuthorizationCode as a subject, with the login of the application in place of its browser.

As https://colin-b.github.io/requests_auth/ shows it (its package's description, seen 2026-11-30): an authentication on
a request, with a token cache that every process loads from where it was saved. It refreshes 30 seconds before expiry,
and where that fails it opens a browser for a new login; here it says that one is needed.
"""

from __future__ import annotations

import requests
from requests_auth import OAuth2, OAuth2AuthorizationCode, TokenMemoryCache

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE
from refreshproof.harness.subjects.third_party.application_login.token_cache import (
    Saved,
    SignInNeeded,
    TokenCacheAdapter,
    WithoutBrowser,
)


class Authentication(WithoutBrowser, OAuth2AuthorizationCode):  # type: ignore[misc]
    """The library's, without its browser."""


class Cache(Saved, TokenMemoryCache):  # type: ignore[misc]
    """The library's, saved."""


class RequestsAuth(TokenCacheAdapter):
    """An authentication on each request."""

    name = "requests-auth OAuth2AuthorizationCode"
    distribution = "requests_auth"
    holder, cache, authentication = OAuth2, Cache, Authentication
    refusal = Refusal(over=(SignInNeeded,), passing=(requests.RequestException,))

    def use(self) -> int:
        """Call the resource; the authentication refreshes before it if it is time."""
        return requests.get(self.surroundings.resource, auth=self.authenticated(), timeout=PATIENCE).status_code
