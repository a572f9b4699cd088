"""A running authorization server: one profile, one state, one ledger, and `handle(request, now)`.

It does no IO and reads no clock. A lock makes every request one atomic step, so a refresh is an atomic claim.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from refreshproof.mock_servers.profile.in_force import due_at, in_force
from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.clients.documents import documented
from refreshproof.mock_servers.provider.http.cors import share
from refreshproof.mock_servers.provider.http.replies import Refused, error_response
from refreshproof.mock_servers.provider.http.routes import Route, Routes, routes_of
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.http.tenants import check_tenant
from refreshproof.mock_servers.provider.http.visit import View, Visit
from refreshproof.mock_servers.provider.snapshot import Snapshot, copied, kept_of
from refreshproof.mock_servers.provider.state.consent import ScriptedUser
from refreshproof.mock_servers.provider.state.ledger import Ledger, LedgerEntry
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.provider.state.vault import Vault
from refreshproof.mock_servers.provider.views import VIEWS
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse

CLIENT_ID = "refreshproof-client"
CLIENT_SECRET = "s3cret~of+the/test=client"
REDIRECT_URI = "https://app.example.com/callback"

DEFAULT_APPLICATION = Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=(REDIRECT_URI,))
"""The client every provider knows unless told otherwise."""


class Provider:
    """Emulates one vendor; strict by default: what the vendor refuses is refused, with the reason in the ledger.

    `latest` is the newest instant it was asked at: when an event that no request brings is taken to happen.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        seed: int = 0,
        applications: tuple[Application, ...] = (DEFAULT_APPLICATION,),
        accounts: tuple[Account, ...] = (Account(name="alice"),),
        views: Mapping[str, View] = VIEWS,
    ) -> None:
        self.profile = profile
        self.ledger = Ledger()
        self.state = State(seed)
        self.latest: Instant = 0
        self._views = views
        self._sighted: Sighting | None = None
        self._routes = routes_of(profile.endpoints)
        self._former: Routes | None = None
        self.lock = threading.RLock()
        for application in (*documented(profile), *applications):
            self.register(application)
        for account in accounts:
            self.state.accounts[account.name] = account

    @property
    def vault(self) -> Vault:
        """The provider's secrets and their aliases."""
        return self.state.vault

    @property
    def user(self) -> ScriptedUser:
        """The scripted user; queue decisions with `user.will(...)`."""
        return self.state.user

    def register(self, application: Application) -> None:
        """Add an application or replace the one with the same client id."""
        self.state.applications[application.client_id] = application
        if application.client_secret is not None:
            self.vault.name("SECRET", application.client_secret)

    def sight(self, request: WireRequest) -> Sighting:
        """Read a request without acting on it; network, faults and endpoint share what was read."""
        sighted = self._sighted
        if sighted is None or sighted.request is not request:
            # What is gone is still known for what the client takes it to be.
            route = self._routes.find(request) or (self._former.find(request) if self._former is not None else None)
            sighted = Sighting(
                request=request,
                view=None if route is None else route.endpoint.view,
                bearer_methods=self.profile.bearer_methods,
            )
            self._sighted = sighted
        return sighted

    def handle(self, request: WireRequest, now: Instant) -> WireResponse:
        """Answer one request at `now`; the response carries the number of its ledger entry."""
        with self.lock:
            self.latest = max(self.latest, now)
            if self.profile.announced:
                self.come_to(now)
            route = self._routes.find(request)
            entry = self.ledger.open(now, "unknown" if route is None else route.endpoint.view)
            response = share(request, self.profile.cors_hosts, lambda: self._answer(request, route, entry, now))
            entry.status = response.status
            return response.numbered(entry.number)

    def come_to(self, now: Instant) -> None:
        """Take up what the vendor has announced for dates up to `now`; a request does that by itself."""
        with self.lock:
            due = due_at(self.profile, now)
            if not due:
                return
            for one in due:
                self.profile = in_force(self.profile, one.begins)
                if one.ends_long_lived:
                    self.state.end_long_lived(self.profile.lifetimes, one.begins)
            self._former, self._sighted = self._routes, None
            self._routes = routes_of(self.profile.endpoints)

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Record in the ledger whether an answer reached the client."""
        if response.entry is not None:
            self.ledger.delivered(response.entry, arrived)

    def sign_out(self) -> None:
        """Log the user out: the next authorization request begins with a login, which prompt=none does not allow."""
        with self.lock:
            self.state.signed_in = False

    def revoke_user(self, account: str, holder: str | None = None) -> None:
        """Let a user withdraw every grant they gave, or only those to one client or project."""
        with self.lock:
            for grant in self.state.grants.values():
                if grant.account == account and holder in (None, grant.holder):
                    self.state.revoke_grant(self.profile, grant, self.latest)

    def change_password(self, account: str) -> None:
        """Change a user's password, with the vendor's effect on grants."""
        with self.lock:
            self.state.change_password(self.profile, account, self.latest)

    def enforce(self, account: str, cause: Cause | None) -> None:
        """Let a policy refuse a user's refreshes for a cause, or lift it with None."""
        with self.lock:
            self.state.accounts[account] = replace(self.state.accounts[account], refusal=cause)

    def restore_password(self, account: str) -> None:
        """Change a user's password back."""
        with self.lock:
            self.state.restore_password(account)

    def snapshot(self) -> Snapshot:
        """Return all that the provider keeps, as it stands, for `restore`; what it costs grows with what is kept."""
        with self.lock:
            return Snapshot(
                profile=self.profile,
                latest=self.latest,
                kept=kept_of(self.state),
                mark=self.vault.mark(),
                decisions=self.user.decisions,
                ledger=self.ledger.copied(),
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Be as at the snapshot, as often as wanted: the same requests at the same times are answered as they were.

        Only what is minted differs. The caller's clock goes back with it, or time has passed since.
        """
        with self.lock:
            self.profile, self.latest = snapshot.profile, snapshot.latest
            self._routes, self._former, self._sighted = routes_of(self.profile.endpoints), None, None
            vars(self.state).update(copied(snapshot.kept))
            self.vault.return_to(snapshot.mark)
            self.user.return_to(snapshot.decisions)
            self.ledger.return_to(snapshot.ledger)

    def _answer(self, request: WireRequest, route: Route | None, entry: LedgerEntry, now: Instant) -> WireResponse:
        sighting = self.sight(request)
        profile = self.profile if route is None else self.profile.at(route.endpoint)
        entry.grant_type = sighting.grant_type
        try:
            if route is None:
                raise Refused(Cause.UNKNOWN_RESOURCE, path=request.path, expected="an endpoint", found=request.path)
            if request.method not in route.endpoint.methods:
                expected = " or ".join(route.endpoint.methods)
                raise Refused(Cause.METHOD_NOT_ALLOWED, expected=expected, found=request.method)
            check_tenant(profile, route)
            visit = Visit(
                profile=profile, state=self.state, sighting=sighting, route=route, entry=entry, now=now
            )  # fmt: skip
            return self._views[route.endpoint.view](visit)
        except Refused as refused:
            entry.cause, entry.detail = refused.cause, refused.detail
            view = None if route is None else route.endpoint.view
            return error_response(profile, refused, view=view, request=request, vault=self.vault, now=now)
