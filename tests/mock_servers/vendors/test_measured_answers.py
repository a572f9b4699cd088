"""Released servers against what was measured of them: revocation, codes that come twice, members and headers."""

from typing import get_args

import pytest

from kit.dumb_client import Play
from kit.measured import OTHER, SERVERS, alive, begin, send
from refreshproof.mock_servers.profile.flow_rules import Member
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import WireResponse

# Whether the access token lives after its refresh token was revoked, and the other way round; what an unknown token
# meets, and another client's; whether an old refresh token ends the family.
REVOKED = {
    "oidc-provider-rotating": ("dead", "dead", 200, (400, "lives"), True),
    "better-auth": ("dead", "lives", 400, (200, "lives"), True),
    "workers-oauth-provider": ("dead", "lives", 200, (200, "lives"), True),
    "django-oauth-toolkit": ("dead", "dead", 200, (200, "lives"), False),
    "django-allauth-idp": ("dead", "lives", 200, (200, "lives"), False),
    "authlib-new-refresh-token": ("dead", "dead", 200, (400, "lives"), False),
    "canaille": ("dead", "dead", 200, (400, "lives"), False),
    "nanoidp-rotating": ("lives", "lives", 200, (200, "dead"), False),
    "glewlwyd-one-use": ("lives", "lives", 200, (200, "lives"), False),
}


def _revoke(game: Play, token: str, by: Application = DEFAULT_APPLICATION, hint: str = "") -> WireResponse:
    return send(game, "revocation", {"token": token} | ({"token_type_hint": hint} if hint else {}), by, after=2)


@pytest.mark.parametrize("name", REVOKED)
def test_a_revocation_ends_what_it_was_measured_to_end(name: str) -> None:
    access, refresh, unknown, (status, foreign), ends_family = REVOKED[name]
    game = begin(name)
    one, two, three, four = (game.login(after=number / 10) for number in range(4))
    if game.profile.refresh.cap_per_user is not None:
        game = begin(name)
        one = game.login()
    assert _revoke(game, one["refresh_token"]).status == 200
    assert (alive(game, one, "refresh"), alive(game, one, "access")) == ("dead", access)
    if game.profile.refresh.cap_per_user is not None:
        return
    assert _revoke(game, two["access_token"]).status == 200
    assert (alive(game, two, "access"), alive(game, two, "refresh")) == ("dead", refresh)
    assert _revoke(game, "never-issued-0123456789").status == unknown
    assert _revoke(game, three["refresh_token"], OTHER).status == status
    assert alive(game, three, "refresh") == foreign
    newest = game.refresh(four["refresh_token"], after=1).document
    _revoke(game, four["refresh_token"])
    assert (alive(game, newest, "refresh") == "dead") is ends_family


def test_a_hint_that_is_wrong_or_missing_lets_a_revocation_do_nothing() -> None:
    for name, token, hint in (
        ("canaille", "refresh_token", "access_token"),
        ("django-allauth-idp", "refresh_token", "access_token"),
        ("glewlwyd", "refresh_token", "access_token"),
        ("authlib", "refresh_token", "access_token"),
        ("jmondi-oauth2-server", "refresh_token", ""),
    ):
        game = begin(name)
        tokens = game.login()
        assert _revoke(game, tokens[token], hint=hint).status == 200
        assert alive(game, tokens, "refresh") == "lives"


def test_authlib_spares_the_refresh_token_of_an_access_token_that_is_named_as_such() -> None:
    game = begin("authlib-new-refresh-token")
    tokens = game.login()
    _revoke(game, tokens["access_token"], hint="access_token")
    assert (alive(game, tokens, "access"), alive(game, tokens, "refresh")) == ("dead", "lives")


def test_better_auth_revokes_the_newest_access_token_and_leaves_those_beforealive() -> None:
    game = begin("better-auth")
    first = game.login()
    second = game.refresh(first["refresh_token"], after=1).document
    _revoke(game, second["refresh_token"])
    assert [alive(game, one, "access") for one in (first, second)] == ["lives", "dead"]


