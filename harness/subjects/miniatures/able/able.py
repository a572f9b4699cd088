"""Correct clients that can do something besides, on which miniatures of a claimed ability build."""

from __future__ import annotations

import logging
from typing import ClassVar

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME, Capability, Outcome

TOO_SHORT = "Refresh token is not present and access token lifetime is too short."
LOGGED = "Error occurred while authorizing an integration. The error message is: %s"
"""The message of seed 000 and 003 and the line that holds it, word for word."""

logger = logging.getLogger(__name__)


class MinimumLifetime(TinyClient):
    """Refuses an access token of less than 30 days that comes without a refresh token."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"minimum_lifetime"}

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Compare the lifetime before anything is stored."""
        if self.too_short(grant):
            logger.error(LOGGED, TOO_SHORT)
            raise Failure(Outcome(kind="permanent_error", detail=TOO_SHORT))
        super().accept(grant, before)

    def too_short(self, grant: Grant) -> bool:
        """Tell whether the grant would end too soon; equality is enough, an unknown lifetime is not."""
        return grant.refresh_token is None and (grant.lifetime or 0) < MINIMUM_LIFETIME
