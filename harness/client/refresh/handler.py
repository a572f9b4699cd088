"""TokenService and TokenHandler of the seed's developer page: refreshing without saving, and with everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias, TypeVar

import httpx

from refreshproof.harness.client.model.clock import SECOND, Clock
from refreshproof.harness.client.model.configuration import ClientConfiguration
from refreshproof.harness.client.model.errors import (
    AuthenticationRefused,
    ClientConfigurationAlarm,
    InsufficientAuthentication,
    InsufficientScope,
    InvalidToken,
    ReauthorizationRequired,
    ScopeRefused,
    TokenError,
)
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.status import content, demanding, hopeless, wanting
from refreshproof.harness.client.model.token import ClientToken, ClientTokenEntity, Health
from refreshproof.harness.client.refresh.decide import Wish, refresh_due
from refreshproof.harness.client.refresh.driver import Driver
from refreshproof.harness.client.refresh.issue import token_from
from refreshproof.harness.client.refresh.refresh import Policy, ensure, failure_error, reply_to
from refreshproof.harness.client.storage.storage import Storage
from refreshproof.harness.client.token_endpoint.token_request import refresh_request
from refreshproof.harness.client.token_endpoint.token_response import Failed
from refreshproof.harness.client.token_endpoint.transport import send

T = TypeVar("T")
Margin: TypeAlias = float | timedelta
"""What a caller wants to be left of a token's life: seconds, or a timedelta."""


def microseconds(margin: Margin) -> int:
    """Return a caller's margin in microseconds; raise ValueError if it is negative or no number."""
    seconds = margin.total_seconds() if isinstance(margin, timedelta) else margin
    if not 0 <= seconds <= LONGEST_MARGIN:
        raise ValueError(f"margin {margin!r}: expected 0 to {LONGEST_MARGIN} seconds, or a timedelta")
    return int(seconds * SECOND)


LONGEST_MARGIN = 366 * 100 * 86_400
"""Seconds: a hundred years, so that an instant stays within 64 bits of microseconds."""


@dataclass(frozen=True, kw_only=True)
class TokenService:
    """Refreshes a token that the caller holds and saves nothing (REF-03)."""

    settings: Settings
    clock: Clock
    http: httpx.Client

    def force_refresh(self, configuration: ClientConfiguration, token: ClientToken) -> ClientToken:
        """Send one refresh request and return the new token; raise a TokenError. The caller saves it."""
        if token.refresh_token is None:
            raise ReauthorizationRequired(reason="there is no refresh token, authorize again")
        request = refresh_request(configuration, token)
        sent_at = self.clock.now()
        sent = send(self.http, self.clock, request, sent_at + self.settings.server_delay)
        reply = reply_to(sent, request, self.clock.now())
        if isinstance(reply, Failed):
            raise failure_error(reply, reply.kind, reply.retry_at or self.clock.now())
        return token_from(reply, sent_at, self.settings, token)

    def refresh_if_needed(
        self, configuration: ClientConfiguration, token: ClientToken, margin: Margin = 0
    ) -> ClientToken:
        """Return the token itself, or a refreshed one if it expires within the lead and the margin (seconds, or a
        timedelta as the page's `Duration`); raise ValueError for a margin below zero."""
        due = refresh_due(token, self.clock.now(), self.settings, microseconds(margin))
        return self.force_refresh(configuration, token) if due else token


