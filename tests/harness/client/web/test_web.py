"""The page at /login and the program's parts: what a person sees, what a browser sends, and what stays secret."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from werkzeug.test import Client, TestResponse

from kit.client_engine import BASE, World, configuration, first_token, ok, pairs, query
from kit.ports import PATIENCE
from kit.ports import free_port as free_port
from refreshproof.harness.client import (
    SECOND,
    ClientTokenEntity,
    ConfigurationError,
    FieldErrors,
    NotFoundError,
    RestApi,
    Settings,
    WebApplication,
)
from refreshproof.harness.client.storage.crypto import new_key
from refreshproof.harness.client.web.program import (
    Options,
    Service,
    check,
    configure,
    login,
    logout,
    nap,
    open_engine,
    rotate_keys,
)


class Browser:
    """Walks the login of a world's only configuration."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = Client(WebApplication(world.engine, RestApi(world.engine, "an-administrator-s-credential")))

    def get(self, url: str) -> TestResponse:
        return self.client.get(url.removeprefix(BASE), base_url=BASE)

    def leave(self) -> dict[str, str]:
        return query(self.get("/login").headers["Location"])

    def come_back(self, sent: dict[str, str], **parameters: str) -> TestResponse:
        url = httpx.URL(sent["redirect_uri"], params={"state": sent["state"], "code": "CODE", **parameters})
        return self.get(str(url))


def test_a_login_ends_on_a_page_that_says_a_refresh_token_came_and_shows_no_secret() -> None:
    world = World()
    browser = Browser(world)
    landed = browser.come_back(browser.leave())
    assert landed.status_code == 303
    assert landed.headers["Location"].startswith("/login/result/")
    assert "?" not in landed.headers["Location"]
    page = browser.get(landed.headers["Location"])
    assert "A refresh token was issued" in page.text
    assert not any(secret in page.text for secret in ("AT2", "RT2", "secretP4ssw0rd", "CODE"))
    assert world.stored.refresh_token == "RT2", "the configuration's previous token was replaced"


def test_a_login_without_refresh_token_shows_the_message_and_the_diagnosis() -> None:
    browser = Browser(World(ok(access_token="AT", expires_in=3600), scopes=("read:jira-work",)))
    page = browser.get(browser.come_back(browser.leave()).headers["Location"])
    assert "Refresh token is not present and access token lifetime is too short." in page.text
    assert "offline_access was not requested" in page.text
    assert "Not connected" in page.text


def test_a_provider_s_text_cannot_become_markup() -> None:
    browser = Browser(World())
    landed = browser.come_back(browser.leave(), error="access_denied", error_description="<script>alert(1)</script>")
    page = browser.get(landed.headers["Location"])
    assert "<script" not in page.text
    assert "access_denied" in page.text


def test_a_callback_without_the_browser_s_cookie_is_refused() -> None:
    world = World()
    sent = Browser(world).leave()
    page = Browser(world).come_back(sent)
    assert page.status_code == 400
    assert world.endpoint.requests == []


def test_the_session_cookie_is_not_readable_by_scripts_and_stays_on_this_site() -> None:
    cookie = Browser(World()).get("/login").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(cookie.split("; "))


def test_with_several_configurations_the_page_lets_choose() -> None:
    world = World()
    world.engine.configurations.save(configuration(name="Second <b>"))
    browser = Browser(world)
    page = browser.get("/login")
    assert page.status_code == 200
    assert "Second &lt;b&gt;" in page.text
    chosen = browser.get(f"/login?configuration={world.configuration.id}")
    assert chosen.headers["Location"].startswith(world.configuration.authorization_endpoint)


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_no_address_of_the_request_becomes_a_place_to_go(place: str) -> None:
    browser = Browser(World())
    browser.get(f"/login?next={place}")
    landed = browser.come_back(browser.leave(), next=place, redirect_uri=place)
    assert landed.headers["Location"].startswith("/login/result/")


