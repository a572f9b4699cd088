"""Released authorization servers of others, started on loopback: where they are installed, how a user logs in there.

The programs in `tests/harness/vendor_check/servers/` set them up. Their packages have an environment of their own, for
they pin what ours pins otherwise; REFRESHPROOF_SERVERS names a folder that keeps it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from kit.ports import PATIENCE, free_ports
from refreshproof.harness.vendor_check.asking.target import Client, Target
from refreshproof.harness.vendor_check.checking import WAITS

SETUPS = Path(__file__).parents[1] / "harness" / "vendor_check" / "servers"
PYTHON_PACKAGES = (
    "django-oauth-toolkit==3.4.1", "Django==5.2.19", "oauthlib==4.0.1", "Authlib==1.9.10", "Flask==3.1.3",
    "Flask-SQLAlchemy==3.1.1", "canaille[front,oidc]==0.3.6",
)  # fmt: skip
NODE_PACKAGES = ("oidc-provider@9.13.3", "@node-oauth/oauth2-server@5.3.0", "express@5.3.0")
REDIRECT_URI = "http://127.0.0.1:9/cb"
SPECIAL_SECRET = "s3c:r+t %2F&=/~"


@dataclass(frozen=True, kw_only=True)
class Released:
    """One server under one setting: the title with its version, what starts it, its endpoints below its origin.

    `vendor` names the built-in profile that it was measured as, `refresh` holds what is set otherwise. `waits`, `lives`
    and `probes` say how it is checked.
    """

    title: str
    vendor: str
    program: tuple[str, ...]
    log_in: str = "by_parameter"
    settings: Mapping[str, str] = field(default_factory=dict)
    waits: tuple[float, ...] = WAITS
    lives: float = 0.0
    probes: tuple[str, ...] = ()
    authorization: str = "/authorize"
    token: str = "/token"
    revocation: str | None = "/revoke"
    resource: str = "/me"
    scopes: tuple[str, ...] = ("a", "b")
    host: str = "127.0.0.1"
    encoding: Any = "form_encoded"
    refresh: Mapping[str, Any] = field(default_factory=dict)


OIDC_PROVIDER: Mapping[str, Any] = {
    "title": "oidc-provider 9.13.3", "program": ("node", "oidc_provider.mjs"), "log_in": "over_redirects",
    "authorization": "/auth", "revocation": "/token/revocation", "scopes": ("openid", "a", "b"),
}  # fmt: skip
NODE_OAUTH: Mapping[str, Any] = {
    "title": "@node-oauth/oauth2-server 5.3.0", "program": ("node", "node_oauth_server.mjs"), "revocation": None,
    "encoding": "raw",
}  # fmt: skip
AUTHLIB: Mapping[str, Any] = {
    "title": "Authlib 1.9.10", "program": ("python", "authlib_app"), "encoding": "percent_encoded",
}  # fmt: skip
DJANGO: Mapping[str, Any] = {
    "title": "django-oauth-toolkit 3.4.1", "program": ("python", "dot_app"), "authorization": "/o/authorize/",
    "token": "/o/token/", "revocation": "/o/revoke_token/", "resource": "/o/userinfo/",
    "scopes": ("openid", "read", "write"),
}  # fmt: skip
GLEWLWYD: Mapping[str, Any] = {
    "title": "glewlwyd 2.7.5", "program": ("glewlwyd",), "log_in": "by_glewlwyd", "scopes": ("openid", "a", "b"),
    "encoding": "raw",
}  # fmt: skip


def _glewlwyd(plugin: str) -> dict[str, Any]:
    names = {"authorization": "auth", "token": "token", "revocation": "revoke", "resource": "userinfo"}
    return {name: f"/api/{plugin}/{path}" for name, path in names.items()}


SERVERS: Mapping[str, Released] = {
    "oidc-provider": Released(vendor="oidc-provider", **OIDC_PROVIDER),
    "oidc-provider-rotating": Released(
        vendor="oidc-provider-rotating", settings={"ROT": "true"}, **OIDC_PROVIDER
    ),
    "oidc-provider-late": Released(
        vendor="oidc-provider", settings={"TTL": "10"}, refresh={"inactivity_ttl": 10, "rotate_every": 3}, lives=12,
        waits=(0, 4), probes=("issuance", "rotation", "lifetimes", "late-rotation"), **OIDC_PROVIDER
    ),
    "node-oauth": Released(vendor="node-oauth2-server", settings={"LIB": "nodeoauth"}, **NODE_OAUTH),
    "node-oauth-keep": Released(
        vendor="node-oauth2-server-keep", settings={"LIB": "nodeoauth", "ALWAYSNEW": "false"}, **NODE_OAUTH
    ),
    "authlib": Released(vendor="authlib", **AUTHLIB),
    "authlib-new": Released(vendor="authlib-new-refresh-token", settings={"NEWRT": "1"}, **AUTHLIB),
    "canaille": Released(
        vendor="canaille", title="canaille 0.3.6", program=("python", "canaille_app"), host="localhost",
        authorization="/oauth/authorize", token="/oauth/token", revocation="/oauth/revoke",
        resource="/oauth/userinfo", scopes=("openid", "profile", "email"), encoding="percent_encoded",
    ),
    "django": Released(vendor="django-oauth-toolkit", settings={"OIDC": "1"}, **DJANGO),
    "django-grace": Released(
        vendor="django-oauth-toolkit-grace", settings={"OIDC": "1", "GRACE": "20"}, refresh={"window": 20},
        waits=(0, 1, 10, 24), **DJANGO
    ),
    "glewlwyd": Released(vendor="glewlwyd", **GLEWLWYD, **_glewlwyd("never")),
    "glewlwyd-one-use": Released(vendor="glewlwyd-one-use", **GLEWLWYD, **_glewlwyd("oneuse")),
}  # fmt: skip
"""Servers by a name of the tests."""


def installed(folder: Path) -> Path:
    """Return the folder with the servers' packages, installing them there once, those of PyPI and npm side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _ended(*_installing(folder / "py", folder / "node"))
            (folder / "complete").touch()
    return folder