# A code that comes twice: the refusal, and whether it ends what the code has brought.
CODES = {
    **dict.fromkeys(("oidc-provider", "better-auth", "workers-oauth-provider", "django-allauth-idp"),
                    (400, "invalid_grant", "dead")),
    "jmondi-oauth2-server": (400, "invalid_request", "dead"),
    **dict.fromkeys(("node-oauth2-server", "django-oauth-toolkit", "authlib", "canaille", "oauthlib", "mcp-sdk-server",
                     "nanoidp", "oidc-provider-mock", "lemonldap-ng", "openauth",
                     "django-oidc-provider"), (400, "invalid_grant", "lives")),
    "oauth2-mock-server": (400, "invalid_request", "lives"),
    "oauth2orize": (403, "invalid_grant", "lives"),
    "glewlwyd": (403, "invalid_code", "lives"),
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_a_code_that_comes_twice_is_refused_and_ends_its_tokens_or_not(name: str) -> None:
    game = begin(name)
    wants = game.profile.authorization.pkce == "required"
    challenge, verifier = ({"code_challenge": "v" * 43}, {"code_verifier": "v" * 43}) if wants else ({}, {})
    code = game.code(after=0, **challenge)
    tokens = game.exchange(code, after=0, **verifier).document
    again = game.exchange(code, after=1, **verifier)
    assert (again.status, again.document["error"], alive(game, tokens, "access")) == CODES[name]


def test_members_headers_and_types_of_answers_are_as_they_were_measured() -> None:
    told = {name: begin(name) for name in SERVERS}
    first = {name: game.login() for name, game in told.items()}
    assert first["better-auth"]["expires_at"] == 1_900_003_600
    assert first["glewlwyd"]["iat"] == 1_900_000_000
    assert {name for name, one in first.items() if one.get("token_type") == "bearer"} == {
        "workers-oauth-provider", "workers-oauth-provider-keep", "glewlwyd", "glewlwyd-one-use", "django-oidc-provider",
    }  # fmt: skip
    assert {name for name, one in first.items() if "token_type" not in one} == {"openauth"}
    assert {name for name, one in first.items() if "scope" not in one} == {
        "openauth", "oauth2orize", "django-oidc-provider",
    }  # fmt: skip
    assert first["lemonldap-ng"]["scope"] == "openid"
    second = {name: game.refresh(first[name]["refresh_token"], after=1) for name, game in told.items()}
    assert {name for name, one in second.items() if "id_token" in one.document} == {
        "oidc-provider", "oidc-provider-rotating", "better-auth", "better-auth-reuse-interval", "nanoidp",
        "nanoidp-rotating", "lemonldap-ng", "django-allauth-idp", "django-oidc-provider",
    }  # fmt: skip
    assert "scope" not in second["lemonldap-ng"].document
    assert second["openauth"].header("cache-control") is None
    assert second["lemonldap-ng"].header("cache-control") == "no-cache, no-store, must-revalidate"
    assert {
        one.header("cache-control") for name, one in second.items() if name not in ("openauth", "lemonldap-ng")
    } == {"no-store"}
    assert {name for name, one in second.items() if one.header("pragma") is None} == {
        "oidc-provider", "oidc-provider-rotating", "openauth",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("authlib", "access_token expires_in refresh_token scope token_type",
         "access_token expires_in scope token_type"),
        ("authlib-new-refresh-token", *["access_token expires_in refresh_token scope token_type"] * 2),
        ("django-oauth-toolkit", *["access_token expires_in token_type scope refresh_token"] * 2),
        ("glewlwyd-one-use", "token_type access_token refresh_token expires_in scope id_token",
         "token_type access_token refresh_token expires_in scope"),
    ],
)  # fmt: skip
def test_the_members_of_an_answer_stand_in_the_servers_order(name: str, first: str, second: str) -> None:
    """Those that no profile lists, such as iat, are passed over."""
    game = begin(name)
    told = game.login()
    again = game.refresh(told["refresh_token"], after=1).document
    assert [member for member in told if member in get_args(Member)] == first.split()
    assert [member for member in again if member in get_args(Member)] == second.split()


def test_oidc_provider_wants_offline_access_and_the_consent_prompt() -> None:
    game = begin("oidc-provider")
    for asked in ({"scope": "openid"}, {"prompt": "login"}):
        assert "refresh_token" not in game.exchange(game.code(after=0, **asked)).document
    assert "refresh_token" in game.exchange(game.code()).document
