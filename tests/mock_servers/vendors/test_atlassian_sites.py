"""Atlassian Cloud's API gateway and site-scoped grants; ids name rows of the seed checklist and decisions (K)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.provider import Bench, Pairs, granted
from refreshproof.mock_servers.faults.layers import apply
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.atlassian.variants import OVER_QUOTA, VARIANTS

FIRST, SECOND, EXAMPLE = (site.id for site in ATLASSIAN.sites)
API = "https://api.atlassian.com"
RESOURCES = f"{API}/oauth/token/accessible-resources"
PROJECT = "/rest/api/2/project"
JSM, CONFLUENCE = "read:servicedesk-request", "read:confluence-content.all"
SCOPE_MISMATCH = {"code": 401, "message": "Unauthorized; scope does not match"}


@pytest.fixture
def bench() -> Bench:
    return Bench(ATLASSIAN)


def consent(bench: Bench, site: str, scope: str = "read:jira-work offline_access") -> str:
    """Let alice consent for one site; returns the access token."""
    bench.provider.user.will(Decision(site=site))
    token: str = bench.login(scope=scope)["access_token"]
    return token


def resources(bench: Bench, token: str) -> list[dict[str, Any]]:
    entries = bench.get(RESOURCES, token).document
    assert isinstance(entries, list)
    return entries


def call(bench: Bench, token: str, site: str, path: str = PROJECT, product: str = "jira", method: str = "GET") -> int:
    return bench.get(f"{API}/ex/{product}/{site}{path}", token, method=method).status


AVATAR = "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png"
SAMPLES = [
    pytest.param("write:jira-work read:jira-user manage:jira-configuration", id="D-21-jira"),
    pytest.param("write:jira-work read:jira-user read:servicedesk-request", id="D-21-jsm"),
    pytest.param(
        "write:confluence-content read:confluence-content.all manage:confluence-configuration", id="D-21-confluence"
    ),
]


@pytest.mark.parametrize("scope", SAMPLES)
def test_accessible_resources_have_the_documented_members_and_escaped_slashes(bench: Bench, scope: str) -> None:
    """D-20, D-21, D-81: one entry with the scopes tied to it; offline_access belongs to no site."""
    token = consent(bench, FIRST, f"{scope} offline_access")
    response = bench.get(RESOURCES, token, (("Accept", "application/json"),))
    assert response.document == [
        {
            "id": "1324a887-45db-1bf4-1e99-ef0ff456d421",
            "name": "Site name 1",
            "url": "https://your-domain1.atlassian.net",
            "scopes": sorted(scope.split()),
            "avatarUrl": AVATAR,
        }
    ]
    assert AVATAR.replace("/", "\\/").encode() in response.body
    assert b'"https://your-domain1.atlassian.net"' in response.body


def test_sites_accumulate_newest_last_each_with_its_own_scopes_and_perhaps_no_avatar(bench: Bench) -> None:
    """D-39, D-57, D-78, K-20, K-33: the token of the first consent sees all."""
    token = consent(bench, FIRST, "read:jira-work")
    consent(bench, EXAMPLE, "read:jira-user")
    entries = resources(bench, token)
    assert [(entry["id"], entry["scopes"]) for entry in entries] == [
        (FIRST, ["read:jira-work"]), (EXAMPLE, ["read:jira-user"]),
    ]  # fmt: skip
    assert ["avatarUrl" in entry for entry in entries] == [True, False]
    assert bench.get(f"{API}/ex/jira/{EXAMPLE}/rest/api/2/myself", token).status == 200


def test_jira_and_confluence_of_one_site_are_two_entries_with_one_id(bench: Bench) -> None:
    """D-29."""
    token = consent(bench, FIRST, f"read:jira-work {CONFLUENCE}")
    assert [(entry["id"], entry["scopes"]) for entry in resources(bench, token)] == [
        (FIRST, ["read:jira-work"]), (FIRST, [CONFLUENCE]),
    ]  # fmt: skip


def test_scopes_of_a_product_that_a_site_lacks_make_no_entry(bench: Bench) -> None:
    """D-29, D-81."""
    token = consent(bench, SECOND, f"read:jira-work {CONFLUENCE}")
    assert [entry["scopes"] for entry in resources(bench, token)] == [["read:jira-work"]]


BEARERS: list[Any] = [
    pytest.param(lambda token: (RESOURCES, (("Authorization", f"Bearer {token}"),)), 200, id="D-77-no-accept"),
    pytest.param(
        lambda token: (f"{RESOURCES}?site=x", (("Authorization", f"Bearer {token}"),)), 200, id="D-69-extra-query"
    ),
    pytest.param(lambda token: (RESOURCES, (("Authorization", f"bearer {token}"),)), 200, id="D-70-lower-case-scheme"),
    pytest.param(lambda token: (RESOURCES, (("Authorization", token),)), 401, id="D-70-no-scheme"),
    pytest.param(lambda token: (RESOURCES, (("Authorization", f"Token {token}"),)), 401, id="D-70-wrong-scheme"),
    pytest.param(lambda token: (f"{RESOURCES}?access_token={token}", ()), 401, id="D-70-token-in-the-query"),
    pytest.param(lambda token: (RESOURCES, ()), 401, id="D-20-no-token"),
    pytest.param(lambda token: (RESOURCES, (("Authorization", "Bearer aBCxYz654123"),)), 401, id="D-76-unknown-token"),
]


@pytest.mark.parametrize(("request_of", "status"), BEARERS)
def test_a_token_is_read_from_the_authorization_header_only(bench: Bench, request_of: Any, status: int) -> None:
    url, headers = request_of(consent(bench, FIRST))
    assert bench.send("GET", url, headers).status == status


@pytest.mark.parametrize(
    ("variant", "status"),
    [
        pytest.param(ATLASSIAN, 404, id="K-05-default"),
        pytest.param(VARIANTS["atlassian-resources-on-auth-host"], 200, id="K-05-alias"),
    ],
)
def test_accessible_resources_stand_on_the_api_host(variant: Any, status: int) -> None:
    bench = Bench(variant)
    token = consent(bench, FIRST)
    assert bench.get("https://auth.atlassian.com/oauth/token/accessible-resources", token).status == status
    assert bench.get(RESOURCES, token).status == 200


CALLS = [
    pytest.param("jira", EXAMPLE, PROJECT, "read:jira-work", 200, id="D-22-D-24-project"),
    pytest.param("jira", EXAMPLE, "/rest/servicedeskapi/request", JSM, 200, id="D-24-servicedesk"),
    pytest.param("confluence", EXAMPLE, "/rest/api/space", CONFLUENCE, 200, id="D-24-space"),
    pytest.param("confluence", EXAMPLE, "/wiki/rest/api/space", CONFLUENCE, 200, id="K-32-space-under-wiki"),
    pytest.param("jira", EXAMPLE, "/wiki/rest/api/2/project", "read:jira-work", 404, id="K-32-jira-has-no-wiki"),
    pytest.param("jira", EXAMPLE, "/rest/api/2/unknown", "read:jira-work", 404, id="D-15-unknown-operation"),
    pytest.param("jira", "no-such-cloudid", PROJECT, "read:jira-work", 404, id="D-23-unknown-cloudid"),
    pytest.param("confluence", SECOND, "/rest/api/space", CONFLUENCE, 404, id="D-23-site-without-the-product"),
    pytest.param("jira", FIRST, PROJECT, "read:jira-work", 401, id="D-73-site-not-granted"),
    pytest.param("jira", EXAMPLE, PROJECT, "read:jira-user", 401, id="D-15-D-73-R-17-other-scope"),
    pytest.param("jira", EXAMPLE, "/rest/api/2/application-properties", "manage:jira-configuration", 401, id="D-16"),
]


@pytest.mark.parametrize(("product", "site", "path", "scope", "status"), CALLS)
def test_the_gateway_carries_out_what_site_scopes_and_operation_allow(
    bench: Bench, product: str, site: str, path: str, scope: str, status: int
) -> None:
    response = bench.get(f"{API}/ex/{product}/{site}{path}", consent(bench, EXAMPLE, scope))
    assert response.status == status
    assert status != 401 or response.document == SCOPE_MISMATCH


def test_a_missing_scope_does_not_show_at_other_endpoints(bench: Bench) -> None:
    """R-17: accessible-resources and myself succeed while another operation is refused."""
    token = consent(bench, FIRST, "read:jira-user")
    assert bench.get(RESOURCES, token).status == 200
    assert call(bench, token, FIRST, "/rest/api/2/myself") == 200
    assert call(bench, token, FIRST) == 401


@pytest.mark.parametrize("path", [PROJECT, "/wiki/rest/api/space"])
def test_the_sites_own_host_refuses_the_token(bench: Bench, path: str) -> None:
    """D-23, D-71."""
    assert bench.get(f"https://your-domain1.atlassian.net{path}", consent(bench, FIRST)).status == 401


@pytest.mark.parametrize(
    ("permissions", "status"),
    [pytest.param((), 403, id="D-17-weak-user"), pytest.param(("Administer Jira",), 201, id="D-17-administrator")],
)
def test_the_users_permissions_limit_the_application_whatever_its_scopes(
    permissions: tuple[str, ...], status: int
) -> None:
    """D-17, D-30: the site is listed all the same."""
    bench = Bench(ATLASSIAN, accounts=(Account(name="alice", permissions=frozenset(permissions)),))
    token = consent(bench, FIRST, "manage:jira-project")
    assert [entry["scopes"] for entry in resources(bench, token)] == [["manage:jira-project"]]
    assert call(bench, token, FIRST, method="POST") == status


def test_a_narrower_second_consent_removes_access_from_tokens_in_use(bench: Bench) -> None:
    """D-27, D-28, D-81, K-20."""
    token = consent(bench, FIRST, f"read:jira-work {CONFLUENCE}")
    consent(bench, FIRST, CONFLUENCE)
    assert call(bench, token, FIRST) == 401
    assert [entry["scopes"] for entry in resources(bench, token)] == [[CONFLUENCE]]


def test_a_refresh_after_a_narrower_consent_does_not_tell_the_scope_that_was_lost(bench: Bench) -> None:
    bench.provider.user.will(Decision(site=FIRST))
    tokens = bench.login(scope="read:me read:jira-work offline_access")
    consent(bench, FIRST, "read:jira-work offline_access")
    assert granted(bench.refresh(tokens["refresh_token"]))["scope"] == "offline_access read:jira-work"


def test_a_wider_second_consent_widens_tokens_in_use_unless_the_other_reading_is_chosen() -> None:
    """D-57, K-20 and its switch."""
    outcomes = []
    for profile in (ATLASSIAN, VARIANTS["atlassian-token-scopes"]):
        bench = Bench(profile)
        token = consent(bench, FIRST, "read:jira-user")
        consent(bench, FIRST, "read:jira-user read:jira-work")
        outcomes.append(call(bench, token, FIRST))
    assert outcomes == [200, 401]


def test_dropping_a_token_takes_no_site_away(bench: Bench) -> None:
    """D-40, K-33: consent for A, forget the token, consent for C: A is still there."""
    consent(bench, FIRST)
    token = consent(bench, EXAMPLE)
    assert {entry["id"] for entry in resources(bench, token)} == {FIRST, EXAMPLE}


def test_after_revocation_the_application_works_nowhere_and_a_new_consent_begins_anew(bench: Bench) -> None:
    """D-26, D-41: the user's action at people/{account_id}/settings/apps."""
    bench.provider.user.will(Decision(site=FIRST))
    tokens = bench.login()
    consent(bench, EXAMPLE)
    bench.provider.revoke_user("alice", CLIENT_ID)
    assert [call(bench, tokens["access_token"], site) for site in (FIRST, EXAMPLE)] == [401, 401]
    assert bench.get(RESOURCES, tokens["access_token"]).status == 401
    assert bench.refresh(tokens["refresh_token"]).status == 403
    assert {entry["id"] for entry in resources(bench, consent(bench, SECOND))} == {SECOND}


