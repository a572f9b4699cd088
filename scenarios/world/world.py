"""What a scenario plays in: one provider, one subject, one network, one clock.

A world is built from data for one scenario and thrown away; worlds share nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from refreshproof.mock_servers.faults.layers import apply
from refreshproof.mock_servers.faults.queue import FaultQueue
from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.client_key import CLIENT_CERTIFICATE, CLIENT_KEY
from refreshproof.mock_servers.provider.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_APPLICATION,
    REDIRECT_URI,
    Provider,
)
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse
from refreshproof.scenarios.clocks.actors import Actors
from refreshproof.scenarios.clocks.clock import START, ClientClock, VirtualClock
from refreshproof.scenarios.clocks.watchdog import Overdue, Watch
from refreshproof.scenarios.clocks.zone_clock import LocalTime
from refreshproof.scenarios.evidence.crashes import crash_of
from refreshproof.scenarios.evidence.evidence import REFUSED_ACCESS_TOKEN
from refreshproof.scenarios.evidence.journal import Journal, OutcomeRecord, TableMove, UserAction
from refreshproof.scenarios.steps.documents import from_document
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import (
    Outcome,
    Registration,
    Subject,
    SubjectFactory,
    Surroundings,
    TellingSubject,
)
from refreshproof.scenarios.world.calendar import calendar_of
from refreshproof.scenarios.world.network import Network, ProcessDeath
from refreshproof.scenarios.world.output import Output, spilled
from refreshproof.scenarios.world.second_server import HOST as SECOND_HOST
from refreshproof.scenarios.world.second_server import REGISTRATION as SECOND_REGISTRATION
from refreshproof.scenarios.world.second_server import resource_hosts, second_server, successor
from refreshproof.scenarios.world.standstill import StandstillError

T = TypeVar("T")

WATCH = Watch()

SUBJECT_SEED = 1_000_003
"""Added to a scenario's seed, so that a client never draws the secrets that the provider draws."""

OTHER_REDIRECT_STATE = "a-state-the-client-never-made-0000000000"


@dataclass(kw_only=True)
class Process:
    """One process of the client; a dead one begins anew when it is next used."""

    surroundings: Surroundings
    subject: Subject
    dead: bool = False


