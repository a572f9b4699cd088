"""The pages of a vendor's front desk: what a person is asked, in which order, and what the client gets of the
answers."""

import re
from typing import Any

import pytest

from kit.serving import CALLBACK, ORIGIN, Browser, authorization_url, parameters, post, served, token_form
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.serving import LOOPBACK_APPLICATION, Served
from refreshproof.mock_servers.serving.served.front_desk import MOST_KEPT
from refreshproof.mock_servers.serving.served.served import describe
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.wire import WireRequest, WireResponse


def _desk(name: str = "generic", **changes: Any) -> tuple[Served, Browser]:
    one = served(name, user="pages", **changes)
    return one, Browser(one)


def _callback(response: WireResponse) -> dict[str, str]:
    location = response.header("location")
    assert location is not None, (response.status, response.body)
    assert location.startswith(CALLBACK)
    return parameters(location)


def test_a_person_logs_in_consents_and_is_sent_back_with_a_code() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    assert browser.heading == "Log in"
    browser.submit(account="alice", password="anything")
    assert browser.heading == "Allow access?"
    response = browser.submit(answer="consent", scope="read")
    assert response.status == 303
    callback = _callback(response)
    assert callback["state"] == "st"
    url = one.addresses.local_url(one.vendor.profile.url("token"))
    fields = token_form("authorization_code", code=callback["code"], redirect_uri=CALLBACK)
    assert post(one, url, fields).document["refresh_token"]


def test_a_browser_that_signs_out_logs_in_again_and_others_stay_logged_in() -> None:
    one, browser = _desk("microsoft")
    other = Browser(one)
    for each in (browser, other):
        each.open(authorization_url(one))
        each.submit(account="alice", password="x")
    browser.open(f"{ORIGIN}/common/oauth2/v2.0/logout")
    browser.open(authorization_url(one))
    assert browser.heading == "Log in"
    other.open(authorization_url(one))
    assert other.heading == "Allow access?"


def test_a_denial_reaches_the_client_as_access_denied() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    assert _callback(browser.submit(answer="deny"))["error"] == "access_denied"
    assert not one.provider.state.grants


def test_a_person_who_is_logged_in_and_has_consented_is_sent_back_at_once() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    browser.submit(answer="consent", scope="read")
    assert _callback(browser.open(authorization_url(one)))["code"]


def test_another_browser_has_to_log_in_for_itself() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    other = Browser(one)
    other.open(authorization_url(one))
    assert other.heading == "Log in"


def test_prompt_login_asks_for_the_password_again_and_prompt_consent_for_consent() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    browser.submit(answer="consent", scope="read")
    browser.open(authorization_url(one, prompt="login"))
    assert browser.heading == "Log in"
    assert _callback(browser.submit(account="alice", password="x"))["code"]
    browser.open(authorization_url(one, prompt="consent"))
    assert browser.heading == "Allow access?"


def test_prompt_select_account_lets_a_person_switch_to_another_account() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    browser.submit(answer="consent", scope="read")
    browser.open(authorization_url(one, prompt="select_account"))
    assert browser.heading == "Choose an account"
    browser.submit(account="bob")
    assert browser.heading == "Allow access?"
    browser.submit(answer="consent", scope="read")
    assert {grant.account for grant in one.provider.state.grants.values()} == {"alice", "bob"}


def test_another_account_than_those_offered_has_to_log_in() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    browser.open(authorization_url(one, prompt="select_account"))
    browser.submit(account="")
    assert browser.heading == "Log in"


def test_prompt_none_shows_no_page_to_a_person_who_is_not_logged_in() -> None:
    one, browser = _desk()
    response = browser.open(authorization_url(one, prompt="none"))
    assert _callback(response)["error"] == "interaction_required"


def test_prompt_none_without_a_grant_shows_no_page_either() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    assert _callback(browser.open(authorization_url(one, prompt="none")))["error"] == "interaction_required"


