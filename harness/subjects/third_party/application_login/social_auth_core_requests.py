"""social-auth-core's stored user on a backend with the vendor's addresses as a subject, with an application's login.

As https://github.com/python-social-auth/social-core has it in `UserMixin` and in its own Microsoft backend (seen
2026-11-30): `get_access_token` refreshes five seconds before expiry, and `extra_data`, with what the backend
names in EXTRA_DATA, is what is stored. Every call loads the user anew, as a view of a web application does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import requests
from social_core.backends.oauth import BaseOAuth2
from social_core.exceptions import SocialAuthBaseException
from social_core.storage import UserMixin
from social_core.strategy import BaseStrategy

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.subjects.third_party.application_login.alike_login import AlikeLoginAdapter
from refreshproof.scenarios.steps.subject import Outcome, OutcomeKind

RECOVERY: Mapping[str, OutcomeKind] = {
    "retry_later": "transient_error",
    "reauthenticate": "reauthorization_required",
    "restart_login": "reauthorization_required",
}
"""What the recovery that an error names means; any other is the operator's."""


class Backend(BaseOAuth2):  # type: ignore[misc]
    """A provider of the application's own."""

    name = "vendor"
    EXTRA_DATA: ClassVar[list[Any]] = [("refresh_token", "refresh_token", True), ("expires_in", "expires_in")]


class Strategy(BaseStrategy):  # type: ignore[misc]
    """The settings of the application, without a web framework."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings

    def get_setting(self, name: str) -> Any:
        """Return a setting; raises KeyError where there is none."""
        return self._settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:
        """Return nothing: no request of a browser is under way."""
        return {}

    def build_absolute_uri(self, path: str | None = None) -> str:
        """Return the address of a page, which nothing asks for here."""
        return path or "/"

    def get_backend(self, name: str, *args: Any, **kwargs: Any) -> Backend:
        """Return the application's one backend."""
        backend = Backend(self)
        backend.ACCESS_TOKEN_URL = backend.REFRESH_TOKEN_URL = self._settings["TOKEN_URL"]
        return backend


class User(UserMixin):  # type: ignore[misc]
    """A user's association with the provider, a row in the application's database."""

    provider, uid, user = Backend.name, "1", None

    def __init__(self, subject: SocialAuth) -> None:
        self._subject = subject
        self.extra_data = dict(subject.stored or {})

    def save(self) -> None:
        """Store the row."""
        self._subject.keep(self.extra_data)


class SocialAuth(AlikeLoginAdapter):
    """One user; a login is set down as the pipeline's last step does it."""

    name = "social-auth-core UserMixin"
    distribution = "social-auth-core"
    refusal = Refusal(passing=(requests.RequestException,), coded=(SocialAuthBaseException,))

    def finish(self, url: str, flow: Any) -> None:
        """Store what the backend takes from the answer of the application's login."""
        user, answer = User(self), self.login.redeem(url)
        user.set_extra_data(self._strategy().get_backend(user.provider).extra_data(None, user.uid, answer, {}, {}))
        user.save()

    def use(self) -> int:
        """Call the resource with what the user has as an access token."""
        return self.get(User(self).get_access_token(self._strategy()))

    def renew(self) -> None:
        """Refresh by the user's own method."""
        User(self).refresh_token(self._strategy())

    def code(self, error: Exception) -> str | None:
        """Return the provider's code, which social-auth-core keeps beside its own."""
        code = getattr(error, "provider_code", None)
        return code if isinstance(code, str) else None

    def outcome_of_error(self, error: Exception) -> Outcome | None:
        """Take what social-auth-core says is to be done about an error."""
        outcome = super().outcome_of_error(error)
        if outcome is None or not isinstance(error, SocialAuthBaseException):
            return outcome
        return replace(outcome, kind=RECOVERY.get(error.recovery, "permanent_error"))

    def _strategy(self) -> Strategy:
        chosen = self.registration
        return Strategy({"KEY": chosen.client_id, "SECRET": chosen.client_secret, "TOKEN_URL": chosen.token_endpoint})
