"""Client configurations: the value, what each provider type adds, and the rules a configuration is refused by.

It knows nothing of REST, storage or the flow; every rule returns all offending fields at once.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from refreshproof.harness.client.model.client_key import key_fault
from refreshproof.harness.client.model.settings import Settings, key


class ProviderType(Enum):
    """Kinds of provider; the user interface calls GENERIC "Custom"."""

    GENERIC = "GENERIC"
    GOOGLE = "GOOGLE"
    MICROSOFT = "MICROSOFT"


class BodyFormat(Enum):
    """Media type of a token request's body; the 3LO page shows JSON."""

    FORM = "form"
    JSON = "json"


class ClientAuthentication(Enum):
    """Where the client credentials go (RFC 6749 2.3.1): in the body, in a Basic header, or nowhere (public client).

    With PRIVATE_KEY_JWT a key signs who the client is (RFC 7523 2.2).
    """

    POST = "post"
    BASIC = "basic"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""One scope-token of RFC 6749 3.3."""

SURROGATES = re.compile(r"[\ud800-\udfff]")
"""What JSON can escape and UTF-8 cannot hold (RFC 8259 8.2), so that neither database nor URL can."""

UNFIT = re.compile(rf"[\x00-\x1f\x7f]|{SURROGATES.pattern}")


@dataclass(frozen=True, kw_only=True)
class ClientConfiguration:
    """One client registration at one provider. `id` and `redirect_uri_suffix` are filled in when it is saved.

    The fields after `redirect_uri_suffix` are ours (FLOW-03): vendors differ in them, GENERIC works with all of them.
    With PRIVATE_KEY_JWT `client_secret` is the private key in PEM, and `assertion_audience` whom its assertions are
    for: the token endpoint if that is empty. `repeats_scope` lets a refresh name the scopes that were granted.
    """

    id: str = ""
    name: str
    description: str = ""
    provider_type: ProviderType
    client_id: str
    client_secret: str = field(repr=False)
    authorization_endpoint: str
    token_endpoint: str
    scopes: tuple[str, ...]
    redirect_uri_suffix: str = ""
    refresh_endpoint: str = ""
    revocation_endpoint: str = ""
    authorization_parameters: Mapping[str, str] = field(default_factory=dict)
    token_parameters: Mapping[str, str] = field(default_factory=dict)
    refresh_parameters: Mapping[str, str] = field(default_factory=dict)
    body_format: BodyFormat = BodyFormat.FORM
    client_authentication: ClientAuthentication = ClientAuthentication.POST
    pkce: bool = True
    issuer: str = ""
    iss_required: bool = False
    scope_separator: str = " "
    bearer_token_types: tuple[str, ...] = ()
    assertion_audience: str = ""
    repeats_scope: bool = False

    @property
    def refresh_url(self) -> str:
        """Where refresh requests go: the token endpoint unless the provider has another one for them."""
        return self.refresh_endpoint or self.token_endpoint


@dataclass(frozen=True, kw_only=True)
class TypeRules:
    """What a provider type adds to the authorization request."""

    parameters: Mapping[str, str]
    scopes: tuple[str, ...] = ()


def requested_scopes(configuration: ClientConfiguration) -> tuple[str, ...]:
    """Return the configured scopes plus the type's own, each once, in order."""
    return tuple(dict.fromkeys((*configuration.scopes, *TYPE_RULES[configuration.provider_type].scopes)))


