"""One vendor running in a test: what a reader's own client is plugged into, without a subject or a scenario.

The client gets the vendor's real addresses and is led to it by an httpx transport, a respx router or, whatever HTTP
stack it has, a block; the test gets the user, the clock, the weather and the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
import respx

from refreshproof.harness.adapters.adapter import Adapter
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.pytest_plugin.told_ledger import ToldLedger
from refreshproof.mock_servers.dates import in_words
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.stacks import in_process
from refreshproof.mock_servers.stacks.hosts_guard import at_home
from refreshproof.mock_servers.stacks.httpx_transport import AsyncCarrierTransport, CarrierTransport
from refreshproof.mock_servers.stacks.respx_router import router
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import SECOND, Handler, Instant, WireRequest, WireResponse
from refreshproof.scenarios.clocks.wall_clock import real_date
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.steps.conditions import Condition
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import UNSUPPORTED, Outcome, Registration
from refreshproof.scenarios.world.world import World


class RunningProvider:
    """A vendor in virtual time, with its world. Time begins at `at`, in microseconds since the epoch: where none is
    given, at the machine's date, so that what was made in real time is as old as it looks."""

    def __init__(
        self,
        vendor: Vendor,
        *,
        seed: int = 0,
        profile: Mapping[str, Any] | None = None,
        at: Instant | None = None,
    ) -> None:
        scenario = Scenario(steps=(), seed=seed, profile=profile or {})
        self.world = World(vendor, _Nobody, scenario, start=real_date() if at is None else at)
        self._hosts: dict[int, str] = {}
        self.world.network.handler = self._noting(self.world.network.handler)
        self._carry = at_home(self.profile, self._exchange)
        self.ledger = ToldLedger(self.world)

    def _exchange(self, request: WireRequest, timeout: float | None) -> WireResponse:
        self.world.actors.begin()  # each request is an operation of its own: there is no end to how many a test makes
        return self.world.network.exchange(request, timeout)

    def _noting(self, handler: Handler) -> Handler:
        """Return a handler that remembers which host a request was for."""

        def handle(request: WireRequest, now: Instant) -> WireResponse:
            response = handler(request, now)
            if response.entry is not None:
                self._hosts[response.entry] = request.host
            return response

        return handle

    @property
    def profile(self) -> Profile:
        """The vendor's profile."""
        return self.world.profile

    @property
    def provider(self) -> Provider:
        """The authorization server itself."""
        return self.world.provider

    @property
    def registration(self) -> Registration:
        """Client id, secret, redirect URI, scopes and addresses to configure the client with."""
        return self.world.surroundings.registration

    @property
    def resource(self) -> str:
        """The address of the protected resource."""
        return self.world.surroundings.resource

    @property
    def transport(self) -> CarrierTransport:
        """A transport for `httpx.Client(transport=...)`."""
        return CarrierTransport(self._carry)

    @property
    def async_transport(self) -> AsyncCarrierTransport:
        """A transport for `httpx.AsyncClient(transport=...)`."""
        return AsyncCarrierTransport(self._carry)

    def client(self, **options: Any) -> httpx.Client:
        """Return an httpx client that reaches this vendor and nothing else."""
        return httpx.Client(transport=self.transport, **options)

    def router(self) -> respx.MockRouter:
        """Return a respx router for the vendor's hosts, to be entered around code that makes its own httpx client. What
        another HTTP stack sends in it is a `NetworkForbidden`, unless it stays on this machine."""
        return router(self.profile, self._carry)

    def in_process(self) -> AbstractContextManager[None]:
        """Lead every HTTP stack to this vendor for the length of a block: urllib, urllib3, requests, httpx, httpx2,
        aiohttp, whoever makes the client; a request for another host and any other way out of the process is a
        `NetworkForbidden`."""
        return in_process(self._carry)

    def log_in(self, authorization_url: str, *, account: str = "alice", deny: bool = False) -> str:
        """Let a user answer at the vendor; returns the callback URL. Raises ValueError if it ends on an error page."""
        self.provider.user.will(Decision(account=account, answer="deny" if deny else "consent"))
        callback = self.world.visit(authorization_url)
        if callback is None:
            last = self.provider.ledger.entries[-1]
            raise ValueError(f"the authorization request was refused: {last.cause} {last.detail or ''}".strip())
        return callback

    def tokens(self, *, account: str = "alice") -> dict[str, Any]:
        """Log a user in as a well-behaved client would and return the tokens, for tests that begin with some."""
        client = TinyClient(replace(self.world.surroundings, carrier=self._carry))
        outcome = client.callback(self.log_in(client.authorize(), account=account))
        grant = client.load()
        if grant is None:
            raise ValueError(f"the login failed: {outcome.error or outcome.detail}")
        return {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "expires_in": grant.lifetime,
        }

    def lose_next_response(self, view: str = "token") -> None:
        """Let the next request be carried out and its answer be lost."""
        self.world.network.weather.add(Condition(leg="response", lost=True, view=view))

    def misbehave(self, fault: str, *, times: int | None = 1, view: str | None = "token", **parameters: Any) -> None:
        """Let the vendor misbehave towards the next requests; `refreshproof list faults` names them.

        Raises ValueError that names what is wrong with a fault or its parameters, and what is allowed.
        """
        self.world.faults.add(FaultSpec(fault=fault, parameters=parameters, view=view, grant_type=None, times=times))

    def revoke(self, account: str = "alice") -> None:
        """Let a user withdraw their grant."""
        self.provider.revoke_user(account)

    @property
    def journal(self) -> Journal:
        """Every exchange so far, redacted."""
        return self.world.journal

    @property
    def began(self) -> str:
        """When virtual time began, as `--oauth-at` takes it."""
        return in_words(self.world.started_at)

    def story(self) -> str:
        """Return the exchanges so far as text, one line each."""
        lines = [self.line(entry) for entry in self.ledger]
        return "\n".join(lines) or "No request reached the vendor."

    def line(self, entry: LedgerEntry) -> str:
        """Return a request that reached the vendor in one line."""
        seconds = (entry.at - self.world.started_at) / SECOND
        host = self._hosts.get(entry.number)
        what = " ".join(part for part in (entry.view, entry.grant_type, entry.presented, host and f"at {host}") if part)
        issued = ", ".join(entry.issued)
        answer = " ".join(part for part in (str(entry.status), entry.cause, entry.detail, issued) if part)
        lost = " (answer lost)" if entry.delivered is False else ""
        return f"+{seconds:.0f} s  {what} -> {answer}{lost}"


class _Nobody(Adapter):
    """No subject: the test itself is the client."""

    name = "the test's own client"

    def authorize(self) -> str:
        """Refuse: the test's client does this."""
        raise NotImplementedError("the client under test is the test's own")

    def callback(self, url: str) -> Outcome:
        """Refuse: the test's client does this."""
        return UNSUPPORTED

    def call(self) -> Outcome:
        """Refuse: the test's client does this."""
        return UNSUPPORTED
