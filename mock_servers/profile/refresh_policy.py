"""What a vendor does with a presented refresh token: the policy as a value, token states as a table, rulings as a
function.

Knows nothing of HTTP, clients or storage; `rule` takes the token, its family and a time, and returns a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from refreshproof.mock_servers.profile.units import AtLeastOne, Count, Seconds
from refreshproof.mock_servers.wire import Instant, seconds

Rotation: TypeAlias = Literal["never", "always", "sometimes", "near_expiry", "once_per_login"]
RefreshTokenOnRefresh: TypeAlias = Literal["omitted", "same", "new", "null", "empty"]
OnReplay: TypeAlias = Literal[
    "reject",
    "new_pair",
    "same_successor",
    "last_replay_wins",
    "access_token_only",
    "accept_until_expiry",
    "presented",
    "same_pair",
]
OnBreach: TypeAlias = Literal["nothing", "revoke_family", "revoke_grant", "revoke_client_and_user"]
AccessTokenOnRefresh: TypeAlias = Literal["new", "same", "extended"]
SpentBefore: TypeAlias = Literal["answer", "scope", "proof", "client"]
IdleFrom: TypeAlias = Literal["use", "issue"]
TellsOnReplay: TypeAlias = Literal["what_is_left", "whole_life"]
PreviousAccessToken: TypeAlias = Literal["lives", "dies_with_window", "dies_at_once", "dies_at_first_use"]


@dataclass(frozen=True, kw_only=True)
class RefreshPolicy:
    """The refresh behaviour of one vendor; durations in seconds, None means without limit.

    - `refresh_token_on_refresh` is what an answer that does not rotate carries. `rotate_every` is the least age of a
      token that `sometimes` rotates, and the remaining life below which `near_expiry` does. `once_per_login` lets a
      refresh end the token that was presented, and brings no other.
    - `rotation_scope` is the scope without which a token, once it is narrowed, is no longer rotated.
    - `window` bounds the replay of a superseded token in time, `generations` how far back it may lie, `max_reuses` how
      often. `presented` answers a replay with the dead token itself, `same_pair` with what the first answer held, whose
      expires_in is then what is left of the life of its access token, or as if that were new.
    - `spent_before` tells when a token that a refresh supersedes is spent: with the answer, or before the server looks
      at the scope, at proof of possession and scope, or at client, proof and scope. A request that is refused for one
      of those has ended the token all the same.
    - `same_scope_on_replay` refuses a replay that asks for other scopes than the refresh it repeats.
    - `access_token_on_refresh` hands out the same access token while more than `same_above` seconds of its life are
      left, or extends it.
    - `previous_access_token` at `dies_at_first_use` ends the superseded refresh token together with the access token.
    - `inactivity_from` counts `inactivity_ttl` from the last use of a token, or from its issue however it is used.
    - `while_access_token_lives` takes a refresh token no longer than the access token that came with it.
    - `of_any_client` lets every client present a token, whoever it was issued to.
    - `ends_other_families` lets a rotation end the user's other grants to the same client.
    - `cap_per_user` counts the grants of a user to one client, `cap_per_account` those to all clients.
    - `dead_known_for` is how long after its first refusal a dead token is still told from one that never was.
    """

    rotation: Rotation = "never"
    refresh_token_on_refresh: RefreshTokenOnRefresh = "omitted"
    rotate_every: Seconds = 86_400
    rotation_scope: str | None = None
    spent_before: SpentBefore = "answer"
    on_replay: OnReplay = "reject"
    window: Seconds | None = 0
    generations: Count | None = 1
    max_reuses: Count | None = None
    tells_on_replay: TellsOnReplay = "what_is_left"
    same_scope_on_replay: bool = False
    on_breach: OnBreach = "nothing"
    breach_ends_access_tokens: bool = True
    access_token_on_refresh: AccessTokenOnRefresh = "new"
    same_above: Seconds = 0
    previous_access_token: PreviousAccessToken = "lives"
    inactivity_ttl: Seconds | None = None
    inactivity_from: IdleFrom = "use"
    absolute_ttl: Seconds | None = None
    cap_per_user: AtLeastOne | None = None
    cap_per_account: AtLeastOne | None = None
    dead_known_for: Seconds | None = None
    ends_other_families: bool = False
    while_access_token_lives: bool = False
    of_any_client: bool = False

    @property
    def rotates(self) -> bool:
        """Whether refreshes bring new refresh tokens, be it now and then."""
        return self.rotation not in ("never", "once_per_login")

    @property
    def renews_again(self) -> bool:
        """Whether a login is good for more than one refresh."""
        return self.rotation != "once_per_login"


class TokenState(StrEnum):
    """Where a refresh token stands."""

    LIVE = "live"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    EXPIRED = "expired"
    EVICTED = "evicted"


class TokenEvent(StrEnum):
    """What can happen to a refresh token."""

    KEPT = "kept"
    ROTATED = "rotated"
    SPENT = "spent"
    REPLAYED = "replayed"
    BREACHED = "breached"
    REVOKED = "revoked"
    IDLED_OUT = "idled_out"
    AGED_OUT = "aged_out"
    EVICTED = "evicted"


TRANSITIONS: dict[tuple[TokenState, TokenEvent], TokenState] = {
    (TokenState.LIVE, TokenEvent.KEPT): TokenState.LIVE,
    (TokenState.LIVE, TokenEvent.ROTATED): TokenState.SUPERSEDED,
    (TokenState.LIVE, TokenEvent.SPENT): TokenState.REVOKED,
    (TokenState.LIVE, TokenEvent.REVOKED): TokenState.REVOKED,
    (TokenState.LIVE, TokenEvent.IDLED_OUT): TokenState.EXPIRED,
    (TokenState.LIVE, TokenEvent.AGED_OUT): TokenState.EXPIRED,
    (TokenState.LIVE, TokenEvent.EVICTED): TokenState.EVICTED,
    (TokenState.SUPERSEDED, TokenEvent.REPLAYED): TokenState.SUPERSEDED,
    (TokenState.SUPERSEDED, TokenEvent.BREACHED): TokenState.SUPERSEDED,
    (TokenState.SUPERSEDED, TokenEvent.REVOKED): TokenState.REVOKED,
    (TokenState.SUPERSEDED, TokenEvent.IDLED_OUT): TokenState.EXPIRED,
    (TokenState.SUPERSEDED, TokenEvent.AGED_OUT): TokenState.EXPIRED,
    (TokenState.SUPERSEDED, TokenEvent.EVICTED): TokenState.EVICTED,
}
"""Every legal move of a refresh token; a pair that is absent is a bug of the provider."""


def after(state: TokenState, event: TokenEvent) -> TokenState:
    """Return the state that follows; raises KeyError for a move the table does not have."""
    return TRANSITIONS[state, event]


@dataclass(frozen=True, kw_only=True, slots=True)
class Presented:
    """What a ruling needs to know of a presented refresh token; instants in microseconds.

    `steps_behind` counts rotations between this token and the newest of its family: 0 for the newest itself.
    `access_token_ends_at` is when the access token ends that came with it, or last.
    """

    state: TokenState
    issued_at: Instant
    last_used_at: Instant
    family_started_at: Instant
    superseded_at: Instant | None = None
    steps_behind: int = 0
    reuses: int = 0
    inactivity_ttl: int | None = None
    absolute_ttl: int | None = None
    access_token_ends_at: Instant | None = None
    scopes: frozenset[str] = frozenset()


class Answer(StrEnum):
    """What the answer to a refresh holds in its member refresh_token.

    A new token or, with `NEW_ALONE`, one that ends the token which the last answer brought; the token that superseded
    the presented one, with `SAME_PAIR` together with the access token that came with it; the presented token itself;
    null, an empty text, or nothing.
    """

    NEW = "new"
    NEW_ALONE = "new_alone"
    SUCCESSOR = "successor"
    SAME_PAIR = "same_pair"
    PRESENTED = "presented"
    NULL = "null"
    EMPTY = "empty"
    OMITTED = "omitted"


_ON_REFRESH: Mapping[RefreshTokenOnRefresh, Answer] = {
    "omitted": Answer.OMITTED,
    "same": Answer.PRESENTED,
    "new": Answer.NEW,
    "null": Answer.NULL,
    "empty": Answer.EMPTY,
}
_ON_REPLAY: Mapping[OnReplay, Answer] = {
    "new_pair": Answer.NEW,
    "same_successor": Answer.SUCCESSOR,
    "last_replay_wins": Answer.NEW_ALONE,
    "access_token_only": Answer.OMITTED,
    "accept_until_expiry": Answer.NEW,
    "presented": Answer.PRESENTED,
    "same_pair": Answer.SAME_PAIR,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What a presentation leads to: the event on the token, and the answer to give or None for a refusal."""

    event: TokenEvent | None
    answer: Answer | None


