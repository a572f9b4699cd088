"""Why a flow failed and what can be changed, as short sentences for a log and a page (TOK-08)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from refreshproof.harness.client.model.configuration import ClientConfiguration, ProviderType, requested_scopes
from refreshproof.harness.client.model.settings import Settings, key
from refreshproof.harness.client.model.token import FailureKind
from refreshproof.harness.client.token_endpoint.token_response import Failed

SHOWN = ("prompt", "access_type", "audience", "token_access_type")
"""Authorization parameters that decide on a refresh token; none of them is a secret."""

ATLASSIAN_HOST = "auth.atlassian.com"


def missing_refresh_token(
    configuration: ClientConfiguration, parameters: Mapping[str, str], settings: Settings
) -> tuple[str, ...]:
    """Return what was sent, what this kind of provider needs for a refresh token, and the setting that bears on it."""
    sent = ", ".join(f"{name}={parameters[name]}" for name in SHOWN if name in parameters)
    scopes = " ".join(requested_scopes(configuration))
    advice = [f"Sent in the authorization request: scope={scopes}{', ' + sent if sent else ''}."]
    advice += PROVIDER_ADVICE[configuration.provider_type]
    if "offline_access" not in requested_scopes(configuration) and configuration.provider_type is ProviderType.GENERIC:
        advice.append("The scope offline_access was not requested: add it and test the integration again.")
    if urlsplit(configuration.authorization_endpoint).hostname == ATLASSIAN_HOST:
        advice += ATLASSIAN_ADVICE
    minimum = settings.minimum_access_token_only_lifetime_days
    advice.append(
        "Without a refresh token the access token has to live at least "
        f"{minimum} days: {key('minimum_access_token_only_lifetime_days')}."
    )
    return tuple(advice)


def failed_exchange(failed: Failed) -> tuple[str, ...]:
    """Return who has to act on a failed code exchange."""
    lines = [FAILURE_ADVICE[failed.kind]]
    if failed.correlation_id:
        lines.append(f"The provider's correlation id is {failed.correlation_id}.")
    return tuple(lines)


PROVIDER_ADVICE: Mapping[ProviderType, tuple[str, ...]] = {
    ProviderType.GENERIC: (
        "Google issues a refresh token only with access_type=offline and prompt=consent: use the GOOGLE type there.",
        "Microsoft issues one only with the scope offline_access: the MICROSOFT type appends it.",
    ),
    ProviderType.GOOGLE: (
        "Google parameters were sent; it issues a refresh token only when the consent screen was shown.",
    ),
    ProviderType.MICROSOFT: ("offline_access was sent; check that the application may be granted it.",),
}

ATLASSIAN_ADVICE = (
    "In the developer console check that the application is a 3LO application with the authorization_code grant, "
    "and that issuing refresh tokens is switched on; then authorize again.",
)

FAILURE_ADVICE: Mapping[FailureKind, str] = {
    FailureKind.REFUSED: "The authorization code was refused: start the flow again.",
    FailureKind.UNCERTAIN: "The token request was refused: check redirect URI, scopes and body format.",
    FailureKind.TRANSIENT: "The provider cannot answer at present: start the flow again later.",
    FailureKind.AMBIGUOUS: "The answer to the code was lost and a code is never sent twice: start the flow again.",
    FailureKind.ALARM: "The provider refuses the client: check client id, client secret and client authentication.",
}