class Outline(HTMLParser):
    """What a screen reader starts from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_every_page_has_a_language_a_title_one_heading_a_main_part_and_a_status() -> None:
    browser = Browser(World())
    result = browser.get(browser.come_back(browser.leave()).headers["Location"])
    chooser = browser.get("/login?configuration=none")
    for page in (result, chooser, browser.get("/login/result/unknown")):
        outline = Outline(page.text)
        assert outline.tags.count("h1") == outline.tags.count("main") == outline.tags.count("title") == 1
        assert ("lang", "en") in outline.attributes
        assert "script" not in outline.tags
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
    assert ("role", "status") in Outline(result.text).attributes


def test_the_rest_api_is_served_beside_the_page() -> None:
    browser = Browser(World())
    assert browser.get("/rest/oauth2-client/latest/config/").status_code == 401
    assert browser.get("/").headers["Location"] == "/login"
    assert Client(WebApplication(World().engine)).get("/rest/oauth2-client/latest/config/").status_code == 404


def test_a_flow_created_by_a_caller_starts_at_its_init_url() -> None:
    world = World()
    browser = Browser(world)
    flow = world.engine.flows.create("s" * 40, world.configuration, lambda id: f"https://client.example/{id}")
    browser.client.set_cookie("refreshproof_session", "s" * 40, domain="client.example")
    assert "response_type=code" in browser.get(flow.init_url).headers["Location"]
    again = browser.get(flow.init_url)
    assert again.status_code == 400
    assert "started, not created" in again.text


# The program


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(database=f"sqlite:///{tmp_path}/client.db", environment={}, port=8765)


@pytest.fixture
def filled(options: Options) -> Options:
    with httpx.Client() as http:
        engine = open_engine(options, http)
        stored = engine.configurations.save(configuration())
        engine.tokens.save(ClientTokenEntity.of(first_token(), config_id=stored.id))
        bare = first_token(access_token="AT-bare", refresh_token=None, refresh_token_expiration=None)
        other = engine.configurations.save(configuration(name="Other"))
        engine.tokens.save(ClientTokenEntity.of(bare, config_id=other.id))
        engine.close()
    return options


def test_check_tells_whether_each_token_can_be_refreshed_and_shows_no_secret(filled: Options) -> None:
    reports = {report.configuration: report for report in check(filled)}
    assert reports["Test client"].refreshable is True
    assert reports["Other"].refreshable is False
    assert ("Refresh token expires", "none was issued") in reports["Other"].facts
    assert not any(secret in repr(reports) for secret in ("AT1", "RT1", "AT-bare"))
    assert [report.configuration for report in check(filled, "Other")] == ["Other"]


def test_configure_stores_the_json_of_the_rest_api_and_updates_by_name(options: Options) -> None:
    stored = configure(options, {**SAMPLE_BODY, "name": "x"})
    again = configure(options, {**SAMPLE_BODY, "name": "x", "clientSecret": None, "scopes": ["b"]})
    assert (again.id, again.client_secret, again.scopes) == (stored.id, "s", ("b",))
    with pytest.raises(FieldErrors, match="tokenEndpoint"):
        configure(options, {**SAMPLE_BODY, "name": "y", "tokenEndpoint": ""})


def test_check_names_scopes_that_a_refresh_brought_no_more(filled: Options) -> None:
    with httpx.Client(transport=httpx.MockTransport(pairs(scope="other"))) as http:
        engine = open_engine(filled, http)
        chosen = next(token for token in engine.tokens.list() if token.refresh_token)
        engine.handler.get_refreshed_token(chosen.id, force=True)
        engine.close()
    assert ("Scopes not granted", "Mail.Read") in check(filled, "Test client")[0].facts


def test_logout_deletes_the_tokens_of_one_configuration_or_all(filled: Options) -> None:
    assert logout(filled, "Other") == 1
    assert [report.configuration for report in check(filled)] == ["Test client"]
    assert logout(filled) == 1
    assert check(filled) == []


def test_an_unknown_or_ambiguous_name_is_an_error_that_lists_the_stored_ones(filled: Options) -> None:
    for name in ("nobody", None):
        with pytest.raises(NotFoundError, match="Other, Test client"):
            login(filled, name, lambda _: None, timeout=0)


def test_the_key_file_is_made_once_for_its_owner_only(filled: Options, tmp_path: Path) -> None:
    path = tmp_path / "client.db.key"
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_text()
    check(filled)
    assert path.read_text() == before


def test_keys_are_rotated_with_the_new_one_in_front(filled: Options, tmp_path: Path) -> None:
    path = tmp_path / "client.db.key"
    old, new = path.read_text(), new_key()
    path.write_text(f"{new}\n{old}")
    rotate_keys(filled)
    path.write_text(new)
    assert len(check(filled)) == 2


def test_the_wrong_key_is_a_named_error(filled: Options) -> None:
    wrong = replace(filled, environment={"REFRESHPROOF_CLIENT_KEY": new_key()})
    with pytest.raises(ConfigurationError, match="REFRESHPROOF_CLIENT_KEY"):
        check(wrong)


def test_http_is_taken_on_loopback_only(options: Options, tmp_path: Path) -> None:
    with httpx.Client() as http:
        open_engine(options, http).close()
        everywhere = replace(options, host="0.0.0.0")  # noqa: S104  # has to be refused
        for refused in (everywhere, replace(options, base_url="http://client.example")):
            with pytest.raises(ConfigurationError, match=r"skip\.base\.url"):
                open_engine(refused, http)


@pytest.mark.parametrize("spelling", ["atlassian.oauth2.client.", "ATLASSIAN_OAUTH2_CLIENT_"])
def test_a_setting_that_demands_https_is_heard_on_loopback_too(options: Options, spelling: str) -> None:
    name = spelling + "skip.base.url.https.requirement"
    name = name.upper().replace(".", "_") if spelling.isupper() else name
    with httpx.Client() as http:
        with pytest.raises(ConfigurationError, match=r"skip\.base\.url"):
            open_engine(replace(options, environment={name: "false"}), http)
        engine = open_engine(options, http)
        assert engine.settings.skip_base_url_https_requirement is False
        engine.close()


def test_the_nap_before_pruning_ends_with_the_firing_and_is_a_minute_at_most() -> None:
    world = World(settings=Settings(prune_expired_tokens_schedule="0 0 9 * * ?"))
    assert nap(world.engine) == 60
    world.clock.instant = 1_800_003_600 * SECOND - 5 * SECOND
    assert nap(world.engine) == 5


@pytest.mark.sockets
def test_serve_answers_on_loopback_and_stops(options: Options, free_port: int) -> None:
    served = replace(options, port=free_port, host="127.0.0.1")
    with httpx.Client(timeout=PATIENCE) as http:
        service = Service(served, http)
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            sample = json.dumps({**SAMPLE_BODY, "name": "served"})
            headers = {"Authorization": f"Bearer {service.administrator}", "Content-Type": "application/json"}
            url = f"{service.engine.base_url}/rest/oauth2-client/latest/config/"
            assert http.post(url, content=sample, headers=headers).status_code == 201
            left = http.get(service.login_url)
            assert left.status_code == 303
            assert left.headers["location"].startswith("https://authorizationserver.com/")
        finally:
            service.stop()
            thread.join()


SAMPLE_BODY: dict[str, Any] = {
    "type": "GENERIC", "clientId": "c", "clientSecret": "s", "scopes": ["a"],
    "authorizationEndpoint": "https://authorizationserver.com/oauth2/authorize",
    "tokenEndpoint": "https://authorizationserver.com/oauth2/token",
}  # fmt: skip


@pytest.mark.sockets
def test_login_serves_until_the_browser_has_come_back(
    options: Options,
    free_port: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The whole how-to on a socket: the program shows a URL, a browser walks it, the token is stored, and neither
    code nor state of the callback is told to the log."""
    served = replace(options, port=free_port, host="127.0.0.1")
    with httpx.Client() as http:
        engine = open_engine(served, http)
        engine.configurations.save(configuration())
        engine.close()
    transport = httpx.MockTransport(pairs())
    plain = httpx.Client
    monkeypatch.setattr("refreshproof.harness.client.web.program.httpx.Client", lambda: plain(transport=transport))
    walkers: list[threading.Thread] = []

    def walk(url: str) -> None:
        with plain(timeout=PATIENCE) as browser:
            sent = query(browser.get(url).headers["location"])
            back = browser.get(sent["redirect_uri"], params={"code": "CODE", "state": sent["state"]})
            browser.get(f"http://127.0.0.1:{free_port}{back.headers['location']}")

    def show(url: str) -> None:
        walkers.append(threading.Thread(target=walk, args=(url,)))
        walkers[0].start()

    caplog.set_level(logging.INFO)
    report = login(served, None, show, timeout=PATIENCE)
    walkers[0].join()
    told = "".join([*capfd.readouterr(), *(one.getMessage() for one in caplog.records if one.name != "httpx")])
    assert "/callback/" in told
    assert not [word for word in ("CODE", "state=", "code=") if word in told]
    assert report is not None
    assert report.refreshable
    assert [one.refreshable for one in check(served)] == [True]
