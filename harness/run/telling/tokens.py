"""How long each token of a story was good for, from what crossed the wire and what people did."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.reports import TokenLife
from refreshproof.scenarios.evidence.evidence import REFUSED_ACCESS_TOKEN
from refreshproof.scenarios.evidence.grants import OTHERS_DOING, OWN_DOING
from refreshproof.scenarios.evidence.journal import Exchange, Journal, UserAction

KINDS: dict[str, Literal["access", "refresh"]] = {"AT": "access", "RT": "refresh"}
"""Which tokens are told of, by the beginning of their alias."""
LIFETIMES = {"access": "expires_in", "refresh": "refresh_token_expires_in"}
"""The member of an answer that says how many seconds a token lives; vendors add the second one to RFC 6749 s5.1."""


def token_lives(journal: Journal, profile: Profile) -> tuple[TokenLife, ...]:
    """Return the tokens of a story in the order in which they were issued."""
    lives = _Lives(profile)
    for record in journal.records:
        if isinstance(record, Exchange):
            lives.exchange(record)
        elif isinstance(record, UserAction) and record.what == "revoke":
            lives.revoked(record.at)
    return tuple(lives.known.values())


class _Lives:
    """What is known of tokens so far, by alias, and the grant that each came from."""

    def __init__(self, profile: Profile) -> None:
        self.known: dict[str, TokenLife] = {}
        self._profile = profile
        self._grants: dict[str, int] = {}

    def exchange(self, one: Exchange) -> None:
        """Follow one exchange: what it brought, replaced, ended or was refused for."""
        if one.arrived_at is None:
            return
        at, presented = one.arrived_at, one.presented or ""
        grant = self._grants.get(presented, one.number)
        successors = [alias for alias in one.issued if alias[:2] == "RT" and alias != presented]
        for alias in one.issued:
            self._issued(alias, one, grant)
        if one.event is TokenEvent.ROTATED and successors:
            self._end(presented, at, f"replaced by {successors[0]}", one.number)
        if one.event is TokenEvent.BREACHED and self._profile.refresh.on_breach != "nothing":
            self._breached(grant, at, one.number)
        if one.cause in (*OWN_DOING, *OTHERS_DOING, *REFUSED_ACCESS_TOKEN):
            self._end(presented, at, "refused", one.number)
        if one.view == "revocation" and one.committed:
            self._end(one.values.get("token", ""), at, "revoked by the client", one.number)

    def revoked(self, at: Instant) -> None:
        """Follow a user who takes back what was granted."""
        access = self._profile.accounts.revocation_ends_access_tokens
        for alias, life in self.known.items():
            if access or life.kind == "refresh":
                self._end(alias, at, "revoked by the user")

    def _breached(self, grant: int, at: Instant, number: int) -> None:
        family = self._profile.refresh.on_breach == "revoke_family"
        access = self._profile.refresh.breach_ends_access_tokens
        for alias, life in self.known.items():
            if (not family or self._grants[alias] == grant) and (access or life.kind == "refresh"):
                self._end(alias, at, "revoked: a spent token came back", number)

    def _issued(self, alias: str, one: Exchange, grant: int) -> None:
        kind = KINDS.get(alias[:2])
        if kind is None or one.arrived_at is None or alias in self.known:
            return
        lasts = _lasting(one.members.get(LIFETIMES[kind]))
        self._grants[alias] = grant
        self.known[alias] = TokenLife(
            alias=alias,
            kind=kind,
            issued_at=one.arrived_at,
            expires_at=None if lasts is None else one.arrived_at + lasts,
            issued_by=one.number,
        )

    def _end(self, alias: str, at: Instant, ending: str, number: int = 0) -> None:
        life = self.known.get(alias)
        if life is not None and life.ended_at is None and (life.expires_at is None or at < life.expires_at):
            self.known[alias] = replace(life, ended_at=at, ending=ending, ended_by=number)


def _lasting(told: object) -> Instant | None:
    """Read a lifetime as the answer tells it, None for what is no number."""
    if isinstance(told, str):
        return int(told) * SECOND if told.isascii() and told.isdecimal() and len(told) < 16 else None
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told < 10**12:
        return int(told * SECOND)
    return None
