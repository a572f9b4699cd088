"""One vendor being served: its provider inside its faults, its front desk, its journal, and its addresses.

Takes requests as clients sent them, to local or to real addresses; knows no socket and reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from typing import Any
from zlib import crc32

from refreshproof.mock_servers.faults.layers import Faulty
from refreshproof.mock_servers.faults.queue import FaultQueue
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.snapshot import Snapshot
from refreshproof.mock_servers.serving.served.addresses import Addresses, Place
from refreshproof.mock_servers.serving.served.asked_origin import asked_origin
from refreshproof.mock_servers.serving.served.front_desk import PREFIX, FrontDesk
from refreshproof.mock_servers.serving.served.journal import Journal
from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.retention import Retention
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse

MOST_SNAPSHOTS = 100
TEXT_TYPE = "text/plain; charset=utf-8"

NO_REQUEST = WireRequest(method="unreadable", url="")
"""What stands in the journal for bytes that are no request."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an address without its query leads to: the vendor's own address, and the place of a local one."""

    url: str
    place: Place | None
    is_page: bool


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A provider and everything around it as they stood at one moment; it holds secrets and shows none."""

    at: Instant
    provider: Snapshot = field(repr=False)
    parts: tuple[Any, ...] = field(repr=False)
    broken_handshakes: int


class Served:
    """One vendor being served at `origin`; `reset` begins it anew."""

    provider: Provider
    queue: FaultQueue
    journal: Journal

    def __init__(self, vendor: Vendor, options: ServeOptions, origin: str) -> None:
        self.vendor = vendor
        self.origin = origin
        self.addresses = Addresses(vendor.profile, origin, keep_issuer=options.issuer == "real")
        self.broken_handshakes = 0
        self._kept_ever = 0
        self._options = options
        # A client asks for the same few addresses over and over.
        self._target = lru_cache(maxsize=1024)(self._find_target)
        self._addresses_at = lru_cache(maxsize=64)(partial(Addresses, vendor.profile))
        self.reset()

    def reset(self) -> None:
        """Forget everything that has happened: tokens, grants, users, faults, ledger, journal and snapshots."""
        options = self._options
        profile = self.addresses.localized(self.vendor.lived)
        self.provider = Provider(
            replace(profile, cors_hosts=profile.hosts) if options.cors == "all" else profile,
            seed=options.seed ^ crc32(self.vendor.name.encode()),  # what one vendor hands out is good at no other
            applications=options.applications,
            accounts=options.accounts,
        )
        self.provider.state.stands_still = options.time == "virtual"
        self.queue = FaultQueue(self.provider.sight)
        self.journal = Journal(self.provider.vault, options.journal)
        keep = options.ledger_keep
        self._retention = None if keep is None else Retention(self.provider, keep, options.journal)
        self.broken_handshakes = 0
        self._desk = FrontDesk(self.provider, automatic=options.user == "auto")
        # Built with the first request: what checks a fault takes longer to import than all vendors to start.
        self._faulty = cache(partial(self.vendor.handler, self.provider))
        self._handler: Handler = self.queue.wrap(lambda request, now: self._faulty()(request, now))
        self._snapshots: dict[int, Kept] = {}
        self._cut()

    def keep(self, now: Instant) -> int:
        """Keep everything as it stands; returns the number for `restore`. Beyond a hundred the oldest goes."""
        with self.provider.lock:
            number = self._kept_ever = self._kept_ever + 1
            parts = tuple(part.mark() for part in self._parts)
            self._snapshots[number] = Kept(
                at=now, provider=self.provider.snapshot(), parts=parts, broken_handshakes=self.broken_handshakes
            )
            if len(self._snapshots) > MOST_SNAPSHOTS:
                del self._snapshots[min(self._snapshots)]
            return number

    def restore(self, number: int) -> Instant:
        """Be as at a snapshot; returns its time. Raises KeyError for one that is not kept."""
        with self.provider.lock:
            kept = self._snapshots[number]
            self.provider.restore(kept.provider)
            for part, mark in zip(self._parts, kept.parts, strict=True):
                part.return_to(mark)
            self.broken_handshakes = kept.broken_handshakes
            self._cut()
            return kept.at

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The numbers of the snapshots that are kept."""
        return tuple(self._snapshots)

    @property
    def _parts(self) -> tuple[Faulty | FaultQueue | Journal | FrontDesk, ...]:
        return self._faulty(), self.queue, self.journal, self._desk

    def knows(self, host: str) -> bool:
        """Tell whether a host is one of the vendor's real ones."""
        return host in self.addresses.hosts

    def handle(self, request: WireRequest, now: Instant) -> WireResponse:
        """Answer a request to a local address, or to a real one that reached this server."""
        address, mark, query = request.url.partition("?")
        target = self._target(address)
        addresses = self._called(request) if self._options.issuer == "host" else self.addresses
        if target.place is not None or request.method == "HEAD":
            request = WireRequest(
                # RFC 9110 s9.3.2: the answer to HEAD is GET's, and the connection leaves its content out.
                method="GET" if request.method == "HEAD" else request.method,
                url=f"{target.url}{mark}{query}",
                headers=request.headers,
                body=request.body,
            )
        inward = response = self._desk.serve(self._handler, request, now)
        if target.place is not None:
            response = addresses.outward(response, target.place)
        if not target.is_page:
            self.journal.add(now, request, response)
            if self._options.witness is not None:
                self._options.witness.answered(self.vendor.name, self.provider, request, inward, response, now)
        if self._retention is not None:
            self._retention.after_request(now)
        return response

    def _called(self, request: WireRequest) -> Addresses:
        """Return the addresses as whoever asks calls the server, and let the provider call itself so too."""
        if self.knows(request.host):
            return self.addresses
        addresses, provider = self._addresses_at(asked_origin(request)), self.provider
        issuer = addresses.local_url(self.vendor.profile.issuer) or ""
        if provider.profile.issuer != issuer:
            provider.profile = replace(provider.profile, issuer=issuer)
        return addresses

    def refuse(self, status: int, reason: str, now: Instant) -> WireResponse:
        """Answer what is no request, or none that a server takes; ledger and journal say so."""
        provider = self.provider
        with provider.lock:
            provider.latest = max(provider.latest, now)
            entry = provider.ledger.open(now, "unknown")
            entry.cause, entry.detail, entry.status = Cause.INVALID_REQUEST, reason, status
        response = WireResponse(
            status=status, headers=(("Content-Type", TEXT_TYPE),), body=f"{reason}\n".encode(), entry=entry.number
        )
        self.journal.add(now, NO_REQUEST, response)
        if self._retention is not None:
            self._retention.after_request(now)
        return response

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Record in ledger and journal whether an answer went out whole."""
        self.provider.delivered(response, arrived)
        self.journal.delivered(response, arrived)
        if self._options.witness is not None:
            self._options.witness.delivered(self.vendor.name, response, arrived)

    def _cut(self) -> None:
        if self._options.witness is not None:
            self._options.witness.cut(self.vendor.name)

    def _find_target(self, address: str) -> Target:
        asked = WireRequest(method="GET", url=address)
        is_page = asked.path.startswith(PREFIX)
        if asked.host in self.addresses.hosts:
            return Target(url=address, place=None, is_page=is_page)
        place = self.addresses.place(asked.path)
        return Target(url=place.origin + asked.path, place=place, is_page=is_page)


def find(vendors: tuple[Served, ...], own: Served, host: str) -> Served:
    """Return who answers a host at a vendor's port: that vendor, unless the host is a real one of another."""
    if own.knows(host):
        return own
    return next((served for served in vendors if served.knows(host)), own)


def describe(served: Served, request: WireRequest, response: WireResponse) -> str:
    """Return a line for the log: who answered what, by aliases only, and why it was refused."""
    provider = served.provider
    # The name of an interaction is what makes a form the person's own.
    path = f"{PREFIX}..." if request.path.startswith(PREFIX) else provider.vault.redact(request.path)
    line = f"{served.vendor.name} {request.method} {path} {response.status}"
    entry = None if response.entry is None else provider.ledger.entry(response.entry)
    if response.drop is not None:
        line += f" dropped: {response.drop}"
    if entry is None:
        return line
    line += f" {entry.grant_type}" if entry.grant_type else ""
    line += f" {entry.presented}" if entry.presented else ""
    line += f" -> {' '.join(entry.issued)}" if entry.issued else ""
    return line + (f" refused: {entry.cause}" if entry.cause else "")
