"""Every HTTP stack in process: requests and answers arrive whole, trouble is the stack's own error, no socket opens."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import socket
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from refreshproof.mock_servers.stacks import STACKS, NetworkForbidden, in_process, plugging
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble, TroubleKind
from refreshproof.mock_servers.wire import WireRequest, WireResponse

requests: Any = pytest.importorskip("requests")
urllib3: Any = pytest.importorskip("urllib3")
httpx2: Any = pytest.importorskip("httpx2")
aiohttp: Any = pytest.importorskip("aiohttp")

URL = "https://auth.example.com/token?a=1"
BODY = b"grant_type=refresh_token"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "X-Client": "yes"}
Answer = tuple[int, bytes, str | None]
Post = Callable[[str, bytes, "float | None"], Answer]


def by_urllib(url: str, body: bytes, timeout: float | None) -> Answer:
    request = urllib.request.Request(url, data=body, headers=HEADERS, method="POST")  # noqa: S310 - in process
    with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310 - in process
        return response.status, response.read(), response.headers["X-Server"]


def by_http_client(url: str, body: bytes, timeout: float | None) -> Answer:
    connection = http.client.HTTPSConnection("auth.example.com", timeout=timeout)
    connection.request("POST", url.removeprefix("https://auth.example.com"), body, HEADERS)
    response = connection.getresponse()
    return response.status, response.read(), response.headers["X-Server"]


def by_urllib3(url: str, body: bytes, timeout: float | None) -> Answer:
    response = urllib3.PoolManager(retries=False).request("POST", url, body=body, headers=HEADERS, timeout=timeout)
    return response.status, response.data, response.headers.get("X-Server")


def by_requests(url: str, body: bytes, timeout: float | None) -> Answer:
    response = requests.post(url, data=body, headers=HEADERS, timeout=timeout)
    return response.status_code, response.content, response.headers.get("X-Server")


def by_httpx(url: str, body: bytes, timeout: float | None) -> Answer:
    response = httpx.post(url, content=body, headers=HEADERS, timeout=timeout)
    return response.status_code, response.content, response.headers.get("X-Server")


def by_httpx2(url: str, body: bytes, timeout: float | None) -> Answer:
    response = httpx2.post(url, content=body, headers=HEADERS, timeout=timeout)
    return response.status_code, response.content, response.headers.get("X-Server")


def awaited(work: Callable[[], Awaitable[Answer]]) -> Answer:
    async def main() -> Answer:
        return await work()

    return asyncio.run(main())


def by_async(library: Any) -> Post:
    def post(url: str, body: bytes, timeout: float | None) -> Answer:
        async def work() -> Answer:
            async with library.AsyncClient() as client:
                response = await client.post(url, content=body, headers=HEADERS, timeout=timeout)
                return response.status_code, response.content, response.headers.get("X-Server")

        return awaited(work)

    return post


def by_aiohttp(url: str, body: bytes, timeout: float | None) -> Answer:
    async def work() -> Answer:
        patience = aiohttp.ClientTimeout(total=timeout)
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.post(url, data=body, headers=HEADERS) as response,
        ):
            return response.status, await response.read(), response.headers.get("X-Server")

    return awaited(work)


BY: dict[str, Post] = {
    "urllib": by_urllib,
    "http.client": by_http_client,
    "urllib3": by_urllib3,
    "requests": by_requests,
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "httpx async": by_async(httpx),
    "httpx2 async": by_async(httpx2),
    "aiohttp": by_aiohttp,
}


class Server:
    """A carrier that keeps what it gets and answers in turn."""

    def __init__(self, *answers: WireResponse | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[WireRequest] = []
        self.timeouts: list[float | None] = []

    def __call__(self, request: WireRequest, timeout: float | None) -> WireResponse:
        self.requests.append(request)
        self.timeouts.append(timeout)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


OK = WireResponse(status=200, headers=(("X-Server", "yes"),), body=b'{"ok": true}')


@pytest.mark.parametrize("stack", BY)
def test_a_request_and_its_answer_pass_unchanged(stack: str) -> None:
    server = Server(OK)
    with in_process(server):
        assert BY[stack](URL, BODY, 7.5) == (200, b'{"ok": true}', "yes")
    (request,) = server.requests
    assert (request.method, request.url, request.body) == ("POST", URL, BODY)
    assert (request.header("content-type"), request.header("x-client")) == (HEADERS["Content-Type"], "yes")
    assert server.timeouts == [7.5]


@pytest.mark.parametrize("stack", BY)
def test_a_request_without_a_timeout_is_carried_without_one(stack: str) -> None:
    server = Server(OK)
    with in_process(server):
        BY[stack](URL, BODY, None)
    assert server.timeouts == [None]


@pytest.mark.parametrize("stack", [name for name in BY if name != "http.client"])
def test_a_host_a_port_and_plain_http_are_kept(stack: str) -> None:
    server = Server(OK)
    with in_process(server):
        BY[stack]("http://idp.example.org:8080/t", b"x", None)
    assert server.requests[0].url == "http://idp.example.org:8080/t"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("stack", BY)
def test_a_proxy_of_the_machine_is_none_of_the_worlds(stack: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.example.org:3128")
    server = Server(OK)
    with in_process(server):
        BY[stack](URL.replace("https:", f"{scheme}:"), BODY, None)
    assert server.requests[0].url == URL.replace("https:", f"{scheme}:")


@pytest.mark.parametrize("stack", ["requests", "aiohttp"])
def test_a_redirect_is_followed_as_the_stack_follows_it(stack: str) -> None:
    server = Server(WireResponse(status=307, headers=(("Location", "https://b.example/"),)), OK)
    with in_process(server):
        assert BY[stack](URL, BODY, None)[0] == 200
    assert [(request.method, request.url, request.body) for request in server.requests] == [
        ("POST", URL, BODY), ("POST", "https://b.example/", BODY),
    ]  # fmt: skip


@pytest.mark.parametrize("stack", ["urllib3", "requests", "httpx", "httpx2", "httpx async", "httpx2 async", "aiohttp"])
def test_an_encoded_answer_is_decoded_by_the_stack(stack: str) -> None:
    packed = WireResponse(status=200, headers=(("Content-Encoding", "gzip"),), body=gzip.compress(b"much"))
    with in_process(Server(packed)):
        assert BY[stack](URL, BODY, None)[1] == b"much"


REFUSED = {"urllib": urllib.error.URLError, "http.client": ConnectionRefusedError,
           "urllib3": urllib3.exceptions.NewConnectionError, "requests": requests.exceptions.ConnectionError,
           "aiohttp": aiohttp.ClientConnectorError}  # fmt: skip
TIMEOUT = {"urllib": TimeoutError, "http.client": TimeoutError, "urllib3": urllib3.exceptions.ReadTimeoutError,
           "requests": requests.exceptions.ReadTimeout, "aiohttp": aiohttp.SocketTimeoutError}  # fmt: skip
RESET = {"urllib": ConnectionResetError, "http.client": ConnectionResetError,
         "urllib3": urllib3.exceptions.ProtocolError, "requests": requests.exceptions.ConnectionError,
         "aiohttp": aiohttp.ClientOSError}  # fmt: skip
TRUNCATED = {"urllib": http.client.IncompleteRead, "http.client": http.client.IncompleteRead,
             "urllib3": urllib3.exceptions.ProtocolError, "requests": requests.exceptions.ChunkedEncodingError,
             "aiohttp": aiohttp.ClientPayloadError}  # fmt: skip
FAMILY = {"refused": "ConnectError", "timeout": "ReadTimeout", "reset": "ReadError", "truncated": "RemoteProtocolError"}
OF_HTTPX = {
    kind: {f"{library.__name__}{way}": getattr(library, name) for library in (httpx, httpx2) for way in ("", " async")}
    for kind, name in FAMILY.items()
}
ERRORS: dict[TroubleKind, dict[str, type[Exception]]] = {
    "refused": REFUSED | OF_HTTPX["refused"],
    "timeout": TIMEOUT | OF_HTTPX["timeout"],
    "reset": RESET | OF_HTTPX["reset"],
    "truncated": TRUNCATED | OF_HTTPX["truncated"],
}


@pytest.mark.parametrize("stack", BY)
@pytest.mark.parametrize("kind", ERRORS)
def test_trouble_is_the_error_that_the_stack_itself_raises(kind: TroubleKind, stack: str) -> None:
    with in_process(Server(Trouble(kind, sent=kind != "refused"))), pytest.raises(ERRORS[kind][stack]) as met:
        BY[stack](URL, BODY, 5.0)
    assert type(met.value) is ERRORS[kind][stack]


def test_what_was_refused_is_found_in_the_error_of_urllib() -> None:
    with in_process(Server(Trouble("refused", sent=False))), pytest.raises(urllib.error.URLError) as met:
        by_urllib(URL, BODY, None)
    assert isinstance(met.value.reason, ConnectionRefusedError)


def test_a_retry_of_urllib3_sends_again_what_was_refused_but_not_a_post_that_was_cut_off() -> None:
    retries = urllib3.Retry(2, backoff_factor=0)
    with in_process(server := Server(Trouble("refused", sent=False), OK)):
        assert urllib3.PoolManager(retries=retries).request("POST", URL, body=BODY).status == 200
    assert len(server.requests) == 2
    with in_process(server := Server(Trouble("reset", sent=True), OK)), pytest.raises(urllib3.exceptions.ProtocolError):
        urllib3.PoolManager(retries=retries).request("POST", URL, body=BODY)
    assert len(server.requests) == 1


def test_a_session_of_requests_keeps_cookies() -> None:
    first = WireResponse(status=200, headers=(("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")))
    with in_process(server := Server(first, OK)), requests.Session() as session:
        session.get(URL)
        session.get(URL)
    assert server.requests[1].header("cookie") == "a=1; b=2"


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_client_of_httpx_keeps_cookies(library: Any) -> None:
    first = WireResponse(status=200, headers=(("SET-COOKIE", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")))
    with in_process(server := Server(first, OK, OK)), library.Client() as client:
        for _ in range(3):
            client.get(URL)
    assert [request.header("cookie") for request in server.requests] == [None, "a=1; b=2", "a=1; b=2"]


class Backwards(dict[str, str]):
    """A dictionary of a client's own, which lists its members in its own order."""

    def items(self) -> Any:
        return reversed(super().items())


