"""What a browser or a proxy has recorded, as the exchanges of the vendors that are asked for.

What the recorder left out is not observable: a redacted token, an omitted body, a stripped Authorization header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.sights import Sight
from refreshproof.scenarios.recording.har_shape import Entry, Har
from refreshproof.scenarios.recording.masks import unmasked_answer, unmasked_request
from refreshproof.scenarios.recording.recording import UNANSWERED, UNTOLD, Recorded, Recording
from refreshproof.scenarios.recording.taking import Passage, taken

_ANSWER: Mapping[str, Sight] = dict.fromkeys(("members", "issued", "response_body", "committed", "cause"), "body")
_ANSWER_MASKED: Mapping[str, Sight] = dict.fromkeys(("members", "issued", "response_body"), "authorization")
_BODY: Mapping[str, Sight] = dict.fromkeys(
    ("parameters", "presented", "grant_type", "client_authentication", "challenge"), "body"
)
_HEADER: Mapping[str, Sight] = dict.fromkeys(("request_headers", "presented", "client_authentication"), "authorization")
_MASKED: Mapping[str, Sight] = dict.fromkeys(
    ("parameters", "presented", "client_authentication", "challenge"), "authorization"
)


class NothingRecordedError(ValueError):
    """A file without a request to any of the vendors; the text names the hosts that were seen and those expected."""


def recorded_at(har: Har, vendors: Sequence[Vendor]) -> tuple[Recording, ...]:
    """Return what each vendor saw; raises NothingRecordedError where none of them saw anything."""
    found = tuple(_Reader(har, vendor).recording() for vendor in vendors)
    if any(one.exchanges for one in found):
        return found
    seen = sorted({one.request.host for one in har.entries if one.request.host})
    wanted = sorted({host for vendor in vendors for host in hosts_of(vendor.profile)})
    raise NothingRecordedError(
        f"{har.path}: no request to {', '.join(vendor.name for vendor in vendors)}: the hosts in it are"
        f" {_listed(seen)}; expected {_listed(wanted)}"
    )


def hosts_of(profile: Profile) -> frozenset[str]:
    """Return the hosts of a vendor's endpoints."""
    return frozenset(urlsplit(endpoint.url).hostname or "" for endpoint in profile.endpoints)


def _listed(hosts: Sequence[str], most: int = 12) -> str:
    more = f" and {len(hosts) - most} more" if len(hosts) > most else ""
    return ", ".join(hosts[:most]) + more if hosts else "none"


@dataclass(frozen=True, kw_only=True)
class _Event:
    """The order numbers of an entry's beginning and end; of two at one instant beginnings come first."""

    sent: int
    settled: int


class _Reader:
    """Reads the entries of one vendor."""

    def __init__(self, har: Har, vendor: Vendor) -> None:
        self._har = har
        self._vendor = vendor
        self._provider = Provider(vendor.profile, applications=())
        self._hosts = hosts_of(vendor.profile)
        self._orders = _orders(har.entries)
        # A recorder that leaves out every Authorization header has most likely taken them away.
        self._stripped = not any(one.request.header("authorization") for one in har.entries if self._is_ours(one))
        self._targets: set[str] = set()

    def recording(self) -> Recording:
        """Return the exchanges, and what a reader has to know of them."""
        found = tuple(self._exchanges())
        return Recording(vendor=self._vendor, exchanges=found, notes=tuple(self._notes(found)))

    def _is_ours(self, entry: Entry) -> bool:
        return entry.request.host in self._hosts

    def _exchanges(self) -> Iterator[Recorded]:
        known: set[object] = set()
        for number, (entry, event) in enumerate(zip(self._har.entries, self._orders, strict=True), 1):
            # What two recorders have written of one request was sent once.
            own = (entry.started, entry.request.method, entry.request.url, entry.request.body)
            if entry.request.method == "OPTIONS" or own in known or not self._concerns(entry):
                continue
            known.add(own)
            yield self._recorded(entry, event, number)
            if entry.response is not None:
                self._targets.add((entry.response.header("location") or "").partition("?")[0])

    def _concerns(self, entry: Entry) -> bool:
        """Tell whether an entry belongs to what is judged: an endpoint of the vendor, or a request elsewhere that
        carries what the vendor issued or follows a redirect of its."""
        view = self._provider.sight(entry.request).view if self._is_ours(entry) else None
        if view is not None:
            return True
        request = entry.request
        text = "\n".join((request.url, request.header("authorization") or "", request.body.decode("utf-8", "replace")))
        carries = {alias.rstrip("0123456789") for alias in self._provider.vault.leaks(text)} & {"AT", "RT", "SECRET"}
        return bool(carries) or (request.url.partition("?")[0] in self._targets and request.method != "GET")

    def _recorded(self, entry: Entry, event: _Event, number: int) -> Recorded:
        request, masked = unmasked_request(entry.request)
        response, answer_masked = (None, False) if entry.response is None else unmasked_answer(entry.response)
        passage = Passage(
            number=number,
            sent_at=entry.started,
            finished_at=entry.ended,
            sent_order=event.sent,
            settled_order=event.settled,
            answered=response is not None,
        )
        exchange = taken(self._provider, request, response, passage)
        gaps: tuple[tuple[bool, Mapping[str, Sight]], ...] = (
            (response is not None and not _is_success(exchange, response), UNTOLD),
            (response is None, UNANSWERED),
            (entry.answer_left_out and exchange.view != "authorization", _ANSWER),
            (answer_masked, _ANSWER_MASKED),
            (entry.body_left_out, _BODY),
            (self._lacks_credentials(exchange) or "authorization" in masked, _HEADER),
            (bool(masked), _MASKED),
        )
        return Recorded(
            exchange=exchange, unseen={name: sight for gap, of in gaps if gap for name, sight in of.items()}
        )

    def _lacks_credentials(self, exchange: Exchange) -> bool:
        """Tell whether a request lacks what a recorder that strips headers would have taken from it."""
        return self._stripped and not exchange.client_authentication and exchange.view != "authorization"

    def _notes(self, found: Sequence[Recorded]) -> Iterator[str]:
        """Yield what could not be seen, and how often."""
        left_out = sum("body" in one.unseen.values() for one in found)
        hidden = sum("authorization" in one.unseen.values() for one in found)
        if left_out:
            yield f"{left_out} of {len(found)} requests were recorded without a body of theirs"
        if hidden:
            yield f"{hidden} of {len(found)} requests were recorded without the credentials that they carried"
        if not any(one.exchange.view == "token" for one in found):
            yield f"no request to the token endpoint of {self._vendor.name} was recorded"


def _orders(entries: Sequence[Entry]) -> list[_Event]:
    """Number beginnings and ends by time."""
    moments = sorted(
        [(one.started, 0, at) for at, one in enumerate(entries)]
        + [(one.ended, 1, at) for at, one in enumerate(entries)]
    )
    sent: dict[int, int] = {}
    settled: dict[int, int] = {}
    for number, (_, ends, at) in enumerate(moments):
        (settled if ends else sent)[at] = number
    return [_Event(sent=sent[at], settled=settled[at]) for at in range(len(entries))]


def _is_success(exchange: Exchange, response: WireResponse) -> bool:
    """Tell whether an answer shows that the server did as it was asked; some refuse with a status of success."""
    document = response.document
    refuses = isinstance(document, dict) and ("error" in document or document.get("ok") is False)
    if exchange.view == "authorization":
        return bool(exchange.issued)
    return 200 <= response.status < 300 and not refuses
