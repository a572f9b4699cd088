"""An OpenID provider put together from its addresses: its endpoints, and the document that tells of these and no other.

Pure: values in, a profile out. What the document tells is read from the profile's own rules, so that nothing is told
that is not served. Sources: OpenID Connect Discovery 1.0 s3; RFC 8414 s2; OpenID Connect Core 1.0 s5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.identity import PROFILE_CLAIMS, STANDARD_CLAIMS, IdTokenRules
from refreshproof.mock_servers.profile.profile import Endpoint, Profile

SUBJECT = "oid"
"""The fact that these servers call sub, in id_tokens and at userinfo."""
USER: Mapping[str, str] = {"sub": SUBJECT} | {
    claim: fact for claims in PROFILE_CLAIMS.values() for claim, fact in claims.items()
}
"""What userinfo tells: the claims of OpenID Connect Core s5.1, by the facts they hold."""


@dataclass(frozen=True, kw_only=True)
class OpenIdAddresses:
    """Where an OpenID provider answers; None for what it lacks. `discovery` are the addresses of its document.

    A browser is sent to `end_session` to log its user out; `return_to` is the parameter that says where it goes next.
    """

    authorization: str
    token: str
    userinfo: str
    keys: str
    discovery: tuple[str, ...]
    revocation: str | None = None
    introspection: str | None = None
    registration: str | None = None
    end_session: str | None = None
    return_to: str = "post_logout_redirect_uri"

    def below(self, base: str, moved: str) -> OpenIdAddresses:
        """Return the addresses with `moved` in the place of `base`, where they begin with it."""

        def move(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(move(one) for one in value)
            return moved + value.removeprefix(base) if isinstance(value, str) and value.startswith(base) else value

        return replace(self, **{one.name: move(getattr(self, one.name)) for one in fields(self)})


def openid_provider(profile: Profile, addresses: OpenIdAddresses) -> Profile:
    """Return a profile with the endpoints, the metadata and the id_tokens of an OpenID provider; its resource is
    userinfo."""
    members = profile.response.members
    if "id_token" not in members:
        members = (*members, "id_token")
    made = replace(
        profile,
        id_token=IdTokenRules(claims={**STANDARD_CLAIMS, "sub": SUBJECT}, scope_claims=PROFILE_CLAIMS),
        response=replace(profile.response, members=members),
        cors_hosts=_hosts(addresses),
    )
    return replace(made, endpoints=endpoints_at(addresses), metadata=metadata(made, addresses))


def another_server(profile: Profile, addresses: OpenIdAddresses, issuer_path: str) -> Profile:
    """Return a profile with one more OpenID provider on its host, whose issuer has `issuer_path` behind the first's."""
    document = metadata(profile, addresses, issuer_path)
    return replace(profile, endpoints=(*profile.endpoints, *endpoints_at(addresses, document, issuer_path)))


def endpoints_at(
    addresses: OpenIdAddresses, document: Mapping[str, Any] | None = None, issuer_path: str = ""
) -> tuple[Endpoint, ...]:
    """Return the endpoints of an OpenID provider; `document` takes the place of the profile's metadata."""
    post, both = ("POST",), ("GET", "POST")
    told = {} if document is None else {"document": document}
    found = (
        Endpoint(view="authorization", url=addresses.authorization, methods=both),
        Endpoint(view="token", url=addresses.token, methods=post),
        *_at(addresses.revocation, "revocation", post),
        *_at(addresses.introspection, "introspection", post),
        *_at(addresses.registration, "registration", post),
        *_at(addresses.end_session, "end_session", both, {"return_to": addresses.return_to}),
        Endpoint(
            view="resource",
            url=addresses.userinfo,
            methods=both,
            options={"scopes": ("openid",), "document": {}, "identity": USER},
        ),
        Endpoint(view="keys", url=addresses.keys),
        *(Endpoint(view="discovery", url=url, options=told) for url in addresses.discovery),
    )
    return tuple(replace(one, issuer_path=issuer_path) for one in found)


def metadata(profile: Profile, addresses: OpenIdAddresses, issuer_path: str = "") -> dict[str, Any]:
    """Return the provider's document: its addresses, and what its rules allow."""
    rules, asked = profile.authorization, profile.token_request
    told = {
        "issuer": profile.issuer.rstrip("/") + issuer_path if issuer_path else profile.issuer,
        "authorization_endpoint": addresses.authorization,
        "token_endpoint": addresses.token,
        "userinfo_endpoint": addresses.userinfo,
        "jwks_uri": addresses.keys,
        "revocation_endpoint": addresses.revocation,
        "introspection_endpoint": addresses.introspection,
        "registration_endpoint": addresses.registration,
        "end_session_endpoint": addresses.end_session,
        "scopes_supported": list(dict.fromkeys((*profile.scopes, "openid", *PROFILE_CLAIMS))),
        "response_types_supported": list(rules.response_types),
        "response_modes_supported": list(rules.response_modes),
        "grant_types_supported": list(asked.grants),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [*asked.authentication, "none"],
        "code_challenge_methods_supported": ["S256", "plain"] if rules.pkce in ("enforced", "required") else None,
        "claims_supported": list(dict.fromkeys((*STANDARD_CLAIMS, *USER))),
    }
    return {name: value for name, value in told.items() if value is not None}


def _at(
    url: str | None, view: str, methods: tuple[str, ...], options: Mapping[str, Any] | None = None
) -> tuple[Endpoint, ...]:
    return () if url is None else (Endpoint(view=view, url=url, methods=methods, options=options or {}),)


def _hosts(addresses: OpenIdAddresses) -> tuple[str, ...]:
    told = (addresses.token, addresses.userinfo, addresses.keys, *addresses.discovery)
    return tuple(dict.fromkeys(urlsplit(url).hostname or "" for url in told))