def test_revoking_one_application_leaves_the_users_others_alone(bench: Bench) -> None:
    """D-41: Connect apps lists them one by one."""
    token = consent(bench, FIRST)
    bench.provider.revoke_user("alice", "another-client")
    assert call(bench, token, FIRST) == 200


@pytest.mark.parametrize(
    ("spans_sites", "reached"),
    [pytest.param(False, {FIRST}, id="K-22-resource"), pytest.param(True, {FIRST, SECOND, EXAMPLE}, id="K-22-account")],
)
def test_an_application_is_granted_one_site_or_the_whole_account(spans_sites: bool, reached: set[str]) -> None:
    """D-25, K-22."""
    application = Application(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=(REDIRECT_URI,), spans_sites=spans_sites
    )
    bench = Bench(ATLASSIAN, application=application)
    assert {entry["id"] for entry in resources(bench, consent(bench, FIRST))} == reached


def test_a_user_can_only_pick_a_site_of_their_own() -> None:
    bench = Bench(ATLASSIAN, accounts=(Account(name="alice", sites=(FIRST,)),))
    bench.provider.user.will(Decision(site=SECOND))
    with pytest.raises(ValueError, match=f"none of alice's: {FIRST}"):
        bench.authorize()


ME_MEMBERS = [
    "account_type", "account_id", "email", "name", "picture", "account_status", "nickname", "zoneinfo", "locale",
    "extended_profile",
]  # fmt: skip


