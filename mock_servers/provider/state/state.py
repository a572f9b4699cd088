"""The running state of one provider, and the few moves that more than one endpoint makes on it.

Every move takes `now`; nothing here reads a clock or speaks HTTP.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.profile.profile import Lifetimes, Profile
from refreshproof.mock_servers.profile.refresh_policy import DEAD, TokenEvent, TokenState, after
from refreshproof.mock_servers.provider.state.consent import Ask, Decision, ScriptedUser
from refreshproof.mock_servers.provider.state.records import (
    AccessToken,
    Account,
    Application,
    Code,
    Device,
    Family,
    Grant,
    RefreshToken,
)
from refreshproof.mock_servers.provider.state.vault import Vault
from refreshproof.mock_servers.wire import Instant, seconds


class State:
    """Applications, accounts, grants, codes, families and tokens of one provider.

    `assertion_ids` are those of clients' assertions that were taken once, with when they would end.
    `stands_still` tells that its time does not pass by itself, so that a client's pace cannot be measured by it.
    """

    def __init__(self, seed: int) -> None:
        self.vault = Vault(seed)
        self.applications: dict[str, Application] = {}
        self.accounts: dict[str, Account] = {}
        self.grants: dict[tuple[str, str], Grant] = {}
        self.codes: dict[str, Code] = {}
        self.devices: dict[str, Device] = {}
        self.families: list[Family] = []
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.assertion_ids: dict[str, Instant] = {}
        self.moves: Counter[tuple[TokenState, TokenEvent]] = Counter()
        self.signed_in = True
        self.authenticated_at: Instant | None = None
        self.stands_still = False
        self._proof_nonce: str | None = None
        self.user = ScriptedUser()
        self.ask: Ask = self.user

    def proof_nonce(self, lasts: int | None, now: Instant) -> str:
        """Return the nonce that proofs of possession must carry (RFC 9449 s8), which changes every `lasts` seconds.

        It is drawn when the first proof is looked at.
        """
        if self._proof_nonce is None:
            self._proof_nonce = self.vault.identifier(32)
        if lasts is None:
            return self._proof_nonce
        return base64url(hashlib.sha256(f"{self._proof_nonce} {now // seconds(lasts)}".encode()).digest())

    @property
    def next_family(self) -> int:
        """The number of the family that begins next; the newest is always kept."""
        return self.families[-1].number + 1 if self.families else 1

    def holder(self, profile: Profile, application: Application) -> str:
        """Return what a grant is given to: the project where consent spans it, else the client."""
        return application.project if profile.authorization.project_wide_consent else application.client_id

    def record_grant(
        self, decision: Decision, holder: str, scopes: frozenset[str], now: Instant, sites: tuple[str, ...] = ()
    ) -> Grant:
        """Record a consent: one grant per account and holder; a revoked one begins anew.

        Sites accumulate; consent for a site replaces that site's scopes, and the grant holds the scopes of all.
        """
        self.accounts.setdefault(decision.account, Account(name=decision.account))
        grant = self.grants.get((decision.account, holder))
        if grant is None or grant.revoked:
            grant = Grant(account=decision.account, holder=holder, scopes=scopes, granted_at=now)
            self.grants[decision.account, holder] = grant
        grant.scopes |= scopes
        grant.stale = False
        if sites:
            grant.sites |= dict.fromkeys(sites, scopes)
            grant.scopes = frozenset().union(*grant.sites.values())
        return grant

    def sites_of(self, profile: Profile, account: str) -> tuple[str, ...]:
        """Return the ids of the sites that a user can pick from."""
        known = self.accounts.get(account)
        every = tuple(site.id for site in profile.sites)
        return every if known is None or known.sites is None else known.sites

    def move(self, token: RefreshToken, event: TokenEvent) -> None:
        """Apply an event to a refresh token by the table."""
        self.moves[token.state, event] += 1
        token.state, token.last_event = after(token.state, event), event

    def families_like(self, family: Family) -> list[Family]:
        """Return every family of a family's client and user, itself among them, oldest first."""
        whose = (family.client_id, family.account)
        return [other for other in self.families if (other.client_id, other.account) == whose]

    def kill_family(
        self, family: Family, *, access_tokens: bool = True, event: TokenEvent = TokenEvent.REVOKED
    ) -> None:
        """End every token of a family."""
        for token in family.refresh_tokens:
            if token.state not in DEAD:
                self.move(token, event)
        if access_tokens:
            for access in family.access_tokens:
                access.revoked = True

    def end_long_lived(self, lifetimes: Lifetimes, at: Instant) -> None:
        """Let access tokens be over at an instant that would live on for longer than a new one, and give those to come
        an end."""
        longest = seconds(lifetimes.access_token_longest or lifetimes.access_token)
        for token in self.access_tokens.values():
            if token.lasting or token.expires_at > at + longest:
                token.lasting, token.expires_at = False, at
        for family in self.families:
            family.lasting = False

    def revoke_grant(self, profile: Profile, grant: Grant, now: Instant, why: Cause | None = None) -> None:
        """Revoke a grant and everything that was issued under it."""
        grant.revoked, grant.revoked_at, grant.revoked_by = True, now, why
        for family in self.families:
            if family.grant is grant:
                self.kill_family(family, access_tokens=profile.accounts.revocation_ends_access_tokens)

    def change_password(self, profile: Profile, name: str, now: Instant) -> None:
        """Change a user's password with the vendor's effect on grants."""
        account = self.accounts[name]
        self.accounts[name] = replace(
            account,
            password_version=account.passwords_set + 1,
            passwords_set=account.passwords_set + 1,
            earlier_passwords=(*account.earlier_passwords, account.password_version),
        )
        rules = profile.accounts
        for grant in self.grants.values():
            touched = not rules.password_scopes or any(scope in grant.scopes for scope in rules.password_scopes)
            if grant.account == name and rules.password_change == "revoke" and touched:
                self._end_by_password(profile, grant, now)

    def _end_by_password(self, profile: Profile, grant: Grant, now: Instant) -> None:
        """End what a new password ends: the grant, or only its tokens in the hands of clients without a secret."""
        if not profile.accounts.password_public_only:
            self.revoke_grant(profile, grant, now, Cause.PASSWORD_CHANGED)
            return
        for family in self.families:
            if family.grant is grant and self.applications[family.client_id].client_secret is None:
                grant.revoked_at = now
                self.kill_family(family, access_tokens=profile.accounts.revocation_ends_access_tokens)

    def restore_password(self, name: str) -> None:
        """Change a user's password back to the one before; raises ValueError if there was none."""
        account = self.accounts[name]
        if not account.earlier_passwords:
            raise ValueError(f"the password of {name} was never changed")
        *earlier, last = account.earlier_passwords
        self.accounts[name] = replace(account, password_version=last, earlier_passwords=tuple(earlier))

    def suspended(self, profile: Profile, family: Family) -> bool:
        """Tell whether a changed password suspends a family of tokens (decision K-24 of the seed checklist)."""
        account = self.accounts.get(family.account)
        changed = account is not None and account.password_version != family.password_version
        return changed and profile.accounts.password_change == "suspend"
