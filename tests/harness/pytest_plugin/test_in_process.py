"""A running vendor behind every HTTP stack: third-party clients, unmodified, at the vendor's real addresses."""

from __future__ import annotations

import socket
from importlib.metadata import entry_points
from typing import Any

import pytest

from refreshproof.harness import RunningProvider
from refreshproof.mock_servers.stacks import NetworkForbidden
from refreshproof.mock_servers.stacks.led import block, wall
from refreshproof.mock_servers.vendors import VENDORS

pytest_plugins = ["pytester"]

# As a reader would write it; README shows the same.
EXAMPLE = """
import pytest
from requests_oauthlib import OAuth2Session


@pytest.mark.oauth(provider="atlassian")
def test_my_integration_survives_a_day(oauth_provider, oauth_clock):
    app, tokens, kept = oauth_provider.registration, oauth_provider.tokens(), []
    session = OAuth2Session(
        app.client_id,
        token=tokens,
        auto_refresh_url=app.token_endpoint,
        auto_refresh_kwargs={"client_id": app.client_id, "client_secret": app.client_secret},
        token_updater=kept.append,
    )
    with oauth_provider.in_process():
        for _ in range(24):
            oauth_clock.advance(3601)  # the session counts a token as good until a second after its last
            assert session.get(oauth_provider.resource).status_code == 200
    assert len(kept) == 24
"""


def test_the_example_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    pytest.importorskip("requests_oauthlib")
    pytester.makepyfile(EXAMPLE)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    # Installed, the plugin is there by its entry point; in a source tree on the path it has to be named.
    installed = any(one.value == "refreshproof.harness.pytest_plugin.plugin" for one in entry_points(group="pytest11"))
    plugin = () if installed else ("-p", "refreshproof.harness.pytest_plugin.plugin")
    quiet = ("-W", "default", "-p", "no:cacheprovider", *plugin)
    pytester.runpytest_inprocess(*quiet).assert_outcomes(passed=1)


def test_the_vendor_hears_of_every_request_at_its_own_hosts() -> None:
    requests: Any = pytest.importorskip("requests")
    provider = RunningProvider(VENDORS["google"])
    with provider.in_process():
        found = requests.get("https://accounts.google.com/.well-known/openid-configuration", timeout=5).json()
    assert found == provider.profile.metadata
    assert [exchange.origin for exchange in provider.journal.exchanges()] == ["https://accounts.google.com"]


def test_a_lost_answer_is_the_error_of_the_stack_and_the_vendor_has_acted() -> None:
    requests: Any = pytest.importorskip("requests")
    provider = RunningProvider(VENDORS["generic"])
    app, tokens = provider.registration, provider.tokens()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    provider.lose_next_response()
    with provider.in_process(), pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        requests.post(app.token_endpoint, data=form, auth=(app.client_id, app.client_secret), timeout=5)
    assert provider.ledger[-1].issued == ("AT2", "RT2")
    assert provider.ledger[-1].delivered is False


def test_there_is_no_way_past_the_vendor() -> None:
    inside = RunningProvider(VENDORS["generic"]).in_process()
    with inside, pytest.raises(NetworkForbidden, match=r"^example\.org:443: "):
        socket.create_connection(("example.org", 443))


STACKS = {
    "httpx": "import httpx; httpx.get(url)",
    "httpx2": "import httpx2; httpx2.get(url)",
    "requests": "import requests; requests.get(url)",
    "urllib3": "import urllib3; urllib3.request('GET', url)",
    "aiohttp": """
import aiohttp, asyncio
async def ask():
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        await answer.read()
asyncio.run(ask())
""",
}


def ask(stack: str, url: str | None) -> None:
    pytest.importorskip(stack)
    exec(compile(STACKS[stack], "a_client.py", "exec"), {"url": url})  # noqa: S102 - the table above


@pytest.mark.parametrize("stack", STACKS)
def test_another_host_is_refused_with_its_name_and_those_of_the_vendor(stack: str) -> None:
    provider = RunningProvider(VENDORS["atlassian"])
    told = r"^example\.org: Atlassian.* answers at auth\.atlassian\.com, api\.atl.*\(\w+, called at a_client\.py:\d"
    with provider.in_process(), pytest.raises(NetworkForbidden, match=told):
        ask(stack, "https://example.org/x")
    assert provider.ledger.entries == ()


@pytest.mark.parametrize("stack", [stack for stack in STACKS if stack != "httpx"])
def test_a_router_lets_no_other_stack_out(stack: str) -> None:
    provider = RunningProvider(VENDORS["generic"])
    told = (
        rf"^auth\.example\.com:443: a router leads httpx only; oauth_provider\.in_process\(\) .*\({stack}, called at "
    )
    with provider.router(), pytest.raises(NetworkForbidden, match=told):
        ask(stack, provider.profile.url("metadata"))


def test_a_router_still_serves_httpx_and_leaves_nothing_behind() -> None:
    provider = RunningProvider(VENDORS["generic"])
    with provider.router() as router:
        ask("httpx", provider.profile.url("metadata"))
    assert len(router.routes) == len(provider.profile.hosts)
    assert [exchange.view for exchange in provider.journal.exchanges()] == ["metadata"]
    assert block() is wall() is None


def test_a_year_of_requests_is_not_taken_for_a_loop() -> None:
    provider = RunningProvider(VENDORS["generic"])
    with provider.client() as http:
        for _ in range(2100):
            http.get(provider.resource)
    assert len(provider.ledger) == 2100