class World:
    """Everything one scenario needs, and the moves that steps are made of."""

    def __init__(
        self,
        vendor: Vendor,
        factory: SubjectFactory,
        scenario: Scenario,
        *,
        watch: Watch = WATCH,
        start: Instant = START,
    ) -> None:
        dates = calendar_of(vendor, scenario, start)
        self.profile = changed(dates.profile, scenario.profile)
        self.clock = VirtualClock(dates.start)
        self.started_at = self.clock.now()
        self.watch, self.local_time = watch, LocalTime(None)
        self.actors = Actors(self.clock, watch.patience)
        self.clocks: dict[int, ClientClock] = {}
        self.provider = Provider(self.profile, seed=scenario.seed, applications=_applications(scenario, self.profile))
        self.scenario, self.journal = scenario, Journal(started_at=self.started_at)
        self.faults = FaultQueue(self.provider.sight)
        handler = self.faults.wrap(apply(self.provider.handle, vendor.faults, self.provider.sight))
        self.network = Network(
            provider=self.provider,
            handler=handler,
            clock=self.clock,
            clocks=self.clocks,
            actors=self.actors,
            journal=self.journal,
        )
        self.seed = scenario.seed + SUBJECT_SEED
        self.node = 1
        self.output = Output()
        surroundings = self._surroundings(1)
        subject = self._looked_after("the beginning of a process", lambda: factory(surroundings))
        self.processes = {1: Process(surroundings=surroundings, subject=subject)}
        self.description = self._looked_after("the description of the client", subject.describe)
        self.journal.claims = self.description.capabilities
        self.redirect_uri = self._agreed_redirect_uri(scenario)
        self.returns: list[str] = []
        self.step = 0
        self._note_configuration()
        for one in self.profile.announced:
            self.clock.at(one.begins, partial(self._come_to, one))

    def _come_to(self, announced: Announcement) -> None:
        """Let what a vendor has announced come into force, on its day."""
        self.provider.come_to(announced.begins)
        self.note("announced_change", effective=announced.effective, changes=announced.what)

    def _surroundings(self, node: int) -> Surroundings:
        self.clocks[node] = ClientClock(self.clock, self.actors.wait_until, partial(self.network.touched, node))
        return Surroundings(
            registration=registration(self.profile),
            resource=resource_url(self.profile),
            carrier=partial(self.network.exchange, node=node),
            clock=self.clocks[node],
            make_lock=self.actors.make_lock,
            seed=self.seed + node - 1,
            second=SECOND_REGISTRATION,
            touch_store=partial(self.network.touched, node, store=True),
        )

    @property
    def subject(self) -> Subject:
        """The process of the client that steps are about at the moment."""
        return self.processes[self.node].subject

    @property
    def client_clock(self) -> ClientClock:
        """That process's clock."""
        return self.clocks[self.node]

    @property
    def surroundings(self) -> Surroundings:
        """What that process was given."""
        return self.processes[self.node].surroundings

    def process(self, node: int) -> Process:
        """Return a process of the client, begun on the same store if there was none of this number."""
        if node not in self.processes:
            surroundings, first = self._surroundings(node), self.processes[1].subject
            subject = self._looked_after("the beginning of a process", lambda: first.twin(surroundings))
            self.processes[node] = Process(surroundings=surroundings, subject=subject)
        return self.processes[node]

    @contextmanager
    def at(self, node: int) -> Iterator[None]:
        """Let what follows happen at another process of the client, if it can have several."""
        before = self.node
        if "shared_store" in self.description.capabilities:
            self.process(node)
            self.node = node
        try:
            yield
        finally:
            self.node = before

    def second(self) -> Provider:
        """Return the second server, started when it is first needed."""
        if SECOND_HOST not in self.network.others:
            self.network.others[SECOND_HOST] = second_server(self.provider)
        return self.network.others[SECOND_HOST]

    def move_authorization(self) -> Provider:
        """Let another server take the place of the provider, and the resource belong to it."""
        new = successor(self.provider)
        self.network.others |= dict.fromkeys((SECOND_HOST, *resource_hosts(self.provider.profile)), new)
        return new

    def close(self) -> None:
        """End every process of the client and count the moves that were made by its table and by the provider's."""
        for move, times in self.provider.state.moves.items():
            self.journal.moves[TableMove("provider", *move)] += times
        for process in self.processes.values():
            if self.description.table and isinstance(process.subject, TellingSubject):
                for made, times in process.subject.moves_made().items():
                    self.journal.moves[TableMove("client", *made)] += times
            self._looked_after("the end of a process", process.subject.close)

    def _looked_after(self, what: str, work: Callable[[], T]) -> T:
        """Let the client do what is no operation of a step, under the watch; raises `StandstillError` if that never
        ends. What the client lets out meanwhile is told with its next operation."""
        try:
            with self.watch, self.local_time, self.output:
                return work()
        except Overdue as met:
            raise StandstillError(what, met, self.watch.patience) from None

    def _note_configuration(self) -> None:
        """Record what the developer configured, without the secret."""
        chosen = self.surroundings.registration
        self.note(
            "configure",
            provider_type=chosen.provider_type,
            scopes=chosen.scopes,
            redirect_uri=self.redirect_uri,
            authorization_parameters=dict(chosen.authorization_parameters),
            pkce=chosen.pkce,
            secret=chosen.client_secret is not None,
            logged_in=self.description.logged_in,
        )

    def _agreed_redirect_uri(self, scenario: Scenario) -> str:
        """Register the redirect URI that the subject insists on."""
        insisted = self.description.redirect_uri
        if insisted is None:
            return self.surroundings.registration.redirect_uri
        for application in _applications(scenario, self.profile):
            self.provider.register(replace(application, redirect_uris=(insisted,)))
        return insisted

    def act(self, operation: str, work: Callable[[], Outcome], node: int | None = None) -> Outcome:
        """Run one operation of the subject and record how it ended; an exception of the subject is a crash, not
        ours. An operation in which the process dies has no end."""
        node = node or self.node
        try:
            return self._recorded(operation, work, node)
        except ProcessDeath:
            self.processes[node].dead = True
            self.output.drain()
            self.note("process_died", node=node)
            return Outcome(kind="crash")

    def _recorded(self, operation: str, work: Callable[[], Outcome], node: int) -> Outcome:
        process = self.processes[node]
        began, begun = self.clock.now(), self.network.begun
        try:
            if process.dead and operation != "restart":
                self._work(node, process.subject.restart)
                began, begun = self.clock.now(), self.network.begun
            outcome = self._work(node, work)
            if not isinstance(outcome, Outcome):
                raise TypeError(f"{operation} returned {type(outcome).__name__}, expected an Outcome")
        except Exception as error:
            outcome = Outcome(kind="crash", detail=f"{type(error).__name__}: {error}")
            self.output.raised(error)
            self.journal.crashes.append(
                crash_of(error, self.step, operation, self.provider.vault.redact, self._played())
            )
        detail, vault = outcome.detail, self.provider.vault
        said, everything = self.output.drain()
        self.journal.add(
            OutcomeRecord(
                step=self.step,
                actor=self.actors.name,
                operation=operation,
                began_at=began,
                at=self.clock.now(),
                kind=outcome.kind,
                status=outcome.status,
                error=outcome.error,
                detail=None if detail is None else vault.redact(detail),
                refreshable=outcome.refreshable,
                log=tuple(vault.redact(line) for line in said),
                leaks=spilled(vault, "\n".join((detail or "", outcome.error or "", *everything))),
                begun=begun,
                ended=self.network.begun,
                node=node,
            )
        )
        return outcome

    def _played(self) -> Scenario:
        """Return what has been played so far, the step that is under way included."""
        return replace(self.scenario, steps=tuple(from_document(one.step) for one in self.journal.steps()))

    def _work(self, node: int, work: Callable[[], T]) -> T:
        """Let a process work, under the watch; raises `ProcessDeath` where it dies of it."""
        self.processes[node].dead = False
        with self.watch, self.local_time, self.output, self.network.operation(node):
            return work()

    def visit(self, url: str, back_to: str | None = None) -> str | None:
        """Take the user's browser to an authorization URL; returns where it is sent back to, None if it ends on a
        page."""
        for _ in range(5):
            response: WireResponse = self.network.exchange(WireRequest(method="GET", url=url), None, actor="browser")
            location = response.header("location")
            if location is None:
                return None
            if location.startswith(back_to or self.redirect_uri):
                return location
            url = location
        return None

    def deliver(self, url: str, tamper: str = "none", *, changed: bool = False) -> Outcome:
        """Bring a callback to the client, possibly changed on its way."""
        found = dict(parse_qsl(urlsplit(url).query))
        code = self.provider.vault.name("CODE", found["code"]) if "code" in found else None
        self.note("callback", tamper=tamper, changed=changed, code=code, error=found.get("error"))
        return self.act("callback", lambda: self.subject.callback(url))

    def note(self, what: str, **about: object) -> None:
        """Record what a person did."""
        self.journal.add(UserAction(step=self.step, at=self.clock.now(), what=what, about=about))


