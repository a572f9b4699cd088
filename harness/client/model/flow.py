"""The authorization flow as values and pure steps: created, started, received, completed.

Every step takes the flow, the time and what came in, and returns the next flow or the reason why it ends. Nothing here
sends, stores or reads a clock; states, verifiers and ids are handed in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode, urlsplit

from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.configuration import TYPE_RULES, ClientConfiguration, requested_scopes
from refreshproof.harness.client.model.errors import FlowError
from refreshproof.harness.client.model.redaction import safe_code, safe_text
from refreshproof.harness.client.model.settings import Settings, key
from refreshproof.harness.client.model.token import ClientToken

CALLBACK_PATH = "/rest/oauth2-client/latest/callback/"
INIT_PATH = "/rest/oauth2-client/latest/flow/"

LONGEST_CALLBACK = 65_536
"""Characters of a callback URL that are looked at; codes of several thousand characters exist."""


class Stage(Enum):
    """Where a flow stands; RECEIVED means that its state and code are spent and the token request is due."""

    CREATED = "created"
    STARTED = "started"
    RECEIVED = "received"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True)
class FlowResultError:
    """Why a flow failed: message, the provider's `error` and description made safe, and a diagnosis in sentences."""

    message: str
    error: str | None = None
    description: str = ""
    diagnosis: tuple[str, ...] = ()
    expired: bool = False


@dataclass(frozen=True, kw_only=True)
class FlowResult:
    """The end of a flow: a token with warnings, or an error."""

    token: ClientToken | None = None
    error: FlowResultError | None = None
    warnings: tuple[str, ...] = ()

    def indicates_success(self) -> bool:
        """Tell whether the flow brought a token."""
        return self.token is not None

    def to_success_result(self) -> ClientToken:
        """Return the token; raise FlowError if the flow failed."""
        if self.token is None:
            raise FlowError("the flow failed, it has no token")
        return self.token

    def to_error_result(self) -> FlowResultError:
        """Return the error; raise FlowError if the flow succeeded."""
        if self.error is None:
            raise FlowError("the flow succeeded, it has no error")
        return self.error


@dataclass(frozen=True, kw_only=True)
class FlowRequest:
    """One authorization of one user at one configuration. `session` and `state` are digests, instants microseconds.

    `scopes` are asked for besides the configured ones, and by `parameters` what the configuration does not say.
    """

    id: str
    config_id: str
    session: str = field(repr=False)
    init_url: str
    landing_url: str
    redirect_uri: str
    created_at: int
    scopes: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    stage: Stage = Stage.CREATED
    reached_at: int
    state: str | None = field(default=None, repr=False)
    verifier: str = field(default="", repr=False)
    result: FlowResult | None = None
    version: int = 0


LIMITS: Mapping[Stage, str] = {
    Stage.CREATED: "max_client_delay_seconds",
    Stage.STARTED: "max_server_delay_seconds",
    Stage.RECEIVED: "max_client_delay_seconds",
    Stage.COMPLETED: "max_client_delay_seconds",
}
"""The setting that bounds the leg which begins with each stage (FLOW-05)."""

LEGS: Mapping[Stage, str] = {
    Stage.CREATED: "the flow was started",
    Stage.STARTED: "the callback came",
    Stage.RECEIVED: "the token request was made",
    Stage.COMPLETED: "the result was read",
}


