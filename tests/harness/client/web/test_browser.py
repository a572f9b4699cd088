"""A person connects the reference engine in headless Chromium: `client serve` and `client login` on loopback, against
vendors on sockets of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.browser import headless_chromium
from kit.ports import PATIENCE, free_ports
from kit.ports import free_port as free_port
from kit.serving import options
from refreshproof.harness.client.web.program import Options, Service, check, configure
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.serving import Server

pytestmark = pytest.mark.browser

LOOPBACK = {"ATLASSIAN_OAUTH2_CLIENT_SKIP_PROVIDER_HTTPS_REQUIREMENT": "true"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with headless_chromium() as browser:
        yield browser


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a browser, at a client that is configured for one vendor."""

    page: Any
    program: Options
    server: Server

    @property
    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def log_in(self, url: str = "") -> None:
        """Go to the client's page, which leads to the vendor, and log in there."""
        self.page.goto(url or f"{self.program.url}/login")
        self.page.get_by_label("Account").fill("alice")
        self.page.get_by_label("Password").fill("anything")
        self.page.get_by_role("button", name="Log in").click()

    def answer(self, button: str) -> None:
        """Answer the consent page and be back at the client."""
        self.page.get_by_role("button", name=button).click()
        self.page.wait_for_url(f"{self.program.url}/login/result/**")


def document(server: Server, **changes: Any) -> dict[str, Any]:
    """A configuration for the one vendor of a server, as the REST API takes it."""
    one = server.vendors[0]
    endpoints = {
        name: one.addresses.local_url(one.vendor.profile.url(view))
        for name, view in (("authorizationEndpoint", "authorization"), ("tokenEndpoint", "token"))
    }
    scopes = list(one.vendor.profile.scopes)
    fixed = {"name": one.vendor.title, "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "type": "GENERIC"}
    return {**fixed, **endpoints, "scopes": scopes, **changes}


def program_at(folder: Path, port: int) -> Options:
    return Options(database=f"sqlite:///{folder}/client.db", environment=LOOPBACK, port=port)


@contextmanager
def serving(program: Options) -> Iterator[Service]:
    with httpx.Client() as http:
        service = Service(program, http)
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            yield service
        finally:
            service.stop()
            thread.join()


@contextmanager
def person(chromium: Any, folder: Path, vendor: str, **changes: Any) -> Iterator[Person]:
    with free_ports() as port, Server(options(vendor, user="pages", time="real")) as server:
        program = program_at(folder, port)
        configure(program, document(server, **changes))
        page = chromium.new_page()
        with serving(program):
            yield Person(page=page, program=program, server=server)
        page.close()


def test_a_person_who_consents_is_told_that_a_refresh_token_came(chromium: Any, tmp_path: Path) -> None:
    with person(chromium, tmp_path, "google", type="GOOGLE") as alice:
        alice.log_in()
        alice.answer("Allow")
        assert "A refresh token was issued" in alice.text
        assert [one.refreshable for one in check(alice.program)] == [True]


def test_a_generic_configuration_without_offline_access_is_told_what_is_missing(chromium: Any, tmp_path: Path) -> None:
    with person(chromium, tmp_path, "microsoft", scopes=["https://graph.microsoft.com/Mail.Read"]) as alice:
        alice.log_in()
        alice.answer("Allow")
        assert "Refresh token is not present and access token lifetime is too short." in alice.text
        assert "offline_access was not requested" in alice.text
        assert check(alice.program) == []


def test_a_person_who_denies_is_shown_the_provider_s_error(chromium: Any, tmp_path: Path) -> None:
    with person(chromium, tmp_path, "google", type="GOOGLE") as alice:
        alice.log_in()
        alice.answer("Deny")
        assert "access_denied" in alice.text
        assert "Not connected" in alice.text


def test_no_page_of_the_client_asks_for_anything_elsewhere_or_breaks_its_own_policy(
    chromium: Any, tmp_path: Path
) -> None:
    with person(chromium, tmp_path, "google", type="GOOGLE") as alice:
        asked: list[str] = []
        troubles: list[str] = []
        alice.page.on("request", lambda request: asked.append(request.url))
        alice.page.on("console", lambda message: troubles.append(message.text))
        alice.log_in()
        alice.answer("Allow")
        alice.page.get_by_role("heading", name="Connected").wait_for()
        ours = (f"{alice.program.url}/", f"{alice.server.origin('google')}/")
        assert [url for url in asked if not url.startswith(ours)] == []
        assert [text for text in troubles if "404" not in text] == []  # a browser asks for /favicon.ico by itself


@contextmanager
def terminal(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A command that runs beside the test, and no longer than it."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as running:
        try:
            yield running
        finally:
            running.terminate()


def test_client_login_in_a_terminal_ends_when_the_person_has_consented(
    chromium: Any, tmp_path: Path, free_port: int
) -> None:
    """The how-to's first script as a command of its own process: it names a URL, waits, and tells what came."""
    program, environment = program_at(tmp_path, free_port), {**os.environ, **LOOPBACK}
    command = [sys.executable, "-c", "from refreshproof.harness.cli.command import main; main()", "client"]
    command += ["--database", program.database, "--port", str(program.port)]
    with Server(options("atlassian", user="pages", time="real")) as server:
        parameters = dict(server.vendors[0].vendor.profile.client_parameters)
        file = tmp_path / "atlassian.json"
        file.write_text(json.dumps(document(server, authorizationParameters=parameters, bodyFormat="json")))
        subprocess.run([*command, "configure", str(file)], env=environment, check=True)
        with terminal([*command, "login"], environment) as login:
            assert login.stderr is not None
            alice = Person(page=chromium.new_page(), program=program, server=server)
            alice.log_in(next(line for line in login.stderr if line.startswith("Open ")).removeprefix("Open ").strip())
            alice.page.get_by_role("button", name="Continue").click()
            alice.answer("Allow")
            told, _ = login.communicate(timeout=PATIENCE)
        alice.page.close()
    assert login.returncode == 0
    assert "A refresh token was issued" in told
    assert "read:jira-work" in told
