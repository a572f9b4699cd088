"""What the provider's handler costs without any server: against a prototype, with signatures, and after a million.

Run with `pytest tests/benchmarks/bench_provider.py --benchmark-only`; `extra_info` holds the ratios, which carry over
to another machine. Only the call is timed: requests are made, and answers read, between the calls.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from werkzeug.test import EnvironBuilder

sys.path.insert(0, str(Path(__file__).parent.parent))
from kit.peers import resident_megabytes
from kit.prototype import CLIENT, SECRET, Prototype
from kit.provider import START, Bench
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireRequest

ROUNDS = 10_000
MILLION = 1_000_000
BLOCK = 1000
TURNS = 10
FORM = "application/x-www-form-urlencoded"


class Subject:
    """What answers refreshes, one after the other: `call` is what is measured."""

    def __init__(self, client_id: str, client_secret: str, refresh_token: str) -> None:
        self._client = {"client_id": client_id, "client_secret": client_secret, "grant_type": "refresh_token"}
        self._token = refresh_token
        self._answered = b'{"access_token": "of the login"}'

    def request(self) -> Any:
        """Read the last answer and make the next request, with the refresh token that is now in force."""
        document = json.loads(self._answered)
        assert "access_token" in document, document
        self._token = document.get("refresh_token", self._token)
        return self._made(urlencode({**self._client, "refresh_token": self._token}).encode())

    def call(self, request: Any) -> None:
        """Have a request answered."""
        self._answered = self._answer(request)

    def _made(self, body: bytes) -> Any:
        raise NotImplementedError

    def _answer(self, request: Any) -> bytes:
        raise NotImplementedError


class OfProvider(Subject):
    """A vendor's handler, called with plain values."""

    def __init__(self, vendor: str, **authorization: str) -> None:
        bench = Bench(VENDORS[vendor].profile)
        super().__init__(CLIENT_ID, CLIENT_SECRET, bench.login(**authorization)["refresh_token"])
        self._handle = bench.handler
        self._url = bench.profile.url("token") or ""

    def _made(self, body: bytes) -> WireRequest:
        headers = (("Host", "a.example"), ("Accept", "*/*"), ("Content-Type", FORM), ("Content-Length", str(len(body))))
        return WireRequest(method="POST", url=self._url, headers=headers, body=body)

    def _answer(self, request: WireRequest) -> bytes:
        return self._handle(request, START).body


class OfPrototype(Subject):
    """The prototype, called as a WSGI server would."""

    def __init__(self) -> None:
        self._application = Prototype()
        super().__init__(CLIENT, SECRET, self._application.log_in())
        builder = EnvironBuilder("/token", method="POST", content_type=FORM, headers=[("Accept", "*/*")])
        self._environ = builder.get_environ()

    def _made(self, body: bytes) -> dict[str, Any]:
        return {**self._environ, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}

    def _answer(self, request: dict[str, Any]) -> bytes:
        return b"".join(self._application(request, _start_response))


def _start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
    return lambda data: None


def _median(benchmark: BenchmarkFixture, subject: Subject) -> float:
    """Time refreshes one by one; returns the median in microseconds."""
    pedantic: Any = benchmark.pedantic  # its signature has no types
    pedantic(subject.call, setup=lambda: ((subject.request(),), {}), rounds=ROUNDS, warmup_rounds=200)
    stats: Any = benchmark.stats
    return float(stats.stats.median) * 1e6


_FIRST: list[float] = []


@pytest.mark.parametrize("kind", ["provider", "prototype"])
def test_a_refresh_by_the_handler_alone(benchmark: BenchmarkFixture, kind: str) -> None:
    """Goal: with rotation, reuse detection and a ledger entry, at least 3 times faster than the prototype."""
    benchmark.group = "a refresh, called directly"
    subject: Subject = OfProvider("generic") if kind == "provider" else OfPrototype()
    middle = _median(benchmark, subject)
    _FIRST.append(middle)
    benchmark.extra_info["slower_than_first"] = round(middle / _FIRST[0], 2)


def test_a_refresh_with_an_id_token(benchmark: BenchmarkFixture) -> None:
    """Goal: at most 1.5 times a refresh without one and a signature of other claims together."""
    benchmark.group = "a refresh with an RS256 id_token"
    plain, signed = OfProvider("google"), OfProvider("google", scope="openid https://mail.google.com/")
    claims = dict.fromkeys("abcdefgh", "some value of a claim")
    without = statistics.median(_each(plain, ROUNDS))
    signature = statistics.median(_timed(signing.sign, claims) for _ in range(BLOCK))
    middle = _median(benchmark, signed)
    benchmark.extra_info.update(
        without=round(without, 1),
        signature=round(signature, 1),
        slower_than_both=round(middle / (without + signature), 2),
    )  # fmt: skip


def test_a_million_refreshes_of_one_family(benchmark: BenchmarkFixture) -> None:
    """Goal: the last thousand refreshes take at most 1.2 times as long as the first thousand, 2 kB each.

    The first thousand are those of a provider beside it, in turns with the last, so that both meet the same machine;
    each is the median of ten in processor time. A million refreshes of one family is a client that never stops.
    """
    old, young = OfProvider("generic"), OfProvider("generic")
    before = resident_megabytes(os.getpid())

    def refreshed() -> None:
        for _ in range(MILLION):
            old.call(old.request())

    pedantic: Any = benchmark.pedantic
    pedantic(refreshed, rounds=1)
    after = resident_megabytes(os.getpid())
    turns = [(sum(_each(young, BLOCK)), sum(_each(old, BLOCK))) for _ in range(TURNS)]
    first, last = (statistics.median(times) / BLOCK for times in zip(*turns, strict=True))
    benchmark.extra_info.update(
        first=round(first, 1),
        last=round(last, 1),
        slower=round(last / first, 2),
        bytes_per_refresh=round((after - before) * 1024 * 1024 / MILLION),
    )  # fmt: skip


def _each(subject: Subject, count: int) -> list[float]:
    """Refresh so often; returns the processor time of each call in microseconds."""
    return [_timed(subject.call, subject.request()) for _ in range(count)]


def _timed(act: Callable[[Any], object], argument: Any) -> float:
    began = time.thread_time_ns()
    act(argument)
    return (time.thread_time_ns() - began) / 1000