@pytest.mark.parametrize("kind", [dict, OrderedDict, Backwards, lambda pairs: pairs])
def test_requests_sends_the_members_of_whatever_has_any_as_it_does_elsewhere(kind: Callable[[Any], Any]) -> None:
    sent = [("b", "1"), ("a", "2"), ("c", "3")]
    asked = requests.Request("POST", URL, data=kind(sent), params=kind(sent))
    there = requests.Request("POST", URL, data=kind(sent), params=kind(sent)).prepare()
    with in_process(server := Server(OK)), requests.Session() as session:
        session.headers = {"X-One": "1"}
        session.send(session.prepare_request(asked))
    assert (server.requests[0].url, server.requests[0].body) == (there.url, there.body.encode())
    assert server.requests[0].header("x-one") == "1"


class Listening(CookieJar):
    """A jar of a client's own, which looks at every answer."""

    looks = 0

    def extract_cookies(self, response: Any, request: Any) -> None:
        self.looks += 1


def test_a_jar_of_the_clients_own_is_asked_as_ever() -> None:
    jars = Listening(), Listening()
    with in_process(Server(OK, OK)), requests.Session() as session, httpx.Client(cookies=jars[1]) as client:
        session.cookies = jars[0]
        session.get(URL)
        client.get(URL)
    assert [jar.looks for jar in jars] == [1, 1]


