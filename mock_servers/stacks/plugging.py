"""All stacks at once: a client that makes its own HTTP client inside still reaches the carrier.

Knows which library each stack needs; one that is not imported, or not installed, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.hooks import Hooks
from refreshproof.mock_servers.stacks.led import Led

_ROOM = "refreshproof.mock_servers.stacks"
STACKS: Mapping[str, str] = {
    "threading": f"{_ROOM}.led",
    "socket": f"{_ROOM}.sockets_guard",
    "http.client": f"{_ROOM}.http_client",
    "urllib.request": f"{_ROOM}.urllib_http",
    "urllib3": f"{_ROOM}.urllib3_requests",
    "requests": f"{_ROOM}.requests_shortcuts",
    "httpx": f"{_ROOM}.httpx_family",
    "httpx2": f"{_ROOM}.httpx2_family",
    "aiohttp": f"{_ROOM}.aiohttp_async",
}
"""What is led or refused, by the library that it is in, and the module whose `hooks()` do it; requests stands on
urllib3, and a client's threads do as the client does."""

HOOKS = Hooks(STACKS)
"""The hooks of this process: entered by everyone who has a client to lead, for as long as that lives."""


@contextmanager
def in_process(carrier: Carrier) -> Iterator[None]:
    """Lead every HTTP stack to a carrier for the length of a block; any other way out of the machine is an error.

    Clients made before, inside and after the block are real; only what they send inside goes to the carrier.
    """
    with HOOKS, Led(carrier):
        yield
