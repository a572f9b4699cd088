"""Django OAuth Toolkit 3.4.1 by its settings: what a replay meets, and whether a refresh brings another token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.profile.pieces import endpoints, sources
from refreshproof.mock_servers.profile.profile import (
    AccountRules,
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    RevocationRules,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.measured.pieces import (
    BEARER_CHALLENGE,
    GRANT_NOT_NAMED,
    NO_GRANT_IN_BODY,
    TOKEN_NOT_NAMED,
    checked,
    measured,
    released,
)

_DJANGO = "https://django.example.com/o"
_SERVER = "django-oauth-toolkit 3.4.1 (PyPI) on Django 5.2.19 and oauthlib 4.0.1"
DJANGO_OAUTH_TOOLKIT = Profile(
    name="django-oauth-toolkit",
    title="Django OAuth Toolkit 3.4.1: single use, and the access token before dies with it",
    issuer=_DJANGO,
    endpoints=endpoints(
        "/authorize/", "/token/", "https://django.example.com/api/", ("read",), "/revoke_token/", base=_DJANGO
    ),
    scopes=("read",),
    access_token=TokenShape(length=30),
    refresh_token=TokenShape(length=30),
    code=TokenShape(length=30),
    issuance=IssuanceRules(used_code="refused"),
    lifetimes=Lifetimes(access_token=36_000, code=60),
    token_request=TokenRequestRules(
        basic_encoding="form_encoded",
        both_at_once="tolerated",
        scope_on_refresh="narrows_for_good",
        repeated_parameters="tolerated",
    ),
    # REFRESH_TOKEN_EXPIRE_SECONDS is unset as it comes, and where it was set no refresh was refused for it.
    refresh=RefreshPolicy(rotation="always", previous_access_token="dies_at_once"),
    # OpenID Connect is off as it comes; where it is on, an id_token stands last.
    response=ResponseShape(members=("access_token", "expires_in", "token_type", "scope", "refresh_token")),
    accounts=AccountRules(revoking_access_token_revokes_grant=True),
    revocation=RevocationRules(superseded_ends="nothing", other_clients_tokens="ignored"),
    errors=BEARER_CHALLENGE | GRANT_NOT_NAMED | TOKEN_NOT_NAMED | NO_GRANT_IN_BODY,
    sources=sources(
        (source("https://django-oauth-toolkit.readthedocs.io/en/latest/settings.html"), "lifetimes"),
        (measured(_SERVER), "issuance token_request refresh accounts revocation errors"),
        (checked(_SERVER, "OIDC_ENABLED True"), "response.members errors.unsupported_body"),
    ),
)


def _set(name: str, title: str, setting: str, **policy: Any) -> Profile:
    """Return the server with other settings, and what they change in its refresh policy."""
    parts = " ".join(f"refresh.{part}" for part in policy)
    return replace(
        DJANGO_OAUTH_TOOLKIT,
        name=f"django-oauth-toolkit-{name}",
        title=f"Django OAuth Toolkit 3.4.1 with {title}",
        refresh=replace(DJANGO_OAUTH_TOOLKIT.refresh, **policy),
        sources={**DJANGO_OAUTH_TOOLKIT.sources, **sources((measured(_SERVER, setting), parts))},
    )


_WHOLE_LIFE = released(_SERVER, "a repeated answer tells the lifetime of a new access token")
_GRACE = _set(
    "grace", "a grace period: the same pair until the next one is used", "REFRESH_TOKEN_GRACE_PERIOD_SECONDS 120",
    on_replay="same_pair", window=120, generations=1, tells_on_replay="whole_life",
)  # fmt: skip
DJANGO_GRACE = replace(_GRACE, sources={**_GRACE.sources, "refresh.tells_on_replay": _WHOLE_LIFE})
DJANGO_REUSE_PROTECTION = _set(
    "reuse-protection", "reuse protection: a replay ends the family", "REFRESH_TOKEN_REUSE_PROTECTION True",
    on_breach="revoke_family",
)  # fmt: skip
_GRACE_REUSE = _set(
    "grace-reuse-protection", "both: the grandparent ends the family even in the grace period",
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS 30, REFRESH_TOKEN_REUSE_PROTECTION True",
    on_replay="same_pair", window=30, generations=1, tells_on_replay="whole_life", on_breach="revoke_family",
)  # fmt: skip
DJANGO_GRACE_REUSE = replace(_GRACE_REUSE, sources={**_GRACE_REUSE.sources, "refresh.tells_on_replay": _WHOLE_LIFE})
DJANGO_KEEPING = _set(
    "keep", "ROTATE_REFRESH_TOKEN False: each refresh ends the access token before", "ROTATE_REFRESH_TOKEN False",
    rotation="never", refresh_token_on_refresh="same",
)  # fmt: skip

DJANGO_SERVERS: tuple[Profile, ...] = (
        DJANGO_OAUTH_TOOLKIT, DJANGO_GRACE, DJANGO_REUSE_PROTECTION, DJANGO_GRACE_REUSE, DJANGO_KEEPING,
    )  # fmt: skip
"""The settings of this module, in the order in which they are listed."""