def test_me_has_the_documented_members(bench: Bench) -> None:
    """D-61."""
    document = granted(bench.get(f"{API}/me", consent(bench, FIRST, "read:me")))
    assert list(document) == ME_MEMBERS
    assert list(document["extended_profile"]) == ["job_title", "organization", "department", "location"]
    assert (document["name"], document["nickname"], document["locale"]) == ("Alice Example", "alice", "en-US")


@pytest.mark.parametrize("path", ["/me", f"/ex/jira/{FIRST}/rest/api/2/myself"])
def test_two_accounts_are_told_apart(path: str) -> None:
    """D-58: how a client can notice that it was linked to somebody else's account."""
    bench = Bench(ATLASSIAN, accounts=(Account(name="edward"), Account(name="mallory")))
    told = []
    for name in ("edward", "mallory"):
        bench.provider.user.will(Decision(account=name, site=FIRST))
        told.append(granted(bench.get(f"{API}{path}", bench.login()["access_token"])))
    assert not {name for name in told[0] if "id" in name.lower() and told[0][name] == told[1][name]}
    assert [one.get("name") or one["displayName"] for one in told] == ["Edward Example", "Mallory Example"]


def test_an_account_may_be_told_by_members_of_its_own() -> None:
    mallory = Account(name="mallory", identity={"account_id": "mallory-id", "email": "mallory@example.org"})
    bench = Bench(ATLASSIAN, accounts=(Account(name="alice"), mallory))
    bench.provider.user.will(Decision(account="mallory"))
    document = granted(bench.get(f"{API}/me", bench.login()["access_token"]))
    assert (document["account_id"], document["email"]) == ("mallory-id", "mallory@example.org")


