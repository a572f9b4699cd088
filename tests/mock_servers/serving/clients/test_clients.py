"""Unmodified clients at the vendors that they are made for, over sockets: each logs in, is told the user, refreshes.

A row per client and vendor: in this process for Python, a process for everything else. To add one, write a row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.serving import options
from refreshproof.harness.subjects.programs.catalogue import FOLDER
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.vendors.microsoft.cloud import TENANT

pytestmark = pytest.mark.sockets
HERE = Path(__file__).parent
CALLBACK = "http://localhost:9/callback"
SERVED = ("google", "microsoft", "auth0", "okta", "keycloak", "cognito", "hydra", "gitlab", "slack")
PROFILE = "openid profile email"


@dataclass(frozen=True)
class Place:
    """A vendor being served, and how to get through its login."""

    server: Server
    vendor: str

    @property
    def origin(self) -> str:
        return self.server.origin(self.vendor)

    def url(self, view: str) -> str:
        one = self.server.served[self.vendor]
        return (one.addresses.local_url(one.vendor.profile.url(view)) or "").replace("{tenant}", "common")

    def browse(self, url: str) -> str:
        """Open the login's address as a browser does; returns where the user comes back to."""
        self.server.served[self.vendor].provider.user.will(Decision(account="bob"))
        location = httpx.get(url, trust_env=False).headers["location"]
        assert location.startswith(CALLBACK), location
        return str(location)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(options(*SERVED)) as running:
        yield running


def authlib(place: Place, issuer: str, scope: str) -> None:
    """Authlib's integration with Flask: by discovery, with every check that it makes of an id_token."""
    flask: Any = pytest.importorskip("flask")
    flask_client: Any = pytest.importorskip("authlib.integrations.flask_client")
    app = flask.Flask(__name__)
    app.secret_key = "a test's"
    client = flask_client.OAuth(app).register(
        "vendor",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        server_metadata_url=f"{place.origin}{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
        },
    )
    app.add_url_rule("/login", "login", lambda: client.authorize_redirect(CALLBACK, **offline(place)))
    app.add_url_rule("/callback", "callback", lambda: client.authorize_access_token())
    browser = app.test_client()
    callback = place.browse(browser.get("/login").headers["location"])
    tokens = browser.get(f"/callback?{callback.partition('?')[2]}").json
    assert tokens["userinfo"]["name"] == "Bob Example"
    sessions: Any = pytest.importorskip("authlib.integrations.requests_client")
    session = sessions.OAuth2Session(CLIENT_ID, CLIENT_SECRET, token_endpoint_auth_method="client_secret_post")
    address = client.server_metadata["token_endpoint"]
    renewed = session.refresh_token(address, refresh_token=tokens["refresh_token"])
    assert renewed["access_token"] != tokens["access_token"]


def offline(place: Place) -> dict[str, str]:
    return dict(place.server.served[place.vendor].vendor.profile.client_parameters)


def google_auth(place: Place) -> None:
    """google-auth-oauthlib and google-auth: the login, the id_token by the certificates, a refresh."""
    flows: Any = pytest.importorskip("google_auth_oauthlib.flow")
    id_tokens: Any = pytest.importorskip("google.oauth2.id_token")
    transport: Any = pytest.importorskip("google.auth.transport.requests")
    web = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "auth_uri": place.url("authorization"),
        "token_uri": place.url("token"),
    }
    scopes = ["openid", "https://www.googleapis.com/auth/userinfo.email"]
    flow = flows.Flow.from_client_config({"web": web}, scopes=scopes, redirect_uri=CALLBACK)
    flow.fetch_token(authorization_response=place.browse(flow.authorization_url(**offline(place))[0]))
    credentials, request = flow.credentials, transport.Request()
    claims = id_tokens.verify_token(credentials.id_token, request, CLIENT_ID, certs_url=place.url("certificates"))
    assert (claims["email"], claims["iss"]) == ("bob@example.com", place.origin)
    before = credentials.token
    credentials.refresh(request)
    assert credentials.token != before


def requests_oauthlib(place: Place) -> None:
    """requests-oauthlib, which sends no redirect_uri with a refresh."""
    library: Any = pytest.importorskip("requests_oauthlib")
    session = library.OAuth2Session(CLIENT_ID, redirect_uri=CALLBACK, scope=["read_user"])
    callback = place.browse(session.authorization_url(place.url("authorization"))[0])
    session.fetch_token(place.url("token"), authorization_response=callback, client_secret=CLIENT_SECRET)
    assert session.get(place.url("resource")).json()["username"] == "bob"
    assert session.refresh_token(place.url("token"), client_id=CLIENT_ID, client_secret=CLIENT_SECRET)["refresh_token"]


