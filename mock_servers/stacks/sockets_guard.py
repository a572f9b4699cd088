"""No way out: a client that is led makes no connection and looks no name up; the error names host, stack and line.

What stays on this machine is allowed: loopback, and the socket pairs by which event loops wake themselves.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from refreshproof.mock_servers.stacks.client_code import ClientLine, line_of
from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.led import Led, wall

CONNECTIONS = ("connect", "connect_ex", "sendto", "sendmsg")
"""Methods of a socket whose last argument is an address; that of `sendmsg` may be missing, as in a connected one."""
LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")


class NetworkForbidden(RuntimeError):
    """Something tried to leave the machine; not an OSError, so that no client takes it for bad weather.

    `line` is the client's, None as long as it is not known: a look-up may be made in a thread of the event loop's.
    `advice` says what can be reached instead.
    """

    def __init__(self, where: str, line: ClientLine | None, advice: str = "") -> None:
        super().__init__(where)
        self.where = where
        self.line = line
        self.advice = advice or "only emulated vendors can be reached in here, through an HTTP client; no sockets"

    def __str__(self) -> str:
        by = "" if self.line is None else f" ({self.line.through or 'socket'}, called at {self.line})"
        return f"{self.where}: {self.advice}{by}"


def hooks() -> tuple[Hook, ...]:
    """Return the hooks of `socket`."""
    return (
        *(Hook(owner=socket.socket, name=name, around=_connecting) for name in CONNECTIONS),
        *(Hook(owner=socket, name=name, around=_looking_up) for name in LOOKUPS),
    )


def _connecting(allowed: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        led = wall()
        address = arguments[-1] if arguments else None
        if led is not None and isinstance(address, tuple) and not _stays(address[0]):
            raise refusal(led, address)
        return allowed(self, *arguments)

    return guarded


def _looking_up(allowed: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        led = wall()
        address = host if isinstance(host, tuple) else (host, *arguments[:1])
        if led is not None and not _stays(address[0]):
            raise refusal(led, address)
        return allowed(host, *arguments, **options)

    return guarded


def keep_in(host: str, port: int | None) -> None:
    """Raise `NetworkForbidden` where a connection would leave the machine, and the thread that asks must not."""
    led = wall()
    if led is not None and not _stays(host):
        raise refusal(led, (host, port))


def _stays(host: object) -> bool:
    """Tell whether a host is this machine: by no name, by its own, or by a loopback address."""
    name = host.decode("latin-1") if isinstance(host, bytes | bytearray) else host
    if not isinstance(name, str) or name in ("", "localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refusal(led: Led, address: tuple[Any, ...]) -> NetworkForbidden:
    """Return the error of a way out, noted in the block that it was met in."""
    where = ":".join(part.decode("latin-1") if isinstance(part, bytes) else str(part) for part in address[:2])
    error = NetworkForbidden(where, line_of(), led.advice)
    led.refuse(error)
    return error
