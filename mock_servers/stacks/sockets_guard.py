"""No way out: inside the block a connection or a name look-up is an error that names the host."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn
from unittest import mock

METHODS = ("connect", "connect_ex", "sendto")


class NetworkForbidden(RuntimeError):
    """Something tried to leave the process; not an OSError, so that no client takes it for bad weather."""


@contextmanager
def no_sockets() -> Iterator[None]:
    """Forbid connections and look-ups; AF_UNIX stays open, because event loops wake themselves by it."""
    with ExitStack() as entered:
        for name in METHODS:
            entered.enter_context(mock.patch.object(socket.socket, name, _unless_unix(name)))
        entered.enter_context(mock.patch.object(socket, "getaddrinfo", _no_lookup))
        yield


def _unless_unix(name: str) -> Callable[..., Any]:
    allowed = getattr(socket.socket, name)

    def guarded(self: socket.socket, *arguments: Any) -> Any:
        return allowed(self, *arguments) if self.family == socket.AF_UNIX else _refuse(arguments[-1])

    return guarded


def _no_lookup(host: Any, port: Any, *arguments: Any, **options: Any) -> NoReturn:
    _refuse((host, port))


def _refuse(address: Any) -> NoReturn:
    where = ":".join(str(part) for part in address[:2]) if isinstance(address, tuple) else str(address)
    raise NetworkForbidden(f"{where}: only emulated vendors can be reached in here, through an HTTP client; no sockets")