def digest(secret: str) -> str:
    """Return what is stored of a session or state."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_session(flow: FlowRequest, session: str) -> bool:
    """Tell in constant time whether the session began this flow."""
    return hmac.compare_digest(flow.session, digest(session))


def fault(flow: FlowRequest, expected: Stage, now: int, settings: Settings) -> FlowResultError | None:
    """Return why the next leg may not begin: wrong order, or time limit, which still counts when just reached."""
    if flow.stage is not expected:
        return FlowResultError(message=f"The flow is {flow.stage.value}, not {expected.value}: it cannot go on.")
    attribute = LIMITS[expected]
    limit = getattr(settings, attribute) * SECOND
    if now - flow.reached_at <= limit:
        return None
    took = f"it took longer than {limit // SECOND} s until {LEGS[expected]}"
    return FlowResultError(message=f"The flow expired: {took} ({key(attribute)}).", expired=True)


def ended(flow: FlowRequest, result: FlowResult, now: int) -> FlowRequest:
    """Complete the flow; its state and verifier are spent."""
    return replace(flow, stage=Stage.COMPLETED, reached_at=now, state=None, verifier="", result=result)


def started(flow: FlowRequest, now: int, state: str, verifier: str) -> FlowRequest:
    """Return the flow as the user leaves for the authorization server."""
    return replace(flow, stage=Stage.STARTED, reached_at=now, state=digest(state), verifier=verifier)


def received(flow: FlowRequest, at: int) -> FlowRequest:
    """Return the flow as its callback is taken: the state can never be used again."""
    return replace(flow, stage=Stage.RECEIVED, reached_at=at, state=None)


def authorization_parameters(
    configuration: ClientConfiguration,
    redirect_uri: str,
    state: str,
    verifier: str,
    scopes: tuple[str, ...] = (),
    besides: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Return the authorization request (FLOW-02), with further scopes and parameters if there are any; an extra one set
    to "" takes a type's default away."""
    protocol = {
        "response_type": "code",
        "client_id": configuration.client_id,
        "redirect_uri": redirect_uri,
        "scope": configuration.scope_separator.join(dict.fromkeys((*requested_scopes(configuration), *scopes))),
        "state": state,
    }
    if verifier:
        challenge = hashlib.sha256(verifier.encode()).digest()
        protocol["code_challenge"] = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        protocol["code_challenge_method"] = "S256"
    extras = {
        **TYPE_RULES[configuration.provider_type].parameters,
        **configuration.authorization_parameters,
        **besides,
        **protocol,
    }
    return {name: value for name, value in extras.items() if value}


def authorization_url(configuration: ClientConfiguration, parameters: Mapping[str, str]) -> str:
    """Return the URL to send the user to; parameters of ours replace those of the endpoint, none comes twice."""
    parts = urlsplit(configuration.authorization_endpoint)
    own = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in parameters]
    return parts._replace(query=urlencode([*own, *parameters.items()])).geturl()


@dataclass(frozen=True, kw_only=True)
class Callback:
    """A callback URL taken apart: where it arrived, and its parameters, with a note of those that came twice."""

    redirect_uri: str
    parameters: Mapping[str, str] = field(repr=False)
    repeated: frozenset[str]


def read_callback(url: str) -> Callback:
    """Take a callback URL apart; raise FlowError if it is none."""
    try:
        parts = urlsplit(url if len(url) <= LONGEST_CALLBACK else "")
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
        place = parts._replace(query="", fragment="").geturl()
    except ValueError:
        raise FlowError("the callback is not a URL") from None
    names = [name for name, _ in pairs]
    repeated = frozenset(name for name in names if names.count(name) > 1)
    return Callback(redirect_uri=place, parameters=dict(reversed(pairs)), repeated=repeated)


def callback_fault(flow: FlowRequest, configuration: ClientConfiguration, callback: Callback) -> FlowResultError | None:
    """Return why a callback with a good state leads to no token request (FLOW-04, RFC 9207, RFC 6749 4.1.2.1)."""
    parameters = callback.parameters
    if callback.redirect_uri != flow.redirect_uri:
        return FlowResultError(message="The callback arrived at the redirect URI of another authorization server.")
    twice = callback.repeated & {"state", "code", "iss", "error"}
    if twice:
        return FlowResultError(message=f"The callback holds {', '.join(sorted(twice))} more than once.")
    issuer = parameters.get("iss")
    if configuration.issuer and issuer != configuration.issuer and (issuer is not None or configuration.iss_required):
        return FlowResultError(message="The callback does not come from the expected issuer.", error="invalid_issuer")
    if "error" in parameters:
        return FlowResultError(
            message="The provider refused the authorization.",
            error=safe_code(parameters["error"]),
            description=safe_text(parameters.get("error_description", "")),
        )
    if not parameters.get("code"):
        return FlowResultError(message="The callback holds neither a code nor an error.")
    return None
