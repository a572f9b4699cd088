"""Bitbucket Cloud as a profile: no audience, no offline_access, lower-case bearer, refresh tokens that rotate since May
2026, and three grants that bring none: implicit, client_credentials, and the exchange of a Connect app's token.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.pieces import DAY, endpoints
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenRequestRules,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NOTHING_FOUND, source

ISSUER = "https://bitbucket.org"
API = "https://api.bitbucket.org"
SCOPES = ("account", "repository")
CONNECT_GRANT = "urn:bitbucket:oauth2:jwt"

USER = {"type": "user"}
WHO = {"uuid": "braced_oid", "display_name": "name"}
_PAGE = source("https://developer.atlassian.com/cloud/bitbucket/oauth-2 of 2026-02-24")
_CONNECT = source("https://developer.atlassian.com/cloud/bitbucket/oauth-2-connect of 2026-02-24")
_ANNOUNCED = source(
    "https://community.developer.atlassian.com/t/oauth-2-0-and-api-authentication-changes-for-bitbucket-cloud/99003, "
    "an announcement for 2026-05-04"
)

BITBUCKET_CLOUD = Profile(
    name="bitbucket",
    title="Bitbucket Cloud",
    issuer=ISSUER,
    endpoints=endpoints(
        "/site/oauth2/authorize",
        "/site/oauth2/access_token",
        f"{API}/2.0/user",
        ("account",),
        document=USER,
        identity=WHO,
        base=ISSUER,
    ),
    scopes=SCOPES,
    authorization=AuthorizationRules(response_types=("code", "token")),
    token_request=TokenRequestRules(
        grants=("authorization_code", "refresh_token", "client_credentials", CONNECT_GRANT),
        grant_authentication={CONNECT_GRANT: ("connect_jwt",)},
    ),
    lifetimes=Lifetimes(access_token=7200),
    refresh=RefreshPolicy(
        rotation="always", refresh_token_on_refresh="new", on_breach="revoke_family", inactivity_ttl=90 * DAY
    ),
    response=ResponseShape(token_type="bearer"),
    sources={
        "issuer": _PAGE,
        "endpoints": _PAGE,
        "scopes": _PAGE,
        "authorization.response_types": _PAGE,
        "token_request.grants": _PAGE,
        "token_request.grant_authentication": _CONNECT,
        "lifetimes.access_token": _PAGE,
        "refresh.rotation": _ANNOUNCED,
        "refresh.refresh_token_on_refresh": _ANNOUNCED,
        "refresh.inactivity_ttl": _ANNOUNCED,
        "refresh.on_breach": NOTHING_FOUND,
        "response.token_type": _PAGE,
    },
)

BITBUCKET_CLOUD_PERSISTENT = replace(
    BITBUCKET_CLOUD,
    name="bitbucket-persistent",
    title="Bitbucket Cloud before rotation",
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="same"),
    response=ResponseShape(
        members=("scopes", "access_token", "expires_in", "token_type", "refresh_token"), token_type="bearer"
    ),
    sources={
        **{fact: source for fact, source in BITBUCKET_CLOUD.sources.items() if not fact.startswith("refresh.")},
        "refresh.refresh_token_on_refresh": NOTHING_FOUND,
        "response.members": _PAGE,
    },
)
"""As it was until 2026-05-04: one lasting refresh token and the member `scopes`."""
