"""The reference client engine as a subject: the engine with its storage, clock and HTTP client replaced by the
world's."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import httpx

from refreshproof.harness.adapters.paged import page_by_page
from refreshproof.harness.client import (
    AuthenticationRefused,
    BodyFormat,
    ClientAuthentication,
    ClientConfiguration,
    ClientConfigurationAlarm,
    ClientEngine,
    ClientEngineError,
    ClientToken,
    DiscoveryError,
    FieldErrors,
    FlowError,
    InsufficientAuthentication,
    InsufficientScope,
    InvalidToken,
    NotFoundError,
    ProviderType,
    ReauthorizationRequired,
    ScopeRefused,
    Settings,
    Storage,
    TransientTokenError,
)
from refreshproof.harness.client.model.status import TRANSITIONS, Event, Move
from refreshproof.harness.client.web.documents import to_document
from refreshproof.mock_servers.stacks.httpx_transport import CarrierTransport
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports.version import VERSION
from refreshproof.scenarios.steps.subject import (
    OK,
    Capability,
    Description,
    Outcome,
    OutcomeKind,
    Registration,
    StatusMove,
    Surroundings,
)
from refreshproof.scenarios.world.world import registration

BASE_URL = "https://app.example.com"
SESSION = "the-session-of-this-user-0000000000"
PATIENCE = 120.0
"""Seconds to wait for the resource: longer than any delay inside the bounds."""
_SCOPE = re.compile(r'\bscope="([^"]*)"')
_LOGIN = re.compile(r'\b(acr_values|max_age)="?([^",]*)"?')
CAPABILITIES: frozenset[Capability] = frozenset(
    {
        "refresh",
        "restart",
        "parallel",
        "disconnect",
        "clock",
        "visible_output",
        "minimum_lifetime",
        "flow_limits",
        "gives_up_after_a_week",
        "tolerates_a_minute",
        "margin",
        "pages",
        "shared_store",
        "provider_types",
        "two_servers",
        "private_key_jwt",
        "repeats_login",
        "steps_up",
        "discovers",
        "logs_in_anew",
    }
)
TABLE = tuple(
    StatusMove(
        status=status.value,
        event=event.value,
        after=after.value,
        beyond="no scenario changes a client's configuration" if event is Event.RETIRED else "",
    )
    for (status, event), after in TRANSITIONS.items()
)
"""The engine's table of statuses, as it is told to the harness."""


def on_sqlite() -> Storage:
    """Return a new database in memory."""
    from refreshproof.harness.client import SqlStorage  # here: its library is a tenth of a start, and of a run's memory

    return SqlStorage("sqlite://")