def slack_sdk(place: Place) -> None:
    """slack_sdk, which sends no grant_type with a code."""
    library: Any = pytest.importorskip("slack_sdk")
    client = library.WebClient(base_url=f"{place.origin}/api/")
    query = httpx.QueryParams({"client_id": CLIENT_ID, "scope": "chat:write", "redirect_uri": CALLBACK, "state": "s"})
    code = httpx.URL(place.browse(f"{place.url('authorization')}?{query}&response_type=code")).params["code"]
    who = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    tokens = client.oauth_v2_access(**who, code=code, redirect_uri=CALLBACK)
    assert library.WebClient(token=tokens["access_token"], base_url=f"{place.origin}/api/").auth_test()["user"] == "bob"
    renewed = client.oauth_v2_access(**who, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed["access_token"] != tokens["access_token"]


PYTHON: dict[str, tuple[str, Callable[[Place], None]]] = {
    "authlib-google": ("google", lambda place: authlib(place, "", f"{PROFILE}")),
    "authlib-microsoft": (
        "microsoft", lambda place: authlib(place, f"/{TENANT}/v2.0", f"{PROFILE} offline_access"),
    ),
    "authlib-auth0": ("auth0", lambda place: authlib(place, "", f"{PROFILE} offline_access")),
    "authlib-okta-default": ("okta", lambda place: authlib(place, "/oauth2/default", f"{PROFILE} offline_access")),
    "authlib-keycloak": ("keycloak", lambda place: authlib(place, "/realms/demo", PROFILE)),
    "authlib-cognito": ("cognito", lambda place: authlib(place, "/eu-central-1_EXAMPLE", PROFILE)),
    "google-auth": ("google", google_auth),
    "requests-oauthlib-gitlab": ("gitlab", requests_oauthlib),
    "slack-sdk": ("slack", slack_sdk),
}  # fmt: skip


@pytest.mark.parametrize("name", PYTHON)
def test_a_client_in_python(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("AUTHLIB", "OAUTHLIB"):
        monkeypatch.setenv(f"{library}_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    monkeypatch.setenv("NO_PROXY", "*")
    vendor, client = PYTHON[name]
    client(Place(server, vendor))


NODE, RUBY, PERL = (("node", "openid_client.mjs"), ("ruby", "oauth2_gem.rb"), ("perl", "lwp_authen_oauth2.pl"))
PROGRAMS = [
    pytest.param(NODE, "okta", "/oauth2/default", f"{PROFILE} offline_access", marks=pytest.mark.npm),
    pytest.param(NODE, "keycloak", "/realms/demo", PROFILE, marks=pytest.mark.npm),
    pytest.param(NODE, "microsoft", f"/{TENANT}/v2.0", f"{PROFILE} offline_access", marks=pytest.mark.npm),
    pytest.param(RUBY, "gitlab", "", "read_user", marks=pytest.mark.ruby),
    pytest.param(PERL, "microsoft", "", "User.Read offline_access", marks=pytest.mark.perl),
]


def told_by(command: tuple[str, ...], place: Place, **environment: str) -> dict[str, Any]:
    """Run a client: its first line is the login's address, ours the callback's, its last what it was told."""
    given = {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "CALLBACK": CALLBACK, **environment}
    views = {name.upper(): place.url(name) for name in ("authorization", "token", "resource")}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **views, "NO_PROXY": "127.0.0.1", **given},
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stderr is not None
        url = client.stdout.readline().strip()
        callback = place.browse(url) if url else ""
        try:
            said, wrong = client.communicate(f"{callback}\n", timeout=60)
        finally:
            client.kill()
    assert client.returncode == 0, wrong
    found: dict[str, Any] = json.loads(said)
    return found


@pytest.mark.parametrize(("program", "vendor", "issuer", "scope"), PROGRAMS)
def test_a_client_in_another_language(
    program: tuple[str, str], vendor: str, issuer: str, scope: str, server: Server
) -> None:
    place, (tool, file) = Place(server, vendor), program
    environment = {"ISSUER": f"{place.origin}{issuer}", "SCOPE": scope, "FOLDER": str(FOLDER / "node")}
    told = told_by((tool, str(HERE / file)), place, **environment)
    assert "Bob Example" in told["user"]
    assert told["renewed"]


def test_django_allauth_makes_an_account_of_a_user_of_microsoft(tmp_path: Path) -> None:
    """Its addresses of Microsoft are built in, so it is led here by a proxy, and trusts the CA made for this."""
    pytest.importorskip("allauth")
    settings = options("microsoft", https=True, issuer="real", ca_file=tmp_path / "ca.pem")
    with Server(settings) as server:
        proxy = server.origin("microsoft").replace("https", "http", 1)
        place = ByProxy(server, "microsoft")
        told = told_by(
            (sys.executable, str(HERE / "allauth_microsoft.py")),
            place,
            HTTPS_PROXY=proxy,
            REQUESTS_CA_BUNDLE=str(tmp_path / "ca.pem"),
        )
    assert told["user"] == "bob@example.com"


class ByProxy(Place):
    """A vendor at its own addresses."""

    def browse(self, url: str) -> str:
        path = url.partition(".com/")[2]
        self.server.served[self.vendor].provider.user.will(Decision(account="bob"))
        plain = self.origin.replace("https", "http", 1)
        return str(httpx.get(f"{plain}/{path}", trust_env=False).headers["location"])
