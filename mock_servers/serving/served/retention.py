"""What a provider that runs for days may forget: the oldest requests, and the oldest tokens that are good for nothing.

Whatever a client could still use is kept however old it is: tokens, codes and devices that would be accepted, and every
grant, account and application; but of more than ten thousand access tokens those go, good or not, after which the same
login has got a thousand others. A token that was dropped is unknown from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TypeVar

from refreshproof.mock_servers.profile.refresh_policy import Presented, rule
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.records import AccessToken, Code, Device, RefreshToken
from refreshproof.mock_servers.wire import Instant, seconds

_SECRETS_OF_A_REQUEST = 4
"""How many secrets a request and its answer hold at most, as a rule: a code and a verifier, or three tokens."""

MOST_GOOD = 10_000
"""Access tokens of which the newest are kept as long as they open anything, whoever has them."""

MOST_OF_A_LOGIN = 1_000
"""Access tokens of one login that are kept so beyond those: whoever refreshes without a pause loses older ones."""

_Record = TypeVar("_Record", RefreshToken, AccessToken, Code, Device)


class Retention:
    """Forgets for one provider; `keep` is how many ledger entries stay, and how many records of each kind that are
    over, `exchanges` how many requests the journal shows."""

    def __init__(self, provider: Provider, keep: int, exchanges: int) -> None:
        self._provider = provider
        self._keep = keep
        self._secrets = _SECRETS_OF_A_REQUEST * max(keep, exchanges)
        self._batch = self._pause = max(keep // 4, 1)
        self._requests = 0

    def after_request(self, now: Instant) -> None:
        """Count a request; now and then, forget."""
        self._requests += 1
        with self._provider.lock:
            if self._requests % self._batch == 0:
                self._provider.ledger.drop(self._keep)
            if self._requests >= self._pause:
                # What is kept is looked at anew each time, so the more there is, the more rarely.
                self._pause = max(self._batch, self._forget(now) // 4)
                self._requests = 0

    def _forget(self, now: Instant) -> int:
        """Forget what is beyond the bounds; returns how many records are left."""
        provider, state = self._provider, self._provider.state
        state.refresh_tokens = self._left(state.refresh_tokens, lambda token: _renews(provider, token, now))
        companions = {id(token.companion) for token in state.refresh_tokens.values()}
        replaced = self._replaced()
        state.access_tokens = self._left(
            state.access_tokens,
            lambda token: id(token) in companions or (id(token) not in replaced and _opens(token, now)),
        )
        state.codes = self._left(state.codes, lambda code: _redeemable(provider, code, now))
        state.devices = self._left(state.devices, lambda device: _pending(provider, device, now))
        self._tidy_families()
        wanted = {
            *state.refresh_tokens, *state.access_tokens, *state.codes, *state.devices,
            *(application.client_secret for application in state.applications.values() if application.client_secret),
        }  # fmt: skip
        provider.vault.forget(wanted, self._secrets)
        return len(wanted)

    def _left(self, records: Mapping[str, _Record], good: Callable[[_Record], bool]) -> dict[str, _Record]:
        """Return the newest records, and of the others those that are good."""
        beyond = len(records) - self._keep
        return {
            value: record for index, (value, record) in enumerate(records.items()) if index >= beyond or good(record)
        }

    def _replaced(self) -> set[int]:
        """Return the identities of the access tokens that too many others have come after."""
        state = self._provider.state
        beyond = len(state.access_tokens) - MOST_GOOD
        if beyond <= 0:
            return set()
        old = {id(token) for token in islice(state.access_tokens.values(), beyond)}
        return {
            id(token)
            for family in state.families
            for token in family.access_tokens[:-MOST_OF_A_LOGIN]
            if id(token) in old
        }

    def _tidy_families(self) -> None:
        """Let families hold the tokens that are left; those without any go, but for the newest, which gives the next
        its number."""
        state = self._provider.state
        refresh_tokens, access_tokens = state.refresh_tokens, state.access_tokens
        for family in state.families:
            family.refresh_tokens = [one for one in family.refresh_tokens if one.value in refresh_tokens]
            family.access_tokens = [one for one in family.access_tokens if one.value in access_tokens]
        state.families = [
            one for one in state.families if one.refresh_tokens or one.access_tokens or one is state.families[-1]
        ]
        for access in access_tokens.values():
            if access.predecessor is not None and access.predecessor.value not in access_tokens:
                access.predecessor = None
            if access.retires is not None and access.retires.value not in refresh_tokens:
                access.retires = None


def _renews(provider: Provider, token: RefreshToken, now: Instant) -> bool:
    """Tell whether a refresh token would be accepted, were it not for what its user or a policy can take back."""
    family = token.family
    profile = provider.profile.seconding if family.second else provider.profile
    presented = Presented(
        state=token.state,
        issued_at=token.issued_at,
        last_used_at=token.last_used_at,
        family_started_at=family.started_at,
        superseded_at=token.superseded_at,
        steps_behind=family.newest_generation - token.generation,
        reuses=token.reuses,
        inactivity_ttl=family.inactivity_ttl,
        absolute_ttl=family.absolute_ttl,
    )
    return rule(presented, profile.refresh, now).answer is not None


def _opens(token: AccessToken, now: Instant) -> bool:
    return not token.revoked and now < token.expires_at and (token.dies_at is None or now <= token.dies_at)


def _redeemable(provider: Provider, code: Code, now: Instant) -> bool:
    return not code.used and now - code.issued_at < seconds(provider.profile.lifetimes.code)


def _pending(provider: Provider, device: Device, now: Instant) -> bool:
    rules, used = provider.profile.device, device.code is not None and device.code.used
    return rules is not None and not used and now - device.issued_at < seconds(rules.lifetime)
