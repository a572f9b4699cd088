"""Lets `time.sleep` sleep under libfaketime; Python reads this module as it starts.

From 3.11 on Python sleeps until an instant of the monotonic clock (clock_nanosleep), which libfaketime 0.9.10 refuses
with EINVAL where it leaves that clock alone (FAKETIME_DONT_FAKE_MONOTONIC; seen 2026-11-30): a client that waits before
it asks again would seem to fail. What a user has as their own sitecustomize is read too.
"""

import select
import sys
import time
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path


def sleep(seconds: float) -> None:
    """Suspend the thread for so many seconds; raises ValueError for less than none."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep  # type: ignore[assignment]

_elsewhere = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
_own = PathFinder.find_spec("sitecustomize", _elsewhere)
if _own is not None and _own.loader is not None:
    _own.loader.exec_module(module_from_spec(_own))
