"""A program under test that can do more than `foreign_client.py`, by its arguments: callers serves several at once and
shares one refresh among them, naive lets each refresh for itself, shares works on a store with other processes, https
wants its vendors there, own-time reads the system's clock, tells writes its access token to stderr, wordless leaves the
id out of its answers, child begins a process of its own."""

import contextlib
import fcntl
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit import foreign_client
from kit.foreign_client import Answer, Failed

FLAWS = sys.argv[1:]
GUARD = contextlib.nullcontext() if "naive" in FLAWS else threading.RLock()
CLAIMED = {"callers": "parallel", "shares": "shared_store", "tells": "visible_output"}


class Client(foreign_client.Client):
    def start(self, **sent: Any) -> Answer:  # type: ignore[override]
        answer = super().start(**sent)
        answer["subject"]["capabilities"] += [claim for flag, claim in CLAIMED.items() if flag in FLAWS]
        return answer

    def hello(self, **_: Any) -> Answer:
        return {"protocol": 2, "https": "https" in FLAWS}

    def clock(self, **_: Any) -> Answer:
        return {"now": time.time() if "own-time" in FLAWS else self.now}

    def call(self, resource: str, **_: Any) -> Answer:  # type: ignore[override]
        if "tells" in FLAWS:
            print(f"calling with {self.token.get('access_token')}", file=sys.stderr, flush=True)
        with GUARD, self.alone():
            if "refresh_token" not in self.token:
                raise Failed(**{"class": "reauth_required"})
            if self.clock()["now"] >= self.token["expires_at"] - 60:
                self.refresh()
            token = self.token["access_token"]
        request = urllib.request.Request(resource)  # noqa: S310 - a loopback address
        request.add_header("Authorization", f"Bearer {token}")
        return {"status": foreign_client.fetch(request)[0]}

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes away from the store, and see what they have put there."""
        if "shares" not in FLAWS:
            yield
            return
        with open(self.store.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.store.exists():
                self.token = json.loads(self.store.read_text(encoding="utf-8"))
            yield


def main() -> None:
    client = Client()
    if "child" in FLAWS:
        subprocess.Popen(["sleep", "600"])
    for line in sys.stdin:
        sent = json.loads(line)
        client.now = sent["now"]
        if "callers" in FLAWS and sent["cmd"] == "call":
            threading.Thread(target=answer, args=(client, sent), daemon=True).start()
        else:
            answer(client, sent)


def answer(client: Client, sent: dict[str, Any]) -> None:
    work = getattr(client, sent["cmd"], None)
    try:
        said: Answer = {"ok": True, **work(**sent)} if work else {"unsupported": True}
    except Failed as failure:
        said = {"ok": False, "error": failure.about}
    print(json.dumps(said if "wordless" in FLAWS else {"id": sent["id"], **said}), flush=True)


if __name__ == "__main__":
    main()
