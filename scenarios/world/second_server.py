"""Another authorization server that the same client is registered with: an honest one, or one that bounces its users;
and one that takes the place of the first.

They share the first one's vault, so that a journal names the secrets of all and shows which of them went where.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import AuthorizationRules, Endpoint, Profile
from refreshproof.mock_servers.provider.provider import CLIENT_ID, Provider
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.scenarios.steps.subject import Registration

ISSUER = "https://auth.second.example.net"
SECRET = "the-secret~of+the/second=server"
REDIRECT_URI = "https://app.example.com/callback/second"

REGISTRATION = Registration(
    provider_type="GENERIC",
    client_id=CLIENT_ID,
    client_secret=SECRET,
    redirect_uri=REDIRECT_URI,
    scopes=("read",),
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
)
"""What a developer would configure for it: the same client id, and everything else of its own."""

PROFILE = Profile(
    name="second",
    title="Another server that the client knows",
    issuer=ISSUER,
    endpoints=(
        Endpoint(view="authorization", url=REGISTRATION.authorization_endpoint),
        Endpoint(view="token", url=REGISTRATION.token_endpoint, methods=("POST",)),
    ),
    scopes=REGISTRATION.scopes,
    authorization=AuthorizationRules(),
)
HOST = urlsplit(ISSUER).hostname or ""


def second_server(first: Provider) -> Provider:
    """Start the server beside a first one."""
    provider = Provider(PROFILE, applications=())
    provider.state.vault = first.vault
    return provider


_OF_RESOURCES = ("resource", "resource_metadata")


def successor(first: Provider) -> Provider:
    """Start a server with the first one's ways at another host, which knows no client; the resource is its own now,
    and opens to none of the tokens that the first has issued."""
    profile = first.profile
    old, new = f"https://{urlsplit(profile.issuer).netloc}", f"https://{HOST}"
    provider = Provider(
        replace(
            profile,
            name="successor",
            title="The server that takes the place of the first",
            issuer=profile.issuer.replace(old, new),
            endpoints=tuple(
                one if one.view in _OF_RESOURCES else replace(one, url=one.url.replace(old, new))
                for one in profile.endpoints
            ),
            metadata=_moved(profile.metadata, old, new),
            resource_metadata=_moved(profile.resource_metadata, old, new),
        ),
        applications=(),
    )
    provider.state.vault = first.vault
    for value, token in first.state.access_tokens.items():
        token.revoked = True
        provider.state.access_tokens[value] = token
    return provider


def _moved(document: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    moved: dict[str, Any] = json.loads(json.dumps(dict(document)).replace(old, new))
    return moved | {name: document[name] for name in ("resource",) if name in document}


def resource_hosts(profile: Profile) -> frozenset[str]:
    """Return the hosts of a vendor's resources and of what they tell of themselves."""
    return frozenset(urlsplit(one.url).hostname or "" for one in profile.endpoints if one.view in _OF_RESOURCES)


def expect(provider: Provider, redirect_uri: str) -> None:
    """Register the redirect URI that the client uses at this server."""
    application = Application(client_id=CLIENT_ID, client_secret=SECRET, redirect_uris=(redirect_uri,))
    provider.register(application)
