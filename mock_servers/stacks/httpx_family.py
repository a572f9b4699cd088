"""httpx in process, also where a library makes its own client; its sibling httpx2 is the same code under another
name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from typing import Any
from unittest import mock

import httpx

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.httpx_transport import carry


@cache
def _once(build: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that builds each context once for all blocks."""
    return cache(build)


@contextmanager
def plugged(carrier: Carrier, library: Any = httpx) -> Iterator[None]:
    """Lead every client that has httpx's own transport to a carrier.

    A client builds its TLS context anew, which takes 44 ms (clients.md, section 2); here equal ones are built once.
    """

    def handle(self: Any, request: Any) -> Any:
        return carry(carrier, request, request.read(), library)

    async def handle_async(self: Any, request: Any) -> Any:
        return carry(carrier, request, await request.aread(), library)

    default = import_module(f"{library.__name__}._transports.default")
    with ExitStack() as entered:
        for owner, name, new in (
            (library.HTTPTransport, "handle_request", handle),
            (library.AsyncHTTPTransport, "handle_async_request", handle_async),
            (default, "create_ssl_context", _once(default.create_ssl_context)),
        ):
            entered.enter_context(mock.patch.object(owner, name, new))
        yield
