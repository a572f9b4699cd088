"""The rules of what a vendor may have besides codes and refreshes: device flow, tokens for clients themselves, proof of
possession, continuous access, resource indicators. Data only; a part of a profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.profile.units import AtLeastOne, Seconds

Member: TypeAlias = Literal[
    "access_token", "token_type", "expires_in", "ext_expires_in", "refresh_token", "refresh_token_expires_in",
    "scope", "scopes", "id_token", "client_info", "expires_on", "not_before", "resource", "refresh_in", "foci",
    "refresh_token_timeout", "authorization_expires_in", "x_refresh_token_hard_expires_in",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DeviceRules:
    """The device flow (RFC 8628): lifetime and interval in seconds, and the names and forms of the first answer.

    `message` is a format string of {address} and {user_code}; `slow_down` says whether polling too fast is refused.
    Only `scopes` may be asked for, anything if there are none; `scope_required` refuses a request without scope. A
    client may have `quota` codes that are not yet used or over.
    """

    address: str
    address_member: str = "verification_uri"
    lifetime: Seconds = 1800
    interval: Seconds = 5
    message: str | None = None
    slow_down: bool = True
    strings: bool = False
    scopes: tuple[str, ...] = ()
    scope_required: bool = False
    quota: AtLeastOne | None = None


@dataclass(frozen=True, kw_only=True)
class ProofRules:
    """Proof of possession (RFC 9449) at the token endpoint for applications of `kinds`, where they send a proof.

    It binds the refresh token alone: an access token stays a bearer token. `nonce` asks for a nonce of the server's,
    which is good for `nonce_lasts` seconds, or for ever; `jti_of_code` wants the digest of the code as the proof's jti.
    """

    kinds: tuple[str, ...] = ()
    nonce: bool = True
    nonce_lasts: AtLeastOne | None = None
    jti_of_code: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceIndicators:
    """Which resources a request may name by the parameter resource (RFC 8707 s2), and where it has to name one.

    `resources` are the identifiers that the server knows, compared without regard to the case of scheme and host.
    Without one, a request of a `required` kind names no valid target; a token request must name the one of its login.
    """

    resources: tuple[str, ...]
    required: tuple[Literal["authorization", "authorization_code", "refresh_token"], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContinuousAccess:
    """Long-lived access tokens for clients that say they understand a claims challenge, and the challenge itself.

    Lifetimes in seconds.
    """

    capability: str
    access_token: Seconds
    access_token_longest: Seconds


@dataclass(frozen=True, kw_only=True)
class RevocationRules:
    """What is over when a client revokes a token (RFC 7009 s2).

    - `refresh_token_ends` every token of its family, or the refresh tokens alone, or besides these the access token
      that came with it. Where `superseded_ends` nothing, a token that another one has replaced is over already.
    - `hint` is the client's token_type_hint: passed over, or the only kind of token that is looked for; at
      `access_token_unless_told` that kind is access_token where there is no hint.
    - `hinted_access_token_ends_alone`, where one without a hint takes its refresh token along.
    - `other_clients_tokens` are refused, passed over with status 200, or revoked for whoever asks.
    """

    refresh_token_ends: Literal["family", "refresh_tokens", "own_access_token"] = "family"
    superseded_ends: Literal["family", "nothing"] = "family"
    hint: Literal["ignored", "obeyed", "access_token_unless_told"] = "ignored"
    hinted_access_token_ends_alone: bool = False
    other_clients_tokens: Literal["refused", "ignored", "revoked"] = "refused"


@dataclass(frozen=True, kw_only=True)
class ClientTokens:
    """What the client credentials grant brings (RFC 6749 s4.4): seconds that an access token lives, and the members."""

    access_token: Seconds = 3600
    members: tuple[Member, ...] = ("access_token", "token_type", "expires_in", "scope")
