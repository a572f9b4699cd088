"""The exchanges of one provider as they went over the wire: the newest so many, redacted when they are read.

Nothing is redacted while a client waits; what is kept is as secret as the provider's own state and goes nowhere else.
"""

from __future__ import annotations

from collections import deque
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from refreshproof.mock_servers.provider.state.vault import Vault, redact_body
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse

_OMITTED = frozenset(("cookie", "set-cookie"))


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and its answer; `arrived` is None while the answer is under way."""

    number: int
    at: Instant
    request: WireRequest
    response: WireResponse
    arrived: bool | None = None


class Journal:
    """The newest exchanges of a provider; `count` is how many there ever were."""

    def __init__(self, vault: Vault, limit: int) -> None:
        self._vault = vault
        self._kept: deque[Exchange] = deque(maxlen=limit)
        self.count = 0

    def add(self, at: Instant, request: WireRequest, response: WireResponse) -> None:
        """Append an exchange; beyond the limit the oldest goes."""
        self._kept.append(Exchange(number=self.count, at=at, request=request, response=response))
        self.count += 1

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Record whether an answer went out whole; it is one of the newest."""
        for exchange in reversed(self._kept):
            if exchange.response is response:
                exchange.arrived = arrived
                return

    def mark(self) -> tuple[int, list[Exchange]]:
        """Return what is kept, and how many exchanges there were."""
        return self.count, [copy(exchange) for exchange in self._kept]

    def return_to(self, mark: tuple[int, list[Exchange]]) -> None:
        """Keep what was kept at the mark."""
        self.count, kept = mark
        self._kept = deque((copy(exchange) for exchange in kept), maxlen=self._kept.maxlen)

    def rows(self, since: int, limit: int) -> list[dict[str, Any]]:
        """Return exchanges from a number on, without secrets, as JSON values; where that was dropped, the first says
        so."""
        found = [exchange for exchange in self._kept if exchange.number >= since]
        dropped = self.count - len(self._kept)
        rows = [_mark(dropped, self._kept[0].at)] if since < dropped and self._kept else []
        return [*rows, *map(self._row, found)][:limit]

    def _row(self, exchange: Exchange) -> dict[str, Any]:
        request, response = exchange.request, exchange.response
        parameters = dict(self._vault.redact_parameters(request.query))
        return {
            "number": exchange.number,
            "at": exchange.at,
            "method": request.method,
            "url": self._vault.redact(request.url.partition("?")[0])
            + (f"?{urlencode(parameters)}" if parameters else ""),
            "request_headers": self._headers(request.headers),
            "request_body": self._form(request),
            "status": response.status,
            "response_headers": self._headers(response.headers),
            "response_body": redact_body(self._vault, response.body),
            "drop": response.drop,
            "entry": response.entry,
            "delivered": exchange.arrived,
        }

    def _form(self, request: WireRequest) -> str:
        if request.media_type == "application/x-www-form-urlencoded":
            return urlencode(self._vault.redact_parameters(request.form))
        return redact_body(self._vault, request.body)

    def _headers(self, headers: tuple[tuple[str, str], ...]) -> list[list[str]]:
        return [[name, self._vault.redact(value)] for name, value in headers if name.lower() not in _OMITTED]


def _mark(dropped: int, at: Instant) -> dict[str, Any]:
    """Return the row that stands for the exchanges before the oldest that is kept."""
    text = f"exchanges 0 to {dropped - 1} were dropped"
    return {
        "number": dropped - 1, "at": at, "method": "dropped", "url": "", "request_headers": [], "request_body": text,
        "status": 0, "response_headers": [], "response_body": "", "drop": None, "entry": None, "delivered": None,
    }  # fmt: skip
