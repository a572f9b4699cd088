"""From a token response to a token: expiries counted from sending, refresh tokens kept, and the exchange's own rule."""

from __future__ import annotations

from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.token import ClientToken
from refreshproof.harness.client.token_endpoint.token_response import Issued

TOO_SHORT = "Refresh token is not present and access token lifetime is too short."
"""The message of seeds 000 and 001, word for word."""


def token_from(issued: Issued, sent_at: int, settings: Settings, previous: ClientToken | None = None) -> ClientToken:
    """Build the token an answer stands for; `previous` is the token that was refreshed, None at the exchange.

    The expiry is the time of sending plus `expires_in`, the conservative end (TOK-02). An answer to a refresh that says
    nothing useful about the lifetime is taken to repeat the previous one.
    """
    lifetime = None if issued.expires_in is None else issued.expires_in * SECOND
    if lifetime is None and previous is not None:
        lifetime = previous.lifetime
    refresh_token = issued.refresh_token or (previous.refresh_token if previous else None)
    expiration, supplied = _refresh_expiration(issued, sent_at, settings, previous)
    return ClientToken(
        access_token=issued.access_token,
        access_token_expiration=None if lifetime is None else sent_at + lifetime,
        refresh_token=refresh_token,
        refresh_token_expiration=expiration if refresh_token else None,
        refresh_expiration_supplied=supplied and refresh_token is not None,
        issued_at=sent_at,
        token_type=issued.token_type,
        scope=issued.scope or (previous.scope if previous else None),
        authorization_expiration=_consent_expiration(issued, sent_at, previous),
    )


def _consent_expiration(issued: Issued, sent_at: int, previous: ClientToken | None) -> int | None:
    """Return when the user's consent ends, by the draft on refresh token expiration, s6.1.

    A finite end comes with every refresh token; an answer that brings none may leave it out, and then nothing changed.
    """
    if issued.authorization_expires_in is not None:
        return sent_at + issued.authorization_expires_in * SECOND
    return previous.authorization_expiration if previous is not None and issued.refresh_token is None else None


def _refresh_expiration(
    issued: Issued, sent_at: int, settings: Settings, previous: ClientToken | None
) -> tuple[int | None, bool]:
    """Return the refresh token's expiry and whether the provider supplied it (TOK-06).

    A kept refresh token keeps an expiry that was supplied; an assumed one is assumed anew, for it has just worked.
    """
    if issued.refresh_expires_in is not None:
        return sent_at + issued.refresh_expires_in * SECOND, True
    kept = issued.refresh_token is None or (previous is not None and issued.refresh_token == previous.refresh_token)
    if kept and previous is not None and previous.refresh_expiration_supplied:
        return previous.refresh_token_expiration, True
    return sent_at + settings.default_refresh_lifetime, False


def too_short(token: ClientToken, settings: Settings) -> bool:
    """Tell whether an exchange's token is refused (TOK-07): no refresh token and less than the minimum lifetime."""
    if token.refresh_token is not None:
        return False
    return token.lifetime is None or token.lifetime < settings.minimum_access_only_lifetime
