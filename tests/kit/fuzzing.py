"""What the fuzzers share: how many inputs, and bytes that are nearly requests.

REFRESHPROOF_FUZZ=100000 pytest -m fuzz tries so many inputs of each kind, and new ones at every run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

INPUTS = int(os.environ.get("REFRESHPROOF_FUZZ", "0"))


def inputs(usual: int) -> Callable[[Any], Any]:
    """Give a test so many inputs, or as many as the environment asks for, and the marker `fuzz`."""
    chosen = settings(
        max_examples=INPUTS or usual,
        derandomize=not INPUTS,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    return lambda test: pytest.mark.fuzz(chosen(test))


_ODD = st.sampled_from(
    b" |\t|\r\n|\n|\x00|\x7f|\xff|%|%00|%ed%a0%80|#|?|@|:|[|]|[]|[::]|[::::]|[1.2]|[::1%25lo]|[v1.a]|::1|//|/..|*|\\|"
    b"-1|+1|0x1|65536|99999999999999999999|xn--a|\xc3\xa4|127.1|0|HTTP/1.1|".split(b"|")
)
_TEXT = st.one_of(_ODD, st.binary(max_size=12), st.sampled_from([b"x", b"127.0.0.1", b"auth.atlassian.com", b"/token"]))
_METHOD = st.one_of(
    st.sampled_from([b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"CONNECT", b"PATCH", b"get", b""]), _TEXT
)
_AUTHORITY = st.one_of(
    st.builds(b"%b:%b".__mod__, st.tuples(_TEXT, st.one_of(st.integers(0, 70_000).map(b"%d".__mod__), _TEXT))),
    st.builds(b"[%b]".__mod__, st.tuples(st.text("0123456789abcdef:.%v", max_size=20).map(str.encode))),
    _TEXT,
)
_TARGET = st.one_of(
    st.sampled_from([b"/token", b"/resource", b"/authorize?client_id=refreshproof-client", b"/", b"*"]),
    st.builds(b"%b://%b%b".__mod__, st.tuples(st.sampled_from([b"http", b"https", b"ftp", b""]), _AUTHORITY, _TEXT)),
    st.builds(b"/%b%b".__mod__, st.tuples(_TEXT, _TEXT)),
    _AUTHORITY,
)
_VERSION = st.one_of(st.sampled_from([b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b""]), _TEXT)
_NAMES = [b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"Authorization", b"Cookie", b"Expect", b"Upgrade"]
_FIELD = st.tuples(
    st.one_of(st.sampled_from([*_NAMES, b"Connection", b"Host", b"Origin", b"DPoP", b"HTTP2-Settings"]), _TEXT),
    st.one_of(
        st.sampled_from([b"0", b"3", b"chunked", b"gzip, chunked", b"close", b"keep-alive", b"h2c", b"100-continue"]),
        st.sampled_from(
            [b"application/json", b"application/x-www-form-urlencoded", b"Bearer x", b"Basic eDp5", b"DPoP x"]
        ),
        _TEXT,
    ),
)
_BODY = st.one_of(
    st.sampled_from([b"", b"3\r\nabc\r\n0\r\n\r\n", b"grant_type=refresh_token&refresh_token=x", b'{"a": "\\ud800"}']),
    st.binary(max_size=40),
)


def _request(
    parts: tuple[bytes, bytes, bytes, bytes | None, list[tuple[bytes, bytes]], bytes],
) -> bytes:
    method, target, version, host, fields, body = parts
    lines = [b" ".join((method, target, version)), *([] if host is None else [b"Host: " + host])]
    lines += [b": ".join(field) for field in fields]
    head: bytes = b"\r\n".join([*lines, b"", b""])
    return head + bytes(body)


ALMOST_REQUESTS: st.SearchStrategy[bytes] = st.lists(
    st.one_of(
        st.tuples(
            _METHOD,
            _TARGET,
            _VERSION,
            st.one_of(st.just(b"x"), _AUTHORITY, st.none()),
            st.lists(_FIELD, max_size=4),
            _BODY,
        ).map(_request),
        st.sampled_from([b"", b"\x16\x03\x01\x02\x00\x01", b"\r\n\r\n", b"GET /resource HTTP/1.1\r\nHost: x\r\n\r\n"]),
    ),
    min_size=1,
    max_size=3,
).map(b"".join)
"""One to three requests in a row, each right or wrong in its method, target, host, fields, body or end."""

CUTS = st.lists(st.integers(1, 400), max_size=4)
"""Where the network cuts what is sent."""


_PIECES = st.sampled_from(
    ["", "0", "-1", "1e999", "NaN", "Infinity", "null", "true", "{}", "[]", '""', "x", "\x00", "\ud800", "\\u0000",
     '"', "'", "{", "}", "[", "]", ",", ":", "=", "#", ".", "\n", "9" * 40, "2030-01-01", "[" * 300, "\ufeff"]
)  # fmt: skip
_EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), _PIECES), min_size=1, max_size=3)


def almost(text: str) -> st.SearchStrategy[bytes]:
    """Return the bytes of a text in which one to three stretches of up to eight characters are something else."""
    return _EDITS.map(lambda edits: _edited(text, edits).encode(errors="surrogatepass"))


def _edited(text: str, edits: list[tuple[float, int, str]]) -> str:
    for place, removed, piece in edits:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + removed :]
    return text


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return the pieces of some bytes."""
    bounds = [0, *sorted({place for place in places if place < len(data)}), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]
