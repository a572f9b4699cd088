"""Every Python HTTP stack in process: what a client already uses is led to a carrier, and no socket is opened."""

from __future__ import annotations

from refreshproof.mock_servers.stacks.plugging import STACKS, in_process
from refreshproof.mock_servers.stacks.sockets_guard import NetworkForbidden, no_sockets

__all__ = ["STACKS", "NetworkForbidden", "in_process", "no_sockets"]