@pytest.mark.parametrize(
    ("site", "status"),
    [pytest.param(SECOND, 200, id="K-20-another-site"), pytest.param(FIRST, 401, id="K-20-same-site")],
)
def test_me_stays_open_while_consent_for_any_site_holds_its_scope(bench: Bench, site: str, status: int) -> None:
    token = consent(bench, FIRST, "read:me")
    consent(bench, site, "read:jira-user")
    assert bench.call(token) == status


def test_me_needs_its_scope(bench: Bench) -> None:
    """D-60."""
    response = bench.get(f"{API}/me", consent(bench, FIRST, "read:jira-user"))
    assert (response.status, response.document) == (401, SCOPE_MISMATCH)


ORIGIN: Pairs = (("Origin", "https://spa.example.com"),)
PREFLIGHT: Pairs = (
    *ORIGIN,
    ("Access-Control-Request-Method", "GET"),
    ("Access-Control-Request-Headers", "authorization"),
)


def test_a_preflight_is_answered_on_the_api_host(bench: Bench) -> None:
    """D-62."""
    response = bench.send("OPTIONS", f"{API}/ex/jira/{FIRST}{PROJECT}", PREFLIGHT)
    assert response.status == 204
    assert response.header("access-control-allow-origin") == "https://spa.example.com"
    assert "GET" in (response.header("access-control-allow-methods") or "")
    assert "Authorization" in (response.header("access-control-allow-headers") or "")


@pytest.mark.parametrize(
    ("url", "headers", "allowed"),
    [
        pytest.param(RESOURCES, ORIGIN, "https://spa.example.com", id="D-62-api"),
        pytest.param(RESOURCES, (), None, id="D-62-api-without-origin"),
        pytest.param("https://auth.atlassian.com/oauth/token", ORIGIN, None, id="D-62-auth"),
        pytest.param("https://auth.atlassian.com/oauth/token", PREFLIGHT, None, id="D-62-auth-preflight"),
    ],
)
def test_only_the_api_host_may_be_read_by_a_browser(
    bench: Bench, url: str, headers: Pairs, allowed: str | None
) -> None:
    method = "OPTIONS" if headers == PREFLIGHT else "GET"
    assert bench.send(method, url, headers).header("access-control-allow-origin") == allowed


@pytest.mark.parametrize(
    ("limit", "retry_after"), [pytest.param("bare", None, id="R-11"), pytest.param("retry-after", "30", id="R-11")]
)
def test_over_quota_the_api_answers_429_with_a_reason_and_perhaps_retry_after(
    bench: Bench, limit: str, retry_after: str | None
) -> None:
    token = bench.login()["access_token"]
    bench.handler = apply(bench.provider.handle, OVER_QUOTA[limit], bench.provider.sight)
    first, second = bench.get(f"{API}/me", token), bench.get(f"{API}/me", token)
    assert first.status == 429
    assert first.header("ratelimit-reason") == "jira-quota-global-based"
    assert first.header("retry-after") == retry_after
    assert (second.status, second.header("ratelimit-reason")) == (200, None)


def test_the_documents_are_json_to_the_letter(bench: Bench) -> None:
    r"""D-21: `\/` and `/` are one value to a JSON reader."""
    body = bench.get(RESOURCES, consent(bench, FIRST)).body
    assert json.loads(body)[0]["avatarUrl"] == AVATAR
