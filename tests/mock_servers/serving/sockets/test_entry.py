"""Whatever bytes come, to the parser or to a port: a request, or a refusal that the ledger knows of; the server goes
on."""

import errno
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.fuzzing import ALMOST_REQUESTS, CUTS, cut, inputs
from kit.ports import PATIENCE
from kit.serving import options
from kit.sockets import Client, address, eventually, raw
from kit.sockets import client as client
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.sockets.parsing import Malformed, RequestReader

PROBE = b"GET /resource HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@inputs(500)
@given(ALMOST_REQUESTS, CUTS)
def test_whatever_is_read_is_a_request_whose_address_can_be_taken_apart(data: bytes, places: list[int]) -> None:
    reader, refusal = RequestReader(), None
    try:
        for piece in cut(data, places):
            reader.feed(piece)
    except Malformed as malformed:
        refusal = malformed
    assert refusal is None or (refusal.reason and refusal.status in (400, 413, 414, 431, 505))
    for message in reader.messages:
        if message.method != "CONNECT":
            request = message.request("http")
            assert request.path.startswith("/")
            assert (request.host, request.origin, request.query, request.form) is not None


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Client, Client]]:
    """A server of http and one of https, whose ports also take http."""
    lines: list[str] = []
    plain, secure = (Server(options("generic", "google", https=https, log=lines.append)) for https in (False, True))
    with plain, secure:
        clients = Client(plain), Client(secure)
        yield clients
        for one in clients:
            one.close()
    assert [line for line in lines if "internal error" in line] == []


@pytest.mark.sockets
@inputs(150)
@given(ALMOST_REQUESTS, CUTS, st.booleans(), st.sampled_from(["wait", "half", "go", "reset"]))
def test_whatever_is_sent_to_a_port_the_next_client_is_served(
    servers: tuple[Client, Client], data: bytes, places: list[int], https: bool, ending: str
) -> None:
    origin = servers[https].origin
    with socket.create_connection(address(origin), timeout=PATIENCE) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in cut(data, places):
                sock.sendall(piece)
            if ending == "half":
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass
            elif ending == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            elif ending == "wait":
                sock.setblocking(False)
                sock.recv(65536)
        except (BlockingIOError, ConnectionError):
            pass
        except OSError as error:  # the server may have gone before the client
            if error.errno != errno.ENOTCONN:
                raise
    assert raw(origin, PROBE).startswith(b"HTTP/1.1 401")


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"GET / HTTP/1.1\r\nHost: [::::]\r\n\r\n", 400, "the Host header is no host and port"),
        (b"GET http://[1.2]/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the request target is no path and no http address"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "expected one Host header, found 0"),
    ],
)
def test_bytes_that_are_no_request_are_refused_and_stand_in_ledger_and_journal(
    client: Client, data: bytes, status: int, reason: str
) -> None:
    assert raw(client.origin, data).endswith(f"\r\n\r\n{reason}\n".encode())
    entry, exchange = client.last(), client.vendor.journal()[-1]
    assert (entry["cause"], entry["detail"], entry["status"], entry["delivered"]) == (
        "invalid_request", reason, status, True,
    )  # fmt: skip
    assert (exchange["method"], exchange["entry"], exchange["status"]) == ("unreadable", entry["number"], status)


@pytest.mark.sockets
def test_requests_before_the_bytes_that_are_none_are_answered_first(client: Client) -> None:
    received = raw(
        client.origin, b"GET /resource HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"
    )
    assert [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"401", b"401", b"400"]


@pytest.mark.sockets
def test_a_client_that_goes_after_a_request_and_a_connect_in_one_write_ends_nothing() -> None:
    connect = b"CONNECT accounts.google.com:443 HTTP/1.1\r\nHost: accounts.google.com:443\r\n\r\n"
    with Server(options("google", https=True)) as server:
        client = Client(server, "google")
        for _ in range(50):
            with socket.create_connection(address(client.origin), timeout=PATIENCE) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                sock.sendall(b"GET /token HTTP/1.1\r\nHost: x\r\n\r\n" + connect)
        assert client.http.get(f"{client.origin}/nothing").status_code == 404
        client.close()


@pytest.mark.sockets
def test_a_bug_that_a_connection_meets_ends_that_connection_and_is_told() -> None:
    lines: list[str] = []
    with Server(options("generic", log=lines.append)) as server:
        client = Client(server)
        journal = server.served["generic"].journal
        journal.delivered = None  # type: ignore[assignment,method-assign] # as a bug might have left it
        with socket.create_connection(address(client.origin), timeout=PATIENCE) as sock:
            sock.sendall(b"GET /resource HTTP/1.1\r\nHost: x\r\n\r\n")
            while sock.recv(65536):
                pass
        del journal.delivered
        assert client.log_in()["access_token"]
        client.close()
    assert "generic refreshproof: internal error (TypeError); a connection was closed" in lines


@pytest.mark.sockets
def test_a_log_that_nobody_reads_any_more_ends_nothing() -> None:
    def log(line: str) -> None:
        raise BrokenPipeError

    with Server(options("generic", log=log)) as server:
        client = Client(server)
        assert client.log_in()["access_token"]
        eventually(lambda: client.last()["delivered"])
        client.close()