def test_a_client_of_httpx_does_not_walk_through_the_environment_for_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks4://proxy.example.com")  # httpx refuses this one as it is made
    with in_process(Server(OK)):
        assert httpx.Client().get(URL).status_code == 200
    with pytest.raises(ValueError, match="socks4"):
        httpx.Client()


def test_a_client_made_before_the_block_is_led_to_the_carrier_too() -> None:
    with httpx.Client() as client, requests.Session() as session, in_process(Server(OK, OK)):
        assert client.get(URL).status_code == session.get(URL).status_code == 200


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_clients_of_httpx_share_their_tls_context(library: Any) -> None:
    default = library._transports.default
    with mock.patch.object(default, "create_ssl_context", wraps=default.create_ssl_context) as build:
        with in_process(Server()):
            for _ in range(3):
                library.Client(trust_env=False).close()
        library.Client(trust_env=False).close()
    assert build.call_count == 2


def closing(work: Callable[[socket.socket], object], kind: socket.SocketKind = socket.SOCK_STREAM) -> object:
    """Do something with a socket of one's own, and close it."""
    with socket.socket(type=kind) as own:
        return work(own)


@pytest.mark.parametrize("reach", [
    lambda: socket.create_connection(("auth.example.com", 443)),
    lambda: socket.getaddrinfo("auth.example.com", 443),
    lambda: closing(lambda own: own.connect(("auth.example.com", 443))),
    lambda: closing(lambda own: own.connect_ex(("auth.example.com", 443))),
    lambda: closing(lambda own: own.sendto(b"x", ("auth.example.com", 443)), socket.SOCK_DGRAM),
    lambda: asyncio.run(asyncio.open_connection("auth.example.com", 443)),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:unclosed")
def test_a_socket_is_an_error_that_names_the_host(reach: Callable[[], object]) -> None:
    with in_process(Server()), pytest.raises(NetworkForbidden, match=r"^auth\.example\.com:443: only emulated vendors"):
        reach()


def test_a_socket_within_the_machine_stays_open(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        with in_process(Server()):
            client.connect(str(tmp_path / "s"))
        assert client.getpeername() == str(tmp_path / "s")


@pytest.mark.parametrize("stack", BY)
def test_an_error_of_the_emulation_is_not_taken_for_bad_weather(stack: str) -> None:
    with in_process(Server(LookupError("a bug"))), pytest.raises(LookupError, match="a bug"):
        BY[stack](URL, BODY, None)


def test_everything_is_as_before_after_the_block() -> None:
    owners: list[tuple[Any, str]] = [
        (socket.socket, "connect"), (socket, "getaddrinfo"), (http.client.HTTPSConnection, "connect"),
        (urllib.request.AbstractHTTPHandler, "do_open"), (urllib3.connection.HTTPSConnection, "connect"),
        (httpx.HTTPTransport, "handle_request"), (httpx2.AsyncHTTPTransport, "handle_async_request"),
        (aiohttp.TCPConnector, "_create_connection"),
    ]  # fmt: skip
    before = [getattr(owner, name) for owner, name in owners]
    with in_process(Server()):
        assert all(getattr(owner, name) != old for (owner, name), old in zip(owners, before, strict=True))
    assert [getattr(owner, name) for owner, name in owners] == before


def test_a_library_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugging, "STACKS", {**STACKS, "a_stack_that_nobody_has": "nothing"})
    carrier: Carrier = Server(OK)
    with in_process(carrier):
        assert by_httpx(URL, BODY, None)[0] == 200
