"""Every Python HTTP stack in process: what a client already uses is led to a carrier, and no socket is opened."""

from __future__ import annotations

from refreshproof.mock_servers.stacks.client_code import ClientLine, line_of
from refreshproof.mock_servers.stacks.led import Led
from refreshproof.mock_servers.stacks.plugging import HOOKS, STACKS, in_process
from refreshproof.mock_servers.stacks.sockets_guard import NetworkForbidden

__all__ = ["HOOKS", "STACKS", "ClientLine", "Led", "NetworkForbidden", "in_process", "line_of"]
