"""Correct clients with an ability in logins, on which miniatures that claim it build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from refreshproof.harness.adapters.tiny.answers import Failure
from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.steps.subject import Capability, Outcome, Surroundings

SERVER_DELAY: float = 120
SECOND_SEED = 7
"""Added to the seed for what the client draws at the second server."""


class FlowLimits(TinyClient):
    """Accepts a callback up to the declared server delay after the user left."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"flow_limits"}
    server_delay = SERVER_DELAY

    def __init__(self, surroundings: Surroundings) -> None:
        self.began: dict[str, Instant] = {}
        super().__init__(surroundings)

    def new_state(self) -> str:
        """Note when the login begins."""
        state = super().new_state()
        self.began[state] = self.now()
        return state

    def callback(self, url: str) -> Outcome:
        """Say why a late callback is refused."""
        return self.attempt(lambda: super(FlowLimits, self).callback(url))

    def flow_of(self, values: Mapping[str, str]) -> Flow | None:
        """End the flow, and refuse it if it took too long."""
        flow = super().flow_of(values)
        if flow is not None and self.now() - self.began[flow.state] > seconds(self.server_delay):
            raise Failure(Outcome(kind="permanent_error", detail="The callback came too late: log in again."))
        return flow


class TwoServers(TinyClient):
    """Works with two servers, each with a redirect URI, logins and a grant of its own."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"two_servers"}

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        if surroundings.second is None:
            raise ValueError("a client of two servers needs a second registration")
        self.second = TinyClient(
            replace(surroundings, registration=surroundings.second, seed=surroundings.seed + SECOND_SEED)
        )

    def authorize_at_second(self) -> str:
        """Begin a flow there."""
        return self.second.authorize()

    def callback(self, url: str) -> Outcome:
        """Give a callback to the server whose redirect URI it arrived at."""
        return self.second.callback(url) if self.is_for_second(url) else super().callback(url)

    def is_for_second(self, url: str) -> bool:
        """Compare the whole redirect URI."""
        return url.partition("?")[0] == self.second.redirect_uri()
