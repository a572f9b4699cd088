"""The refresh of a how-to for Atlassian as a subject: what its sample does, in our words, on requests-oauthlib.

Sixty seconds before `expires_at`, by a naive local time, it presents the refresh token of the token it was given and
saves the answer. Whatever goes wrong is logged, and the caller has no token and no reason. Login and storage are
`requests-oauthlib`'s here; the how-to shows none.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from requests_oauthlib import OAuth2Session

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE
from refreshproof.harness.subjects.third_party.own_login.requests_oauthlib_subject import RequestsOauthlib

LEAD = 60
"""Seconds before expiry."""

LOG = logging.getLogger(__name__)


class NoToken(Exception):
    """The caller got None in place of a token."""


class HowTo(RequestsOauthlib):
    """A token that is looked at before each call."""

    name = "the how-to's refresh_token()"
    refusal = Refusal(
        passing=RequestsOauthlib.refusal.passing,
        coded=(NoToken, *RequestsOauthlib.refusal.over, *RequestsOauthlib.refusal.coded),
        own_codes=RequestsOauthlib.refusal.own_codes,
    )

    def use(self) -> int:
        """Call the resource with what the refresh returns."""
        token = self.refreshed(self.stored or {})
        if token is None:
            raise NoToken
        with OAuth2Session(self.registration.client_id, token=token) as session:
            return int(session.get(self.surroundings.resource, timeout=PATIENCE).status_code)

    def renew(self) -> None:
        """Present the refresh token that is stored."""
        self._renewed(self.stored or {})

    def refreshed(self, token: dict[str, Any]) -> dict[str, Any] | None:
        """Return the token, or a new one if it is time, or None."""
        try:
            if "expires_at" in token and datetime.now().timestamp() > token["expires_at"] - LEAD:  # noqa: DTZ005
                return self._renewed(token)
        except Exception as error:
            LOG.error("refreshing the token failed: %s", type(error).__name__)
            return None
        return token

    def _renewed(self, token: dict[str, Any]) -> dict[str, Any]:
        chosen = self.registration
        with OAuth2Session(chosen.client_id, token=token) as session:
            new: dict[str, Any] = session.refresh_token(
                chosen.token_endpoint,
                refresh_token=token["refresh_token"],
                client_id=chosen.client_id,
                client_secret=chosen.client_secret,
            )
        self.keep(new)
        return new