def tampered(url: str, **changes: str | None) -> str:
    """Change query parameters of a callback; None removes one."""
    split = urlsplit(url)
    pairs = [(name, value) for name, value in parse_qsl(split.query, keep_blank_values=True) if name not in changes]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    return urlunsplit(split._replace(query=urlencode(pairs)))


def registration(profile: Profile) -> Registration:
    """Return what a developer would configure for a vendor."""
    accepted, signs = profile.token_request, profile.signs_assertions
    audiences = {"token_endpoint": _needed(profile, "token"), "issuer": profile.issuer}
    return Registration(
        provider_type=profile.provider_type,
        client_id=CLIENT_ID,
        client_secret=None if signs or profile.public_clients else CLIENT_SECRET,
        redirect_uri=REDIRECT_URI,
        scopes=profile.scopes,
        issuer=profile.issuer,
        authorization_endpoint=_needed(profile, "authorization"),
        token_endpoint=_needed(profile, "token"),
        refresh_endpoint=profile.refresh_url,
        revocation_endpoint=profile.url("revocation"),
        authorization_parameters=profile.client_parameters,
        body_format=profile.body_format,
        client_authentication=accepted.authentication[0],
        pkce=profile.authorization.pkce != "refused",
        iss_expected=profile.authorization.sends_iss,
        scope_separator=profile.authorization.scope_separator,
        token_parameters=profile.token_parameters,
        redirect_uri_on_refresh=accepted.redirect_uri_on_refresh,
        bearer_token_types=profile.other_bearer_types,
        refusals=_refusals_in_words(profile),
        device_authorization_endpoint=profile.url("device_authorization"),
        device_scopes=_device_scopes(profile),
        hidden_expiry=profile.hidden_expiry,
        repeated_on_refresh=accepted.repeated_on_refresh,
        private_key=CLIENT_KEY + CLIENT_CERTIFICATE if signs else None,
        assertion_audience=audiences[accepted.audiences[0]] if signs else None,
        resource_metadata=profile.url("resource_metadata"),
    )


def _refusals_in_words(profile: Profile) -> tuple[str, ...]:
    """Return the error codes of an API that refuses an access token with a success status."""
    replies = [profile.reply(cause) for cause in REFUSED_ACCESS_TOKEN]
    return tuple(sorted({reply.error for reply in replies if reply.status < 300 and reply.error is not None}))


def _device_scopes(profile: Profile) -> tuple[str, ...]:
    """Return what may be asked for on another device: the vendor's usual scopes, or one that it allows there."""
    allowed = profile.device.scopes if profile.device is not None else ()
    return tuple(scope for scope in profile.scopes if scope in allowed) or allowed[:1] or profile.scopes


def resource_url(profile: Profile) -> str:
    """Return the vendor's default protected resource: the first resource in the profile."""
    return _needed(profile, "resource")


def _needed(profile: Profile, view: str) -> str:
    url = profile.url(view)
    if url is None:
        raise ValueError(f"profile {profile.name!r}: endpoints: no endpoint with view {view!r}")
    return url


def _applications(scenario: Scenario, profile: Profile) -> tuple[Application, ...]:
    certificate = {"certificate": CLIENT_CERTIFICATE} if profile.signs_assertions else {}
    changes = {"client_secret": registration(profile).client_secret, **certificate, **scenario.application}
    if isinstance(changes.get("scopes"), list | tuple):
        changes["scopes"] = frozenset(changes["scopes"])
    return (replace(DEFAULT_APPLICATION, **changes),)