@dataclass(frozen=True, kw_only=True)
class TokenHandler:
    """Hands out stored tokens that are fit for use, refreshing and saving as required."""

    driver: Driver
    policy: Policy
    storage: Storage

    def execute(self, token_id: str, callback: Callable[[ClientToken], T]) -> T:
        """Call back with a usable token, outside every lock, and return what the callback returns (REF-04).

        A callback that raises InvalidToken gets a refreshed token once; every other exception passes through. After
        one that raises InsufficientScope or InsufficientAuthentication the user has to authorize again, with
        `wanted_scopes` and `wanted_parameters`, unless that has been done in vain; no refresh is sent for it.
        """
        token = self._usable(token_id, Wish())
        try:
            return self._called(token, callback)
        except InvalidToken:
            newer = self._usable(token_id, Wish(rejected=token.generation))
        result = self._called(newer, callback)
        self._settle(newer)
        return result

    def get_refreshed_token(self, token_id: str, margin: Margin = 0, *, force: bool = False) -> ClientTokenEntity:
        """Return the newest token, refreshed and saved if it is due within the margin, or in any case; see
        `refresh_if_needed` for the margin.

        `force` is for a user who asks: it also probes a refused grant before its pause is over.
        """
        return self._usable(token_id, Wish(margin=microseconds(margin), force=force))

    def wanted_scopes(self, token_id: str) -> tuple[str, ...]:
        """Return the scopes that the next authorization is to ask for besides the configured ones."""
        held = self.storage.load(token_id)
        return () if held is None else held.token.health.wanted

    def wanted_parameters(self, token_id: str) -> dict[str, str]:
        """Return the parameters by which the next authorization asks for another login (RFC 9470 4)."""
        held = self.storage.load(token_id)
        health = Health() if held is None else held.token.health
        wanted = {"acr_values": health.acr_values, "max_age": health.max_age}
        return {name: value for name, value in wanted.items() if value}

    def _called(self, token: ClientTokenEntity, callback: Callable[[ClientToken], T]) -> T:
        try:
            result = callback(token)
        except InsufficientScope as missing:
            raise self._scope_error(token, missing.scopes) from None
        except InsufficientAuthentication as wanted:
            raise self._authentication_error(token, wanted) from None
        if token.health.step_ups:
            self._note(token, content(token.health))
        return result

    def _authentication_error(self, token: ClientTokenEntity, wanted: InsufficientAuthentication) -> TokenError:
        """Remember how the user is to log in."""
        health = demanding(token.health, wanted.acr_values, wanted.max_age)
        self._note(token, health)
        code, reason = "insufficient_user_authentication", "the resource server wants another login of the user"
        if hopeless(health):
            vain = f"{reason}, which authorizations have not brought"
            return AuthenticationRefused(reason=vain, error=code, status=401)
        return ReauthorizationRequired(reason=f"{reason}, authorize again", error=code, status=401)

    def _scope_error(self, token: ClientTokenEntity, scopes: tuple[str, ...]) -> TokenError:
        """Remember what the resource server wants; another process that has stored the token since knows of it soon."""
        health = wanting(token.health, scopes)
        self._note(token, health)
        named = f"the resource server wants the scope {' '.join(scope for scope in scopes if scope in health.wanted)}"
        if hopeless(health):
            reason = f"{named}, which authorizations have not brought"
            return ScopeRefused(reason=reason, error="insufficient_scope", status=403)
        return ReauthorizationRequired(reason=f"{named}, authorize again", error="insufficient_scope", status=403)

    def _note(self, token: ClientTokenEntity, health: Health) -> None:
        if health != token.health:
            self.storage.replace_token(replace(token, health=health))

    def _usable(self, token_id: str, wish: Wish) -> ClientTokenEntity:
        token = self.driver.run(ensure(token_id, wish, self.policy))
        if token.token_type.casefold() != "bearer":
            self._check_type(token)
        return token

    def _check_type(self, token: ClientTokenEntity) -> None:
        """Refuse to present a token of a type nobody has declared to be a bearer token (RFC 6749 7.1); it is kept."""
        held = self.storage.load(token.id)
        known = held.configuration.bearer_token_types if held else ()
        if token.token_type.casefold() not in map(str.casefold, known):
            raise ClientConfigurationAlarm(
                reason="the token's type is not Bearer; if it is used as one, name it in bearerTokenTypes"
            )

    def _settle(self, token: ClientTokenEntity) -> None:
        """Forget the 401s once the resource server has taken a token."""
        if token.health.rejections:
            self.storage.replace_token(replace(token, health=replace(token.health, rejections=0)))
