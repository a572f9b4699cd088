"""Wire faults over real sockets: the error an unmodified client meets, and that ledger and journal know of it."""

import json
import socket
from typing import Any

import httpx
import pytest

from kit.ports import PATIENCE
from kit.serving import options, token_form
from kit.sockets import Client, address, eventually
from kit.sockets import client as client
from kit.sockets import secure as secure
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.wire import SECOND

pytestmark = pytest.mark.sockets

FAULTS: dict[str, tuple[str, dict[str, Any], type[Exception], str]] = {
    "reset before an answer": ("drop", {"how": "before_headers"}, httpx.ReadError, "rotated"),
    "reset unheard": ("refuse_connection", {}, httpx.ReadError, ""),
    "closed after the head": ("drop", {"how": "after_headers"}, httpx.RemoteProtocolError, "rotated"),
    "truncated": ("truncate", {"at": 10}, httpx.RemoteProtocolError, "rotated"),
    "announced too long": ("frame", {"how": "too_long"}, httpx.RemoteProtocolError, "rotated"),
    "gibberish from TLS": ("drop", {"how": "tls"}, httpx.RemoteProtocolError, "rotated"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_lost_answer_is_an_error_to_the_client_and_known_to_the_ledger(client: Client, name: str) -> None:
    fault, settings, error, event = FAULTS[name]
    token = client.log_in()["refresh_token"]
    client.vendor.fault(fault, parameters=settings)
    with pytest.raises(error):
        client.refresh(token)
    refreshes = [entry for entry in client.vendor.ledger() if entry["grant_type"] == "refresh_token"]
    assert [(entry["event"], entry["delivered"]) for entry in refreshes] == ([(event, False)] if event else [])
    assert client.vendor.journal()[-1]["delivered"] is False
    assert client.vendor.faults() == []


@pytest.mark.parametrize("how", ["chunked", "interim", "http_1_0"])
def test_an_odd_but_lawful_framing_is_a_whole_answer(client: Client, how: str) -> None:
    token = client.log_in()["refresh_token"]
    client.vendor.fault("frame", parameters={"how": how})
    answer = client.refresh(token)
    assert answer.json()["refresh_token"] != token
    assert answer.http_version == ("HTTP/1.0" if how == "http_1_0" else "HTTP/1.1")
    assert client.refresh(answer.json()["refresh_token"]).status_code == 200


def test_a_length_too_short_leaves_a_byte_behind(client: Client) -> None:
    token = client.log_in()["refresh_token"]
    client.vendor.fault("frame", parameters={"how": "too_short"})
    with pytest.raises((json.JSONDecodeError, httpx.RemoteProtocolError)):
        client.refresh(token).json()


def test_gzip_without_a_header_is_bytes_that_are_no_json(client: Client) -> None:
    token = client.log_in()["refresh_token"]
    client.vendor.fault("encode", parameters={"to": "gzip"})
    answer = client.refresh(token)
    assert "content-encoding" not in answer.headers
    assert answer.content[:2] == b"\x1f\x8b"


def test_a_silent_server_is_a_timeout_and_the_ledger_says_undelivered(client: Client) -> None:
    token = client.log_in()["refresh_token"]
    client.vendor.fault("drop", parameters={"how": "hang"})
    quick = httpx.Timeout(PATIENCE, read=0.2)
    with pytest.raises(httpx.ReadTimeout):
        client.http.post(f"{client.origin}/token", data=token_form("refresh_token", refresh_token=token), timeout=quick)
    assert (client.last()["event"], client.last()["delivered"]) == ("rotated", False)


@pytest.mark.parametrize(
    ("fault", "settings", "least"), [("delay", {"seconds_": 90}, 90), ("drip", {"seconds_": 2}, 100)]
)
def test_in_virtual_time_a_slow_answer_moves_the_clock_and_nobody_waits(
    client: Client, fault: str, settings: dict[str, Any], least: int
) -> None:
    token = client.log_in()["refresh_token"]
    client.vendor.fault(fault, parameters=settings)
    assert client.refresh(token).json()["access_token"]
    assert client.control.now() - VIRTUAL_START >= least * SECOND
    assert client.last()["delivered"] is True


def test_in_real_time_a_slow_answer_comes_late_and_other_clients_go_on() -> None:
    with Server(options("generic", time="real")) as server:
        client = Client(server)
        client.vendor.fault("delay", parameters={"seconds_": 3600}, view="resource", grant_type=None)
        with socket.create_connection(address(client.origin), timeout=PATIENCE) as sock:
            sock.sendall(b"GET /resource HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(client.vendor.ledger)
            assert client.last()["delivered"] is None
            assert client.http.get(f"{client.origin}/resource").status_code == 401
        # The client has given up: the loop hears of it and the ledger with it.
        eventually(lambda: client.vendor.ledger()[0]["delivered"] is False)
        client.close()


def test_in_real_time_a_delay_is_waited_for() -> None:
    with Server(options("generic", time="real")) as server:
        real = Client(server)
        token = real.log_in()["refresh_token"]
        real.vendor.fault("delay", parameters={"seconds_": 0.15})
        assert real.refresh(token).elapsed.total_seconds() >= 0.15
        real.close()


def test_a_broken_handshake_is_a_tls_error_and_the_next_one_succeeds(secure: Client) -> None:
    secure.vendor.break_handshakes(1)
    with pytest.raises(httpx.ConnectError, match=r"(?i)handshake"):
        secure.http.get(f"{secure.origin}/resource")
    assert secure.http.get(f"{secure.origin}/resource").status_code == 401


def test_a_fatal_alert_in_an_answers_place_is_a_tls_error(secure: Client) -> None:
    token = secure.log_in()["refresh_token"]
    secure.vendor.fault("drop", parameters={"how": "tls"})
    with pytest.raises(httpx.ReadError):
        secure.refresh(token)
    assert secure.last()["delivered"] is False