def missing_scopes(configuration: ClientConfiguration, granted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the requested scopes that were not granted; None, a silent provider, means all were (RFC 6749 5.1).

    Scopes are compared as sets and without case. offline_access stands for the refresh token and is often left out.
    """
    if granted is None:
        return ()
    known = {scope.casefold() for scope in granted} | {"offline_access"}
    return tuple(scope for scope in requested_scopes(configuration) if scope.casefold() not in known)


def redirect_uri_suffix(authorization_endpoint: str) -> str:
    """Return the 22 characters that stand for exactly this authorization endpoint (CFG-04), a mix-up defence."""
    digest = hashlib.sha256(str(authorization_endpoint).encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def field_faults(configuration: ClientConfiguration, settings: Settings) -> dict[str, str]:
    """Return every offending field, under its REST name, with the reason (CFG-03)."""
    errors: dict[str, str] = {}
    for name, attribute, rule in RULES:
        reason = rule(getattr(configuration, attribute), settings)
        if attribute == "client_secret":
            reason = _secret_fault(configuration, reason)
        if reason:
            errors[name] = reason
    if configuration.iss_required is True and not configuration.issuer:
        errors["issuer"] = "must be set when issRequired is true"
    return errors


def _secret_fault(configuration: ClientConfiguration, otherwise: str | None) -> str | None:
    """Return why a client secret is refused, by what it is for."""
    if configuration.client_authentication is ClientAuthentication.PRIVATE_KEY_JWT:
        return key_fault(configuration.client_secret)
    public = configuration.client_authentication is ClientAuthentication.NONE and configuration.client_secret == ""
    return None if public else otherwise


Rule = Callable[[object, Settings], str | None]


def _text(limit: int, *, required: bool) -> Rule:
    def rule(value: object, _: Settings) -> str | None:
        if not isinstance(value, str):
            return "must be text"
        if required and not value.strip():
            return "must not be blank"
        if len(value) > limit:
            return f"is {len(value)} characters long, at most {limit} are allowed"
        return "must not hold control characters or lone surrogates" if UNFIT.search(value) else None

    return rule


def _endpoint(*, required: bool) -> Rule:
    text = _text(2_000, required=required)

    def rule(value: object, settings: Settings) -> str | None:
        reason = text(value, settings)
        if reason or not value:
            return reason
        return endpoint_fault(str(value), settings.skip_provider_https_requirement, "skip_provider_https_requirement")

    return rule


def endpoint_fault(url: str, skip: bool, attribute: str) -> str | None:
    """Return why a URL is refused, or None; a refused http URL names the setting that would allow it (CFG-06)."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return "is not a URL"
    if not parts.hostname or not port_is_valid or re.search(r"[\s\\]", url) or parts.scheme not in {"http", "https"}:
        return "is not an absolute http or https URL"
    if parts.username is not None or parts.fragment:
        return "must have neither user information nor a fragment"
    if parts.scheme == "http" and not skip:
        return f"must be https unless {key(attribute)} is true"
    return None


def _scopes(value: object, _: Settings) -> str | None:
    if not isinstance(value, tuple) or not value:
        return "needs at least one scope"
    if not all(isinstance(scope, str) and SCOPE.fullmatch(scope) for scope in value):
        return "every scope must be a non-empty text of the characters RFC 6749 3.3 allows"
    return "is over 10000 characters long" if sum(map(len, value)) > 10_000 else None


def _suffix(value: object, _: Settings) -> str | None:
    wrong = not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{22}|", value)
    return "must be 22 characters of base64url" if wrong else None


def _parameters(reserved: frozenset[str]) -> Rule:
    def rule(value: object, _: Settings) -> str | None:
        if not isinstance(value, Mapping) or not all(isinstance(text, str) for pair in value.items() for text in pair):
            return "must be an object of texts"
        if any(map(SURROGATES.search, [*value, *value.values()])):
            return "must not hold lone surrogates"
        if sum(map(len, [*value, *value.values()])) > 10_000:
            return "is over 10000 characters long"
        taken = sorted(reserved & value.keys())
        return f"must not set {', '.join(taken)}: the engine sets them" if taken else None

    return rule


def _one_of(kind: type[Enum]) -> Rule:
    def rule(value: object, _: Settings) -> str | None:
        return None if isinstance(value, kind) else f"must be one of {', '.join(str(one.value) for one in kind)}"

    return rule


def _boolean(value: object, _: Settings) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _separator(value: object, _: Settings) -> str | None:
    return None if value in (" ", ",") else "must be a space or a comma"


def _token_types(value: object, _: Settings) -> str | None:
    if not isinstance(value, tuple) or not all(isinstance(one, str) and 0 < len(one) <= 100 for one in value):
        return "must be a list of token types"
    return "must not hold lone surrogates" if any(map(SURROGATES.search, value)) else None


CREDENTIALS = frozenset({"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"})

TYPE_RULES: Mapping[ProviderType, TypeRules] = {
    ProviderType.GENERIC: TypeRules(parameters={"prompt": "select_account"}),
    # Google issues a refresh token only with both (seeds 000 and 001; developers.google.com, web server flow).
    ProviderType.GOOGLE: TypeRules(parameters={"prompt": "consent select_account", "access_type": "offline"}),
    ProviderType.MICROSOFT: TypeRules(parameters={"prompt": "select_account"}, scopes=("offline_access",)),
}

ENUMS: Mapping[str, type[Enum]] = {
    "provider_type": ProviderType,
    "body_format": BodyFormat,
    "client_authentication": ClientAuthentication,
}
"""Attributes that are stored and shown by their value."""

TUPLES = ("scopes", "bearer_token_types")
"""Attributes that are lists in JSON."""

RULES: tuple[tuple[str, str, Rule], ...] = (
    ("name", "name", _text(255, required=True)),
    ("description", "description", _text(4_000, required=False)),
    ("type", "provider_type", _one_of(ProviderType)),
    ("clientId", "client_id", _text(2_000, required=True)),
    ("clientSecret", "client_secret", _text(8_000, required=True)),
    ("authorizationEndpoint", "authorization_endpoint", _endpoint(required=True)),
    ("tokenEndpoint", "token_endpoint", _endpoint(required=True)),
    ("scopes", "scopes", _scopes),
    ("redirectUriSuffix", "redirect_uri_suffix", _suffix),
    ("refreshEndpoint", "refresh_endpoint", _endpoint(required=False)),
    ("revocationEndpoint", "revocation_endpoint", _endpoint(required=False)),
    (
        "authorizationParameters",
        "authorization_parameters",
        _parameters(
            frozenset({"response_type", "client_id", "redirect_uri", "scope", "state"})
            | {"code_challenge", "code_challenge_method"}
        ),
    ),
    (
        "tokenParameters",
        "token_parameters",
        _parameters(CREDENTIALS | {"code", "redirect_uri", "code_verifier", "refresh_token"}),
    ),
    ("refreshParameters", "refresh_parameters", _parameters(CREDENTIALS | {"refresh_token"})),
    ("bodyFormat", "body_format", _one_of(BodyFormat)),
    ("clientAuthentication", "client_authentication", _one_of(ClientAuthentication)),
    ("pkce", "pkce", _boolean),
    ("issuer", "issuer", _text(2_000, required=False)),
    ("issRequired", "iss_required", _boolean),
    ("scopeSeparator", "scope_separator", _separator),
    ("bearerTokenTypes", "bearer_token_types", _token_types),
    ("assertionAudience", "assertion_audience", _text(2_000, required=False)),
    ("repeatsScope", "repeats_scope", _boolean),
)
"""REST name, attribute and rule of every field; validation and the REST API walk the same table."""
