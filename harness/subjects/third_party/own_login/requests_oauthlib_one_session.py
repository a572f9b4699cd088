"""requests-oauthlib's OAuth2Session, kept for as long as the process lives, as a script or a worker has it.

As its page https://requests-oauthlib.readthedocs.io/en/latest/oauth2_workflow.html shows it under "Refreshing tokens"
(seen 2026-11-30): one client with `auto_refresh_url` and `token_updater`, and call after call with it.
"""

from __future__ import annotations

from typing import Any

from refreshproof.harness.adapters.library.subject import PATIENCE
from refreshproof.harness.subjects.third_party.own_login.requests_oauthlib_subject import RequestsOauthlib


class RequestsOauthlibOneSession(RequestsOauthlib):
    """A session that all callers share."""

    name = "requests-oauthlib OAuth2Session (one for all calls)"

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code; the session for calls begins anew."""
        super().finish(url, flow)
        self.session = None

    def use(self) -> int:
        """Call the resource; the session refreshes before it if it is time."""
        return int(self._kept().get(self.surroundings.resource, timeout=PATIENCE).status_code)

    def renew(self) -> None:
        """Refresh by the session's own method; storing is the caller's."""
        self.keep(self._kept().refresh_token(self.registration.token_endpoint))

    def _kept(self) -> Any:
        if self.session is None:
            self.session = self._session()
        return self.session
