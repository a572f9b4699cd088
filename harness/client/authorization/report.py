"""What a user is told about a flow and about stored tokens: plain values without secrets, for page and program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from refreshproof.harness.client.model.configuration import ClientConfiguration, missing_scopes
from refreshproof.harness.client.model.flow import FlowResult
from refreshproof.harness.client.model.settings import key
from refreshproof.harness.client.model.token import ClientToken, ClientTokenEntity, Status

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

WITH_REFRESH = "A refresh token was issued: the connection is renewed without you."
WITHOUT_REFRESH = "No refresh token was issued: you have to log in again when the access token expires."


ASSUMED = f"assumed, the provider did not say: {key('default_refresh_token_duration_days')}"


@dataclass(frozen=True, kw_only=True)
class LoginReport:
    """The end of a login: whether it worked, whether it can be refreshed, and what to say."""

    connected: bool
    refreshable: bool
    message: str
    facts: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TokenReport:
    """A stored token without its secrets."""

    token_id: str
    configuration: str
    status: Status
    refreshable: bool
    facts: tuple[tuple[str, str], ...]


def login_report(result: FlowResult) -> LoginReport:
    """Tell how a flow ended."""
    if result.error is not None:
        error = result.error
        facts = [("Provider's error", error.error), ("Provider's description", error.description)]
        return LoginReport(
            connected=False,
            refreshable=False,
            message=error.message,
            facts=tuple((name, value) for name, value in facts if value),
            advice=error.diagnosis,
        )
    token = result.to_success_result()
    return LoginReport(
        connected=True,
        refreshable=token.refresh_token is not None,
        message=WITH_REFRESH if token.refresh_token else WITHOUT_REFRESH,
        facts=token_facts(token),
        advice=result.warnings,
    )


def token_report(token: ClientTokenEntity, configuration: ClientConfiguration) -> TokenReport:
    """Tell what is known about a stored token."""
    health = token.health
    facts = [*token_facts(token)]
    missing = missing_scopes(configuration, token.scope)
    if missing:
        facts.append(("Scopes not granted", " ".join(missing)))
    if health.failing_since is not None:
        facts.append(("Failing since", moment(health.failing_since)))
    if health.error is not None:
        facts.append(("Last error", health.error))
    return TokenReport(
        token_id=token.id,
        configuration=configuration.name,
        status=health.status,
        refreshable=token.refresh_token is not None and health.status is not Status.UNRECOVERABLE,
        facts=tuple(facts),
    )


def token_facts(token: ClientToken) -> tuple[tuple[str, str], ...]:
    """Return the expiries and scopes of a token, and by when the user has to consent again if that was told."""
    expiry = token.refresh_token_expiration
    assumed = "" if token.refresh_expiration_supplied else f" ({ASSUMED})"
    due = token.authorization_expiration
    return (
        ("Access token expires", moment(token.access_token_expiration)),
        ("Refresh token expires", "none was issued" if expiry is None else moment(expiry) + assumed),
        *((("Consent due on", moment(due)),) if due is not None else ()),
        ("Scopes", " ".join(token.scope) if token.scope else "as requested"),
    )


def moment(instant: int | None) -> str:
    """Return an instant in UTC to the second, or that it is unknown."""
    if instant is None:
        return "unknown, the provider did not say"
    return (EPOCH + timedelta(seconds=instant // 1_000_000)).strftime("%Y-%m-%d %H:%M:%S UTC")
