"""How a library sleeps in a process whose clock stands while it works, as `served_process` has it."""

from __future__ import annotations

import select
import time
from typing import SupportsIndex

LONGEST_NAP = 0.02
"""Seconds of real time that a sleep takes."""


def let_sleep() -> None:
    """Let `time.sleep` give others a turn and no more: whoever waits, the clock stands, and moves with the next step.

    It could not sleep anyway: libfaketime refuses the system call by which Python 3.11 does (0.9.10, EINVAL where
    FAKETIME_DONT_FAKE_MONOTONIC is set; seen 2026-11-30).
    """
    time.sleep = _nap


def _nap(seconds: float | SupportsIndex) -> None:
    select.select([], [], [], min(max(float(seconds), 0), LONGEST_NAP))