class EngineSubject:
    """Drives a `ClientEngine` through its public services."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        settings: Settings | None = None,
        storage: Callable[[], Storage] = on_sqlite,
        node: int = 1,
    ) -> None:
        self._surroundings = surroundings
        self._settings = settings or Settings()
        self._resource = httpx.URL(surroundings.resource)
        self._http = httpx.Client(transport=CarrierTransport(surroundings.carrier), trust_env=False)
        self._rng = random.Random(surroundings.seed)  # noqa: S311 - a run is reproducible from its seed
        self._stored = storage()
        self._storage = _touched(self._stored, surroundings.touch_store)
        self.node = node
        self._twins = count(node + 1)  # two nodes of one name would take each other's leases for their own
        self._moves: Counter[tuple[str, str]] = Counter()
        self._engine = self._start()
        saved = self._saved(surroundings.registration)
        self._config_id = saved.id
        self._discovered: set[str] = set()
        self._redirect_uri = self._engine.flows.redirect_uri(saved.redirect_uri_suffix)

    def _start(self) -> ClientEngine:
        surroundings = self._surroundings
        engine = ClientEngine(
            storage=self._storage,
            http=self._http,
            base_url=BASE_URL,
            settings=self._settings,
            clock=surroundings.clock,
            rng=self._rng,
            lock_factory=surroundings.make_lock,  # type: ignore[arg-type]
            node=f"node-{self.node}",
        )
        engine.listeners.append(self._count)
        return engine

    def _count(self, move: Move) -> None:
        self._moves[move.status.value, move.event.value] += 1

    def moves_made(self) -> Counter[tuple[str, str]]:
        """Return the moves of tokens' statuses in all lives of this process."""
        return self._moves

    def describe(self) -> Description:
        """Name the engine."""
        return Description(
            name="reference engine",
            version=VERSION,
            capabilities=CAPABILITIES,
            redirect_uri=self._redirect_uri,
            table=TABLE,
        )

    def authorize(self) -> str:
        """Begin a flow; returns the authorization URL."""
        return self._begin(self._engine.configurations.get_by_id_or_fail(self._config_id))

    def authorize_at_second(self) -> str:
        """Begin a flow with a second configuration."""
        if self._surroundings.second is None:
            raise ValueError("there is no second server")
        return self._begin(self._saved(self._surroundings.second))

    def authorize_by_discovery(self) -> str | Outcome:
        """Begin a flow at the server that the resource names."""
        try:
            found = self._engine.discovery.configuration_for(self._surroundings.resource)
        except (DiscoveryError, FieldErrors) as error:
            return Outcome(kind="permanent_error", detail=str(error))
        self._discovered.add(found.id)
        return self._begin(found)

    def _saved(self, registration: Registration) -> ClientConfiguration:
        """Return the stored configuration of a server, stored now if it is new."""
        wanted = configuration(registration)
        if registration.redirect_uri_on_refresh:
            here = self._engine.flows.redirect_uri(self._engine.configurations.suffix(wanted.authorization_endpoint))
            wanted = replace(wanted, refresh_parameters={**wanted.refresh_parameters, "redirect_uri": here})
        stored = (one for one in self._engine.configurations.list() if one.name == wanted.name)
        return next(stored, None) or self._engine.configurations.save(wanted)

    def _begin(self, stored: ClientConfiguration) -> str:
        handler, token_id = self._engine.handler, self._token_id(stored.id) or ""
        wanted = handler.wanted_scopes(token_id), handler.wanted_parameters(token_id)
        flow = self._engine.flows.create(SESSION, stored, lambda id_: f"{BASE_URL}/landing/{id_}", *wanted)
        return self._engine.flows.start(SESSION, flow.id)

    def callback(self, url: str) -> Outcome:
        """Take a callback, exchange its code and store the token."""
        try:
            flow = self._engine.flows.callback(SESSION, url)
        except FlowError as error:
            return Outcome(kind="permanent_error", detail=str(error))
        refused = flow.result.error if flow.result is not None else None
        if refused is not None:
            self._engine.flows.get_flow_request(SESSION, flow.id)
            detail = " ".join((refused.message, *refused.diagnosis))
            return Outcome(kind="permanent_error", error=refused.error, detail=detail, refreshable=False)
        token = self._engine.flows.save_result(SESSION, flow.id, self._token_id(flow.config_id) or "")
        if flow.config_id in self._discovered:
            self._config_id = flow.config_id
        return Outcome(kind="ok", status=200, refreshable=token.refresh_token is not None)

    def call(self) -> Outcome:
        """Use the resource through the token handler."""
        return self._attempt(lambda token_id: self._engine.handler.execute(token_id, self._use))

    def call_with_margin(self, margin: float) -> Outcome:
        """Use the resource with a token that is good for so many seconds more."""
        return self._attempt(lambda token_id: self._use(self._engine.handler.get_refreshed_token(token_id, margin)))

    def call_pages(self, pages: int, pause: Callable[[], None]) -> Outcome:
        """Read page by page, each with a token of its own."""
        return page_by_page(self.call, pages, pause)

    def refresh(self) -> Outcome:
        """Refresh as a user who asks for it."""

        def refreshed(token_id: str) -> Outcome:
            self._engine.handler.get_refreshed_token(token_id, force=True)
            return OK

        return self._attempt(refreshed)

    def restart(self) -> None:
        """Begin a new life on the same storage."""
        self._engine = self._start()
        self._engine.recover()

    def twin(self, surroundings: Surroundings) -> EngineSubject:
        """Begin another node of the cluster on the same storage."""
        number = next(self._twins)
        node = replace(surroundings, seed=surroundings.seed + number)
        return EngineSubject(node, settings=self._settings, storage=lambda: self._stored, node=number)

    def disconnect(self) -> Outcome:
        """Log out: revoke where the vendor can and forget the grant; a refresh under way ends first."""
        token_id = self._token_id()
        if token_id is not None:
            self._engine.disconnect(token_id)
        return OK

    def close(self) -> None:
        """Release storage and client."""
        self._engine.close()
        self._http.close()

    def _token_id(self, config_id: str | None = None) -> str | None:
        return next((token.id for token in self._storage.tokens(config_id or self._config_id)), None)

    def _use(self, token: ClientToken) -> Outcome:
        headers = {"Authorization": f"Bearer {token.access_token}"}
        try:
            response = self._http.get(self._resource, headers=headers, timeout=PATIENCE)
        except httpx.TransportError as error:
            return Outcome(kind="transient_error", detail=type(error).__name__)
        demand = wanted_login_of(response)
        if demand is not None:
            raise InsufficientAuthentication(**demand)
        if response.status_code in (401, *self._surroundings.registration.hidden_expiry) or self._refuses(response):
            raise InvalidToken("the resource refused the access token")
        if response.is_success:
            return Outcome(kind="ok", status=response.status_code)
        missing = missing_scopes_of(response)
        if missing:
            raise InsufficientScope(missing)
        kind: OutcomeKind = (
            "transient_error" if response.status_code in (429, 500, 502, 503, 504) else "permanent_error"
        )
        return Outcome(kind=kind, status=response.status_code)

    def _refuses(self, response: httpx.Response) -> bool:
        """Tell whether the vendor's API refuses the token in a success, as its documentation says that it does."""
        try:
            document = response.json()
        except ValueError:
            return False
        return isinstance(document, dict) and document.get("error") in self._surroundings.registration.refusals

    def _attempt(self, work: Callable[[str], Outcome]) -> Outcome:
        token_id = self._token_id()
        if token_id is None:
            self._engine.tick()  # a program's own clockwork does this: revocations that met an outage are tried again
            return Outcome(kind="reauthorization_required", detail="There is no token.")
        try:
            return work(token_id)
        except ReauthorizationRequired as error:
            return Outcome(kind="reauthorization_required", status=error.status, error=error.error, detail=str(error))
        except TransientTokenError as error:
            return Outcome(kind="transient_error", status=error.status, error=error.error, detail=str(error))
        except (AuthenticationRefused, ClientConfigurationAlarm, ScopeRefused) as error:
            return Outcome(kind="permanent_error", status=error.status, error=error.error, detail=str(error))
        except InvalidToken as error:
            return Outcome(kind="permanent_error", status=401, detail=str(error))
        except (NotFoundError, ClientEngineError) as error:
            return Outcome(kind="permanent_error", detail=str(error))


