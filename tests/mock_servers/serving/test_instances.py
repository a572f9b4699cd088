"""Providers that are made while a server runs: each at a port and with a time of its own."""

import socket

import httpx
import pytest
from jsonschema import Draft202012Validator

from kit.console import Person
from kit.peers import PEERS
from kit.ports import PATIENCE
from refreshproof.mock_servers.serving import ServeOptions, Server
from refreshproof.mock_servers.serving.control.call import Problem
from refreshproof.mock_servers.serving.control.client import ControlClient, ControlError
from refreshproof.mock_servers.serving.control.routes import find
from refreshproof.mock_servers.serving.control.schemas import PROVIDER
from refreshproof.mock_servers.vendors import VENDORS

pytestmark = pytest.mark.sockets
GENERIC = PEERS[0]
OPTIONS = ServeOptions(vendors=(VENDORS["generic"],), user="auto", time="virtual")


def test_a_provider_that_was_made_shares_neither_time_nor_tokens_nor_ledger() -> None:
    with (
        Server(OPTIONS) as server,
        ControlClient(server.control, server.token) as control,
        httpx.Client(trust_env=False, timeout=PATIENCE) as http,
    ):
        own, other = control.make("one", "generic"), control.make("two", "generic")
        Draft202012Validator(dict(PROVIDER)).validate(own.describe())
        at = own.describe()["origin"]
        token = GENERIC.log_in(http, at)["refresh_token"]
        form = {**GENERIC.form, "grant_type": "refresh_token", "refresh_token": token}
        before = (control.now(), other.now())
        assert own.advance(60) == before[0] + 60_000_000
        assert (control.now(), other.now()) == before
        elsewhere = http.post(other.describe()["origin"] + GENERIC.token_path, data=form)
        assert elsewhere.json()["error"] == "invalid_grant"
        assert http.post(at + GENERIC.token_path, data=form).status_code == 200
        control.reset()
        assert [row["view"] for row in own.ledger()] == ["authorization", "token", "token"]
        assert [row["cause"] for row in other.ledger()] == ["unknown_refresh_token"]
        own.reset()
        assert own.ledger() == []
        assert own.now() == before[0]


def test_a_provider_that_was_ended_leaves_its_port_and_its_name() -> None:
    with Server(OPTIONS) as server, ControlClient(server.control, server.token) as control:
        first = control.make("one", "generic")
        host, _, port = first.describe()["origin"].rpartition("//")[2].partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as sock:
            sock.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert sock.recv(65536).startswith(b"HTTP/1.1 404 ")
            first.end()
            assert sock.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=PATIENCE)
        assert control.make("one", "generic").ledger() == []


PATTERN = 'expected pattern "^[a-z0-9][a-z0-9._-]{0,63}$"'


@pytest.mark.parametrize(
    ("name", "vendor", "status", "text"),
    [
        ("generic", "generic", 422, "name is 'generic'; there is a provider of that name"),
        ("one", "google", 422, "vendor is 'google'; this server has generic"),
        ("one\n", "generic", 422, f'name: found "one\\n" (string); {PATTERN}'),
        ("One/..", "generic", 422, f'name: found "One/.." (string); {PATTERN}'),
    ],
)
def test_what_cannot_be_made_is_told_with_what_can(name: str, vendor: str, status: int, text: str) -> None:
    with Server(OPTIONS) as server, ControlClient(server.control, server.token) as control:
        with pytest.raises(ControlError) as told:
            control.make(name, vendor)
        assert str(told.value) == f"{status}: {text}"
        with pytest.raises(ControlError, match="it was there at the start, and ends with the server"):
            control.provider("generic").end()


def test_a_provider_of_the_start_has_the_servers_time() -> None:
    with Server(OPTIONS) as server, ControlClient(server.control, server.token) as control:
        assert control.provider("generic").advance(5) == control.now()


def test_without_ports_no_provider_is_made() -> None:
    operation, path = find("POST", "/v1/providers")
    with pytest.raises(Problem, match="only a server with ports of its own does that") as told:
        Person("generic").control.carry_out(operation, path, {}, {"name": "one", "vendor": "generic"})
    assert told.value.status == 422
