"""What the tests over real sockets share: a server in a thread, and a plain client of it and of its control API."""

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from kit.ports import PATIENCE
from kit.serving import CALLBACK, options, parameters, token_form
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.client import ControlClient


class Client:
    """A plain client of one server's generic vendor, and the server's control API."""

    def __init__(self, server: Server, name: str = "generic") -> None:
        self.server = server
        self.origin = server.origin(name)
        verify = ssl.create_default_context(cafile=str(server.ca_file)) if server.ca_file else True
        self.http = httpx.Client(verify=verify, trust_env=False, timeout=PATIENCE)
        self.control = ControlClient(server.control, server.token)
        self.vendor = self.control.provider(name)

    def log_in(self) -> dict[str, Any]:
        query = {"client_id": "refreshproof-client", "redirect_uri": CALLBACK, "response_type": "code", "scope": "read"}
        location = self.http.get(f"{self.origin}/authorize", params=query).headers["location"]
        form = token_form("authorization_code", code=parameters(location)["code"], redirect_uri=CALLBACK)
        return dict(self.http.post(f"{self.origin}/token", data=form).json())

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.http.post(f"{self.origin}/token", data=token_form("refresh_token", refresh_token=refresh_token))

    def last(self) -> dict[str, Any]:
        return self.vendor.ledger()[-1]

    def close(self) -> None:
        self.http.close()
        self.control.close()


@pytest.fixture
def client() -> Iterator[Client]:
    with Server(options("generic")) as server:
        one = Client(server)
        yield one
        one.close()


@pytest.fixture
def secure() -> Iterator[Client]:
    with Server(options("generic", "google", https=True, issuer="real")) as server:
        one = Client(server)
        yield one
        one.close()


def address(origin: str) -> tuple[str, int]:
    url = httpx.URL(origin)
    assert url.port is not None
    return url.host, url.port


def raw(origin: str, data: bytes) -> bytes:
    """Send bytes and return all that comes until the server closes."""
    with socket.create_connection(address(origin), timeout=PATIENCE) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := sock.recv(65536):
            received += chunk
        return received


def until(sock: socket.socket, ending: bytes) -> bytes:
    received = b""
    while not received.endswith(ending):
        chunk = sock.recv(65536)
        assert chunk, received
        received += chunk
    return received


def eventually(condition: Callable[[], object]) -> None:
    """Ask until it is so; asking takes a round trip to the server, which goes on meanwhile."""
    assert any(condition() for _ in range(10_000))