def missing_scopes_of(response: httpx.Response) -> tuple[str, ...]:
    """Return the scopes that a resource names when it says that the token has too few (RFC 6750 s3.1)."""
    challenge = response.headers.get("www-authenticate", "")
    found = _SCOPE.search(challenge) if response.status_code == 403 and "insufficient_scope" in challenge else None
    return tuple(found.group(1).split()) if found else ()


def wanted_login_of(response: httpx.Response) -> dict[str, str] | None:
    """Return how the user is to log in where a resource wants another login (RFC 9470 s3), None where it does not."""
    challenge = response.headers.get("www-authenticate", "")
    if response.status_code != 401 or 'error="insufficient_user_authentication"' not in challenge:
        return None
    return dict(_LOGIN.findall(challenge))


class _Touched:
    """A storage that tells before each of its operations that the store is about to be touched."""

    def __init__(self, storage: Storage, touch: Callable[[], None]) -> None:
        self._storage = storage
        self._touch = touch

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._storage, name)

        def touched(*values: Any) -> Any:
            self._touch()
            return operation(*values)

        vars(self)[name] = touched
        return touched


def _touched(storage: Storage, touch: Callable[[], None]) -> Storage:
    told: Any = _Touched(storage, touch)
    return told  # type: ignore[no-any-return]


def configuration(registration: Registration) -> ClientConfiguration:
    """Return the client configuration of a registration."""
    methods = {
        "client_secret_post": ClientAuthentication.POST,
        "client_secret_basic": ClientAuthentication.BASIC,
        "private_key_jwt": ClientAuthentication.PRIVATE_KEY_JWT,
        "none": ClientAuthentication.NONE,
    }
    resource = registration.authorization_parameters.get("resource")
    repeated = {"resource": resource} if "resource" in registration.repeated_on_refresh and resource else {}
    return ClientConfiguration(
        name=registration.issuer,
        provider_type=ProviderType(registration.provider_type),
        client_id=registration.client_id,
        client_secret=registration.private_key or registration.client_secret or "",
        authorization_endpoint=registration.authorization_endpoint,
        token_endpoint=registration.token_endpoint,
        refresh_endpoint=registration.refresh_endpoint or "",
        revocation_endpoint=registration.revocation_endpoint or "",
        scopes=registration.scopes,
        authorization_parameters=registration.authorization_parameters,
        body_format=BodyFormat(registration.body_format),
        client_authentication=methods[registration.client_authentication],
        pkce=registration.pkce,
        issuer=registration.issuer,
        iss_required=registration.iss_expected,
        scope_separator=registration.scope_separator,
        token_parameters=registration.token_parameters,
        bearer_token_types=registration.bearer_token_types,
        refresh_parameters=repeated,
        repeats_scope="scope" in registration.repeated_on_refresh,
        assertion_audience=registration.assertion_audience or "",
    )


def sample(vendor: Vendor) -> dict[str, Any]:
    """Return a configuration for a vendor as the REST API's JSON, with what its application is to fill in; what is as
    it is anyway is left out."""
    known = configuration(registration(vendor.profile))
    wanted = replace(known, name=vendor.title, client_id="your client id", client_secret="your client secret")
    plain = ClientConfiguration(
        name="", provider_type=ProviderType.GENERIC, client_id="", client_secret="", authorization_endpoint="",
        token_endpoint="", scopes=(),
    )  # fmt: skip
    usual = to_document(plain)
    told = {name: value for name, value in to_document(wanted).items() if value != usual[name] or name == "type"}
    secret = {} if wanted.client_authentication is ClientAuthentication.NONE else {"clientSecret": wanted.client_secret}
    return told | secret
