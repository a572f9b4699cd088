"""Sixty-four clients, faults, slow readers, half-open sockets and providers that begin anew at one `serve` for as long
as wanted: the ledger has no gap, no token is rotated twice, and memory stays flat.

REFRESHPROOF_SOAK=3600 pytest -m slow -s tests/mock_servers/serving/test_soak.py is an hour of it, and prints figures.
"""

from __future__ import annotations

import os
import socket
import sys
from collections import Counter, deque
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.load import Lane, Load, RefreshLoad
from kit.peers import COMMAND, CONTROL_TOKEN, Peer, resident_megabytes, running
from kit.sockets import address
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.serving.control.client import ControlClient
from refreshproof.mock_servers.serving.sockets.clock import stopwatch

pytestmark = [pytest.mark.slow, pytest.mark.sockets]

SECONDS = int(os.environ.get("REFRESHPROOF_SOAK", "30"))
LEG = 4
"""Seconds for which one set of clients lives: whoever lost a rotated token logs in again, after the user has withdrawn
what was lost."""

BURDENS = 3
"""Legs for which sockets that only burden the server stay: until it has cut them, and a client that the machine keeps
waiting has not been."""

WARM = 3
"""Legs until everything is loaded and the bounds are reached."""

GROWTH = 12
"""Megabytes by which memory may differ between any two legs after that."""

PROFILE = """
extends = "generic"
name = "soaked"
title = "Soaked"
[lifetimes]
access_token = 5
"""
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "drop", "parameters": {"how": "before_headers"}},
    {"fault": "drop", "parameters": {"how": "after_headers"}},
    {"fault": "truncate", "parameters": {"at": 10}},
    {"fault": "refuse_connection"},
    {"fault": "status", "parameters": {"code": 503}},
    {"fault": "delay", "parameters": {"seconds_": 0.01}},
)
BEGUN = (b"", b"G", b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\ngrant_type=", b"\x16\x03\x01")
UNREAD = b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: x\r\n\r\n" * 16


class _Load(RefreshLoad):
    """Notes every refresh token that arrives."""

    def _take(self, lane: Lane, head: bytes, body: bytes, load: Load) -> None:
        before = lane.refresh_token
        super()._take(lane, head, body, load)
        if lane.refresh_token != before:
            arrived[lane.refresh_token] += 1


arrived: Counter[str] = Counter()


def _peer(profile: Path) -> Peer:
    serve = [
        sys.executable,
        "-c",
        COMMAND,
        "serve",
        "--profile",
        str(profile),
        "--user",
        "auto",
        "--ledger-keep",
        "2000",
    ]
    limits = ["--connections", "200", "--request-timeout", "10", "--idle-timeout", "10"]
    return Peer(
        name="soaked",
        command=lambda port: [*serve, *limits, "--port", str(port)],
        authorize_path="/authorize",
        token_path="/token",
        client={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        scope="read",
    )


def _burden(stack: ExitStack, origin: str) -> None:
    """Open sockets on which a request has begun, and sockets whose answers nobody reads."""
    for number in range(40):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        stack.enter_context(sock).connect(address(origin))
        with suppress(ConnectionError):
            sock.sendall(UNREAD if number % 2 else BEGUN[number // 2 % len(BEGUN)])


def test_whatever_is_done_to_it_the_ledger_has_no_gap_and_memory_stays_flat(tmp_path: Path) -> None:
    profile = tmp_path / "soaked.toml"
    profile.write_text(PROFILE)
    memory: list[float] = []
    peer, statuses, requests, lost = _peer(profile), Counter[int](), 0, 0
    ends = stopwatch() + SECONDS
    with running(peer, tmp_path) as (base, process), ExitStack() as left:
        burdens: deque[ExitStack] = deque()
        host, port = address(base)
        with ControlClient(f"http://{host}:{port + 1}", CONTROL_TOKEN) as control:
            vendor = control.provider("soaked")
            for number, fault in enumerate(FAULTS):
                vendor.fault(**fault, times=None, probability=0.01, seed=number)
            while stopwatch() < ends or len(memory) <= WARM:
                arrived.clear()
                with httpx.Client(trust_env=False, timeout=30) as http, ExitStack() as stack:
                    vendor_load = _Load(
                        base + peer.token_path,
                        peer.form,
                        [peer.log_in(http, base)["refresh_token"] for _ in range(64)],
                    )
                    stack.callback(vendor_load.close)
                    burdens.append(left.enter_context(ExitStack()))
                    _burden(burdens[-1], base)
                    if len(burdens) > BURDENS:
                        burdens.popleft().close()
                    until = stopwatch() + LEG
                    load = vendor_load.run(lambda so_far, until=until: stopwatch() < until)  # type: ignore[misc]
                _check(vendor.ledger(limit=10_000))
                _come_and_go(control, peer)
                vendor.withdraw("alice")  # grants that stand are never dropped, however many nobody uses any more
                assert max(arrived.values()) == 1
                statuses += Counter(load.statuses)
                requests, lost = requests + load.requests, lost + load.lost
                memory.append(resident_megabytes(process.pid))
            assert vendor.describe()["name"] == "soaked"
        assert process.poll() is None
    flat = memory[WARM:]
    print(
        f"\n{SECONDS} s, {requests} requests, {dict(statuses)}, {lost} cut off by faults; resident memory "
        f"{memory[0]:.0f} MB after the first leg, then {min(flat):.0f} to {max(flat):.0f} MB in {len(flat)} legs"
    )
    assert set(statuses) <= {200, 400, 503}
    assert max(flat) - min(flat) < GROWTH


def _come_and_go(control: ControlClient, peer: Peer) -> None:
    """Begin a provider, use it, and end it: whoever starts anew in the middle of all this finds an empty ledger."""
    own = control.make("restarted", "soaked")
    with httpx.Client(trust_env=False, timeout=30) as http:
        peer.log_in(http, own.describe()["origin"])
    assert [row["view"] for row in own.ledger()] == ["authorization", "token"]
    own.end()


def _check(entries: list[dict[str, Any]]) -> None:
    first, *others = entries
    assert first["view"] in ("dropped", "authorization", "unknown"), "unknown is the question whether it answers yet"
    assert [row["number"] for row in entries] == list(range(first["number"], first["number"] + len(entries)))
    rotated = Counter(row["presented"] for row in others if row["event"] == "rotated")
    assert max(rotated.values(), default=1) == 1
