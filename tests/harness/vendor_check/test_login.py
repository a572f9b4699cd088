"""A person's browser comes back to an address on loopback that waits for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import httpx
import pytest

from refreshproof.harness.vendor_check.asking.trouble import TroubleError
from refreshproof.harness.vendor_check.login.browser_sockets import BrowserLogin

pytestmark = pytest.mark.sockets


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def visiting(act: Callable[[], None]) -> Callable[[str], None]:
    """Act in a thread of its own once the URL is told, which is when somebody listens."""
    return lambda text: threading.Thread(target=act, daemon=True).start()


def test_the_address_that_the_browser_comes_back_to_is_returned_and_others_are_not() -> None:
    base, pages = f"http://127.0.0.1:{free_port()}", list[int]()

    def visit() -> None:
        pages.append(httpx.get(f"{base}/favicon.ico", trust_env=False).status_code)
        pages.append(httpx.get(f"{base}/callback?code=c&state=s", trust_env=False).status_code)

    login = BrowserLogin(redirect_uri=f"{base}/callback", timeout=20, tell=visiting(visit))
    assert login("https://login.example.com/", "anybody") == f"{base}/callback?code=c&state=s"
    assert pages[0] == 404


def test_nobody_who_comes_back_is_told() -> None:
    login = BrowserLogin(
        redirect_uri=f"http://127.0.0.1:{free_port()}/callback", timeout=0.1, tell=lambda text: None
    )  # fmt: skip
    with pytest.raises(TroubleError, match=r"nobody came back to .* within 0.1 s"):
        login("https://login.example.com/", "anybody")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        login = BrowserLogin(redirect_uri=f"http://127.0.0.1:{port}/callback", timeout=5, tell=lambda text: None)
        with pytest.raises(TroubleError, match="cannot be listened at"):
            login("https://login.example.com/", "anybody")
