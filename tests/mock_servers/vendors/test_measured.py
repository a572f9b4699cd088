"""Released servers against what was measured of them: replays, and what is left afterwards."""

import re
from dataclasses import fields, replace
from datetime import date
from urllib.parse import urlsplit

import pytest

from kit.dumb_client import play, steps
from kit.measured import SERVERS, begin
from kit.vendor import unsourced
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.generic import GENERIC

DAY = 86_400

SINGLE_USE = (
    "0 AT1 -> open; 1 RT1 -> RT2; 1 RT1 -> refresh_token_reused; 62 RT1 -> refresh_token_reused; 63 RT2 -> RT3; 63 AT2"
    " -> open"
)
SINGLE_USE_OF_BOTH = (
    "1 RT1 -> RT2; 1 AT1 -> access_token_revoked; 1 RT1 -> refresh_token_reused; 62 RT1 -> refresh_token_reused;"
    "62 AT2 -> open; 63 RT2 -> RT3"
)
FAMILY_ENDS = (
    "0 AT1 -> open; 1 RT1 -> RT2; 1 RT1 -> refresh_token_reused; 2 RT2 -> refresh_token_revoked;"
    "2 AT2 -> access_token_revoked"
)
REFRESH_TOKENS_END = (
    "0 AT1 -> open; 1 RT1 -> RT2; 1 RT1 -> refresh_token_reused; 2 RT2 -> refresh_token_revoked; 2 AT2 -> open"
)
KEPT = "1 RT1 -> - = AT2; 1 RT1 -> - = AT3; 62 RT1 -> -; 63 AT1 -> open"
NEVER_ENDS = "1 RT1 -> RT2; 1 RT1 -> RT3; 62 RT1 -> RT4; 63 RT2 -> RT5; 64 RT5 -> RT6; 65 RT1 -> RT7"
UNTIL_THE_NEXT = (
    "1 RT1 -> RT2; 1 RT1 -> RT3; 1 RT2 -> refresh_token_revoked; 62 RT1 -> RT4; 62 RT3 -> refresh_token_revoked;"
    "63 RT4 -> RT5; 63 RT1 -> refresh_token_reused; 64 RT5 -> RT6"
)

