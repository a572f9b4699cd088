"""Serving vendors over sockets: the server, its options, the control API's client, and a WSGI application."""

from refreshproof.mock_servers.serving.served.options import LOOPBACK_APPLICATION, ServeOptions, vendors_named
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.server import Server, serve

__all__ = ["LOOPBACK_APPLICATION", "ServeOptions", "Served", "Server", "serve", "vendors_named"]
