"""The page of a user's connected applications: who sees it, and that a client whose access was removed is refused."""

import html
import re

import pytest

from kit.console import Person
from kit.serving import CALLBACK, ORIGIN, Browser, authorization_url, log_in, parameters, post, served, token_form
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.serving import Served

PAGE = f"{ORIGIN}/.refreshproof/access"
VENDORS = ("atlassian", "google", "generic", "microsoft")


def _open(one: Served, account: str = "alice") -> Browser:
    browser = Browser(one)
    browser.open(PAGE)
    browser.submit(account=account, password="any")
    browser.open(PAGE)
    return browser


def _hidden(browser: Browser) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', browser.page)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize("name", VENDORS)
def test_a_user_removes_access_and_the_clients_next_refresh_is_an_invalid_grant(name: str) -> None:
    one = served(name)
    scopes = one.vendor.profile.authorization.scope_separator.join((*one.vendor.profile.scopes, "offline_access"))
    browser = Browser(one)
    location = browser.open(authorization_url(one, scope=scopes) if name == "microsoft" else authorization_url(one))
    code = parameters(location.header("location"))["code"]
    url = one.addresses.local_url(one.vendor.profile.url("token"))
    tokens = post(one, url, token_form("authorization_code", code=code, redirect_uri=CALLBACK)).document
    browser = _open(one)
    assert browser.heading == "Connected apps"
    assert CLIENT_ID in browser.page
    answer = browser.submit(**_hidden(browser))
    assert (answer.status, answer.header("location")) == (303, "/.refreshproof/access")
    refused = post(one, url, token_form("refresh_token", refresh_token=tokens["refresh_token"]))
    assert refused.status >= 400
    assert one.provider.ledger.entries[-1].cause == "refresh_token_revoked"
    assert refused.document["error"] == "invalid_grant"
    browser.open(PAGE)
    assert "No application has access." in browser.page


def test_each_user_sees_their_own_and_nobody_anything_without_a_login() -> None:
    one = served("generic", accounts=(Account(name="alice"), Account(name="bob")))
    log_in(one)
    assert Browser(one).open(PAGE).body.decode().count("Remove access") == 0
    assert "No application has access." in _open(one, "bob").page
    assert "Remove access" in _open(one, "alice").page


def test_a_form_that_is_not_of_the_page_removes_nothing() -> None:
    one = served("generic")
    log_in(one)
    browser = _open(one)
    holder = _hidden(browser)["holder"]
    for key in ("", "x", "ä"):
        assert browser.submit(key=key, holder=holder).status == 422
        assert "This form is not of this page." in browser.page
    assert browser.submit(key=_hidden(browser)["key"], holder="another").status == 422
    stranger = Browser(one)
    stranger.page = browser.page
    assert "Log in" in stranger.submit(**_hidden(browser)).body.decode()
    assert not one.provider.state.grants["alice", holder].revoked


def test_a_login_needs_a_name_and_a_password_and_ends_when_the_user_leaves() -> None:
    one = served("generic")
    browser = Browser(one)
    browser.open(PAGE)
    assert browser.submit(account="", password="any").status == 422
    assert browser.submit(account="alice", password="").status == 422
    browser = _open(one)
    browser.page = browser.page.rpartition("<form")[2]
    assert browser.submit().status == 303
    browser.open(PAGE)
    assert browser.heading == "Log in"


def test_an_application_is_shown_by_its_name_with_its_sites_and_scopes() -> None:
    application = Application(
        client_id=CLIENT_ID, client_secret="s", redirect_uris=(CALLBACK,), name="My <app>", any_loopback=True
    )
    one = served("atlassian", applications=(application,))
    Browser(one).open(authorization_url(one))
    browser = _open(one)
    assert "My &lt;app&gt;" in browser.page
    assert one.vendor.profile.sites[0].name in browser.page
    assert "offline_access" in browser.page or "read" in browser.page


def test_the_console_finds_applications_by_a_part_of_their_name() -> None:
    person = Person("atlassian")
    for name in ("Orders", "Reorder bot", "Mail"):
        person.vendors["atlassian"].provider.register(
            Application(client_id=f"id-{name}", client_secret="s", redirect_uris=(), name=name)
        )
    person.log_in()
    person.submit("atlassian", search="ORDER")
    section = person.html.partition('id="applications"')[2].partition('id="users"')[0]
    assert [name in section for name in ("Orders", "Reorder bot", "Mail", CLIENT_ID)] == [True, True, False, False]
    assert 'value="ORDER"' in section
    person.submit("atlassian", search="nothing like it")
    assert "No application of that name." in person.page.text
    person.submit("atlassian", search="")
    assert "Mail" in person.page.text
