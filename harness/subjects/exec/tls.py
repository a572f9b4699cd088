"""One throw-away certificate authority a process, for all doors on loopback."""

from __future__ import annotations

import ssl
import tempfile
from functools import cache
from pathlib import Path

from refreshproof.mock_servers.serving.sockets.tls import server_context

MOST_DOORS = 100
"""Addresses on loopback that a program is given at most; the certificate is good for each."""


@cache
def authority() -> tuple[ssl.SSLContext, bytes]:
    """Return what speaks TLS at every address of loopback, and the certificate (PEM) of whom to trust for that."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ca.pem"
        context = server_context([f"127.0.0.{number}" for number in range(1, MOST_DOORS + 1)], file)
        return context, file.read_bytes()
