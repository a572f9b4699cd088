"""The server over real sockets: flows of unmodified clients, HTTP as it is on the wire, and the server's limits.

Virtual time throughout, so nothing waits.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import requests

from kit.ports import PATIENCE
from kit.serving import TOKEN, options, token_form
from kit.sockets import Client, address, raw, until
from kit.sockets import client as client
from kit.sockets import secure as secure
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.client import ControlClient
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START, VirtualClock
from refreshproof.mock_servers.serving.sockets.loop import Loop, Port, listen
from refreshproof.mock_servers.serving.sockets.parsing import LONGEST_BODY
from refreshproof.mock_servers.wire import SECOND, WireRequest, WireResponse

pytestmark = pytest.mark.sockets


def test_a_client_logs_in_and_refreshes_over_one_kept_connection(client: Client) -> None:
    tokens = client.log_in()
    for _ in range(5):
        tokens = client.refresh(tokens["refresh_token"]).json()
    resource = client.http.get(
        f"{client.origin}/resource", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert resource.json() == {"ok": True}
    assert all(entry["delivered"] for entry in client.vendor.ledger())


def test_virtual_time_lets_an_hour_pass_at_once(client: Client) -> None:
    tokens = client.log_in()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.http.get(f"{client.origin}/resource", headers=headers).status_code == 200
    assert client.control.advance(3600) == VIRTUAL_START + 3600 * SECOND
    assert client.http.get(f"{client.origin}/resource", headers=headers).status_code == 401


def test_https_is_served_beside_http_with_a_ca_to_trust(secure: Client) -> None:
    assert secure.origin.startswith("https://")
    tokens = secure.log_in()
    assert secure.refresh(tokens["refresh_token"]).status_code == 200
    plain = secure.origin.replace("https", "http", 1)
    assert httpx.get(f"{plain}/resource", trust_env=False, timeout=PATIENCE).status_code == 401
    with pytest.raises(httpx.ConnectError, match="certificate"):
        httpx.get(f"{secure.origin}/resource", trust_env=False, timeout=PATIENCE)


def test_a_server_with_names_is_called_by_the_first_and_certified_for_each() -> None:
    with Server(options("generic", https=True, names=("idp.test", "login.test"))) as server:
        port = httpx.URL(server.origin("generic")).port
        assert server.origin("generic") == f"https://idp.test:{port}"
        assert server.control.startswith("http://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(server.ca_file))
        for name in server.options.names:
            with httpx.Client(verify=trusted, trust_env=False, timeout=PATIENCE) as caller:
                found = caller.get(
                    f"https://127.0.0.1:{port}/.well-known/openid-configuration",
                    headers={"Host": f"{name}:{port}"},
                    extensions={"sni_hostname": name},
                )
            assert found.json()["issuer"] == f"https://idp.test:{port}"
            assert found.json()["token_endpoint"] == f"https://idp.test:{port}/token"


def test_certificates_are_good_in_all_of_virtual_time(secure: Client) -> None:
    with (
        socket.create_connection(address(secure.origin), timeout=PATIENCE) as sock,
        ssl.create_default_context(cafile=str(secure.server.ca_file)).wrap_socket(
            sock, server_hostname="localhost"
        ) as tls,
    ):
        certificate = tls.getpeercert() or {}
    assert ssl.cert_time_to_seconds(str(certificate["notBefore"])) <= 946_684_800  # 2000
    assert ssl.cert_time_to_seconds(str(certificate["notAfter"])) >= 32_503_680_000 - 86_400  # 3000


def test_a_client_with_a_vendors_hosts_built_in_gets_there_through_the_proxy(secure: Client) -> None:
    proxies = {"https": secure.origin.replace("https", "http", 1)}
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(secure.server.ca_file)
        url = "https://accounts.google.com/.well-known/openid-configuration"
        document = session.get(url, proxies=proxies, timeout=PATIENCE).json()
        assert document["issuer"] == "https://accounts.google.com"
        assert document["token_endpoint"] == "https://oauth2.googleapis.com/token"
        answer = session.post(document["token_endpoint"], data={"grant_type": "x"}, proxies=proxies, timeout=PATIENCE)
        assert answer.headers["content-type"].startswith("application/json")
        with pytest.raises(requests.exceptions.ProxyError):
            session.get("https://example.org/", proxies=proxies, timeout=PATIENCE)
    entries = secure.control.provider("google").ledger()
    assert [entry["view"] for entry in entries] == ["discovery", "token"]


def test_a_vendors_real_host_in_the_host_header_is_that_vendor_at_every_port() -> None:
    with Server(options("generic", "google")) as server:
        url = f"{server.origin('generic')}/.well-known/openid-configuration"
        answer = httpx.get(url, headers={"Host": "accounts.google.com"}, trust_env=False, timeout=PATIENCE)
        assert answer.json()["authorization_endpoint"] == "https://accounts.google.com/o/oauth2/v2/auth"
        with ControlClient(server.control, TOKEN) as control:
            assert [entry["delivered"] for entry in control.provider("google").ledger()] == [True]
            assert control.provider("generic").ledger() == []


def test_sixteen_threads_present_one_refresh_token_and_exactly_one_rotates(client: Client) -> None:
    token = client.log_in()["refresh_token"]
    barrier = threading.Barrier(16)

    def present() -> int:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            barrier.wait()
            form = token_form("refresh_token", refresh_token=token)
            return http.post(f"{client.origin}/token", data=form).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(future.result() for future in [pool.submit(present) for _ in range(16)])
    assert statuses == [200] + [400] * 15
    refreshes = [entry for entry in client.vendor.ledger() if entry["grant_type"] == "refresh_token"]
    assert [entry["event"] for entry in refreshes].count("rotated") == 1
    assert all(entry["presented"] == "RT1" for entry in refreshes)


def test_requests_sent_ahead_are_answered_in_order(client: Client) -> None:
    request = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(address(client.origin), timeout=PATIENCE) as sock:
        sock.sendall(b"".join(request % name for name in (b"resource", b"nothing", b"resource")))
        received = b""
        while received.count(b"HTTP/1.1 ") < 3:
            received += sock.recv(65536)
    assert [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"401", b"404", b"401"]


class _Recorder:
    """Answers on a port with an empty page, says what happened when, and stops the loop after the second answer."""

    def __init__(self, events: list[str]) -> None:
        self.events = events
        self.stop: Callable[[], None] = lambda: None

    def answer(self, request: WireRequest) -> WireResponse:
        self.events.append("answered")
        return WireResponse(status=204)

    def refuse(self, status: int, reason: str) -> WireResponse:
        raise AssertionError(reason)

    def broke(self, error: Exception) -> None:
        raise AssertionError(error)

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        self.events.append("sent")
        if self.events.count("sent") == 2:
            self.stop()

    def tunnels_to(self, host: str) -> bool:
        return False

    def breaks_handshake(self) -> bool:
        return False


def test_the_answers_to_requests_that_are_there_together_go_out_together() -> None:
    recorder = _Recorder([])
    listeners = [listen("127.0.0.1", 0), listen("127.0.0.1", 0)]
    ports = tuple(Port(listener=listener, opened=lambda: recorder, tls=None) for listener in listeners)
    loop = Loop(ports, VirtualClock())
    recorder.stop = loop.stop
    clients = [socket.create_connection(("127.0.0.1", port.number), timeout=PATIENCE) for port in ports]
    for sock in clients:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    loop.run()
    for sock in clients:
        assert until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 204")
        sock.close()
    assert recorder.events == ["answered", "answered", "sent", "sent"]


def test_a_client_is_told_to_go_on_with_its_body(client: Client) -> None:
    with socket.create_connection(address(client.origin), timeout=PATIENCE) as sock:
        sock.sendall(b"POST /token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        assert until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"a")
        assert sock.recv(65536).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LONGEST_BODY + 1), 413),
        (b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"CONNECT accounts.google.com:443 HTTP/1.1\r\nHost: accounts.google.com\r\n\r\n", 502),
    ],
)
def test_a_request_out_of_bounds_is_refused_and_the_server_goes_on(client: Client, data: bytes, status: int) -> None:
    received = raw(client.origin, data)
    assert received.startswith(b"HTTP/1.1 %d " % status), received
    assert b"Connection: close" in received
    assert client.log_in()["access_token"]


def test_a_body_that_is_too_long_gets_its_answer_while_it_is_still_being_sent(client: Client) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
        answer = http.post(f"{client.origin}/token", content=b"a" * (4 * LONGEST_BODY))
    assert answer.status_code == 413


def test_a_client_that_goes_away_in_the_middle_harms_nobody(client: Client) -> None:
    for data in (b"", b"GET", b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"):
        with socket.create_connection(address(client.origin), timeout=PATIENCE) as sock:
            sock.sendall(data)
    assert client.log_in()["access_token"]


def test_a_bug_of_ours_is_a_500_that_says_so_and_tells_no_secret(client: Client) -> None:
    lines: list[str] = []
    with Server(options("generic", log=lines.append)) as server:
        broken = Client(server)
        token = broken.log_in()["refresh_token"]
        family = server.served["generic"].provider.state.refresh_tokens[token].family
        family.absolute_ttl = "soon"  # type: ignore[assignment] # no duration, as a bug might have left it
        answer = broken.refresh(token)
        assert (answer.status_code, answer.text) == (500, "refreshproof: internal error (TypeError)")
        family.absolute_ttl = None
        assert broken.refresh(token).status_code == 200
        broken.close()
    assert token not in "\n".join(lines)


def test_the_log_names_tokens_by_their_aliases() -> None:
    lines: list[str] = []
    with Server(options("generic", log=lines.append)) as server:
        client = Client(server)
        tokens = client.log_in()
        client.refresh(tokens["refresh_token"])
        client.refresh(tokens["refresh_token"])
        client.close()
    assert lines == [
        "generic GET /authorize 302 -> CODE1",
        "generic POST /token 200 authorization_code CODE1 -> AT1 RT1",
        "generic POST /token 200 refresh_token RT1 -> AT2 RT2",
        "generic POST /token 400 refresh_token RT1 refused: refresh_token_reused",
    ]
