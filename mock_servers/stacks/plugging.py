"""All stacks at once: a client that makes its own HTTP client inside still reaches the carrier.

Knows which library each stack needs, and imports it only if it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.sockets_guard import no_sockets

STACKS: Mapping[str, str] = {
    "urllib": "urllib_http",
    "urllib3": "urllib3_requests",
    "httpx": "httpx_family",
    "httpx2": "httpx2_family",
    "aiohttp": "aiohttp_async",
}
"""The library that a stack needs, and the module here whose `plugged(carrier)` leads it to a carrier; requests stands
on urllib3."""


@contextmanager
def in_process(carrier: Carrier) -> Iterator[None]:
    """Lead every installed HTTP stack to a carrier for the length of a block; any other way out is forbidden.

    Clients made before, inside and after the block are real; only what they send inside goes to the carrier.
    """
    with ExitStack() as entered:
        entered.enter_context(no_sockets())
        for library, module in STACKS.items():
            if find_spec(library) is not None:
                plugged = import_module(f"refreshproof.mock_servers.stacks.{module}").plugged
                entered.enter_context(plugged(carrier))
        yield
