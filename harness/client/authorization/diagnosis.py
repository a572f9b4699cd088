"""Why a flow failed and what can be changed, as short sentences for a log and a page (TOK-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from refreshproof.harness.client.model.configuration import ClientConfiguration, ProviderType, requested_scopes
from refreshproof.harness.client.model.settings import Settings, key
from refreshproof.harness.client.model.token import FailureKind
from refreshproof.harness.client.token_endpoint.token_response import Failed

SHOWN = ("prompt", "access_type", "audience", "token_access_type")
"""Authorization parameters that decide on a refresh token; none of them is a secret."""


def missing_refresh_token(
    configuration: ClientConfiguration, parameters: Mapping[str, str], settings: Settings
) -> tuple[str, ...]:
    """Return what was sent, what this kind of provider needs for a refresh token, and the setting that bears on it."""
    sent = ", ".join(f"{name}={parameters[name]}" for name in SHOWN if name in parameters)
    scopes = " ".join(requested_scopes(configuration))
    advice = [f"Sent in the authorization request: scope={scopes}{', ' + sent if sent else ''}."]
    advice += PROVIDER_ADVICE.get(configuration.provider_type) or _custom(configuration, parameters)
    minimum = settings.minimum_access_token_only_lifetime_days
    advice.append(
        "Without a refresh token the access token has to live at least "
        f"{minimum} days: {key('minimum_access_token_only_lifetime_days')}."
    )
    return tuple(advice)


def _custom(configuration: ClientConfiguration, parameters: Mapping[str, str]) -> list[str]:
    """Advise what helps at the server that a custom configuration is for; at each, where nothing shows which."""
    found = [one for one in CUSTOM_ADVICE if one.match(configuration, parameters)] or list(CUSTOM_ADVICE)
    wanted = any(one.offline_access for one in found) and "offline_access" not in requested_scopes(configuration)
    return [*(one.advice for one in found), *([OFFLINE_ACCESS] if wanted else [])]


def failed_exchange(failed: Failed) -> tuple[str, ...]:
    """Return who has to act on a failed code exchange."""
    lines = [FAILURE_ADVICE[failed.kind]]
    if failed.correlation_id:
        lines.append(f"The provider's correlation id is {failed.correlation_id}.")
    return tuple(lines)


PROVIDER_ADVICE: Mapping[ProviderType, tuple[str, ...]] = {
    ProviderType.GOOGLE: (
        "Google parameters were sent; it issues a refresh token only when the consent screen was shown.",
    ),
    ProviderType.MICROSOFT: ("offline_access was sent; check that the application may be granted it.",),
}


@dataclass(frozen=True, kw_only=True)
class Signs:
    """By what a configuration of the custom type shows whose server it is for, and what to do about it there.

    A gateway and a server under development have hosts of their own, but the vendor's paths, parameters and scopes.
    """

    advice: str
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    offline_access: bool = True

    def match(self, configuration: ClientConfiguration, parameters: Mapping[str, str]) -> bool:
        """Tell whether host or path of an endpoint, a parameter (`name=value`) or a scope is one of these."""
        endpoints = [urlsplit(url) for url in (configuration.authorization_endpoint, configuration.token_endpoint)]
        sent = {name for item in parameters.items() for name in (item[0], "=".join(item))}
        return (
            any(f".{one.hostname}".endswith(f".{host}") for one in endpoints for host in self.hosts)
            or any(one.path.endswith(path) for one in endpoints for path in self.paths)
            or not sent.isdisjoint(self.parameters)
            or any(mark in scope for scope in requested_scopes(configuration) for mark in self.scopes)
        )


CUSTOM_ADVICE: tuple[Signs, ...] = (
    Signs(
        advice="Google issues a refresh token only with access_type=offline and prompt=consent: use the GOOGLE type.",
        hosts=("google.com", "googleapis.com"),
        paths=("/o/oauth2/v2/auth", "/o/oauth2/auth"),
        parameters=("access_type",),
        scopes=("https://www.googleapis.com/", "https://mail.google.com/"),
        offline_access=False,
    ),
    Signs(
        advice="Microsoft issues a refresh token only with the scope offline_access: the MICROSOFT type appends it.",
        hosts=("microsoftonline.com", "microsoftonline.us", "chinacloudapi.cn"),
        paths=("/oauth2/v2.0/authorize",),
        scopes=("https://graph.microsoft.com/", "https://outlook.office.com/", "https://outlook.office365.com/"),
    ),
    Signs(
        advice=(
            "Atlassian issues a refresh token to a 3LO application with the authorization_code grant for which issuing "
            "refresh tokens is switched on: check both in the developer console, then authorize again."
        ),
        hosts=("atlassian.com",),
        parameters=("audience=api.atlassian.com",),
        scopes=(":jira", ":confluence", ":servicedesk", "read:me", "read:account"),
    ),
)
"""Sources: seeds 000 and 001 (Google, Microsoft, the scope offline_access), seed 004 and the developer console
(Atlassian, 3LO application and its switch); hosts, paths and scopes as in the vendors' profiles."""

OFFLINE_ACCESS = "The scope offline_access was not requested: add it and test the integration again."

FAILURE_ADVICE: Mapping[FailureKind, str] = {
    FailureKind.REFUSED: "The authorization code was refused: start the flow again.",
    FailureKind.UNCERTAIN: "The token request was refused: check redirect URI, scopes and body format.",
    FailureKind.TRANSIENT: "The provider cannot answer at present: start the flow again later.",
    FailureKind.AMBIGUOUS: "The answer to the code was lost and a code is never sent twice: start the flow again.",
    FailureKind.ALARM: "The provider refuses the client: check client id, client secret and client authentication.",
}
