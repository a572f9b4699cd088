"""The engine checks certificates (security-tls-validated): to a server that it cannot trust no request is sent."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import trustme

from kit.client_engine import World
from refreshproof.harness.client import TransientTokenError

pytestmark = pytest.mark.sockets
AUTHORITY = trustme.CA()
BAD: dict[str, Callable[[], trustme.LeafCert]] = {
    "another host": lambda: AUTHORITY.issue_cert("elsewhere.example"),
    "an expired one": lambda: AUTHORITY.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC)),
    "one of the future": lambda: AUTHORITY.issue_cert("localhost", not_before=datetime(2900, 1, 1, tzinfo=UTC)),
    "an unknown authority": lambda: trustme.CA().issue_cert("localhost"),
}
ANSWER = json.dumps(
    {"access_token": "AT2", "refresh_token": "RT2", "token_type": "Bearer", "expires_in": 3600}
).encode()


class Server(HTTPServer):
    """A token endpoint under the certificate that it has at the moment; it keeps what it was sent."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        super().__init__(("localhost", 0), Endpoint)
        self.heard: list[bytes] = []
        self.certificate = certificate
        self.url = f"https://localhost:{self.server_port}/token"

    def get_request(self) -> tuple[Any, Any]:
        """Shake hands; a client that does not like the certificate is an OSError, which the server ignores."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate.configure_cert(context)
        plain, address = super().get_request()
        return context.wrap_socket(plain, server_side=True), address


class Endpoint(BaseHTTPRequestHandler):
    """Answers every refresh with the next pair."""

    server: Server

    def do_POST(self) -> None:
        self.server.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *message: object) -> None:
        """Say nothing."""


@contextmanager
def serving(certificate: trustme.LeafCert) -> Iterator[Server]:
    with Server(certificate) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The client of the engine's program, on a machine that trusts our authority."""
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with httpx.Client() as client:
        yield client


@pytest.mark.parametrize("certificate", BAD)
def test_no_request_reaches_a_server_with_a_bad_certificate_and_the_grant_is_kept(
    certificate: str, http: httpx.Client
) -> None:
    with serving(BAD[certificate]()) as server:
        world = World(http=http, token_endpoint=server.url)
        world.clock.advance(3601)
        with pytest.raises(TransientTokenError):
            world.call()
        assert server.heard == []
        server.certificate = AUTHORITY.issue_cert("localhost")
        world.clock.advance(600)
        assert world.call() == "AT2"
    assert b"refresh_token=RT1" in server.heard[0]
