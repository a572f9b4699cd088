"""A process that never outlives this one, nor do those that it begins: how it is started and ended, and whether it
sleeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

_LEASH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""
"""Has the kernel end the program when this process ends, however it does (prctl(2), PR_SET_PDEATHSIG)."""

_WARDEN = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""
"""Ends the groups that are left when this process has ended: what a program has begun has no leash of its own."""


def start(argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program in a group of its own, with pipes to all it says; raises OSError."""
    leash = (sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid())) if sys.platform == "linux" else ()

    def begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the user's own command
            [*leash, *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | environment,
            start_new_session=True,
        )

    process = _starter(os.getpid()).submit(begin).result()
    _tell_warden(f"+{process.pid}")
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program, and what it has begun."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    _tell_warden(f"-{process.pid}")


def dismiss_warden() -> None:
    """End the process that looks after the programs of this one; it is begun again with the next of them."""
    warden = _WARDENS.pop(os.getpid(), None)
    if warden is not None:
        warden.kill()
        warden.wait()
        if warden.stdin is not None:
            warden.stdin.close()


def sleeps(process: subprocess.Popen[bytes]) -> bool | None:
    """Tell whether every thread of a process, and of those that it has begun, waits for something; None where that
    cannot be told."""
    found = False
    pids = [process.pid]
    for pid in pids:
        try:
            threads = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for thread in threads:
            found = True
            if _first(f"/proc/{pid}/task/{thread}/stat", after=")") in ("R", "D"):
                return False
            pids += [int(child) for child in _read(f"/proc/{pid}/task/{thread}/children").split()]
    return True if found else None


_WARDENS: dict[int, subprocess.Popen[bytes]] = {}


def _tell_warden(what: str) -> None:
    if not hasattr(os, "killpg"):
        return
    pid = os.getpid()
    if pid not in _WARDENS:
        if what.startswith("-"):
            return
        _WARDENS[pid] = subprocess.Popen(  # noqa: S603 - our own script
            (sys.executable, "-I", "-S", "-c", _WARDEN),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    pipe = _WARDENS[pid].stdin
    assert pipe is not None  # noqa: S101 - begun with one
    with suppress(OSError):
        pipe.write(f"{what}\n".encode())
        pipe.flush()


def _first(path: str, after: str) -> str:
    return (_read(path).rpartition(after)[2].split() or ["S"])[0]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


@cache
def _starter(process: int) -> ThreadPoolExecutor:
    """Return the thread of a process that starts programs: they end when the thread does that has started them."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"programs of {process}")
