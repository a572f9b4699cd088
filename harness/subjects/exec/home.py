"""Where a program lives: its folder, its clock in files, the way to its store, and the environment that tells it all
that."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from refreshproof.harness.subjects.exec.tls import authority
from refreshproof.harness.subjects.exec.wall_clock import ahead
from refreshproof.mock_servers.wire import SECOND, Instant

TRUST = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "DENO_CERT", "GIT_SSL_CAINFO")
"""What programs read to find the certificate authorities that they trust."""
FAKETIME = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib*/faketime/libfaketime*.so.1", "/usr/local/lib*/faketime/libfaketime*.so.1",
)  # fmt: skip
"""Where systems keep libfaketime."""
SITE_FOLDER = "python"
SITE = """
import select, sys, time
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

def sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)

time.sleep = sleep
here = Path(__file__).resolve().parent
own = PathFinder.find_spec("sitecustomize", [entry for entry in sys.path if Path(entry).resolve() != here])
if own is not None and own.loader is not None:
    own.loader.exec_module(module_from_spec(own))
"""
"""What a program in Python reads as it starts, as `sitecustomize`, where that library is preloaded; the user's own is
read too. From 3.11 on Python sleeps until an instant of the monotonic clock, which libfaketime 0.9.10 refuses with
EINVAL where it leaves that clock alone (seen 2026-11-30): a client that waits before it asks again would seem to fail.
"""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a program wants around it: vendors at https addresses, a library that gives it the time."""

    https: bool = False
    preload: str = ""


class Home:
    """The folder of one program, which goes with it."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs
        self._folder = tempfile.TemporaryDirectory(prefix="refreshproof-")
        self._path = Path(self._folder.name)
        self._clock, self._offset = (os.open(self._path / name, os.O_RDWR | os.O_CREAT) for name in ("time", "offset"))
        self.show(0)
        if needs.preload:
            (self._path / SITE_FOLDER).mkdir()
            (self._path / SITE_FOLDER / "sitecustomize.py").write_text(SITE, encoding="utf-8")
        if needs.https:
            (self._path / "ca.pem").write_bytes(authority()[1])

    @property
    def environment(self) -> Mapping[str, str]:
        """What the program finds in its environment, beside what this process has there."""
        path = self._path
        found = {
            "REFRESHPROOF_STORE": str(path / "store"),
            "REFRESHPROOF_CLOCK": str(path / "time"),
            "FAKETIME_TIMESTAMP_FILE": str(path / "offset"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }
        if self.needs.https:
            found |= dict.fromkeys(TRUST, str(path / "ca.pem"))
        if self.needs.preload:
            found["LD_PRELOAD"] = " ".join(filter(None, (self.needs.preload, os.environ.get("LD_PRELOAD"))))
            found["PYTHONPATH"] = os.pathsep.join(filter(None, (str(path / SITE_FOLDER), os.environ.get("PYTHONPATH"))))
        return found

    def show(self, now: Instant) -> None:
        """Write the client's time, for the program and for libfaketime; each write has the same length, so that no
        reader meets half of one."""
        seconds = now / SECOND
        os.pwrite(self._clock, f"{seconds:017.6f}\n".encode(), 0)
        os.pwrite(self._offset, f"{ahead(seconds):+018.6f}\n".encode(), 0)

    def lead_to(self, store: Path) -> None:
        """Let the program's way to its store end in another folder."""
        new = self._path / "store.new"
        new.symlink_to(store, target_is_directory=True)
        new.replace(self._path / "store")

    def close(self) -> None:
        """Take everything away."""
        for descriptor in (self._clock, self._offset):
            os.close(descriptor)
        self._folder.cleanup()


class Store:
    """The folder that outlives the processes of a client; `close` takes it away."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="refreshproof-store-"))

    @property
    def used(self) -> bool:
        """Whether something has been put into it."""
        with os.scandir(self.path) as entries:
            return any(entries)

    def close(self) -> None:
        """Take it away."""
        shutil.rmtree(self.path, ignore_errors=True)


def faketime() -> str | None:
    """Return the file of libfaketime on this machine, None where there is none."""
    return next(_found(), None)


def _found() -> Iterator[str]:
    for pattern in FAKETIME:
        with suppress(OSError):
            yield from map(str, sorted(Path("/").glob(pattern.removeprefix("/"))))
