"""The engine against the core vendors and every catalogued misbehaviour: it ends in a token or an error of its own."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest

from kit.client_engine import BASE, SESSION, ManualClock
from refreshproof.harness.client import (
    BodyFormat,
    ClientConfiguration,
    ClientEngine,
    ClientToken,
    InvalidToken,
    MemoryStorage,
    ProviderType,
    TokenError,
)
from refreshproof.mock_servers.misbehaviours.catalogue import misbehaviours
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, Provider
from refreshproof.mock_servers.provider.state.records import Account
from refreshproof.mock_servers.stacks.carrier import straight
from refreshproof.mock_servers.stacks.httpx_transport import CarrierTransport
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.registry import CORE
from refreshproof.mock_servers.vendors.vendor import Vendor, well_behaved

SUFFIX = "A" * 22
TYPES = {"google": ProviderType.GOOGLE, "microsoft": ProviderType.MICROSOFT}


class Life:
    """One user's connection to one vendor, from the login on."""

    def __init__(self, vendor: Vendor) -> None:
        profile = vendor.profile
        uri = f"{BASE}/rest/oauth2-client/latest/callback/{SUFFIX}"
        application = replace(DEFAULT_APPLICATION, redirect_uris=(uri,))
        provider = Provider(profile, applications=(application,), accounts=(Account(name="alice"),))
        self.clock = ManualClock()
        self.resource = profile.url("resource") or ""
        self.token_url = profile.url("token") or ""
        self.sent = 0
        transport = CarrierTransport(straight(vendor.handler(provider), self.clock.now))
        self.http = httpx.Client(transport=transport, event_hooks={"request": [self.count]})
        self.engine = ClientEngine(
            storage=MemoryStorage(),
            http=self.http,
            base_url=BASE,
            clock=self.clock,
            rng=random.Random(1),  # noqa: S311  # a run has to be repeatable
            node="node",
        )
        self.configuration = self.engine.configurations.save(
            ClientConfiguration(
                name=vendor.name,
                provider_type=TYPES.get(profile.name, ProviderType.GENERIC),
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                authorization_endpoint=profile.url("authorization") or "",
                token_endpoint=self.token_url,
                scopes=tuple(profile.scopes),
                redirect_uri_suffix=SUFFIX,
                authorization_parameters=dict(profile.client_parameters),
                body_format=BodyFormat.JSON if profile.body_format == "json" else BodyFormat.FORM,
            )
        )

    def count(self, request: httpx.Request) -> None:
        self.sent += str(request.url) == self.token_url

    def login(self) -> str | None:
        """Authorize; the token's id, or None if the flow ended in an error result or never came back."""
        flow = self.engine.flows.create(SESSION, self.configuration, str)
        callback = self.http.get(self.engine.flows.start(SESSION, flow.id)).headers.get("location")
        if callback is None:
            return None
        done = self.engine.flows.callback(SESSION, callback)
        assert done.result is not None
        return self.engine.flows.save_result(SESSION, flow.id).id if done.result.indicates_success() else None

    def call(self, token: ClientToken) -> int:
        response = self.http.get(self.resource, headers={"Authorization": f"Bearer {token.access_token}"})
        if response.status_code == 401:
            raise InvalidToken
        return response.status_code

    def calls(self, token_id: str, count: int, pause: float) -> Counter[Any]:
        seen: Counter[Any] = Counter()
        for _ in range(count):
            try:
                seen[self.engine.handler.execute(token_id, self.call)] += 1
            except (TokenError, InvalidToken) as error:
                seen[type(error)] += 1
            self.clock.advance(pause)
        return seen


@pytest.mark.parametrize("vendor", CORE, ids=lambda vendor: vendor.name)
def test_every_core_vendor_is_used_for_four_lifetimes_without_a_failed_call(vendor: Vendor) -> None:
    life = Life(vendor)
    token_id = life.login()
    assert token_id is not None
    assert life.calls(token_id, 240, 60) == {200: 240}
    assert life.sent <= 12


BASE_VENDOR = well_behaved(replace(GENERIC, scopes=("read", "write")))


@pytest.mark.parametrize("name", misbehaviours())
def test_every_misbehaviour_ends_in_tokens_or_errors_of_the_engine_within_bounded_requests(name: str) -> None:
    life = Life(misbehaviours()[name].on(BASE_VENDOR))
    token_id = life.login()
    if token_id is None:
        assert life.sent <= 1, "a code is never sent twice"
        return
    life.calls(token_id, 60, 240)
    assert life.sent <= 60
