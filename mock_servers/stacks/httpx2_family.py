"""httpx2 in process: httpx's successor, which keeps its interface."""

from __future__ import annotations

import httpx2

from refreshproof.mock_servers.stacks import httpx_family
from refreshproof.mock_servers.stacks.hooks import Hook


def hooks() -> tuple[Hook, ...]:
    """Return the hooks of httpx2's own transports."""
    return httpx_family.hooks(httpx2)
