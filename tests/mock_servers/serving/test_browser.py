"""A person at a vendor's pages, in headless Chromium: login, site, consent, and the way back to the client."""

from collections.abc import Iterator
from typing import Any

import pytest

from kit.browser import headless_chromium
from kit.serving import authorization_url, options, parameters
from refreshproof.mock_servers.serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with headless_chromium() as browser:
        yield browser


def _open(chromium: Any, server: Server) -> tuple[Any, str]:
    """Go to the authorization endpoint; the client's address is one where the server has nothing but an answer."""
    callback = f"{server.vendors[0].origin}/callback"
    page = chromium.new_page()
    page.goto(authorization_url(server.vendors[0], redirect_uri=callback))
    return page, callback


def test_a_person_logs_in_picks_a_site_consents_and_is_back_at_the_client(chromium: Any) -> None:
    with Server(options("atlassian", user="pages")) as server:
        page, callback = _open(chromium, server)
        page.get_by_label("Account").fill("alice")
        page.get_by_label("Password").fill("anything")
        page.get_by_role("button", name="Log in").click()
        site = server.vendors[0].vendor.profile.sites[0]
        page.get_by_label("Site").select_option(site.id)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("checkbox", name="write:jira-work").uncheck()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{callback}?**")
        assert parameters(page.url)["state"] == "st"
        code = server.vendors[0].provider.state.codes[parameters(page.url)["code"]]
        assert (code.account, "write:jira-work" in code.scopes) == ("alice", False)
        assert set(code.grant.sites) == {site.id}
        page.close()


def test_a_person_who_uses_the_keyboard_alone_denies(chromium: Any) -> None:
    with Server(options("google", user="pages")) as server:
        page, callback = _open(chromium, server)
        page.keyboard.type("bob")
        page.keyboard.press("Tab")
        page.keyboard.type("anything")
        page.keyboard.press("Enter")
        deny = page.get_by_role("button", name="Deny")
        deny.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{callback}?**")
        assert parameters(page.url)["error"] == "access_denied"
        page.close()


def test_no_page_asks_for_anything_beyond_the_server_or_logs_an_error(chromium: Any) -> None:
    with Server(options("google", user="pages")) as server:
        asked: list[str] = []
        troubles: list[str] = []
        page = chromium.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        page.goto(authorization_url(server.vendors[0]))
        page.get_by_label("Account").fill("alice")
        page.get_by_label("Password").fill("x")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Allow").wait_for()
        ours = server.origin("google")
        assert [url for url in asked if not url.startswith(ours)] == []
        assert [text for text in troubles if "favicon" not in text and "404" not in text] == []
        page.close()
