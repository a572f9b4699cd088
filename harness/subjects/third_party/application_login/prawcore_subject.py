"""prawcore's session and Authorizer as a subject, with the callback's checks made by the application.

As https://github.com/praw-dev/prawcore shows it in `examples/` (seen 2026-11-30): `authorize` redeems the code, without
PKCE, and a process that begins anew gives the stored refresh token to `Authorizer`. prawcore is made for Reddit, which
does not rotate; its hosts are settings, and the path of its token endpoint, a constant, is the vendor's here.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import prawcore
from prawcore import const
from prawcore.exceptions import InvalidInvocation, OAuthException, RequestException, ResponseException

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.subjects.third_party.application_login.alike_login import AlikeLoginAdapter
from refreshproof.mock_servers.stacks.carrier import Carrier

USER_AGENT = "linux:refreshproof:1 (by u/refreshproof)"


class Prawcore(AlikeLoginAdapter):
    """A session on an Authorizer, which all callers share."""

    name = "prawcore Authorizer"
    distribution = "prawcore"
    client_authentication, without_pkce = "client_secret_basic", True
    refusal = Refusal(over=(InvalidInvocation,), passing=(RequestException,), coded=(ResponseException, OAuthException))

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Set the path of the token endpoint."""
        return mock.patch.object(const, "ACCESS_TOKEN_PATH", urlsplit(self.registration.token_endpoint).path)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code; the refresh token is for the processes to come."""
        code, _ = self.login.code_of(url)
        session = self._session(None)
        session.authorizer.authorize(code)
        self.session = session
        self.refreshed(session.authorizer)

    def use(self) -> int:
        """Call the resource; the session refreshes before it if it is time, and on a 401."""
        self._current().request(method="GET", path=urlsplit(self.surroundings.resource).path)
        return 200

    def renew(self) -> None:
        """Refresh by the Authorizer's own method."""
        self._current().authorizer.refresh()

    def refreshed(self, authorizer: Any) -> None:
        """Store the refresh token that the Authorizer has after a refresh."""
        self.keep({"refresh_token": authorizer.refresh_token})

    def _current(self) -> Any:
        if self.session is None:
            self.session = self._session((self.stored or {}).get("refresh_token"))
        return self.session

    def _session(self, refresh_token: str | None) -> Any:
        chosen = self.registration
        requestor = prawcore.Requestor(
            user_agent=USER_AGENT,
            oauth_url=_origin(self.surroundings.resource),
            reddit_url=_origin(chosen.token_endpoint),
        )
        authenticator = prawcore.TrustedAuthenticator(
            client_id=chosen.client_id,
            client_secret=chosen.client_secret,
            redirect_uri=chosen.redirect_uri,
            requestor=requestor,
        )
        authorizer = prawcore.Authorizer(
            authenticator=authenticator, post_refresh_callback=self.refreshed, refresh_token=refresh_token
        )
        return prawcore.session(authorizer=authorizer)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
