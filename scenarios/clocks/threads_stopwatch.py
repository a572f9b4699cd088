"""What the machine knows of threads in real time: whether one has moved, and whether other programs may yet answer."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from types import FrameType

UNSEEN = 0.02
"""Seconds between two looks where the machine tells nothing of a thread: it is taken to rest at the second."""


def real_time() -> float:
    """Return real seconds that only ever go on."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e9 if hasattr(time, "clock_gettime_ns") else _MONOTONIC()


_MONOTONIC = time.monotonic
_SLEEP = time.sleep


def nap(seconds: float | None) -> bool:
    """Wait for so many real seconds; nothing comes of it."""
    _SLEEP(seconds or 0)
    return False


def look(native: int | None) -> object | None:
    """Return what a thread that waits looks like, equal as long as it has not moved; None for one that works."""
    if native is None:
        return None
    try:
        with open(f"/proc/self/task/{native}/status", encoding="utf-8", errors="replace") as status:
            told = dict(line.partition(":")[::2] for line in status)
    except OSError:
        if os.path.isdir("/proc/self/task"):
            return "ended"
        _SLEEP(UNSEEN)
        return "unseen"
    if told.get("State", "").strip()[:1] in "RD":
        return None
    return told.get("voluntary_ctxt_switches"), told.get("nonvoluntary_ctxt_switches")


def looks(but: Collection[int]) -> dict[int, object | None]:
    """Return what every thread of this process but some looks like, by native id; none where that cannot be told."""
    try:
        threads = {int(name) for name in os.listdir("/proc/self/task")}
    except OSError:
        return {}
    return {native: look(native) for native in threads.difference(but)}


def has_children() -> bool | None:
    """Tell whether this process has begun others that run, None where that cannot be told."""
    if not hasattr(os, "waitid"):
        return None
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def is_within(frame: FrameType | None, *modules: str) -> bool:
    """Tell whether a frame belongs to one of the modules, or was called from one."""
    while frame is not None and frame.f_globals.get("__name__") not in modules:
        frame = frame.f_back
    return frame is not None
