"""Unmodified clients at the vendors that they are made for, over sockets: each logs in, is told the user, refreshes.

A row per client and vendor: in this process for Python where the client can be told addresses, a process for everything
else. To add one, write a row.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kit.ports import PATIENCE
from kit.serving import options
from refreshproof.harness.subjects.programs.catalogue import FOLDER, LANGUAGES
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.served.options import LOOPBACK_APPLICATION
from refreshproof.mock_servers.vendors.microsoft.cloud import TENANT

pytestmark = pytest.mark.sockets
HERE = Path(__file__).parent
CALLBACK = "http://localhost:9/callback"
SERVED = ("google", "microsoft", "auth0", "okta", "keycloak", "cognito", "hydra", "gitlab", "slack", "atlassian")
PROFILE = "openid profile email"


@dataclass(frozen=True)
class Place:
    """A vendor being served, and how to get through its login."""

    server: Server
    vendor: str

    @property
    def origin(self) -> str:
        return self.server.origin(self.vendor)

    @property
    def way(self) -> Mapping[str, str]:
        """What leads a process to the vendor, as variables of its environment."""
        return {"NO_PROXY": "127.0.0.1"}

    def url(self, view: str) -> str:
        one = self.server.served[self.vendor]
        return (one.addresses.local_url(one.vendor.profile.url(view)) or "").replace("{tenant}", "common")

    def browse(self, url: str) -> str:
        """Open the login's address as a browser does; returns where the user comes back to."""
        self.server.served[self.vendor].provider.user.will(Decision(account="bob"))
        location = self._open(url)
        assert location.startswith("http://localhost:"), location
        return location

    def _open(self, url: str) -> str:
        return str(httpx.get(url, trust_env=False, timeout=PATIENCE).headers["location"])


