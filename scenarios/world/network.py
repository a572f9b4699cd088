"""The three legs between client and server in virtual time, and the recorder that writes down what passes.

A request takes the request leg, server time, and the response leg; each may take time or fail. What the server commits
before the client gives up stays committed: that is the lost response.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.stacks.carrier import Trouble, arrival
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse, seconds
from refreshproof.scenarios.clocks.actors import REQUEST, Actors
from refreshproof.scenarios.clocks.clock import ClientClock, VirtualClock
from refreshproof.scenarios.clocks.ending import Ending
from refreshproof.scenarios.evidence.journal import Exchange, Journal
from refreshproof.scenarios.steps.conditions import LEGS, Condition, Leg, Moment, Weather
from refreshproof.scenarios.world.recorded import Unread, challenge_of, members, presented

GIVES_UP = 600.0
"""Seconds after which a silent connection is reset when the client itself sets no timeout."""


class ProcessDeath(Ending):
    """The client's process ends here. Not an error: what the client does about errors is not done any more."""


@dataclass(kw_only=True)
class _Passage:
    """One request on its way."""

    number: int
    step: int
    actor: str
    node: int
    fatal: Condition | None
    request: WireRequest
    sighting: Sighting
    sent_at: Instant
    client_sent_at: Instant
    deadline: Instant
    delays: Mapping[Leg, Instant]
    lost: Mapping[Leg, Condition]
    sent_order: int
    arrived_at: Instant | None = None
    response: WireResponse | None = None
    presented: str | None = None


_NO_DELAYS: Mapping[Leg, Instant] = dict.fromkeys(LEGS, 0)


def _delays(met: list[Condition]) -> Mapping[Leg, Instant]:
    return {leg: seconds(sum(one.seconds for one in met if one.leg == leg)) for leg in LEGS}


@dataclass(kw_only=True)
class _Death:
    """A process is to die at its store, when so many touches of it have passed; one that is `near` dies with its next
    request."""

    moment: Moment
    touches: int
    near: bool = False


