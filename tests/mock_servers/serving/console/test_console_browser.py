"""A person at the console in headless Chromium, while a client refreshes over sockets."""

from collections.abc import Iterator
from typing import Any

import pytest

from kit.browser import headless_chromium
from kit.serving import TOKEN, options
from kit.sockets import Client
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.values import as_date
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.wire import DAY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with headless_chromium() as browser:
        yield browser


@pytest.fixture
def client() -> Iterator[Client]:
    with Server(options("generic", "google")) as server:
        one = Client(server)
        yield one
        one.close()


def _open(chromium: Any, client: Client, **settings: Any) -> Any:
    """Open the console by the address that the server prints."""
    page = chromium.new_page(**settings)
    page.goto(f"{client.server.control}/console#{TOKEN}")
    page.wait_for_url("**/console/generic")
    return page


def test_a_person_advances_the_clock_revokes_a_grant_and_sees_the_refresh_refused(
    chromium: Any, client: Client
) -> None:
    token = client.log_in()["refresh_token"]
    page = _open(chromium, client)
    page.get_by_role("button", name="+ 1 day").click()
    page.get_by_text(as_date(VIRTUAL_START + DAY)[:19].replace("T", " ")).first.wait_for()
    assert client.refresh(token).status_code == 200
    page.get_by_role("button", name="Revoke the grant of alice").click()
    page.get_by_text("revoked", exact=True).first.wait_for()
    assert client.refresh(token).status_code == 400
    # Nobody reloads: the page fetches what happens.
    newest = page.locator("#journal details").first
    newest.get_by_text("refresh token revoked").wait_for()
    newest.locator("summary").click()
    newest.get_by_text('"error": "invalid_grant"').wait_for()
    assert token not in page.content()
    page.close()


def test_the_token_is_in_no_address_that_is_sent_and_leaves_the_address_bar(chromium: Any, client: Client) -> None:
    asked: list[str] = []
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{client.server.control}/console#{TOKEN}")
    page.wait_for_url("**/console/generic")
    assert TOKEN not in page.url
    # Chromium reports the fragment that it does not send.
    assert [url for url in asked if TOKEN in url.partition("#")[0]] == []
    assert all(url.startswith(client.server.control) for url in asked)
    page.goto(f"{client.server.control}/console#{TOKEN}")
    page.wait_for_function("location.hash === ''")
    page.go_back()
    assert TOKEN not in page.url
    page.close()


def test_what_somebody_is_reading_stays_open_and_what_they_type_stays_there(chromium: Any, client: Client) -> None:
    token = client.log_in()["refresh_token"]
    page = _open(chromium, client)
    page.locator("#exchange-1 summary").click()
    page.locator("#seconds").fill("12")
    client.refresh(token)
    page.locator("#exchange-2").wait_for()
    assert page.locator("#exchange-1").get_attribute("open") is not None
    assert page.locator("#seconds").input_value() == "12"
    page.close()


def test_the_page_stands_still_when_it_is_told_to(chromium: Any, client: Client) -> None:
    page = _open(chromium, client)
    page.clock.install()
    page.reload()
    page.get_by_label("Update live").uncheck()
    client.log_in()
    page.clock.run_for(10_000)
    assert page.locator("#journal details").count() == 0
    page.get_by_label("Update live").check()
    page.clock.run_for(2_000)
    page.locator("#journal details").first.wait_for()
    page.close()


def test_a_fault_is_queued_by_a_person_who_sees_its_parameters(chromium: Any, client: Client) -> None:
    token = client.log_in()["refresh_token"]
    page = _open(chromium, client)
    page.get_by_label("Fault", exact=True).select_option("status")
    page.get_by_role("button", name="Choose").click()
    page.get_by_label("Code").fill("503")
    page.get_by_role("button", name="Queue the fault").click()
    page.get_by_text("0 of 1 strikes").wait_for()
    assert client.refresh(token).status_code == 503
    page.get_by_text("None is queued").wait_for()
    page.close()


@pytest.mark.parametrize("width", [360, 768, 1360])
def test_no_page_is_wider_than_its_window_and_none_logs_an_error(chromium: Any, client: Client, width: int) -> None:
    troubles: list[str] = []
    client.log_in()
    page = _open(chromium, client, viewport={"width": width, "height": 800})
    page.on("console", lambda message: troubles.append(message.text))
    page.goto(f"{client.server.control}/console/google?fault=status")
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [text for text in troubles if "favicon" not in text and "404" not in text] == []
    page.close()
