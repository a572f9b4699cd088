"""A correct client that logs in by a code shown to the user, and one that breaks the requirement of that family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from refreshproof.harness.adapters.tiny.answers import Failure
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import WireResponse, seconds
from refreshproof.scenarios.steps.subject import OK, Capability, Outcome

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


class ByDevice(TinyClient):
    """Shows a code and polls until the user has answered elsewhere (RFC 8628)."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"device"}

    def log_in_by_device(self, show: Callable[[str, str], None]) -> Outcome:
        """Go through the whole flow."""
        return self.attempt(lambda: self.accepted(self.answer_to(self.shown(show))))

    def shown(self, show: Callable[[str, str], None]) -> Mapping[str, Any]:
        """Get a code and show it."""
        chosen = self.registration
        scope = chosen.scope_separator.join(chosen.device_scopes)
        document = self.document(self.post(chosen.device_authorization_endpoint or "", {"scope": scope}))
        if "device_code" not in document:
            raise Failure(Outcome(kind="permanent_error", error=self.code(document)))
        show(document.get("verification_uri") or document["verification_url"], document["user_code"])
        return document

    def answer_to(self, asked: Mapping[str, Any]) -> WireResponse:
        """Poll; raises `Failure` when the code has expired."""
        form = {"grant_type": GRANT_TYPE, "device_code": asked["device_code"]}
        interval = float(asked.get("interval", 5))
        over = self.now() + seconds(float(asked["expires_in"]))
        while self.now() + seconds(interval) < over:
            self.surroundings.clock.sleep(interval)
            try:
                response = self.post(self.registration.token_endpoint, form)
            except Trouble:
                interval *= 2
                continue
            code = self.code(self.document(response))
            if code not in ("authorization_pending", "slow_down"):
                return response
            interval += self.slower(code)
        raise Failure(Outcome(kind="reauthorization_required", error="expired_token"))

    def slower(self, code: str) -> float:
        """Return the seconds by which the interval grows."""
        return 5 if code == "slow_down" else 0

    def accepted(self, response: WireResponse) -> Outcome:
        """Store what came."""
        grant = self.merged(None, self.members(response), self.now())
        self.accept(grant, self.load())
        return replace(OK, refreshable=grant.refresh_token is not None)


class SlowDownIsPending(ByDevice):
    """Takes slow_down for another word for pending."""

    def slower(self, code: str) -> float:
        """Keep the pace."""
        return 0


MINIATURES: Mapping[str, Miniature] = {"device-polling": Miniature(client=SlowDownIsPending)}
"""Every miniature by the requirement it breaks."""
