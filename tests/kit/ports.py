"""Ports for servers and programs that must be told theirs before they listen."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

PATIENCE = 120
"""Seconds for which a test waits for what comes at once, unless the machine has too much else to do."""

BLOCK = 300
"""How many ports are kept for whoever asks: `serve` takes one for each vendor, and one more."""


@contextmanager
def free_ports() -> Iterator[int]:
    """Claim a block of ports for as long as the `with` lasts, and give the first.

    All lie below those that a system gives out by itself, so no connection of anybody's takes one meanwhile, and who
    has a block holds its last port, so no two processes that look for one are given the same.
    """
    with ExitStack() as stack:
        blocks = range(18_000, 32_400, BLOCK)
        port = next((port for port in blocks if _claim(stack.enter_context(socket.socket()), port)), None)
        if port is None:
            raise RuntimeError("no free port")
        yield port


def _claim(claim: socket.socket, port: int) -> bool:
    """Take the last port of a block; tell whether nobody had it, and nobody listens at the first."""
    try:
        claim.bind(("127.0.0.1", port + BLOCK - 1))
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture
def free_port() -> Iterator[int]:
    with free_ports() as port:
        yield port
