"""A process that never outlives this one, nor do those that it begins: how it is started and ended."""

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

    return _starter(os.getpid()).submit(begin).result()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program, and what it has begun."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


@cache
def _starter(process: int) -> ThreadPoolExecutor:
    """Return the thread of a process that starts programs: they end when the thread does that has started them."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"programs of {process}")
