"""The further vendors: login, call, refresh, and the replay rule of each, with a source for every value."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from urllib.parse import urlsplit

import pytest

from kit.dumb_client import FORM, basic, play, steps
from kit.vendor import unsourced
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.business import BUSINESS
from refreshproof.mock_servers.vendors.consumer import CONSUMER
from refreshproof.mock_servers.vendors.developer_tools import DEVELOPER_TOOLS
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.identity_servers import IDENTITY_SERVERS
from refreshproof.mock_servers.vendors.registry import VENDORS
from refreshproof.mock_servers.vendors.sales_and_support import SALES_AND_SUPPORT
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import WireRequest

DAY = 86_400
GENERIC_HOSTS = {urlsplit(endpoint.url).hostname for endpoint in GENERIC.endpoints}
FIELDS = {field.name for field in fields(Profile)}
FURTHER: Mapping[str, Vendor] = {
    vendor.name: vendor for vendor in (*IDENTITY_SERVERS, *SALES_AND_SUPPORT, *BUSINESS, *CONSUMER, *DEVELOPER_TOOLS)
}
SINGLE_USE = "0 AT1 -> open; 1 RT1 -> RT2; 1 RT1 -> refresh_token_reused; 2 AT2 -> open; 2 RT2 -> RT3"
FAMILY_ENDS = (
    "0 AT1 -> open; 1 RT1 -> RT2; 2 AT2 -> open; 2 RT1 -> refresh_token_reused; 3 RT2 -> refresh_token_revoked;"
    "3 AT2 -> access_token_revoked"
)
REFRESH_TOKENS_END = (
    "0 AT1 -> open; 1 RT1 -> RT2; 1 RT1 -> RT2; 20 RT1 -> refresh_token_reused; 20 RT2 -> refresh_token_revoked;"
    "20 AT2 -> open"
)
KEPT = "0 AT1 -> open; 1 RT1 -> - = AT2; 2 RT1 -> - = AT3; 3 AT3 -> open"

STORIES: dict[str, str] = {
    "auth0": "0 AT1 -> open; 1 RT1 -> RT2; 1.1 RT1 -> refresh_token_reused; 2 RT2 -> refresh_token_revoked;"
    "2 AT2 -> open",
    "okta": "0 AT1 -> open; 1 RT1 -> RT2; 31 RT1 -> RT3; 31.1 RT1 -> refresh_token_reused;"
    "32 RT3 -> refresh_token_revoked",
    "hydra": "0 AT1 -> open; 1 RT1 -> RT2; 11 RT1 -> RT3; 11.1 RT1 -> refresh_token_reused;"
    "12 RT2 -> refresh_token_revoked",
    "keycloak": f"{FAMILY_ENDS}; 4 RT1 -> refresh_token_revoked",
    "wso2": "0 AT1 -> open; 1 RT1 -> RT2; 2 RT1 -> RT3; 3 RT2 -> refresh_token_revoked; 61 RT1 -> RT4;"
    "61.1 RT1 -> refresh_token_reused; 62 RT4 -> RT5",
    "supabase": REFRESH_TOKENS_END,
    "cognito": f"{KEPT}; {30 * DAY} RT1 -> refresh_token_aged",
    "cognito-rotating": "0 AT1 -> open; 1 RT1 -> RT2; 61 RT1 -> RT3; 61.1 RT1 -> refresh_token_reused; 62 RT3 -> RT4",
    "salesforce": "0 AT1 -> open; 1 RT1 -> -; 1.5 RT1 -> fault; 2 RT1 -> -; 7200 AT1 -> access_token_expired",
    "salesforce-rotating": "0 AT1 -> open; 1 RT1 -> RT2; 1.5 RT1 -> fault; 2 RT1 -> refresh_token_reused;"
    "3 RT2 -> refresh_token_revoked",
    "quickbooks": f"0 AT1 -> open; 1 RT1 -> RT1; {DAY} RT1 -> RT2; {DAY} RT1 -> refresh_token_reused;"
    f"{DAY + 1} RT2 -> RT2",
    "xero": "0 AT1 -> open; 1 RT1 -> RT2; 1801 RT1 -> RT3; 1801.1 RT1 -> refresh_token_reused; 1802 RT2 -> RT4",
    "hubspot": "0 AT1 -> open; 1 RT1 -> RT1; 99999 RT1 -> RT1",
    "hubspot-v1": "0 AT1 -> open; 1 RT1 -> RT1; 99999 RT1 -> RT1",
    "salesforce-commerce": "0 AT1 -> open; 1 RT1 -> RT1; 99999 RT1 -> RT1",
    "shopify": f"{SINGLE_USE}; {90 * DAY} RT3 -> refresh_token_aged",
    "zendesk": f"{SINGLE_USE}; 3 AT2 -> access_token_revoked; {30 * DAY + 2} RT3 -> refresh_token_idle",
    "zendesk-lasting": f"{SINGLE_USE}; 3 AT2 -> access_token_revoked",
    "strava": "0 AT1 -> open; 17999 RT1 -> RT1 = AT1; 18000 RT1 -> RT1 = AT2;"
    f"{DAY} RT1 -> RT2; {DAY} RT1 -> refresh_token_reused; {DAY + 1} RT2 -> RT2",
    "fitbit": "0 AT1 -> open; 1 RT1 -> RT2 = AT2; 121 RT1 -> RT2 = AT2; 121.1 RT1 -> refresh_token_reused;"
    "122 RT2 -> RT3",
    "spotify": f"{KEPT}; {183 * DAY - 1} RT1 -> -; {183 * DAY} RT1 -> refresh_token_aged",
    "x": FAMILY_ENDS,
    "box": f"{SINGLE_USE}; {60 * DAY + 2} RT3 -> refresh_token_idle",
    "dropbox": f"{KEPT}; {3650 * DAY} RT1 -> -",
    "github-app": SINGLE_USE,
    "gitlab": "0 AT1 -> open; 1 RT1 -> RT2; 1 AT1 -> access_token_revoked; 1 AT2 -> open;"
    "1 RT1 -> refresh_token_reused",
    "slack": SINGLE_USE,
    "linear": SINGLE_USE,
    "figma": KEPT.replace("3 AT3", f"{90 * DAY} AT1 -> access_token_expired; 3 AT3"),
    "miro": f"{SINGLE_USE}; {60 * DAY + 2} RT3 -> refresh_token_idle",
    "atlassian-rovo-mcp": f"{SINGLE_USE}; {90 * DAY + 2} RT3 -> refresh_token_idle",
    "smartcar": "0 AT1 -> open; 1 RT1 -> RT2; 61 RT1 -> RT3; 61.1 RT1 -> refresh_token_reused; 62 RT2 -> RT4",
    "coinbase": f"{SINGLE_USE}; {547 * DAY + 2} RT3 -> refresh_token_idle",
    "notion": "0 AT1 -> open; 1 RT1 -> RT2; 1 AT1 -> access_token_revoked; 2 RT1 -> refresh_token_reused;"
    "3 RT2 -> refresh_token_revoked; 3 AT2 -> access_token_revoked",
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_vendor_logs_in_serves_calls_and_treats_a_replay_by_its_own_rule(name: str) -> None:
    game = play(FURTHER[name])
    game.login()
    assert game.tell(STORIES[name]) == steps(STORIES[name])


@pytest.mark.parametrize("name", ["github-oauth", "zendesk-endless"])
def test_an_application_that_asks_for_no_end_gets_one_token_without_it(name: str) -> None:
    game = play(FURTHER[name])
    assert set(game.login()) == {"access_token", "scope", "token_type"}
    assert game.take("AT1", 3000 * DAY) == ("open", None)


def test_every_further_vendor_has_a_story() -> None:
    assert set(FURTHER) == {*STORIES, "github-oauth", "zendesk-endless"}


@pytest.mark.parametrize("name", FURTHER)
def test_every_value_of_a_further_vendor_has_a_source_with_a_date(name: str) -> None:
    profile = FURTHER[name].profile
    assert unsourced(profile) == []
    assert min(date.fromisoformat(source.seen) for source in profile.sources.values()) >= date(2026, 11, 22)
    assert all(source.where for source in profile.sources.values())
    assert {key.partition(".")[0] for key in profile.sources} <= FIELDS
    assert profile.name == name


@pytest.mark.parametrize("name", FURTHER)
def test_a_vendor_has_its_own_hosts_and_https(name: str) -> None:
    for endpoint in FURTHER[name].profile.endpoints:
        address = urlsplit(endpoint.url)
        assert address.scheme == "https", endpoint
        assert address.hostname not in GENERIC_HOSTS, endpoint


# What a client meets that presents a refresh token nobody issued: status and members, in the vendor's own words.
DEAD: dict[str, tuple[int, object]] = {
    "auth0": (403, "invalid_grant"),
    "hubspot": (400, "BAD_REFRESH_TOKEN"),
    "fitbit": (400, "invalid_grant"),
    "github-app": (200, "bad_refresh_token"),
    "slack": (200, "invalid_refresh_token"),
    "notion": (400, "invalid_grant"),
    "quickbooks": (400, "invalid_grant"),
    "coinbase": (401, "invalid_grant"),
}


@pytest.mark.parametrize("name", DEAD)
def test_a_dead_refresh_token_is_refused_in_the_vendors_words(name: str) -> None:
    response = play(FURTHER[name]).refresh("never-issued-0123456789")
    status, word = DEAD[name]
    assert response.status == status
    members = response.document
    assert word in (members.get("error"), members.get("status"), members.get("errors", [{}])[0].get("errorType"))


def test_fitbit_echoes_the_refresh_token_that_it_refuses() -> None:
    response = play(FURTHER["fitbit"]).refresh("never-issued-0123456789")
    assert "never-issued-0123456789" in response.document["errors"][0]["message"]


def test_slack_answers_a_dead_access_token_with_status_200_and_not_ok() -> None:
    game = play(FURTHER["slack"])
    token = game.login()["access_token"]
    response = game.call(token, after=43_200)
    assert (response.status, response.document["ok"], response.document["error"]) == (200, False, "token_expired")


def test_github_answers_a_form_unless_json_is_asked_for() -> None:
    game = play(FURTHER["github-app"])
    body = "grant_type=refresh_token&client_id=refreshproof-client&client_secret=x&refresh_token=y"
    plain = game.handler(_without_accept(game.url("token"), body), 0)
    assert plain.header("content-type") == FORM
    assert plain.body.startswith(b"error=incorrect_client_credentials&")


def _without_accept(url: str, body: str) -> WireRequest:
    return WireRequest(method="POST", url=url, headers=(("Content-Type", FORM),), body=body.encode())


def test_strava_and_gitlab_tell_times_by_their_own_clock() -> None:
    assert play(FURTHER["strava"]).login()["expires_at"] == 1_900_000_000 + 21_600
    assert play(FURTHER["gitlab"]).login()["created_at"] == 1_900_000_000


def test_salesforce_tells_no_lifetime_and_a_time_in_milliseconds() -> None:
    members = play(FURTHER["salesforce"]).login()
    assert "expires_in" not in members
    assert members["issued_at"] == "1900000000000"


def test_zendesk_tells_the_lifetime_to_who_asks() -> None:
    game = play(FURTHER["zendesk"])
    assert "expires_in" not in game.exchange(game.code(), expires_in="-").document
    assert game.exchange(game.code(), expires_in="1800").document["expires_in"] == 1800


def test_quickbooks_tells_what_is_left_of_five_years_to_who_asks() -> None:
    game = play(FURTHER["quickbooks"])
    form = {"grant_type": "refresh_token", "refresh_token": game.login()["refresh_token"]}
    asked = "x-include-refresh-token-hard-expires-in"
    answers = [game.post("token", form, basic(), *more).document for more in ((), ((asked, "true"),))]
    assert [one.get("x_refresh_token_hard_expires_in") for one in answers] == [None, 5 * 365 * DAY]


def test_figma_refreshes_at_an_address_of_its_own_and_at_no_other() -> None:
    game = play(FURTHER["figma"])
    token = game.login()["refresh_token"]
    assert set(game.refresh(token).document) == {"access_token", "token_type", "expires_in"}
    elsewhere = game.post("token", {"grant_type": "refresh_token", "refresh_token": token}, basic())
    assert (elsewhere.status, elsewhere.document["error"]) == (400, "unsupported_grant_type")


def test_hubspot_tells_of_a_dead_grant_in_two_forms_at_once() -> None:
    members = play(FURTHER["hubspot"]).refresh("never-issued-0123456789").document
    assert (members["error"], members["status"]) == ("invalid_grant", "BAD_REFRESH_TOKEN")


def test_gitlab_does_not_look_at_the_redirect_uri_of_a_refresh() -> None:
    game = play(FURTHER["gitlab"])
    first = game.refresh(game.login()["refresh_token"], redirect_uri="-")
    assert first.status == 200
    assert game.refresh(first.document["refresh_token"], redirect_uri="https://other.example/").status == 200


def test_dropbox_gives_a_refresh_token_to_who_asks_for_offline_access() -> None:
    game = play(FURTHER["dropbox"])
    assert "refresh_token" not in game.exchange(game.code(token_access_type="online")).document
    assert "refresh_token" in game.login()


def test_shopifys_tokens_last_and_cannot_be_refreshed_unless_the_request_says_otherwise() -> None:
    game = play(FURTHER["shopify"])
    lasting, expiring = (game.exchange(game.code(), expiring=wish).document for wish in ("-", "1"))
    assert [set(one) - {"access_token", "scope"} for one in (lasting, expiring)] == [
        set(), {"expires_in", "refresh_token", "refresh_token_expires_in"},
    ]  # fmt: skip
    after = 3650 * DAY
    assert [game.call(one["access_token"], after=after).status for one in (lasting, expiring)] == [200, 401]
    renewed = game.refresh(expiring["refresh_token"], after=DAY).document
    assert (renewed["expires_in"], round(renewed["refresh_token_expires_in"] / DAY)) == (3600, 89)


def test_zendesks_client_gives_its_access_tokens_their_life() -> None:
    for name, unasked in (("zendesk", 401), ("zendesk-lasting", 200)):
        game = play(FURTHER[name])
        plain = game.exchange(game.code(), expires_in="-").document
        asked = game.exchange(game.code(), expires_in="300").document
        assert ("expires_in" in plain, asked["expires_in"]) == (False, 300)
        assert [game.call(asked["access_token"], after=after).status for after in (299, 300)] == [200, 401]
        assert game.call(plain["access_token"], after=365 * DAY).status == unasked


def test_a_life_that_is_no_number_is_not_given() -> None:
    game = play(FURTHER["zendesk"])
    for wish in ("soon", "-1", "9" * 5000):
        assert game.exchange(game.code(), expires_in=wish).document["expires_in"] == 1800


def test_xero_grants_what_was_granted_before_as_well() -> None:
    game = play(FURTHER["xero"])
    game.login()
    narrow = game.exchange(game.code(scope="offline_access")).document
    assert narrow["scope"].split() == ["offline_access", "accounting.transactions"]


def test_what_a_profile_sets_without_a_source_is_unverified() -> None:
    """What has a source keeps it, a part of it is left alone, and a default needs none."""
    known = source("https://vendor.example/docs")
    profile = replace(
        GENERIC,
        refresh=RefreshPolicy(rotation="always", window=30),
        scopes=("one",),
        sources={"refresh.rotation": known},
    )
    found = vendor(profile).profile.sources
    assert {name: one.evidence for name, one in found.items()} == {
        "refresh.rotation": "documented", "refresh.window": "unverified", "scopes": "unverified",
        "endpoints": "unverified", "authorization": "unverified", "metadata": "unverified",
        "id_token": "unverified", "response": "unverified", "cors_hosts": "unverified",
    }  # fmt: skip


TELLS_WHO = [
    "google", "microsoft", "atlassian", "atlassian-dc", "bitbucket", "auth0", "okta", "hydra", "keycloak", "wso2",
    "supabase", "cognito", "better-auth",
]  # fmt: skip


@pytest.mark.parametrize("name", TELLS_WHO)
def test_a_resource_that_tells_who_the_user_is_tells_users_apart(name: str) -> None:
    game = play(VENDORS[name])
    game.provider.state.accounts["mallory"] = Account(name="mallory")
    told = []
    for account in ("alice", "mallory"):
        game.provider.user.will(Decision(account=account))
        told.append(game.call(game.login()["access_token"]).document)
    assert "alice" in str(told[0]).lower()
    assert "mallory" in str(told[1]).lower()
    assert "alice" not in str(told[1]).lower()
