"""The reference engine at the server under check: log in, call, refresh twice, begin anew on the same storage.

Whatever it sends is asked as a probe asks, so that it is counted, bounded and kept in the journal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit

from refreshproof.harness.client.engine import ClientEngine
from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.configuration import ClientAuthentication, ClientConfiguration, ProviderType
from refreshproof.harness.client.model.errors import ClientEngineError, FlowError, InvalidToken
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.token import ClientToken
from refreshproof.harness.client.storage.sql import SqlStorage
from refreshproof.harness.vendor_check.asking.asks import Authorize, Play, Send, Until
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.target import Method, Target
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, StopError, TroubleError
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values
from refreshproof.harness.vendor_check.probes.spoken import Asking, spoken
from refreshproof.harness.vendor_check.recording.advice import provider_type_at
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.stacks.httpx_transport import CarrierTransport, plain_client
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse

BASE_URL = "https://engine.refreshproof.test"
SESSION = "vendor check"
METHODS: Mapping[Method, ClientAuthentication] = {
    "client_secret_basic": ClientAuthentication.BASIC, "client_secret_post": ClientAuthentication.POST,
    "none": ClientAuthentication.NONE,
}  # fmt: skip

VARIATIONS: Sequence[Mapping[str, str]] = (
    {}, {"prompt": ""}, {"nonce": "refreshproof"}, {"prompt": "", "nonce": "refreshproof"},
)  # fmt: skip
"""Parameters that join the engine's authorization request until a login comes through. An empty prompt takes away the
one of the provider type; some servers want a nonce with openid, for which the engine, as it reads no ID token, has no
use."""


@dataclass(frozen=True, kw_only=True)
class _Clock:
    """The check's own clock, for the engine."""

    time: Callable[[], Instant]
    asking: Asking

    def now(self) -> Instant:
        return self.time()

    def sleep(self, seconds: float) -> None:
        self.asking(Until(instant=self.time() + round(seconds * SECOND)))


class _Life:
    """One engine after the other on one storage."""

    def __init__(self, bench: Bench, asking: Asking) -> None:
        self._bench, self._asking = bench, asking
        self._http = plain_client(transport=CarrierTransport(self._carried), trust_env=False)
        self._storage = SqlStorage("sqlite://")
        self._engine = self._begun()
        self._token_id = ""
        self.silence = ""
        self.parameters: Mapping[str, str] = {}

    def _begun(self) -> ClientEngine:
        target = self._bench.target
        plain = any(url.startswith("http:") for url in (target.authorization_endpoint, target.token_endpoint))
        return ClientEngine(
            storage=self._storage, http=self._http, base_url=BASE_URL, rng=random.SystemRandom(), node="vendor-check",
            clock=_Clock(time=self._bench.now, asking=self._asking),
            settings=Settings(skip_provider_https_requirement=plain),
        )  # fmt: skip

    def _carried(self, request: WireRequest, timeout: float | None) -> WireResponse:
        reply: Reply = self._asking(Send(request=request))
        if reply.response is None:
            raise Trouble("reset", sent=True)
        return reply.response

    def log_in(self) -> None:
        """Log in, with further parameters where the server refuses what the engine sends by itself."""
        first: Exception = FlowError("no login was tried")
        for number, parameters in enumerate(VARIATIONS):
            try:
                self._log_in(parameters)
            except StopError:
                raise
            except (FlowError, TroubleError) as refused:
                first = first if number else refused
            else:
                self.parameters = parameters
                return
        raise first

    def _log_in(self, parameters: Mapping[str, str]) -> None:
        wanted = _configuration(self._bench.target, self._bench.scopes, {**parameters, **self._bench.parameters})
        target, flows = self._bench.target, self._engine.flows
        stored = self._engine.configurations.save(replace(wanted, name=" ".join(("engine", *parameters))))
        flow = flows.create(SESSION, stored, lambda name: f"{BASE_URL}/{name}")
        self._storage.replace_flow(replace(flow, redirect_uri=target.redirect_uri))
        url = flows.start(SESSION, flow.id)
        state = parse_qs(urlsplit(url).query)["state"][0]
        callback = self._asking(Authorize(url=url, state=state, user=self._bench.new_user()))
        done = flows.callback(SESSION, f"{target.redirect_uri}?{urlencode(callback)}")
        if done.result is not None and done.result.error is not None:
            error = done.result.error
            raise FlowError(" ".join(filter(None, (error.message, error.error, error.description))))
        self._token_id = flows.save_result(SESSION, flow.id).id
        self.silence = self._silence()

    def _silence(self) -> str:
        """Say why nothing can be called, empty where an access token that has just been issued is taken."""
        if self._bench.target.resource is None:
            return "nothing was called, for no resource is known (--resource)"
        status = self._engine.handler.execute(self._token_id, self._status)
        taken = 200 <= status < 300
        return "" if taken else f"nothing was called, for the resource answered {status} to a fresh access token"

    def call(self) -> None:
        """Call the resource with a token that the engine hands out."""
        self._engine.handler.execute(self._token_id, self._use)

    def _use(self, token: ClientToken) -> None:
        status = self._status(token)
        if status == 401:
            raise InvalidToken("the resource answered 401")
        if not 200 <= status < 300:
            raise ClientEngineError(f"the resource answered {status}")

    def _status(self, token: ClientToken) -> int:
        bearer = {"Authorization": f"Bearer {token.access_token}"}
        return self._http.get(self._bench.target.resource or "", headers=bearer).status_code

    def refresh(self) -> None:
        """Refresh as a user who asks for it, a second later: an access token that tells of nothing but its times, in
        seconds, is within one second the same again, and canaille 0.3.6 has revoked it by then (seen 2026-12-01)."""
        self._asking(Until(instant=self._bench.now() + SECOND))
        self._engine.handler.get_refreshed_token(self._token_id, force=True)

    def begin_anew(self) -> None:
        """Begin a new life on the same storage."""
        self._engine = self._begun()
        self._engine.recover()

    def end(self) -> None:
        """Release storage and client."""
        self._storage.close()
        self._http.close()