class Home(Place):
    """A vendor at its own addresses, which a proxy, and a port for those who take none, lead here."""

    @property
    def way(self) -> Mapping[str, str]:
        file = str(self.server.options.ca_file)
        door = urlsplit(self.origin)
        trust = dict.fromkeys(("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), file)
        return {**trust, "HTTPS_PROXY": f"http://{door.netloc}", "DOOR": str(door.port)}

    def url(self, view: str) -> str:
        return (self.server.served[self.vendor].vendor.profile.url(view) or "").replace("{tenant}", "common")

    def _open(self, url: str) -> str:
        trusted = ssl.create_default_context(cafile=self.server.options.ca_file)
        with httpx.Client(proxy=self.way["HTTPS_PROXY"], verify=trusted, trust_env=False, timeout=PATIENCE) as browser:
            return str(browser.get(url).headers["location"])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(options(*SERVED)) as running:
        yield running


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    file = tmp_path_factory.mktemp("home") / "ca.pem"
    served = options(
        "google", "microsoft", "okta",
        https=True, issuer="real", ca_file=file, applications=(LOOPBACK_APPLICATION, INSTALLED),
    )  # fmt: skip
    with Server(served) as running:
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


NODE, GO = "node clients.mjs", "go run x_oauth2.go"
GRAPH, GMAIL = "User.Read offline_access", "https://mail.google.com/"
BOB, MAIL = "Bob Example", "bob@example.com"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A client in a process of its own: what is run, at which vendor, and what it is to be told of the user.

    `at_home`: it has the vendor's addresses built in, so that these lead here, and it trusts the CA made for this.
    `installed`: it is an application on the user's machine. One that never `refreshes` leaves that to others.
    """

    run: str
    vendor: str
    scope: str = ""
    told: str = BOB
    issuer: str = ""
    at_home: bool = False
    installed: bool = False
    refreshes: bool = True


ROWS: Mapping[str, Row] = {
    "openid-client-google": Row(run=f"{NODE} openid-client", vendor="google", scope=PROFILE),
    "openid-client-okta": Row(
        run=f"{NODE} openid-client", vendor="okta", issuer="/oauth2/default", scope=f"{PROFILE} offline_access",
    ),
    "openid-client-keycloak": Row(
        run=f"{NODE} openid-client", vendor="keycloak", issuer="/realms/demo", scope=PROFILE,
    ),
    "openid-client-microsoft": Row(
        run=f"{NODE} openid-client", vendor="microsoft", issuer=f"/{TENANT}/v2.0", scope=f"{PROFILE} offline_access",
    ),
    "simple-oauth2": Row(run=f"{NODE} simple-oauth2", vendor="atlassian", scope="read:me offline_access"),
    "badgateway-oauth2-client": Row(
        run=f"{NODE} @badgateway/oauth2-client", vendor="google", scope=GMAIL, told=MAIL,
    ),
    "client-oauth2": Row(run=f"{NODE} client-oauth2", vendor="microsoft", scope=GRAPH),
    "google-auth-library": Row(
        run=f"{NODE} google-auth-library", vendor="google", scope=PROFILE, told=f"{BOB}, {MAIL}", at_home=True,
    ),
    "msal-node": Row(run=f"{NODE} @azure/msal-node", vendor="microsoft", scope="User.Read", at_home=True),
    "passport-oauth2": Row(run=f"{NODE} passport-oauth2", vendor="atlassian", scope="read:me offline_access"),
    "passport-google-oauth20": Row(
        run=f"{NODE} passport-google-oauth20", vendor="google", scope="openid profile", at_home=True,
    ),
    "arctic-gitlab": Row(run=f"{NODE} arctic-gitlab", vendor="gitlab", scope="read_user"),
    "arctic-okta": Row(
        run=f"{NODE} arctic-okta", vendor="okta", scope=f"{PROFILE} offline_access", at_home=True,
    ),
    "msal": Row(run="python msal_microsoft.py", vendor="microsoft", scope="User.Read", at_home=True),
    "django-allauth": Row(
        run="python allauth_microsoft.py", vendor="microsoft", scope="User.Read", told=MAIL, at_home=True,
        refreshes=False,
    ),
    "mutt_oauth2-google": Row(
        run="python mutt_oauth2.py google", vendor="google", told="", at_home=True, installed=True,
    ),
    "mutt_oauth2-microsoft": Row(
        run="python mutt_oauth2.py microsoft", vendor="microsoft", told="", at_home=True,
    ),
    "x-oauth2": Row(run=GO, vendor="atlassian", scope="read:me offline_access"),
    "ruby-oauth2": Row(run="ruby oauth2_gem.rb", vendor="gitlab", scope="read_user"),
    "lwp-authen-oauth2": Row(run="perl lwp_authen_oauth2.pl", vendor="microsoft", scope=GRAPH),
    "net-oauth2": Row(run="perl net_oauth2.pl", vendor="google", scope=GMAIL, told=MAIL),
}  # fmt: skip
MARKS = {"node": "npm", "go": "go", "ruby": "ruby", "perl": "perl"}
MUTT = Path("/usr/share/doc/mutt/examples/mutt_oauth2.py")
INSTALLED = replace(LOOPBACK_APPLICATION, client_id="an-installed-application", kind="native")


def rows() -> list[Any]:
    found = []
    for name, row in ROWS.items():
        mark = "programs" if "mutt" in row.run else MARKS.get(row.run.partition(" ")[0])
        found.append(pytest.param(name, marks=[getattr(pytest.mark, mark)] if mark else []))
    return found


@pytest.mark.parametrize("name", rows())
def test_a_client_in_a_process_of_its_own(name: str, request: pytest.FixtureRequest) -> None:
    row = ROWS[name]
    if "mutt" in row.run and not MUTT.exists():
        pytest.skip(f"{MUTT} is not here: the image leaves out what packages document")
    kind, fixture = (Home, "at_home") if row.at_home else (Place, "server")
    place = kind(request.getfixturevalue(fixture), row.vendor)
    command = [sys.executable if word == "python" else word for word in row.run.split()]
    own = {"CLIENT_ID": INSTALLED.client_id} if row.installed else {}
    told = told_by(command, place, ISSUER=f"{place.origin}{row.issuer}", SCOPE=row.scope, **own)
    assert row.told in told["user"]
    assert told["renewed"] is row.refreshes


def told_by(command: list[str], place: Place, **environment: str) -> dict[str, Any]:
    """Run a client: its first line is the login's address, ours the callback's, its last what it was told."""
    given = {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "CALLBACK": CALLBACK, **environment}
    given |= {"FOLDER": str(FOLDER / "node"), "OFFLINE": json.dumps(offline(place))}
    views = {name.upper(): place.url(name) for name in ("authorization", "token", "resource")}
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with subprocess.Popen(
        command,
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**kept, **LANGUAGES["go"].environment, **views, **place.way, **given},
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        deadline = threading.Timer(PATIENCE, client.kill)
        deadline.start()
        # What a language, a library or a compiler says first is passed over.
        url = next((line.strip() for line in client.stdout if line.startswith("http")), "")
        said, wrong = client.communicate(f"{place.browse(url) if url else ''}\n")
        deadline.cancel()
    assert client.returncode == 0, wrong
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
