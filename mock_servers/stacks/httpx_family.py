"""httpx in process, also where a library makes its own client; its sibling httpx2 is the same code under another
name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any

import httpx

from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.http_cookies import sets_cookies, takes_usual_cookies
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

    default, client = (import_module(f"{library.__name__}.{name}") for name in ("_transports.default", "_client"))
    return (
        Hook(owner=library.HTTPTransport, name="handle_request", around=handling),
        Hook(owner=library.AsyncHTTPTransport, name="handle_async_request", around=handling_async),
        Hook(owner=default, name="create_ssl_context", around=_building),
        Hook(owner=client, name="get_environment_proxies", around=_finding_proxies),
        Hook(owner=library.Cookies, name="extract_cookies", around=_extracting),
    )


def _finding_proxies(find: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The machine's proxies are none of the world's: each new client would walk through the whole environment."""
    return lambda: find() if block() is None else {}


def _extracting(extract: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Look for cookies only in an answer that sets some: a tenth of what httpx does for a request."""

    def extracted(self: Any, response: Any) -> None:
        if block() is None or not takes_usual_cookies(self.jar) or sets_cookies(response.headers):
            extract(self, response)

    return extracted


def _building(build: Callable[..., Any]) -> Callable[..., Any]:
    def built(*arguments: Any, **options: Any) -> Any:
        return (build if block() is None else _once(build))(*arguments, **options)

    return built


@cache
def _once(build: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that builds each context once for all blocks."""
    return cache(build)
