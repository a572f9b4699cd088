"""What one client can hold of a server, in time and in number, and that nobody is shut out by those who do nothing."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from select import select
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from kit.peers import processor_seconds
from kit.ports import PATIENCE
from kit.serving import TOKEN, options, token_form
from kit.sockets import Client, address, eventually, until
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.client import ControlClient
from refreshproof.mock_servers.serving.sockets.clock import stopwatch
from refreshproof.mock_servers.serving.sockets.limits import Limits

pytestmark = pytest.mark.sockets

GET = b"GET /resource HTTP/1.1\r\nHost: x\r\n\r\n"
QUICK = Limits(request_seconds=0.2, idle_seconds=0.4)


class Stopwatch:
    """Seconds that pass when a test says so, so that a machine with much to do takes no client's time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def until(self, sock: socket.socket) -> None:
        """Let time pass until something comes."""
        while not select([sock], [], [], 0.05)[0]:
            self.seconds += 0.1


@contextmanager
def _client(watch: Callable[[], float] = stopwatch, **changes: Any) -> Iterator[Client]:
    with Server(options("generic", **changes), watch) as server:
        one = Client(server)
        try:
            yield one
        finally:
            one.close()


def _connected(stack: ExitStack, origin: str) -> socket.socket:
    return stack.enter_context(socket.create_connection(address(origin), timeout=PATIENCE))


def _rest(sock: socket.socket) -> bytes:
    received = b""
    while chunk := sock.recv(65536):
        received += chunk
    return received


@pytest.mark.parametrize(
    "begun",
    [b"G", b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"],
)
def test_a_request_that_does_not_come_to_its_end_is_told_408_and_cut(begun: bytes) -> None:
    watch = Stopwatch()
    with _client(watch, limits=QUICK) as client, ExitStack() as stack:
        sock = _connected(stack, client.origin)
        sock.sendall(begun)
        watch.until(sock)
        answer = _rest(sock)
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert answer.endswith(b"a request must be there within 0.2 s of its first byte\n")
        entry = client.last()
        assert (entry["status"], entry["cause"]) == (408, "invalid_request")


def test_a_client_that_sends_a_byte_now_and_then_gains_no_time() -> None:
    watch = Stopwatch()
    with _client(watch, limits=QUICK) as client, ExitStack() as stack:
        slow = _connected(stack, client.origin)
        for byte in GET[:-1]:
            slow.sendall(bytes((byte,)))
            watch.seconds += 0.1
            if select([slow], [], [], 0.1)[0]:
                break
        watch.until(slow)
        assert slow.recv(65536).startswith(b"HTTP/1.1 408")


def test_a_client_that_rests_is_cut_without_a_word_and_one_that_asks_in_time_is_kept() -> None:
    watch = Stopwatch()
    with _client(watch, limits=QUICK) as client, ExitStack() as stack:
        idle, busy = _connected(stack, client.origin), _connected(stack, client.origin)
        for _ in range(3):
            busy.sendall(GET)
            until(busy, b"\r\n\r\n")
            watch.seconds += 0.3
        assert idle.recv(1) == b""
        assert len(client.vendor.ledger()) == 3


def test_a_handshake_that_is_never_finished_is_cut() -> None:
    watch = Stopwatch()
    with _client(watch, limits=QUICK, https=True) as client, ExitStack() as stack:
        sock = _connected(stack, client.origin)
        sock.sendall(b"\x16\x03\x01\x02\x00\x01")
        watch.until(sock)
        assert _rest(sock) == b""


def test_a_client_that_does_not_take_its_answer_is_cut_and_the_ledger_says_so() -> None:
    watch = Stopwatch()
    with _client(watch, limits=QUICK) as client, ExitStack() as stack:
        body = urlencode(token_form("refresh_token", refresh_token=client.log_in()["refresh_token"])).encode()
        client.vendor.fault("pad", parameters={"size": 30_000_000})
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stack.enter_context(sock).connect(address(client.origin))
        head = b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        sock.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        eventually(lambda: client.last()["event"])
        watch.seconds += 1
        eventually(lambda: client.last()["delivered"] is not None)
        assert client.last()["delivered"] is False


def test_a_wait_that_a_fault_asked_for_is_no_clients_fault() -> None:
    watch = Stopwatch()
    with _client(watch, limits=QUICK, time="real") as client, ExitStack() as stack:
        client.vendor.fault("delay", parameters={"seconds_": 1}, view=None, grant_type=None)
        sock = _connected(stack, client.origin)
        sock.sendall(GET)
        watch.until(sock)
        assert watch.seconds > 1
        assert until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 401")


def test_a_thousand_unfinished_connections_shut_nobody_out() -> None:
    with _client(limits=Limits(connections=50)) as client, ExitStack() as stack:
        for number in range(1000):
            if number >= 400:  # as many as this process can hold besides the server's
                stack.pop_all().close()
            _connected(stack, client.origin).sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: b")
        assert client.log_in()["access_token"]
        assert client.control.now()


def test_who_has_rested_longest_makes_room_and_who_waits_for_an_answer_does_not() -> None:
    with _client(limits=Limits(connections=2), time="real") as client, ExitStack() as stack:
        client.vendor.fault("delay", parameters={"seconds_": 0.5}, view=None, grant_type=None)
        waiting, resting = _connected(stack, client.origin), _connected(stack, client.origin)
        waiting.sendall(GET)
        eventually(client.vendor.ledger)
        third = _connected(stack, client.origin)
        assert resting.recv(1) == b""
        third.sendall(GET)
        assert until(third, b"\r\n\r\n").startswith(b"HTTP/1.1 401")
        assert until(waiting, b"\r\n\r\n").startswith(b"HTTP/1.1 401")


def test_where_all_wait_for_answers_the_next_client_is_told_503() -> None:
    with _client(limits=Limits(connections=1), time="real") as client, ExitStack() as stack:
        client.vendor.fault("delay", parameters={"seconds_": 3600}, view=None, grant_type=None)
        _connected(stack, client.origin).sendall(GET)
        eventually(client.vendor.ledger)
        assert _rest(_connected(stack, client.origin)).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert client.control.now()


@pytest.mark.parametrize("name", ["connections", "request_seconds", "idle_seconds"])
def test_a_limit_that_lets_nobody_in_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} is 0; expected at least"):
        Limits(**{name: 0})


