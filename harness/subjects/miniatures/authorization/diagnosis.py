"""Clients that break one requirement of the diagnosis family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Failure
from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.harness.subjects.miniatures.able.able import MinimumLifetime
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.scenarios.steps.subject import OK, Outcome


class RefusesInGeneral(MinimumLifetime):
    """Says of a short token without refresh token only that the login failed."""

    def callback(self, url: str) -> Outcome:
        """Replace the message."""
        outcome = super().callback(url)
        return outcome if outcome.kind == "ok" else replace(outcome, detail="Authorization failed.")


class AlwaysRefreshable(TinyClient):
    """Calls every login refreshable."""

    def exchange(self, code: str, flow: Flow) -> Outcome:
        """Promise it."""
        return replace(super().exchange(code, flow), refreshable=True)


class OneKindOfFailure(TinyClient):
    """Ends every operation that fails, unless the user is needed, with the same generic error."""

    def attempt(self, work: Any) -> Outcome:
        """Forget why."""
        outcome = super().attempt(work)
        if outcome.kind in ("ok", "reauthorization_required"):
            return outcome
        return Outcome(kind="permanent_error", detail="Something went wrong.")


class SwallowsFailedRefresh(TinyClient):
    """Answers a failed refresh with the token it has."""

    def refresh(self) -> Outcome:
        """Pretend."""
        try:
            self.renew(self.known_grant())
        except Failure:
            return OK
        return OK


MINIATURES: Mapping[str, Miniature] = {
    "diagnosis-short-lifetime-message": Miniature(client=RefusesInGeneral),
    "diagnosis-missing-rt-advice": Miniature(client=AlwaysRefreshable, also=("authz-atlassian-params",)),
    "diagnosis-outcome-classes": Miniature(client=OneKindOfFailure),
    "diagnosis-truthful-result": Miniature(client=SwallowsFailedRefresh),
}
"""Every miniature by the requirement it breaks."""