def test_unticked_scopes_are_not_granted() -> None:
    one, browser = _desk("google")
    scopes = "openid email https://mail.google.com/"
    browser.open(authorization_url(one, scope=scopes))
    browser.submit(account="alice", password="x")
    browser.submit(("scope", "openid"), ("scope", "email"), answer="consent")
    assert {scope for grant in one.provider.state.grants.values() for scope in grant.scopes} == {"openid", "email"}


def test_a_time_that_the_vendor_offers_ends_the_grant() -> None:
    one, browser = _desk("google")
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    assert "For how long" in browser.page
    callback = _callback(browser.submit(answer="consent", scope="https://mail.google.com/", days="7"))
    assert one.provider.state.codes[callback["code"]].seconds == 7 * 86_400


def test_a_vendor_with_sites_asks_which_one_between_login_and_consent() -> None:
    one, browser = _desk("atlassian")
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    assert browser.heading == "Choose a site"
    sites = [site.id for site in one.vendor.profile.sites]
    browser.submit(site=sites[-1])
    assert browser.heading == "Allow access?"
    assert one.vendor.profile.sites[-1].name in browser.page
    browser.submit(*(("scope", scope) for scope in one.vendor.profile.scopes), answer="consent")
    assert [set(grant.sites) for grant in one.provider.state.grants.values()] == [{sites[-1]}]


def test_a_site_of_nobodys_is_refused_on_the_page() -> None:
    one, browser = _desk("atlassian")
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    assert browser.submit(site="https://evil.example").status == 422
    assert 'role="alert"' in browser.page
    assert browser.heading == "Choose a site"


@pytest.mark.parametrize(
    "fields",
    [{"account": "", "password": "x"}, {"account": "alice", "password": ""}, {"account": "a" * 65, "password": "x"}],
)
def test_an_incomplete_login_is_explained(fields: dict[str, str]) -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    assert browser.submit(**fields).status == 422
    assert 'role="alert"' in browser.page
    assert browser.response is not None
    assert browser.response.header("set-cookie") is None


def test_a_scope_that_was_not_asked_for_cannot_be_smuggled_in() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.submit(account="alice", password="x")
    assert browser.submit(answer="consent", scope="write").status == 422


def test_a_form_can_be_sent_once_only() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one, prompt="consent"))
    browser.submit(account="alice", password="x")
    page = browser.page
    browser.submit(answer="consent", scope="read")
    browser.page = page
    assert browser.submit(answer="consent", scope="read").status == 410
    assert browser.heading == "This page has expired"
    assert len(one.provider.state.codes) == 1


def test_consent_cannot_be_given_before_the_login() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    browser.page = browser.page.replace("/login", "/consent")
    browser.submit(answer="consent", scope="read", account="alice", password="x")
    assert browser.heading == "Log in"
    assert not one.provider.state.codes


def test_what_the_client_sends_is_shown_and_never_run() -> None:
    name = '<script>alert("x")</script>'
    application = Application(client_id=name, client_secret=None, redirect_uris=(), any_loopback=True)
    one, browser = _desk(applications=(LOOPBACK_APPLICATION, application))
    browser.open(authorization_url(one, client_id=name, login_hint='"><img src=x>', scope='read "><b>'))
    assert "<script" not in browser.page
    assert "<img" not in browser.page
    browser.submit(account='<i>"x"</i>', password="x")
    assert "<b>" not in browser.page
    assert "<i>" not in browser.page


