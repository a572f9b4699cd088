"""httpx in process, also where a library makes its own client; its sibling httpx2 is the same code under another
name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any

import httpx

from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.httpx_transport import carry
from refreshproof.mock_servers.stacks.led import block


def hooks(library: Any = httpx) -> tuple[Hook, ...]:
    """Return the hooks of httpx's own transports, which every client has that is given no other.

    A client builds its TLS context anew, which takes 44 ms (clients.md, section 2); where it is led, equal ones are
    built once.
    """

    def handling(handle: Any) -> Any:
        def handled(self: Any, request: Any) -> Any:
            led = block()
            return handle(self, request) if led is None else carry(led.carrier, request, request.read(), library)

        return handled

    def handling_async(handle: Any) -> Any:
        async def handled(self: Any, request: Any) -> Any:
            led = block()
            if led is None:
                return await handle(self, request)
            work = partial(carry, led.carrier, request, await request.aread(), library)
            ask = led.caller()
            return work() if ask is None else await ask(work)

        return handled

    default = import_module(f"{library.__name__}._transports.default")
    return (
        Hook(owner=library.HTTPTransport, name="handle_request", around=handling),
        Hook(owner=library.AsyncHTTPTransport, name="handle_async_request", around=handling_async),
        Hook(owner=default, name="create_ssl_context", around=_building),
    )


def _building(build: Callable[..., Any]) -> Callable[..., Any]:
    def built(*arguments: Any, **options: Any) -> Any:
        return (build if block() is None else _once(build))(*arguments, **options)

    return built


@cache
def _once(build: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that builds each context once for all blocks."""
    return cache(build)