DEAD = {TokenState.REVOKED, TokenState.EXPIRED, TokenState.EVICTED}


def rule(token: Presented, policy: RefreshPolicy, now: Instant) -> Ruling:
    """Judge one presentation of a refresh token at `now`; the first rule that applies wins.

    A window is inclusive at its last instant (decision K-18 of the seed checklist); a lifetime is not.
    """
    if token.state in DEAD:
        return Ruling(event=None, answer=None)
    if token.absolute_ttl is not None and now - token.family_started_at >= seconds(token.absolute_ttl):
        return Ruling(event=TokenEvent.AGED_OUT, answer=None)
    idle_since = token.last_used_at if policy.inactivity_from == "use" else token.issued_at
    if token.inactivity_ttl is not None and now - idle_since >= seconds(token.inactivity_ttl):
        return Ruling(event=TokenEvent.IDLED_OUT, answer=None)
    ends_at = token.access_token_ends_at if policy.while_access_token_lives else None
    if ends_at is not None and now >= ends_at:
        return Ruling(event=TokenEvent.IDLED_OUT, answer=None)
    if token.state is TokenState.LIVE:
        if policy.rotation == "once_per_login":
            return Ruling(event=TokenEvent.SPENT, answer=Answer.OMITTED)
        if _rotates(token, policy, now):
            return Ruling(event=TokenEvent.ROTATED, answer=Answer.NEW)
        return Ruling(event=TokenEvent.KEPT, answer=_ON_REFRESH[policy.refresh_token_on_refresh])
    if policy.on_replay != "reject" and _replayable(token, policy, now):
        return Ruling(event=TokenEvent.REPLAYED, answer=_ON_REPLAY[policy.on_replay])
    return Ruling(event=TokenEvent.BREACHED, answer=None)


def _rotates(token: Presented, policy: RefreshPolicy, now: Instant) -> bool:
    if policy.rotation_scope is not None and policy.rotation_scope not in token.scopes:
        return False
    if policy.rotation == "sometimes":
        return now - token.issued_at >= seconds(policy.rotate_every)
    if policy.rotation == "near_expiry" and token.inactivity_ttl is not None:
        return token.issued_at + seconds(token.inactivity_ttl) - now <= seconds(policy.rotate_every)
    return policy.rotation == "always"


def _replayable(token: Presented, policy: RefreshPolicy, now: Instant) -> bool:
    if token.superseded_at is None:
        return False
    in_time = policy.window is None or now - token.superseded_at <= seconds(policy.window)
    near = policy.generations is None or token.steps_behind <= policy.generations
    fresh = policy.max_reuses is None or token.reuses < policy.max_reuses
    return in_time and near and fresh
