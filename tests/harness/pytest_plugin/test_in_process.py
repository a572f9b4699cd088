"""A running vendor behind every HTTP stack: third-party clients, unmodified, at the vendor's real addresses."""

from __future__ import annotations

import socket
from importlib.metadata import entry_points
from typing import Any

import pytest

from refreshproof.harness import RunningProvider
from refreshproof.mock_servers.stacks import NetworkForbidden
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
