"""The developer console: the applications of one provider as their owners see and change them.

An application is a value: a change counts once it is saved. Sources: the sections "Enabling" and "Managing your OAuth
2.0 (3LO) apps" of Atlassian's 3LO page of 2025-01-14.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.profile import TokenShape
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.records import Application, Grant
from refreshproof.mock_servers.wire import Instant

UNLISTED = ("connect",)
"""Kinds of application that the list leaves out."""

FIXED = ("app_id", "owner", "kind", "project", "client_secret", "certificate")
"""What saving cannot change; a secret is rotated instead."""


class Console:
    """Creates, lists, changes and deletes applications of one provider; ValueError for what the console forbids."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def create(self, name: str, *, owner: str, now: Instant, kind: str = "web") -> Application:
        """Create an application: private, without callback URL and scopes."""
        vault = self._provider.vault
        return self._register(
            Application(
                app_id=vault.identifier(32),
                client_id=vault.identifier(32),
                client_secret=self._new_secret(),
                redirect_uris=(),
                owner=owner,
                name=name,
                kind=kind,
                scopes=frozenset(),
                shared=False,
                approved=False,
            ),
            now,
        )

    def apps(self, search: str = "") -> tuple[Application, ...]:
        """Return the applications whose name holds the search, in the order they were created."""
        every, wanted = self._provider.state.applications.values(), search.lower()
        return tuple(
            app for app in every if not app.deleted and app.kind not in UNLISTED and wanted in app.name.lower()
        )

    def app(self, client_id: str) -> Application:
        """Return one application."""
        known = {app.client_id: app for app in self._provider.state.applications.values() if not app.deleted}
        if client_id not in known:
            raise ValueError(f"no application {client_id!r}; there are {', '.join(known) or 'none'}")
        return known[client_id]

    def save(self, app: Application, now: Instant) -> Application:
        """Save changed settings; other scopes make earlier consent void, and removed ones leave the grants."""
        before = self.app(app.client_id)
        changed = [name for name in FIXED if getattr(app, name) != getattr(before, name)]
        if changed:
            raise ValueError(f"{app.client_id}: {', '.join(changed)} cannot be changed")
        with self._provider.lock:
            if app.scopes != before.scopes:
                for grant in self._grants(app):
                    _narrow(grant, self._scopes(app) | {self._provider.profile.issuance.scope or ""})
            return self._register(app, now)

    def rotate_secret(self, client_id: str, now: Instant) -> str:
        """Replace the secret and return the new one; the old one fails at once, and one that ran out is forgiven."""
        app, secret = self.app(client_id), self._new_secret()
        if app.client_secret is None:
            raise ValueError(f"{client_id} is a public client: it has no secret")
        refusal = None if app.refusal is Cause.SECRET_EXPIRED else app.refusal
        self._register(replace(app, client_secret=secret, refusal=refusal), now)
        return secret

    def authorization_url(self, client_id: str, state: str) -> str:
        """Return the address that the page Authorization offers for distribution."""
        app, profile = self.app(client_id), self._provider.profile
        if not app.redirect_uris:
            raise ValueError(f"{client_id} has no callback URL yet")
        parameters = {
            "client_id": client_id, "scope": profile.authorization.scope_separator.join(sorted(self._scopes(app))),
            "redirect_uri": app.redirect_uris[0], "state": state, "response_type": "code", **profile.client_parameters,
        }  # fmt: skip
        return f"{profile.url('authorization')}?{urlencode(parameters)}"

    def delete(self, client_id: str, now: Instant) -> None:
        """Delete an application; where the vendor asks for that, only one that is installed nowhere."""
        app, profile = self.app(client_id), self._provider.profile
        installed = [grant.account for grant in self._grants(app)]
        if installed and not profile.deletes_installed:
            raise ValueError(f"{app.name or client_id} is installed by {', '.join(installed)}: uninstall it first")
        told_apart = Cause.CLIENT_DELETED in profile.errors
        self._register(replace(app, refusal=Cause.CLIENT_DELETED if told_apart else Cause.UNKNOWN_CLIENT), now)

    def _register(self, app: Application, now: Instant) -> Application:
        saved = replace(app, updated_at=now)
        with self._provider.lock:
            self._provider.register(saved)
        return saved

    def _grants(self, app: Application) -> list[Grant]:
        state = self._provider.state
        holder = state.holder(self._provider.profile, app)
        return [grant for grant in state.grants.values() if grant.holder == holder and not grant.revoked]

    def _scopes(self, app: Application) -> frozenset[str]:
        return frozenset(self._provider.profile.scopes) if app.scopes is None else app.scopes

    def _new_secret(self) -> str:
        return self._provider.vault.mint("SECRET", TokenShape(length=64))[0]


def distribution(app: Application) -> str:
    """Return the distribution status as the console words it."""
    return "Sharing" if app.shared else "Not sharing"


def _narrow(grant: Grant, scopes: frozenset[str]) -> None:
    grant.stale = True
    grant.scopes &= scopes
    grant.sites = {site: held & scopes for site, held in grant.sites.items()}