@dataclass(kw_only=True)
class Network:
    """Carries requests of one client to one provider; `exchange` is the carrier, `clocks` are its processes'.

    `others` are further providers by their hosts; faults do not strike them.
    """

    provider: Provider
    handler: Handler
    clock: VirtualClock
    clocks: Mapping[int, ClientClock]
    actors: Actors
    journal: Journal
    weather: Weather = field(default_factory=Weather)
    broken: Exception | None = None
    others: dict[str, Provider] = field(default_factory=dict)
    step: int = 0
    _count: int = 0
    _dying: dict[tuple[int, str], _Death] = field(default_factory=dict)
    _unsettled: dict[tuple[int, str], Exchange] = field(default_factory=dict)
    _doubted: list[Exchange] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    @property
    def begun(self) -> int:
        """How many exchanges have begun."""
        return self._count

    def exchange(
        self, request: WireRequest, timeout: float | None, *, actor: str | None = None, node: int = 1
    ) -> WireResponse:
        """Carry one request; raises `Trouble` where the client gets no whole answer, `ProcessDeath` where it dies."""
        self.touched(node, REQUEST)
        who = (node, self.actors.name)
        self._settle(who)
        passage = self._depart(request, timeout, actor, node)
        moment = None if passage.fatal is None else passage.fatal.fatal
        if moment == "leaving":
            raise ProcessDeath
        trouble: Trouble | None = None
        try:
            response = self._travel(passage)
        except Trouble as met:
            trouble = met
        dies = moment in ("arrived", "answered") and passage.arrived_at is not None
        exchange = self._exchange(passage, trouble, dies=dies)
        if moment == "storing" and trouble is None:
            self._unsettled[who] = exchange
        else:
            self.journal.add(exchange)
        if dies:
            raise ProcessDeath
        if trouble is not None:
            raise trouble
        if passage.fatal is not None and moment is not None:
            self._dying[who] = _Death(moment=moment, touches=passage.fatal.touches)
        return response

    def touched(self, node: int, weight: int = 1, *, store: bool = False) -> None:
        """Note that a process is about to touch clock, network or store; raises `ProcessDeath` where it dies of it.

        A process that dies before it has stored an answer has never had it.
        """
        if self._dying:
            self._die(node, store=store, request=weight == REQUEST)
        self.actors.touch(weight)

    def _die(self, node: int, *, store: bool, request: bool) -> None:
        """Let a process die before it touches its store, or with its next request, when all of that is written: a touch
        of the store may be a read, so that nobody knows before then that an answer is kept."""
        who = (node, self.actors.name)
        death = self._dying.get(who)
        if death is None:
            return
        if store and death.touches:
            death.touches -= 1
        elif store and death.moment == "stored":
            death.near = True
        elif store or (request and death.near):
            self._settle(who, lost=True)
            raise ProcessDeath

    def _settle(self, who: tuple[int, str], *, lost: bool = False) -> None:
        """Write down an exchange of which it was open whether its answer outlives the process.

        Whoever has sent another request since has made use of the answer, and so has whoever presents what it brought.
        """
        exchange = self._unsettled.pop(who, None)
        if exchange is not None:
            died = replace(exchange, delivered=False, status=None, members={}, trouble="died")
            self.journal.add(died if lost else exchange)
            self._doubted += [exchange] * lost

    def _learn(self, presented: str | None) -> None:
        """Write down that an answer outlived its process after all, once something is presented that it brought."""
        for exchange in [one for one in self._doubted if presented in one.issued]:
            if not any(presented in one.issued for one in self.journal.exchanges() if one.number < exchange.number):
                self.journal.revise(exchange)
                self._doubted.remove(exchange)

    @contextmanager
    def operation(self, node: int) -> Iterator[None]:
        """Count the touches of an operation of a process, which does not die of it any more when it is over."""
        self.actors.begin()
        try:
            yield
        finally:
            self._dying.pop((node, self.actors.name), None)
            self._settle((node, self.actors.name))

    def provider_of(self, request: WireRequest) -> Provider:
        """Return the provider that a request goes to."""
        return self.others.get(request.host, self.provider) if self.others else self.provider

    def _depart(self, request: WireRequest, timeout: float | None, actor: str | None, node: int) -> _Passage:
        self._count += 1
        sighting = self.provider_of(request).sight(request)
        met = self.weather.meet(sighting)
        now, shown = self.clock.now(), presented(self.provider, sighting)
        self._learn(shown)
        return _Passage(
            number=self._count,
            step=self.step,
            actor=actor or self.actors.name,
            node=node,
            fatal=next((one for one in met if one.fatal is not None), None) if met else None,
            request=request,
            sighting=sighting,
            sent_at=now,
            sent_order=next(self._order),
            client_sent_at=self.clocks[node].reading,
            deadline=now + seconds(GIVES_UP if timeout is None else timeout),
            delays=_delays(met) if met else _NO_DELAYS,
            lost={one.leg: one for one in met if one.lost} if met else {},
            presented=shown,
        )

    def _travel(self, passage: _Passage) -> WireResponse:
        arrives = passage.sent_at + passage.delays["request"]
        if "request" in passage.lost:
            self._lose(passage, passage.lost["request"], arrives)
        if arrives > passage.deadline:
            # The client gives up first; the request arrives all the same.
            self.clock.at(arrives, partial(self._arrive_late, passage))
            self._give_up(passage)
        self.actors.wait_until(arrives)
        response = self._arrive(passage)
        if passage.fatal is not None and passage.fatal.fatal == "arrived":
            return response
        done = self.clock.now() + passage.delays["server"] + passage.delays["response"]
        if response.delay or response.drip:
            done += seconds(response.delay) + seconds(response.drip * len(response.body))
        if "response" in passage.lost:
            self._lose(passage, passage.lost["response"], done)
        if response.drop == "hang" or done > passage.deadline:
            self._give_up(passage)
        self.actors.wait_until(done)
        return arrival(response)

    def _arrive_late(self, passage: _Passage) -> None:
        self.provider_of(passage.request).delivered(self._arrive(passage), False)

    def _arrive(self, passage: _Passage) -> WireResponse:
        passage.arrived_at = self.clock.now()
        other = self.others.get(passage.request.host)
        handler = self.handler if other is None else other.handle
        try:
            passage.response = handler(passage.request, passage.arrived_at)
        except Exception as error:
            # A bug of ours, whatever the client makes of it: it must never read as the client's fault.
            self.broken = error
            raise
        if passage.response.drop == "refused":
            passage.arrived_at = None
        return passage.response

    def _lose(self, passage: _Passage, condition: Condition, when: Instant) -> None:
        if condition.silent or when > passage.deadline:
            self._give_up(passage)
        self.actors.wait_until(when)
        raise Trouble("reset", sent=True)

    def _give_up(self, passage: _Passage) -> None:
        self.actors.wait_until(passage.deadline)
        raise Trouble("timeout", sent=True)

    def _exchange(self, passage: _Passage, trouble: Trouble | None, *, dies: bool) -> Exchange:
        response, provider = passage.response, self.provider_of(passage.request)
        delivered = trouble is None and not dies
        if response is not None:
            provider.delivered(response, delivered)
        entry = None
        if response is not None and response.entry is not None:
            entry = provider.ledger.entry(response.entry)
        vault, request, sighting = self.provider.vault, passage.request, passage.sighting
        parameters = vault.redact_parameters(sighting.parameters)
        return Exchange.read_later(
            Unread(vault, request, response),
            number=passage.number,
            step=passage.step,
            actor=passage.actor,
            sent_at=passage.sent_at,
            sent_order=passage.sent_order,
            settled_order=next(self._order),
            client_sent_at=passage.client_sent_at,
            arrived_at=passage.arrived_at,
            finished_at=self.clock.now(),
            method=request.method,
            origin=request.origin,
            view=sighting.view,
            grant_type=sighting.grant_type,
            client_authentication=sighting.credentials.methods,
            parameters=parameters,
            presented=passage.presented,
            committed=entry is not None and entry.cause is None,
            cause=None if entry is None else entry.cause,
            event=None if entry is None else entry.event,
            issued=() if entry is None else entry.issued,
            status=None if response is None or not delivered else response.status,
            members=members(vault, response) if delivered else {},
            delivered=delivered,
            trouble="died" if dies else None if trouble is None else trouble.kind,
            challenge=challenge_of(sighting.values.get("code_verifier")),
            node=passage.node,
            on_behalf=request.on_behalf,
            basic=self._basic(sighting),
            leaks=tuple(vault.leaks(f"{request.url}\n{request.header('referer') or ''}")),
        )

    def _basic(self, sighting: Sighting) -> tuple[str, ...]:
        """Return what is known of the credentials in a request's `Authorization: Basic`."""
        sent = sighting.credentials
        if sent.raw_client_id is None:
            return ()
        servers = (self.provider, *self.others.values())
        known = any(sent.client_id in one.state.applications for one in servers)
        found = (sent.client_id if known else None, self.provider.vault.alias(sent.client_secret or ""))
        return tuple(one for one in found if one)
