"""Requests over sockets, in real time: httpx without redirects, retries or cookies, and threads for what is sent
together.

It trusts no proxy of the environment, for nothing may be sent to a host that was not named.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType

import httpx

from refreshproof.harness.vendor_check.asking.real_clock import now, sleep_until
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse, seconds

LARGEST_BODY = 1_048_576
"""Bytes of an answer that are read."""
OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that say how a body was sent, not what it is: it is kept decoded."""


class HttpCarrier:
    """Carries requests to a real server."""

    def __init__(self, *, timeout: float = 30.0, verify: bool | str = True) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        self._longest = seconds(timeout)
        self._client = httpx.Client(timeout=timeout, verify=verify, trust_env=False, limits=limits)

    def __enter__(self) -> HttpCarrier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def now(self) -> Instant:
        """Return the time in microseconds; it never goes back."""
        return now()

    def wait(self, until: Instant) -> None:
        """Sleep until an instant."""
        sleep_until(until)

    def send(self, request: WireRequest) -> Reply:
        """Send one request; a reply without a response where none came."""
        sent_at = now()
        try:
            response = self._read(request)
        except httpx.HTTPError as error:
            why = f"{type(error).__name__}: {error}"
            return Reply(response=None, sent_at=sent_at, received_at=now(), why=why)
        except UnicodeEncodeError:
            why = "a token with characters that no header can hold cannot be presented"
            return Reply(response=None, sent_at=sent_at, received_at=now(), why=why)
        return Reply(response=response, sent_at=sent_at, received_at=now())

    def together(self, requests: Sequence[WireRequest]) -> tuple[Reply, ...]:
        """Send requests in threads that start as one."""
        barrier, replies = threading.Barrier(len(requests)), dict[int, Reply]()

        def run(number: int, request: WireRequest) -> None:
            barrier.wait()
            replies[number] = self.send(request)

        threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(requests)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(replies[number] for number in range(len(requests)))

    def _read(self, request: WireRequest) -> WireResponse:
        body, until = bytearray(), now() + self._longest
        headers = [*request.headers, ("Connection", "close")]
        with self._client.stream(request.method, request.url, headers=headers, content=request.body) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_BODY:
                    break
                if now() > until:
                    raise httpx.ReadTimeout("the answer came too slowly")
        pairs = tuple(pair for pair in response.headers.multi_items() if pair[0].lower() not in OF_THE_WIRE)
        return WireResponse(status=response.status_code, headers=pairs, body=bytes(body[:LARGEST_BODY]))
