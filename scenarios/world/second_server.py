"""Another authorization server that the same client is registered with: an honest one, or one that bounces its users.

It shares the first one's vault, so that a journal names the secrets of both and shows which of them went where.
"""

from __future__ import annotations

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


def expect(provider: Provider, redirect_uri: str) -> None:
    """Register the redirect URI that the client uses at this server."""
    application = Application(client_id=CLIENT_ID, client_secret=SECRET, redirect_uris=(redirect_uri,))
    provider.register(application)
