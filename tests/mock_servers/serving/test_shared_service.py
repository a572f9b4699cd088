"""One `serve` for many test processes: each makes a provider of its own, and nothing of the others reaches it.

REFRESHPROOF_TENANTS=200 pytest -m slow -s tests/mock_servers/serving/test_shared_service.py is the whole of it, and
prints how long a refresh takes then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kit.peers import COMMAND, CONTROL_TOKEN, Peer, resident_megabytes, running
from kit.tenants import A_DAY, REFRESHES
from refreshproof.mock_servers.serving.control.client import ControlClient

pytestmark = [pytest.mark.slow, pytest.mark.sockets]

TENANTS = int(os.environ.get("REFRESHPROOF_TENANTS", "16"))
ROUNDS = 3


def _peer() -> Peer:
    serve = [sys.executable, "-c", COMMAND, "serve", "generic", "google", "--user", "auto", "--time", "virtual"]
    return Peer(
        name="shared",
        command=lambda port: [*serve, "--port", str(port)],
        authorize_path="/authorize",
        token_path="/token",
    )


def test_each_process_has_its_own_provider_and_nothing_leaks(tmp_path: Path) -> None:
    memory: list[float] = []
    took: list[float] = []
    with running(_peer(), tmp_path) as (base, process):
        control_at = f"http://127.0.0.1:{int(base.rpartition(':')[2]) + 2}"
        with ControlClient(control_at, CONTROL_TOKEN) as control:
            began = control.now()
            for _ in range(ROUNDS):
                seen = _live(control_at)
                took += [one for tenant in seen for one in tenant["took"]]
                _check(seen)
                memory.append(resident_megabytes(process.pid))
                assert [one["name"] for one in control.providers()] == ["generic", "google"]
            assert control.now() == began
            assert [row["view"] for row in control.provider("google").ledger()] == []
        assert process.poll() is None
    took.sort()
    print(
        f"\n{TENANTS} processes at once, {len(took)} refreshes: p50 {took[len(took) // 2] * 1000:.1f} ms, p99 "
        f"{took[int(len(took) * 0.99)] * 1000:.1f} ms; resident memory after each round {memory} MB"
    )


def _live(control_at: str) -> list[dict[str, Any]]:
    tenants = Path(__file__).parents[2] / "kit" / "tenants.py"
    command = [sys.executable, str(tenants), control_at, CONTROL_TOKEN, str(TENANTS)]
    found: list[dict[str, Any]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def _check(seen: list[dict[str, Any]]) -> None:
    assert [one["broke"] for one in seen if "broke" in one] == []
    for one in seen:
        number = int(one["name"].removeprefix("test-"))
        assert one["statuses"] == [503] * (number % 2) + [200] * (REFRESHES - number % 2)
        assert one["passed"] == (0 if number % 3 else A_DAY)
        assert one["opened"] == (200 if number % 3 else 401)
        assert one["requests"] == REFRESHES - number % 2
    tokens = [token for one in seen for token in one["access"]]
    assert len(set(tokens)) == len(tokens)
