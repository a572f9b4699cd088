"""The requests to a token endpoint, for the exchange and the refresh alike (TOK-01).

Parameters are built here as plain values; turning them into an httpx request is the last function. Nothing is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote_plus

import httpx

from refreshproof.harness.client.model.configuration import (
    BodyFormat,
    ClientAuthentication,
    ClientConfiguration,
    requested_scopes,
)
from refreshproof.harness.client.model.token import ClientToken
from refreshproof.harness.client.token_endpoint.assertion import Assertion, assertion_of

USER_AGENT = "refreshproof-client/0.1"


@dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """A POST to a token endpoint; `secrets` are the values that an answer must not echo into a log. Whoever sends it
    adds an `assertion`, a new one each time, where there is one."""

    url: str
    parameters: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body_format: BodyFormat
    secrets: tuple[str, ...] = field(repr=False)
    assertion: Assertion | None = None


def exchange_request(configuration: ClientConfiguration, code: str, redirect_uri: str, verifier: str) -> TokenRequest:
    """Build the exchange of a code (RFC 6749 4.1.3), with a verifier if a challenge was sent (RFC 7636 4.5)."""
    own = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    parameters = {**configuration.token_parameters, **own}
    return _request(configuration, configuration.token_endpoint, parameters, (code, verifier))


def refresh_request(configuration: ClientConfiguration, token: ClientToken) -> TokenRequest:
    """Build a refresh (RFC 6749 6); scope is left out unless the vendor needs it, and then it is what was granted, so
    that a narrowed grant is not asked for more."""
    refresh_token = token.refresh_token or ""
    own = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    if configuration.repeats_scope:
        own["scope"] = configuration.scope_separator.join(token.scope or requested_scopes(configuration))
    parameters = {**configuration.token_parameters, **configuration.refresh_parameters, **own}
    return _request(configuration, configuration.refresh_url, parameters, (refresh_token,))


def revocation_request(configuration: ClientConfiguration, token: str) -> TokenRequest:
    """Build a revocation (RFC 7009 2.1), with the client authentication of every other request."""
    return _request(configuration, configuration.revocation_endpoint, {"token": token}, (token,))


def _request(
    configuration: ClientConfiguration, url: str, parameters: Mapping[str, str], secrets: tuple[str, ...]
) -> TokenRequest:
    credentials, headers = _authentication(configuration)
    return TokenRequest(
        url=url,
        parameters={name: value for name, value in {**parameters, **credentials}.items() if value},
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT, **headers},
        body_format=configuration.body_format,
        secrets=tuple(filter(None, (*secrets, configuration.client_secret))),
        assertion=assertion_of(configuration),
    )


def _authentication(configuration: ClientConfiguration) -> tuple[dict[str, str], dict[str, str]]:
    """Return the body's and the header's share of the client authentication: exactly one of them holds the secret."""
    if configuration.client_authentication is ClientAuthentication.BASIC:
        # RFC 6749 2.3.1: both halves are form-encoded before they are joined.
        pair = f"{quote_plus(configuration.client_id)}:{quote_plus(configuration.client_secret)}"
        return {}, {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    if configuration.client_authentication in (ClientAuthentication.NONE, ClientAuthentication.PRIVATE_KEY_JWT):
        return {"client_id": configuration.client_id}, {}
    return {"client_id": configuration.client_id, "client_secret": configuration.client_secret}, {}


def to_httpx(request: TokenRequest, client: httpx.Client, timeout: float, now: int) -> httpx.Request:
    """Turn the value into a request of this client at `now`; `timeout` in seconds holds for every single wait."""
    parameters, url = dict(request.parameters), _url(request.url)
    if request.assertion is not None:
        parameters |= request.assertion.parameters(now)
    if request.body_format is BodyFormat.JSON:
        return client.build_request("POST", url, json=parameters, headers=request.headers, timeout=timeout)
    return client.build_request("POST", url, data=parameters, headers=request.headers, timeout=timeout)


# The same few endpoints over and over, and reading one takes a tenth of a request.
_url = lru_cache(httpx.URL)
