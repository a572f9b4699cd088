"""Where the limits of a provider's newest tokens lie, so that a scenario can go to either side of them at every
vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.records import RefreshToken
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.steps.steps import Limit


def limit_of(provider: Provider, limit: Limit) -> Instant | None:
    """Return the instant of a limit of the newest tokens, None where the vendor has none or nothing was issued."""
    return _LIMITS[limit](provider)


def _access_token_expiry(provider: Provider) -> Instant | None:
    issued = list(provider.state.access_tokens.values())
    return issued[-1].expires_at if issued and not issued[-1].lasting else None


def _newest(provider: Provider) -> RefreshToken | None:
    issued = list(provider.state.refresh_tokens.values())
    return issued[-1] if issued else None


def _inactivity_expiry(provider: Provider) -> Instant | None:
    token = _newest(provider)
    if token is None or token.family.inactivity_ttl is None:
        return None
    since = token.last_used_at if provider.profile.refresh.inactivity_from == "use" else token.issued_at
    return since + seconds(token.family.inactivity_ttl)


def _absolute_expiry(provider: Provider) -> Instant | None:
    token = _newest(provider)
    if token is None or token.family.absolute_ttl is None:
        return None
    return token.family.started_at + seconds(token.family.absolute_ttl)


def _end_of_window(provider: Provider) -> Instant | None:
    window = provider.profile.refresh.window
    superseded = [one.superseded_at for one in provider.state.refresh_tokens.values() if one.superseded_at is not None]
    return superseded[-1] + seconds(window) if superseded and window is not None else None


def _rotation_due(provider: Provider) -> Instant | None:
    """Return when a vendor that does not rotate with every refresh does so, None at any other."""
    token, policy = _newest(provider), provider.profile.refresh
    if token is None or policy.rotation not in ("sometimes", "near_expiry"):
        return None
    if policy.rotation == "sometimes":
        return token.issued_at + seconds(policy.rotate_every)
    idle = token.family.inactivity_ttl
    return None if idle is None else token.issued_at + seconds(idle - policy.rotate_every)


def _announced_change(provider: Provider) -> Instant | None:
    ahead = provider.profile.announced
    return ahead[0].begins if ahead else None


_LIMITS: Mapping[Limit, Callable[[Provider], Instant | None]] = {
    "access_token_expiry": _access_token_expiry,
    "inactivity_expiry": _inactivity_expiry,
    "absolute_expiry": _absolute_expiry,
    "end_of_window": _end_of_window,
    "rotation_due": _rotation_due,
    "announced_change": _announced_change,
}