STARVED = """
import resource
from refreshproof.mock_servers.serving import Server, ServeOptions, vendors_named
from refreshproof.mock_servers.serving.control.client import ControlClient
from refreshproof.mock_servers.serving.sockets.clock import stopwatch
from refreshproof.mock_servers.serving.sockets.limits import descriptors_left
from refreshproof.mock_servers.vendors import VENDORS
server = Server(ServeOptions(vendors=vendors_named(("generic",), VENDORS), token="{token}", user="auto"))
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft - descriptors_left() + 20, hard))
print(server.origin("generic"), server.control, flush=True)
server.run()
"""


@contextmanager
def _starved() -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    """A server whose process may open twenty descriptors more, which it did not know when it started."""
    command = [sys.executable, "-c", STARVED.format(token=TOKEN)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            origin, control = process.stdout.readline().decode().split()
            yield origin, control, process
        finally:
            process.kill()


def test_at_the_limit_of_descriptors_those_who_rest_make_room_and_control_is_reached() -> None:
    with _starved() as (origin, control, _), ExitStack() as stack:
        for _ in range(100):
            _connected(stack, origin).sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: b")
        assert httpx.get(f"{origin}/resource", trust_env=False, timeout=PATIENCE).status_code == 401
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(f"{control}/v1/clock", headers=headers, trust_env=False, timeout=PATIENCE).status_code == 200


def test_at_the_limit_of_descriptors_a_server_that_can_let_nobody_go_waits_and_does_not_spin() -> None:
    with _starved() as (origin, control, process), ExitStack() as stack:
        with ControlClient(control, TOKEN) as api:
            api.provider("generic").fault(
                "delay", parameters={"seconds_": 3600}, view=None, grant_type=None, times=None
            )
        waiting = [_connected(stack, origin) for _ in range(40)]
        for sock in waiting:
            sock.sendall(GET)
        select([waiting[0]], [], [], 0.5)
        before = processor_seconds(process)
        select([waiting[0]], [], [], 2)
        assert processor_seconds(process) - before < 0.5
        for sock in waiting:
            sock.close()
        assert httpx.get(f"{control}/nothing", trust_env=False, timeout=PATIENCE).status_code == 401
