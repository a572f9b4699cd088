"""httpx2 in process: httpx's successor, which keeps its interface."""

from __future__ import annotations

from contextlib import AbstractContextManager

import httpx2

from refreshproof.mock_servers.stacks import httpx_family
from refreshproof.mock_servers.stacks.carrier import Carrier


def plugged(carrier: Carrier) -> AbstractContextManager[None]:
    """Lead every client that has httpx2's own transport to a carrier."""
    return httpx_family.plugged(carrier, httpx2)
