"""HTTP in bytes: what is read strictly and within bounds, and what a response value becomes on a connection."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.mock_servers.serving.sockets.framing import plan
from refreshproof.mock_servers.serving.sockets.parsing import (
    LONGEST_BODY,
    LONGEST_HEAD,
    MOST_HEADERS,
    Malformed,
    RequestReader,
)
from refreshproof.mock_servers.wire import WireResponse

HOST = b"Host: x\r\n"
POST = b"POST /a HTTP/1.1\r\n" + HOST
RESPONSE = WireResponse(status=200, headers=(("Content-Type", "text/plain"),), body=b"0123456789")


def _read(data: bytes, step: int) -> Any:
    reader = RequestReader()
    try:
        for start in range(0, len(data), step):
            reader.feed(data[start : start + step])
    except Malformed as malformed:
        return malformed.status
    return [(message.method, message.target, message.body) for message in reader.messages]


ACCEPTED = {
    b"GET /a?b=c HTTP/1.1\r\n" + HOST + b"\r\n": [("GET", "/a?b=c", b"")],
    b"GET //a HTTP/1.0\r\n\r\n": [("GET", "//a", b"")],
    POST + b"Content-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n" + HOST + b"\r\n": [
        ("POST", "/a", b"abc"),
        ("GET", "/b", b""),
    ],
    POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n": [("POST", "/a", b"abcde")],
    b"GET http://a.example/b HTTP/1.1\r\n" + HOST + b"\r\n": [("GET", "http://a.example/b", b"")],
    # Java's HttpClient and curl --http2 offer an upgrade with their first request.
    POST
    + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\nContent-Length: 3\r\n\r\nabc"
    + b"GET /c HTTP/1.1\r\n"
    + HOST
    + b"\r\n": [("POST", "/a", b"abc"), ("GET", "/c", b"")],
}
REFUSED = {
    b"GET / HTTP/1.1\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: [::::]\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: [1.2]\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: [1.2.3.4]\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: x:65536\r\n\r\n": 400,
    b"GET http://[1.2]/ HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET http://[::::] HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET http://a:99999/ HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET http:/// HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET http://a?b HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"CONNECT [::::]:443 HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET /#x HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET ftp://a/ HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET http://u:p@a/ HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
    POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": 400,
    POST + b"Content-Length: +3\r\n\r\nabc": 400,
    POST + b"Content-Length: 1_0\r\n\r\n0123456789": 400,
    POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n": 400,
    POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n": 400,
    b"GET / HTTP/1.1\nHost: x\n\n": 400,
    b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n folded\r\n\r\n": 400,
    b"GET / HTTP/2.0\r\n" + HOST + b"\r\n": 505,
    b"\x16\x03\x01\x02\x00\x01": 400,
    POST + b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY + 1): 413,
    POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (LONGEST_BODY + 1) + b"a" * (LONGEST_BODY + 1): 413,
    b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * MOST_HEADERS + b"\r\n": 431,
    b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"b" * LONGEST_HEAD + b"\r\n\r\n": 431,
    b"GET /" + b"a" * LONGEST_HEAD + b" HTTP/1.1\r\n" + HOST + b"\r\n": 414,
}


@pytest.mark.parametrize("data", ACCEPTED, ids=range(len(ACCEPTED)))
def test_a_request_is_read_alike_whole_and_byte_by_byte(data: bytes) -> None:
    assert _read(data, len(data)) == ACCEPTED[data]
    assert _read(data, 1) == ACCEPTED[data]


@pytest.mark.parametrize("data", REFUSED, ids=range(len(REFUSED)))
def test_what_breaks_the_rules_of_http_is_refused_with_its_status(data: bytes) -> None:
    assert _read(data, 64 * 1024) == REFUSED[data]


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_end_in_anything_but_requests_or_a_refusal(chunks: list[bytes]) -> None:
    found = _read(b"".join(chunks), 50)
    assert isinstance(found, list) or found in (400, 413, 414, 431, 505)


@given(st.integers(min_value=1, max_value=60), st.sampled_from(sorted(ACCEPTED)))
def test_where_the_network_cuts_a_request_makes_no_difference(step: int, data: bytes) -> None:
    assert _read(data, step) == ACCEPTED[data]


AGAIN = (
    b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /a HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    POST + b"Content-Length: 6\r\n\r\n",
    POST + b"Content-Length: 6\r\nExpect: 100-continue\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\nContent-Length: 6\r\n\r\n",
    b"\r\n\r\n",
    b"abcdef",
    b"\r\n\r\nab",
)


@given(st.lists(st.sampled_from(AGAIN), max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_head_that_comes_again_is_read_as_it_was_the_first_time(pieces: list[bytes], together: list[bool]) -> None:
    """Whether pieces come one by one, or each with the one before it, makes no difference."""
    writes: list[bytes] = []
    for piece, joins in zip(pieces, together, strict=False):
        if joins and writes:
            writes[-1] += piece
        else:
            writes.append(piece)
    known, anew = RequestReader(), RequestReader()
    for write in writes:
        found = [_fed(known, (write,)), _fed(anew, (write[:1], write[1:-1], write[-1:]))]
        assert found[0] == found[1]
        if not isinstance(found[0], list) or (found[0] and not found[0][-1][-1]):
            break  # nothing is read after what is no request, or the last


def _fed(reader: RequestReader, writes: tuple[bytes, ...]) -> Any:
    try:
        for write in filter(None, writes):
            reader.feed(write)
    except Malformed as malformed:
        return malformed.status, malformed.reason
    found = [(one.method, one.target, one.headers, one.host, one.body, one.keep_alive) for one in reader.messages]
    reader.messages.clear()
    return found


def test_after_connect_the_rest_is_not_http() -> None:
    reader = RequestReader()
    reader.feed(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n\x16\x03\x01")
    assert [message.target for message in reader.messages] == ["a.example:443"]
    assert reader.left == b"\x16\x03\x01"


def test_a_client_that_waits_for_100_is_noticed_once() -> None:
    reader = RequestReader()
    reader.feed(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert [reader.awaits_continue, reader.awaits_continue] == [True, False]


def _sent(response: WireResponse, **options: bool) -> tuple[bytes, str, bool]:
    planned = plan(response, **options)
    return b"".join(data for _, data in planned.pieces), planned.ending, planned.arrives


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
BODY = b"0123456789"
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"
PLANS: dict[str, tuple[dict[str, Any], bytes, str, bool]] = {
    "plain": ({}, HEAD + b"Content-Length: 10\r\n\r\n" + BODY, "keep", True),
    "truncated": ({"truncate_at": 4}, HEAD + b"Content-Length: 10\r\n\r\n0123", "close", False),
    "truncated at its end": ({"truncate_at": 10}, HEAD + b"Content-Length: 10\r\n\r\n" + BODY, "keep", True),
    "too long": ({"framing": "too_long"}, HEAD + b"Content-Length: 11\r\n\r\n" + BODY, "close", False),
    "too short": ({"framing": "too_short"}, HEAD + b"Content-Length: 9\r\n\r\n" + BODY, "close", False),
    "chunked": ({"framing": "chunked"}, HEAD + CHUNKS, "keep", True),
    "interim": ({"framing": "interim"}, EARLY + HEAD + b"Content-Length: 10\r\n\r\n" + BODY, "keep", True),
    "HTTP/1.0": ({"framing": "http_1_0"}, HEAD.replace(b"1.1", b"1.0") + b"\r\n" + BODY, "close", True),
    "refused": ({"drop": "refused"}, b"", "reset", False),
    "lost": ({"drop": "before_headers"}, b"", "reset", False),
    "cut after the head": ({"drop": "after_headers"}, HEAD + b"Content-Length: 10\r\n\r\n", "close", False),
    "hanging": ({"drop": "hang"}, b"", "silence", False),
    "broken TLS": ({"drop": "tls"}, b"", "alert", False),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_trouble_becomes_bytes_and_an_ending(name: str) -> None:
    changes, sent, ending, arrives = PLANS[name]
    assert _sent(replace(RESPONSE, **changes)) == (sent, ending, arrives)


def test_the_head_of_a_response_has_the_length_of_the_body_it_does_not_bring() -> None:
    assert _sent(RESPONSE, head_only=True) == (HEAD + b"Content-Length: 10\r\n\r\n", "keep", True)


def test_a_last_answer_says_so() -> None:
    assert _sent(RESPONSE, keep_alive=False) == (
        HEAD + b"Content-Length: 10\r\nConnection: close\r\n\r\n" + BODY,
        "close",
        True,
    )


def test_a_late_and_dripping_answer_waits_before_the_head_and_before_each_byte() -> None:
    pieces = list(plan(WireResponse(status=200, body=b"ab", delay=3, drip=0.5)).pieces)
    assert [wait for wait, _ in pieces] == [3, 0.5, 0.5]
    assert [data for _, data in pieces[1:]] == [b"a", b"b"]


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=y", "a\nb", "a\x00b", "snow\u2603man"])
def test_a_header_cannot_break_out_of_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="response header"):
        plan(WireResponse(status=200, headers=(("Location", value),)))