def _installing(python: Path, node: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Begin both installations; nothing is compiled but what a server then imports."""
    node.mkdir(exist_ok=True)
    (node / "package.json").write_text("{}")
    yield subprocess.Popen(["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_PACKAGES], cwd=node)
    _ended(subprocess.Popen([sys.executable, "-m", "venv", "--without-pip", python]))
    pip = [sys.executable, "-m", "pip", "--python", str(python / "bin" / "python"), "install", "-q", "--no-compile"]
    yield subprocess.Popen([*pip, *PYTHON_PACKAGES])


def _ended(*processes: subprocess.Popen[bytes]) -> None:
    codes = [one.wait() for one in processes]
    assert not any(codes), f"{processes} ended with {codes}"


@contextmanager
def running(one: Released, packages: Path, scratch: Path) -> Iterator[Target]:
    """Run a server until the end of the block; gives what to check."""
    scratch.mkdir(parents=True, exist_ok=True)
    with free_ports() as port:
        process = _started(one, packages, scratch, port)
        try:
            origin = f"http://{one.host}:{port}"
            _wait(process, origin + one.token, scratch)
            yield _target(one, origin)
        finally:
            process.kill()
            process.wait()


def _started(one: Released, packages: Path, scratch: Path, port: int) -> subprocess.Popen[bytes]:
    with (scratch / "log").open("wb") as log:
        return _process(one, packages, scratch, port, log)


def _process(one: Released, packages: Path, scratch: Path, port: int, log: BinaryIO) -> subprocess.Popen[bytes]:
    kind = one.program[0]
    if kind == "glewlwyd":
        setup = [sys.executable, str(SETUPS / "glewlwyd_setup"), str(scratch), str(port)]
        told = subprocess.run(setup, capture_output=True, text=True, check=True).stdout
        assert told.startswith("up"), told
        return subprocess.Popen(["glewlwyd", f"--config-file={scratch}/g.conf"], stdout=log, stderr=log)
    program = packages / "py" / "bin" / "python" if kind == "python" else Path(shutil.which("node") or "node")
    where = scratch if kind == "python" else packages / "node"
    environment = os.environ | {"PORT": str(port), **one.settings}
    environment.pop("PYTHONPATH", None)
    return subprocess.Popen([program, SETUPS / one.program[1]], cwd=where, env=environment, stdout=log, stderr=log)


def _wait(process: subprocess.Popen[bytes], url: str, scratch: Path) -> None:
    """Wait until somebody answers."""
    for _ in range(6000):
        assert process.poll() is None, (scratch / "log").read_text()[-2000:]
        try:
            with browser() as polling:
                polling.get(url, timeout=PATIENCE)
        except httpx.TransportError:
            with _pause():
                continue
        return
    raise AssertionError((scratch / "log").read_text()[-2000:])


@contextmanager
def _pause() -> Iterator[None]:
    subprocess.run(["sleep", "0.1"], check=True)
    yield


def _target(one: Released, origin: str) -> Target:
    def client(name: str, secret: str) -> Client:
        return Client(client_id=name, client_secret=secret, encoding=one.encoding)

    return Target(
        authorization_endpoint=origin + one.authorization, token_endpoint=origin + one.token,
        revocation_endpoint=None if one.revocation is None else origin + one.revocation,
        resource=origin + one.resource, redirect_uri=REDIRECT_URI, scopes=one.scopes, issuer=origin,
        client=client("conf", "confsecret"), second=client("conf2", "conf2secret"),
        special=client("special", SPECIAL_SECRET), public=Client(client_id="pub", authentication="none"),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UserByName:
    """Logs in as the user of a name, in one of the ways below."""

    way: Callable[[str, str], str]
    fresh_users: bool = True

    def __call__(self, url: str, user: str) -> str:
        """Return where the server sent the browser back to."""
        return self.way(url, user)


def browser() -> httpx.Client:
    """Return a browser for http on loopback: to read the authorities of https would cost the most of a login."""
    return httpx.Client(timeout=60, verify=False)  # noqa: S501


def by_parameter(url: str, user: str) -> str:
    """Name the user in the URL, as set-ups take it that ask nobody."""
    with browser() as visit:
        return _location(visit.get(f"{url}&user={user}"))


def over_redirects(url: str, user: str) -> str:
    """Follow the redirects with a cookie jar."""
    with browser() as visit:
        address = f"{url}&login_hint={user}"
        for _ in range(12):
            answer = visit.get(address)
            address = str(answer.url.join(_location(answer)))
            if address.startswith(REDIRECT_URI):
                break
    return address


def by_glewlwyd(url: str, user: str) -> str:
    """Log in by glewlwyd's API as one of its sixteen users, consent, and go on."""
    base = url.partition("/api/")[0] + "/api"
    number = int(user.removeprefix("user")) % 16
    with browser() as visit:
        visit.post(f"{base}/auth/", json={"username": f"u{number}", "password": "password"})
        for client in ("conf", "conf2", "special", "pub"):
            visit.put(f"{base}/auth/grant/{client}", json={"scope": "openid a b c offline_access"})
        return _location(visit.get(f"{url}&g_continue"))


def _location(answer: httpx.Response) -> str:
    return answer.headers.get("location") or f"{REDIRECT_URI}?error=no_redirect_{answer.status_code}"


LOGINS: Mapping[str, Callable[[str, str], str]] = {
    "by_parameter": by_parameter, "over_redirects": over_redirects, "by_glewlwyd": by_glewlwyd,
}  # fmt: skip
