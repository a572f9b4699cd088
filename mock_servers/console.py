"""The developer console: applications as their owners see and change them, in front of one provider.

An `App` is a value: a change counts once it is saved. Sources: the sections "Enabling" and "Managing your OAuth 2.0
(3LO) apps" of Atlassian's 3LO page of 2025-01-14.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from refreshproof.mock_servers.profile import TokenShape
from refreshproof.mock_servers.provider import Provider
from refreshproof.mock_servers.records import Application, Grant
from refreshproof.mock_servers.wire import Instant

LOZENGES = {"web": "3LO", "forge": "Forge"}
"""What the list shows beside an application of a kind; kinds that are absent are not listed."""


@dataclass(frozen=True, kw_only=True)
class App:
    """One application's settings; `app_id` is not the client id. There is one callback URL, empty until it is set."""

    app_id: str
    client_id: str
    owner: str
    name: str
    updated_at: Instant
    kind: str = "web"
    description: str = ""
    avatar_url: str = ""
    callback_url: str = ""
    scopes: frozenset[str] = frozenset()
    shared: bool = False
    approved: bool = False
    refresh_tokens: bool = True
    spans_sites: bool = False

    @property
    def distribution(self) -> str:
        """The distribution status as the console words it."""
        return "Sharing" if self.shared else "Not sharing"

    @property
    def lozenge(self) -> str:
        """The type of application as the list shows it."""
        return LOZENGES.get(self.kind, "")


class Console:
    """Creates, lists, changes and deletes applications of one provider; ValueError for what the console forbids."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._apps: dict[str, App] = {}

    def create(self, name: str, *, owner: str, now: Instant, kind: str = "web") -> App:
        """Create an application: private, without callback URL and scopes."""
        vault = self._provider.vault
        app = App(
            app_id=vault.identifier(32),
            client_id=vault.identifier(32),
            owner=owner,
            name=name,
            kind=kind,
            updated_at=now,
        )
        self._apps[app.app_id] = app
        with self._provider.lock:
            self._provider.register(_application(app, self._new_secret()))
        return app

    def apps(self, search: str = "") -> tuple[App, ...]:
        """Return the applications whose name holds the search, in the order they were created."""
        wanted = search.lower()
        return tuple(app for app in self._apps.values() if app.kind in LOZENGES and wanted in app.name.lower())

    def app(self, app_id: str) -> App:
        """Return one application."""
        if app_id not in self._apps:
            raise ValueError(f"no application {app_id!r}; there are {', '.join(self._apps) or 'none'}")
        return self._apps[app_id]

    def save(self, app: App, now: Instant) -> App:
        """Save changed settings; other scopes make earlier consent void, and removed ones leave the grants."""
        before = self.app(app.app_id)
        if (app.client_id, app.owner, app.kind) != (before.client_id, before.owner, before.kind):
            raise ValueError(f"{before.name}: client_id, owner and kind cannot be changed")
        saved = self._apps[app.app_id] = replace(app, updated_at=now)
        with self._provider.lock:
            self._provider.register(_application(saved, self.client_secret(app.app_id)))
            if saved.scopes != before.scopes:
                for grant in self._grants(saved):
                    _narrow(grant, saved.scopes | {self._provider.profile.issuance.scope or ""})
        return saved

    def client_secret(self, app_id: str) -> str:
        """Return the secret, which only the settings page shows."""
        return self._provider.state.applications[self.app(app_id).client_id].client_secret or ""

    def rotate_secret(self, app_id: str, now: Instant) -> str:
        """Replace the secret and return the new one; the old one fails at once."""
        app = self._apps[app_id] = replace(self.app(app_id), updated_at=now)
        secret = self._new_secret()
        with self._provider.lock:
            self._provider.register(_application(app, secret))
        return secret

    def authorization_url(self, app_id: str, state: str) -> str:
        """Return the address that the page Authorization offers for distribution."""
        app, profile = self.app(app_id), self._provider.profile
        parameters = {
            "client_id": app.client_id, "scope": " ".join(sorted(app.scopes)), "redirect_uri": app.callback_url,
            "state": state, "response_type": "code", **profile.client_parameters,
        }  # fmt: skip
        return f"{profile.url('authorization')}?{urlencode(parameters)}"

    def delete(self, app_id: str) -> None:
        """Delete an application that is installed nowhere."""
        app = self.app(app_id)
        installed = [grant.account for grant in self._grants(app)]
        if installed:
            raise ValueError(f"{app.name} is installed by {', '.join(installed)}: uninstall it first")
        with self._provider.lock:
            del self._provider.state.applications[app.client_id]
        del self._apps[app_id]

    def _grants(self, app: App) -> list[Grant]:
        grants = self._provider.state.grants.values()
        return [grant for grant in grants if grant.holder == app.client_id and not grant.revoked]

    def _new_secret(self) -> str:
        return self._provider.vault.mint("SECRET", TokenShape(length=64))[0]


def _application(app: App, secret: str) -> Application:
    return Application(
        client_id=app.client_id,
        client_secret=secret,
        redirect_uris=(app.callback_url,) if app.callback_url else (),
        kind=app.kind,
        scopes=app.scopes,
        refresh_tokens=app.refresh_tokens,
        owner=app.owner,
        shared=app.shared,
        approved=app.approved,
        spans_sites=app.spans_sites,
    )


def _narrow(grant: Grant, scopes: frozenset[str]) -> None:
    grant.stale = True
    grant.scopes &= scopes
    grant.sites = {site: held & scopes for site, held in grant.sites.items()}