def _configuration(target: Target, scopes: tuple[str, ...], parameters: Mapping[str, str]) -> ClientConfiguration:
    client = target.client
    return ClientConfiguration(
        name="engine", provider_type=ProviderType(provider_type_at(target.authorization_endpoint)),
        client_id=client.client_id, client_secret=client.client_secret or "", scopes=scopes,
        authorization_endpoint=target.authorization_endpoint, token_endpoint=target.token_endpoint,
        authorization_parameters=dict(parameters), client_authentication=METHODS[client.authentication],
        pkce=target.pkce, issuer=str((target.metadata or {}).get("issuer", "")),
    )  # fmt: skip


def trial(bench: Bench) -> Play[Values]:
    """Let the engine live at the server under the settings that were found."""
    if bench.found.get("issuance.ever") is False:
        raise NeedlessError("no refresh token comes")
    if not bench.scopes:
        raise NeedlessError("the engine asks for one scope at least (--scope)")
    return (yield from spoken(partial(_lived, bench)))


def _lived(bench: Bench, asking: Asking) -> Values:
    life, done = _Life(bench, asking), list[str]()
    try:
        for name, step in _steps(life):
            try:
                step()
            except ClientEngineError as error:
                after = f" after it {', '.join(done)}" if done else ""
                return {"fact.engine": f"does not work{after}; next: {name}: {type(error).__name__}: {error}"}
            done.append(name)
        told = f"; {life.silence}" if life.silence else ""
        return {"fact.engine": f"works: {', '.join(done)}{told}", "fact.engine_parameters": dict(life.parameters)}
    finally:
        life.end()


def _steps(life: _Life) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "logged in", life.log_in
    call = [] if life.silence else [("called", life.call)]
    refresh = [("refreshed", life.refresh), *call]
    yield from (*call, *refresh, *refresh, ("began anew", life.begin_anew), *call, *refresh)


PROBES = (
    Probe(
        id="engine", asks="Does the reference engine work here: log in, call, refresh twice, begin anew?", requests=9,
        logins=1, play=trial,
    ),
)  # fmt: skip