STORIES: dict[str, str] = {
    "oidc-provider": f"1 RT1 -> RT1; 1 RT1 -> RT1; {0.6 * 14 * DAY} RT1 -> RT1; {0.7 * 14 * DAY} RT1 -> RT2;"
    f"{0.7 * 14 * DAY} RT2 -> RT2; {0.75 * 14 * DAY} RT2 -> RT2; {14 * DAY} RT2 -> RT2",
    "oidc-provider-rotating": FAMILY_ENDS,
    "node-oauth2-server": SINGLE_USE,
    "node-oauth2-server-keep": f"{KEPT}; {14 * DAY - 1} RT1 -> -; {14 * DAY} RT1 -> refresh_token_idle",
    "jmondi-oauth2-server": SINGLE_USE,
    "oauth2orize": SINGLE_USE,
    "oauth2-mock-server": NEVER_ENDS,
    "better-auth": FAMILY_ENDS,
    "better-auth-reuse-interval": "1 RT1 -> RT2 = AT2; 2 RT2 -> RT3 = AT3; 31 RT1 -> RT2 = AT2; 31 RT2 -> RT3 = AT3;"
    "32.1 RT2 -> refresh_token_reused; 33 RT3 -> refresh_token_revoked; 33 AT3 -> access_token_revoked",
    "workers-oauth-provider": UNTIL_THE_NEXT,
    "workers-oauth-provider-keep": f"{UNTIL_THE_NEXT}; {30 * DAY - 61} RT6 -> RT7; {30 * DAY - 60} RT7 ->"
    " refresh_token_aged",
    "openauth": "1 RT1 -> RT2 = AT2; 2 RT2 -> RT3 = AT3; 61 RT1 -> RT2 = AT4; 62 RT2 -> RT3 = AT5;"
    "62 RT1 -> refresh_token_reused; 63 RT3 -> RT4",
    "django-oauth-toolkit": "0 AT1 -> open; 1 RT1 -> RT2; 1 AT1 -> access_token_revoked; 1 RT1 -> refresh_token_reused;"
    "62 RT1 -> refresh_token_reused; 62 AT2 -> open; 63 RT2 -> RT3",
    "django-oauth-toolkit-grace": "1 RT1 -> RT2 = AT2; 62 RT1 -> RT2 = AT2; 121 RT1 -> RT2 = AT2; 121 RT2 -> RT3;"
    "121 RT1 -> refresh_token_reused; 122 RT3 -> RT4",
    "django-oauth-toolkit-reuse-protection": FAMILY_ENDS,
    "django-oauth-toolkit-grace-reuse-protection": "1 RT1 -> RT2 = AT2; 2 RT1 -> RT2 = AT2; 3 RT2 -> RT3;"
    "4 RT1 -> refresh_token_reused; 5 RT3 -> refresh_token_revoked",
    "django-oauth-toolkit-keep": "1 RT1 -> RT1 = AT2; 1 AT1 -> access_token_revoked; 2 RT1 -> RT1 = AT3;"
    "2 AT2 -> access_token_revoked; 62 RT1 -> RT1; 62 AT3 -> access_token_revoked; 62 AT4 -> open",
    "django-allauth-idp": SINGLE_USE,
    "django-oidc-provider": SINGLE_USE_OF_BOTH,
    "authlib": "1 RT1 -> - = AT2; 1 AT2 -> open; 2 RT1 -> refresh_token_spent; 62 RT1 -> refresh_token_spent; 62 AT2 ->"
    " open",
    "authlib-new-refresh-token": SINGLE_USE_OF_BOTH,
    "canaille": SINGLE_USE_OF_BOTH,
    "oauthlib": SINGLE_USE,
    "mcp-sdk-server": SINGLE_USE,
    "nanoidp": NEVER_ENDS,
    "nanoidp-rotating": REFRESH_TOKENS_END,
    "oidc-provider-mock": KEPT,
    "glewlwyd": f"{KEPT}; {14 * DAY - 1} RT1 -> -; {14 * DAY} RT1 -> refresh_token_aged",
    "glewlwyd-one-use": REFRESH_TOKENS_END,
    "lemonldap-ng": KEPT,
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_measured_server_treats_a_replay_as_it_was_measured(name: str) -> None:
    game = begin(name)
    game.login()
    assert game.tell(STORIES[name]) == steps(STORIES[name])


def test_every_measured_server_has_a_story() -> None:
    assert set(SERVERS) == set(STORIES)


@pytest.mark.parametrize("name", SERVERS)
def test_every_value_of_a_measured_server_has_a_source_and_the_refresh_policy_was_observed(name: str) -> None:
    profile = SERVERS[name].profile
    assert unsourced(profile) == []
    assert {key.partition(".")[0] for key in profile.sources} <= {field.name for field in fields(Profile)}
    rotation = profile.sources.get("refresh.rotation", profile.sources.get("refresh"))
    assert rotation is not None
    assert rotation.evidence == "observed"
    assert rotation.seen in ("2026-11-29", "2026-11-30")
    assert min(date.fromisoformat(one.seen) for one in profile.sources.values()) >= date(2026, 11, 22)
    assert re.search(r" [0-9]+[.][0-9]+[.][0-9]+", rotation.where), rotation.where


@pytest.mark.parametrize("name", SERVERS)
def test_a_measured_server_has_its_own_hosts_and_https(name: str) -> None:
    for endpoint in SERVERS[name].profile.endpoints:
        assert urlsplit(endpoint.url).scheme == "https"
        assert urlsplit(endpoint.url).hostname not in {urlsplit(one.url).hostname for one in GENERIC.endpoints}


def test_better_auth_stops_rotating_once_offline_access_is_narrowed_away() -> None:
    game = begin("better-auth")
    second = game.refresh(game.login()["refresh_token"], scope="openid", after=1).document["refresh_token"]
    assert "refresh_token" not in game.refresh(second, after=2).document
    assert "refresh_token" not in game.refresh(second, after=3).document


def test_better_auths_replay_ends_the_users_other_grants_to_the_client_and_nobody_elses() -> None:
    game = begin("better-auth")
    first, second = game.login(), game.login()
    game.refresh(first["refresh_token"], after=1)
    assert game.refresh(first["refresh_token"], after=2).document["error"] == "invalid_grant"
    assert game.refresh(second["refresh_token"], after=3).status == 400
    assert game.call(second["access_token"], after=3).status == 401


def test_better_auths_repeated_answer_counts_the_lifetime_down_and_djangos_does_not() -> None:
    for name, left in (("better-auth-reuse-interval", 3580), ("django-oauth-toolkit-grace", 36_000)):
        game = begin(name)
        token = game.login()["refresh_token"]
        whole = game.refresh(token, after=1).document
        again = game.refresh(token, after=21).document
        assert again["access_token"] == whole["access_token"]
        assert again["expires_in"] == left


@pytest.mark.parametrize("name", ["authlib", "authlib-new-refresh-token", "canaille"])
def test_the_token_of_a_refresh_lives_an_hour_where_that_of_the_code_lives_ten_days(name: str) -> None:
    game = begin(name)
    first = game.login()
    second = game.refresh(first["refresh_token"], after=1).document
    assert (first["expires_in"], second["expires_in"]) == (864_000, 3600)
    assert [game.call(second["access_token"], after=at).status for at in (3600, 3601)] == [200, 401]


def test_a_refresh_is_refused_at_cloudflares_while_the_access_token_lives() -> None:
    """refreshTokenTTL 120, measured: good after 58 s, refused after 62."""
    profile = SERVERS["workers-oauth-provider-keep"].profile
    game = play(replace(profile, refresh=replace(profile.refresh, absolute_ttl=120 - 60)))
    first = game.login()
    second = game.refresh(first["refresh_token"], after=58).document
    assert game.refresh(second["refresh_token"], after=62).document["error"] == "invalid_grant"
    assert game.call(second["access_token"], after=62).status == 200


def test_a_new_sign_in_at_cloudflares_ends_the_one_before_as_it_comes() -> None:
    for name, status in (("workers-oauth-provider", 400), ("workers-oauth-provider-keep", 200)):
        game = begin(name)
        first = game.login()["refresh_token"]
        game.login(after=1)
        assert game.refresh(first, after=2).status == status
