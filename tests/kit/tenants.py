"""Many test processes at one served service, each with a provider of its own: `python tenants.py CONTROL TOKEN COUNT`.

Every process makes its provider, logs in, refreshes, and looks for what of the others reaches it; all of them begin at
once. Printed is one line of JSON: what each saw, and how long each refresh took.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx

from kit.peers import PEERS
from refreshproof.mock_servers.serving.control.client import ControlClient
from refreshproof.mock_servers.serving.sockets.clock import stopwatch

REFRESHES = 20
VENDORS = ("generic", "google")
A_DAY = 86_400


def tenant(number: int, origin: str, token: str, all_there: Barrier) -> dict[str, Any]:
    """Live as one of the processes; returns what it saw. Every second one has a fault, every third lets a day pass."""
    name, kind = f"test-{number}", number % len(VENDORS)
    peer = PEERS[kind]
    with ControlClient(origin, token) as control, httpx.Client(trust_env=False, timeout=120) as http:
        provider = control.make(name, VENDORS[kind])
        described, began = provider.describe(), provider.now()
        all_there.wait()
        answer = peer.log_in(http, described["origin"])
        if number % 2:
            provider.fault("status", parameters={"code": 503})
        statuses, took, access, refresh = [], [], [answer["access_token"]], answer["refresh_token"]
        for _ in range(REFRESHES):
            form = {**peer.form, "grant_type": "refresh_token", "refresh_token": refresh}
            since = stopwatch()
            sent = http.post(described["origin"] + peer.token_path, data=form)
            took.append(stopwatch() - since)
            statuses.append(sent.status_code)
            if sent.status_code == 200:
                access.append(sent.json()["access_token"])
                refresh = sent.json().get("refresh_token", refresh)
        if number % 3 == 0:
            provider.advance(A_DAY)
        resource = next(one["local_url"] for one in described["endpoints"] if one["view"] == "resource")
        opened = http.get(resource, headers={"Authorization": f"Bearer {access[-1]}"}).status_code
        seen = {
            "name": name,
            "statuses": statuses,
            "opened": opened,
            "passed": (provider.now() - began) // 1_000_000,
            "requests": sum(row["grant_type"] == "refresh_token" for row in provider.ledger()),
            "access": access,
            "took": took,
        }
        all_there.wait()
        provider.end()
    return seen


def _live(number: int, origin: str, token: str, all_there: Barrier, told: Any) -> None:
    try:
        told.put(tenant(number, origin, token, all_there))
    except Exception as error:
        all_there.abort()
        told.put({"name": f"test-{number}", "broke": f"{type(error).__name__}: {error}"})


def main() -> None:
    """Fork the processes, wait for them and print what they saw."""
    origin, token, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    context = multiprocessing.get_context("fork")
    all_there, told = context.Barrier(count, timeout=300), context.SimpleQueue()
    processes = [
        context.Process(target=_live, args=(number, origin, token, all_there, told)) for number in range(count)
    ]
    for process in processes:
        process.start()
    seen = [told.get() for _ in processes]
    for process in processes:
        process.join()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
