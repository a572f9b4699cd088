"""The base for a client with a clock and an HTTP stack of its own: its time, its callers, the login of the application
around it, and clients of a few lines ready made. Knows no library."""

from __future__ import annotations

from refreshproof.harness.adapters.library.application import ApplicationAdapter
from refreshproof.harness.adapters.library.login import ApplicationLogin, LoginRefused
from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.ready import from_functions, from_httpx_auth, from_requests_session
from refreshproof.harness.adapters.library.subject import LibraryAdapter
from refreshproof.harness.adapters.library.wall_clock import WALL_CLOCK, WallClock

__all__ = [
    "WALL_CLOCK",
    "ApplicationAdapter",
    "ApplicationLogin",
    "LibraryAdapter",
    "LoginRefused",
    "Refusal",
    "WallClock",
    "from_functions",
    "from_httpx_auth",
    "from_requests_session",
]