def test_pages_load_nothing_and_can_be_framed_by_nobody() -> None:
    one, browser = _desk()
    response = browser.open(authorization_url(one))
    policy = response.header("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.findall(r"(?:src|href)=|url\(|@import", browser.page)


def test_every_input_has_a_label_and_every_page_a_language_a_title_and_one_heading() -> None:
    one, browser = _desk("atlassian")
    pages = [browser.open(authorization_url(one, prompt="consent")).body.decode()]
    pages.append(browser.submit(account="alice", password="x").body.decode())
    pages.append(browser.submit(site=one.vendor.profile.sites[0].id).body.decode())
    for page in pages:
        assert '<html lang="en">' in page
        assert len(re.findall("<h1>", page)) == 1
        assert re.search("<title>.+</title>", page)
        for identity in re.findall(r'<(?:input type="(?:text|password)"|select) id="(\w+)"', page):
            assert f'<label for="{identity}">' in page
        for kind in ("radio", "checkbox"):
            assert len(re.findall(f'type="{kind}"', page)) == len(re.findall(f'<label><input type="{kind}"', page))


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    cookie = browser.submit(account="alice", password="x").header("set-cookie") or ""
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_queued_decision_answers_before_any_page() -> None:
    one, browser = _desk()
    one.provider.user.will(Decision(answer="deny"))
    assert _callback(browser.open(authorization_url(one)))["error"] == "access_denied"
    browser.open(authorization_url(one))
    assert browser.heading == "Log in"


def test_a_device_is_connected_only_by_a_person_who_consents() -> None:
    one, browser = _desk("google")
    browser.open(authorization_url(one, scope="openid"))
    browser.submit(account="alice", password="x")
    browser.submit(answer="consent", scope="openid")
    device = post(one, f"{ORIGIN}/device/code", {"client_id": CLIENT_ID, "scope": "openid"}).document
    assert device["verification_url"] == f"{ORIGIN}/device"
    browser.open(f"{device['verification_url']}?user_code={device['user_code']}")
    assert browser.heading == "Allow access?"
    assert browser.submit(answer="consent", scope="openid").status == 200
    fields = token_form("urn:ietf:params:oauth:grant-type:device_code", device_code=device["device_code"])
    assert post(one, f"{ORIGIN}/token", fields).document["access_token"]


def test_pages_that_nobody_answers_are_forgotten_in_the_end() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    first = browser.page
    for _ in range(MOST_KEPT):
        browser.open(authorization_url(one))
    browser.page = first
    assert browser.submit(account="alice", password="x").status == 410


def test_a_broken_cookie_is_no_session() -> None:
    one, _ = _desk()
    headers = (("Cookie", 'refreshproof-session="; \x7f=;;'),)
    response = one.handle(WireRequest(method="GET", url=authorization_url(one), headers=headers), VIRTUAL_START)
    assert b"Log in" in response.body


def test_the_log_does_not_name_an_interaction() -> None:
    one, browser = _desk()
    browser.open(authorization_url(one))
    action = re.search(r'action="(/\.refreshproof/[^/]+)', browser.page)
    assert action is not None
    request = WireRequest(method="POST", url=f"{ORIGIN}{action[1]}/login")
    line = describe(one, request, one.handle(request, VIRTUAL_START))
    assert line == "generic POST /.refreshproof/... 422"


def test_two_browsers_are_two_people() -> None:
    one, first = _desk()
    second = Browser(one)
    for browser, name in ((first, "alice"), (second, "bob")):
        browser.open(authorization_url(one))
        browser.submit(account=name, password="x")
        browser.submit(answer="consent", scope="read")
    code = _callback(first.open(authorization_url(one)))["code"]
    assert one.provider.state.codes[code].account == "alice"


def test_a_browser_is_logged_in_at_two_vendors_of_one_host() -> None:
    """Cookies do not know ports (RFC 6265 s8.5): the vendors' sessions have names of their own."""
    (one, browser), (two, other) = _desk("generic"), _desk("google")
    for who, at, account in ((browser, one, "alice"), (other, two, "bob")):
        who.open(authorization_url(at))
        who.submit(account=account, password="any")
    names = [who.cookie.partition("=")[0] for who in (browser, other)]
    assert len(set(names)) == 2
    browser.cookie = other.cookie = f"{browser.cookie}; {other.cookie}"
    for who, at, account in ((browser, one, "alice"), (other, two, "bob")):
        who.open(f"{ORIGIN}/.refreshproof/access")
        assert account in who.page, at.vendor.name
