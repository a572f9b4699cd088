"""The refresh function of the how-to for refresh tokens at Atlassian, a client with known weaknesses.

It reads the wall clock, refreshes a minute before expiry, locks nothing, and answers any error with None.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import pytest

from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN

requests_oauthlib: Any = pytest.importorskip("requests_oauthlib")
OAuth2Session = requests_oauthlib.OAuth2Session
TOKEN_URL = ATLASSIAN.url("token")

logger = logging.getLogger("sample")
Token = dict[str, Any]


class HowToClient:
    """Its function, and what it has saved."""

    def __init__(self) -> None:
        self.saved: list[Token] = []

    def save_token(self, token: Token) -> None:
        self.saved.append(token)

    def refresh_token(self, token: Token) -> Token | None:
        """Refresh the token if it has expired, as the how-to's example does; any error is logged and swallowed."""
        try:
            oauth = OAuth2Session(CLIENT_ID, token=token)
            if "expires_at" in token:
                expires_at = token["expires_at"]
                if datetime.now().timestamp() > (expires_at - 60):  # noqa: DTZ005 - as in the sample
                    new_token: Token = oauth.refresh_token(
                        TOKEN_URL,
                        refresh_token=token["refresh_token"],
                        client_id=CLIENT_ID,
                        client_secret=CLIENT_SECRET,
                    )
                    self.save_token(new_token)
                    return new_token
            return token
        except Exception as e:
            logger.error(f"Error refreshing token: {e!s}")
            return None
