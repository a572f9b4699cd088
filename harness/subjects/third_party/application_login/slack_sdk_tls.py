"""slack_sdk's TokenRotator as a subject at Slack, with the login of the application around it.

As https://docs.slack.dev/authentication/using-token-rotation and Bolt for Python use it (seen 2026-11-30): before a
call the installation is rotated where it ends within two hours, and stored if there is a new one.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation import TokenRotator

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.subjects.third_party.application_login.alike_login import AlikeLoginAdapter
from refreshproof.scenarios.steps.subject import Outcome

METHOD = "oauth.v2.access"
"""The method of Slack's Web API that is its token endpoint."""

SOON = 120
"""Minutes, the rotator's own default."""

ALWAYS = 10**6

_CONTEXT = ssl.create_default_context()


class SlackSdk(AlikeLoginAdapter):
    """An installation with a bot token, and a user's if one came, loaded for every call."""

    name = "slack_sdk TokenRotator"
    capabilities = AlikeLoginAdapter.capabilities | {"two_pairs"}
    distribution = "slack-sdk"
    client_authentication = "client_secret_basic"
    refusal = Refusal(passing=(URLError, OSError), coded=(SlackTokenRotationError, SlackApiError))

    @property
    def unsuited(self) -> str | None:
        """The rotator knows one method of one Web API."""
        if self.registration.token_endpoint.endswith(METHOD):
            return None
        return f"slack_sdk speaks to Slack, whose token endpoint is the Web API's method {METHOD}"

    def finish(self, url: str, flow: Any) -> None:
        """Set the installation down."""
        answer = self.login.redeem(url)
        user = answer.get("authed_user", {})
        installation = {
            "user_id": "U",
            "bot_id": "B",
            "bot_user_id": "W",
            "bot_token": answer["access_token"],
            "bot_refresh_token": answer.get("refresh_token"),
            "bot_token_expires_in": answer.get("expires_in"),
            "user_token": user.get("access_token"),
            "user_refresh_token": user.get("refresh_token"),
            "user_token_expires_in": user.get("expires_in"),
        }
        self._save(Installation(**installation))

    def use(self) -> int:
        """Call the resource with the installation's bot token."""
        self._rotate(SOON)
        return self.get(self._installation().bot_token)

    def renew(self) -> None:
        """Rotate whenever the token ends."""
        self._rotate(ALWAYS)

    def outcome_of_error(self, error: Exception) -> Outcome | None:
        """Look at the error of the Web API, which that of the rotation holds."""
        return super().outcome_of_error(getattr(error, "api_error", error))

    def code(self, error: Exception) -> str | None:
        """Return the error that the Web API answered with, and no text that slack_sdk puts in its place."""
        answer: Any = getattr(error, "response", None)
        code = answer.get("error") if hasattr(answer, "get") else None
        return code if isinstance(code, str) and code.isidentifier() else None

    def _rotate(self, minutes: int) -> None:
        chosen = self.registration
        client = WebClient(base_url=chosen.token_endpoint.removesuffix(METHOD), ssl=_CONTEXT)
        rotator = TokenRotator(client_id=chosen.client_id, client_secret=chosen.client_secret, client=client)
        rotated = rotator.perform_token_rotation(installation=self._installation(), minutes_before_expiration=minutes)
        if rotated is not None:
            self._save(rotated)

    def _installation(self) -> Any:
        return Installation(**(self.stored or {})["installation"])

    def _save(self, installation: Any) -> None:
        self.keep({"installation": installation.to_dict_for_copying(), "refresh_token": installation.bot_refresh_token})
