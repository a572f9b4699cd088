"""A person's browser comes back to an address on loopback that waits for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import httpx
import pytest

from kit.ports import PATIENCE
from kit.ports import free_port as free_port
from refreshproof.harness.vendor_check.asking.trouble import TroubleError
from refreshproof.harness.vendor_check.login.browser_sockets import BrowserLogin
from refreshproof.harness.vendor_check.login.script_process import script_login
from refreshproof.harness.vendor_check.transport import HttpCarrier
from refreshproof.mock_servers.wire import WireRequest

pytestmark = pytest.mark.sockets


def visiting(act: Callable[[], None]) -> Callable[[str], None]:
    """Act in a thread of its own once the URL is told, which is when somebody listens."""
    return lambda text: threading.Thread(target=act, daemon=True).start()


def test_the_address_that_the_browser_comes_back_to_is_returned_and_others_are_not(free_port: int) -> None:
    base, pages = f"http://127.0.0.1:{free_port}", list[int]()

    def visit() -> None:
        pages.append(httpx.get(f"{base}/favicon.ico", trust_env=False, timeout=PATIENCE).status_code)
        pages.append(httpx.get(f"{base}/callback?code=c&state=s", trust_env=False, timeout=PATIENCE).status_code)

    login = BrowserLogin(redirect_uri=f"{base}/callback", timeout=PATIENCE, tell=visiting(visit))
    assert login("https://login.example.com/", "anybody") == f"{base}/callback?code=c&state=s"
    assert pages[0] == 404


def test_nobody_who_comes_back_is_told(free_port: int) -> None:
    login = BrowserLogin(redirect_uri=f"http://127.0.0.1:{free_port}/callback", timeout=0.1, tell=lambda text: None)
    with pytest.raises(TroubleError, match=r"nobody came back to .* within 0.1 s"):
        login("https://login.example.com/", "anybody")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        login = BrowserLogin(redirect_uri=f"http://127.0.0.1:{port}/callback", timeout=5, tell=lambda text: None)
        with pytest.raises(TroubleError, match="cannot be listened at"):
            login("https://login.example.com/", "anybody")


def test_what_a_login_script_says_of_an_address_keeps_its_code_and_state() -> None:
    said = "cannot open http://127.0.0.1/callback?code=the-code&state=the-state"
    script = script_login(f"sh -c 'echo \"{said}\" >&2'", "http://127.0.0.1/callback", 5, fresh_users=False)
    with pytest.raises(TroubleError) as failed:
        script("https://auth.example.com/authorize?state=the-state", "alice")
    assert str(failed.value).endswith("it said: cannot open http://127.0.0.1/callback?…")


def test_an_access_token_that_no_header_can_hold_ends_in_words(free_port: int) -> None:
    request = WireRequest(
        method="GET", url=f"http://127.0.0.1:{free_port}/", headers=(("Authorization", "Bearer \xe9\u20ac"),)
    )  # fmt: skip
    with HttpCarrier(timeout=PATIENCE) as carrier:
        replies = (carrier.send(request), *carrier.together((request, request)))
    assert {one.why for one in replies} == {"a token with characters that no header can hold cannot be presented"}


def test_an_answer_that_drips_is_left_when_its_time_is_over() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with HttpCarrier(timeout=1.5) as carrier:  # thirty drips, so that a late one is none too late
            reply = carrier.send(WireRequest(method="GET", url=f"http://127.0.0.1:{server.getsockname()[1]}/"))
        over.set()
        thread.join(PATIENCE)
    assert reply.why == "ReadTimeout: the answer came too slowly"
