"""The developer console in front of the Atlassian provider; ids name rows of the seed checklist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kit.provider import Bench, granted, query
from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.console import Console, distribution
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.atlassian.variants import VARIANTS
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.google.google import GOOGLE
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT

CALLBACK = "https://app.example.com/oauth/callback"
SCOPES = frozenset({"read:jira-work", "read:jira-user"})


@pytest.fixture
def bench() -> Bench:
    return Bench(ATLASSIAN)


@pytest.fixture
def console(bench: Bench) -> Console:
    return Console(bench.provider)


def create(bench: Bench, console: Console, **changes: Any) -> Application:
    """Create an application of alice's that can be used."""
    app = console.create("Incidents", owner="alice", now=bench.now)
    return console.save(replace(app, redirect_uris=(CALLBACK,), scopes=SCOPES, **changes), bench.now)


def authorize(bench: Bench, app: Application, **changes: str | None) -> dict[str, str]:
    scope = " ".join(sorted({*(app.scopes or ()), "offline_access"}))
    parameters = {"client_id": app.client_id, "redirect_uri": CALLBACK, "scope": scope, **changes}
    return query(bench.authorize(**parameters))


def secret_of(console: Console, app: Application) -> str:
    return console.app(app.client_id).client_secret or ""


def log_in(bench: Bench, console: Console, app: Application, **changes: str | None) -> dict[str, Any]:
    code = authorize(bench, app, **changes)["code"]
    return granted(bench.exchange(
        code, client_id=app.client_id, client_secret=secret_of(console, app), redirect_uri=CALLBACK
    ))  # fmt: skip


def refresh(bench: Bench, console: Console, app: Application, tokens: dict[str, Any], secret: str | None = None) -> int:
    secret = secret or secret_of(console, app)
    return bench.refresh(tokens["refresh_token"], client_id=app.client_id, client_secret=secret).status


def test_the_list_shows_applications_in_the_order_of_their_creation(bench: Bench, console: Console) -> None:
    """B-04, D-31, D-82: with type and sharing status; Connect apps are not listed."""
    for name, kind in (("Incidents", "web"), ("Old one", "connect"), ("Insights", "forge")):
        console.create(name, owner="alice", now=bench.now, kind=kind)
    assert [(app.name, app.kind, distribution(app)) for app in console.apps()] == [
        ("", "web", "Sharing"), ("Incidents", "web", "Not sharing"), ("Insights", "forge", "Not sharing"),
    ]  # fmt: skip
    assert [app.name for app in console.apps("INSI")] == ["Insights"]


def test_the_date_of_the_list_is_that_of_creation_or_of_the_last_change(bench: Bench, console: Console) -> None:
    """D-31."""
    app = console.create("Incidents", owner="alice", now=bench.now)
    assert app.updated_at == bench.now
    bench.advance(60)
    assert console.save(replace(app, name="Incidents 2"), bench.now).updated_at == bench.now
    bench.advance(60)
    console.rotate_secret(app.client_id, bench.now)
    assert console.app(app.client_id).updated_at == bench.now


def test_details_hold_what_the_overview_shows(bench: Bench, console: Console) -> None:
    """D-32: the app id is not the client id, and the secret is no part of it."""
    app = create(bench, console, description="Shows incidents")
    assert (app.description, distribution(app), app.kind, app.scopes) == (
        "Shows incidents", "Not sharing", "web", SCOPES
    )  # fmt: skip
    assert app.app_id != app.client_id
    assert secret_of(console, app) not in repr(app)


def test_an_unknown_application_is_named(console: Console) -> None:
    with pytest.raises(ValueError, match=r"no application .x.; there are refreshproof-client$"):
        console.app("x")


def test_renaming_keeps_the_client_id_and_the_connection(bench: Bench, console: Console) -> None:
    """D-33."""
    app = create(bench, console)
    tokens = log_in(bench, console, app)
    renamed = console.save(replace(app, name="Other", description="d", avatar_url="https://a.example/a.png"), bench.now)
    assert renamed.client_id == app.client_id
    assert refresh(bench, console, app, tokens) == 200


def test_after_rotation_of_the_secret_only_the_new_one_works(bench: Bench, console: Console) -> None:
    """D-33."""
    app = create(bench, console)
    tokens, old = log_in(bench, console, app), secret_of(console, app)
    new = console.rotate_secret(app.client_id, bench.now)
    assert refresh(bench, console, app, tokens, old) == 401
    assert refresh(bench, console, app, tokens, new) == 200


def test_an_unsaved_change_has_no_effect(bench: Bench, console: Console) -> None:
    """B-05, D-74."""
    app = create(bench, console)
    unsaved = replace(app, redirect_uris=("https://elsewhere.example.com/",), refresh_tokens=False)
    assert unsaved != console.app(app.client_id)
    assert "refresh_token" in log_in(bench, console, app)


def test_a_second_callback_url_replaces_the_first(bench: Bench, console: Console) -> None:
    """D-74."""
    app = create(bench, console)
    console.save(replace(app, redirect_uris=("https://second.example.com/",)), bench.now)
    assert authorize(bench, app)["error"] == "unauthorized_client"
    assert "code" in authorize(bench, app, redirect_uri="https://second.example.com/")


def test_the_refresh_token_switch_counts_for_the_next_flow(bench: Bench, console: Console) -> None:
    """B-05, B-07, K-03: off, no refresh token; on again, one; the tokens in use are untouched."""
    app = create(bench, console)
    before = log_in(bench, console, app)
    app = console.save(replace(app, refresh_tokens=False), bench.now)
    assert "refresh_token" not in log_in(bench, console, app)
    assert refresh(bench, console, app, before) == 200
    app = console.save(replace(app, refresh_tokens=True), bench.now)
    assert "refresh_token" in log_in(bench, console, app)


def test_a_private_application_is_the_owners_until_sharing_is_on(bench: Bench, console: Console) -> None:
    """D-36."""
    app = create(bench, console)
    outcomes = []
    for shared in (False, True):
        app = console.save(replace(app, shared=shared), bench.now)
        bench.provider.user.will(Decision(account="bob"))
        outcomes.append("code" in authorize(bench, app))
    assert outcomes == [False, True]


def test_an_application_may_ask_for_the_whole_account(bench: Bench, console: Console) -> None:
    """K-22: one consent, every site of the user."""
    app = create(bench, console, spans_sites=True)
    token = log_in(bench, console, app)["access_token"]
    reached = bench.get(ATLASSIAN.url("accessible_resources"), token).document
    assert {entry["id"] for entry in reached} == {site.id for site in ATLASSIAN.sites}


def test_approval_reaches_the_consent_screen(bench: Bench, console: Console) -> None:
    """D-37."""
    app = create(bench, console)
    flags = [bench.provider.state.applications[app.client_id].approved]
    console.save(replace(app, approved=True), bench.now)
    assert [*flags, bench.provider.state.applications[app.client_id].approved] == [False, True]


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        pytest.param(SCOPES | {"write:jira-work"}, 200, id="D-34-added"),
        pytest.param(SCOPES - {"read:jira-work"}, 401, id="D-34-removed"),
    ],
)
def test_other_scopes_make_earlier_consent_void(scopes: frozenset[str], status: int) -> None:
    """B-07, D-25, D-34: consent is asked again even where the vendor would skip it; removed scopes stop at once."""
    bench = Bench(VARIANTS["atlassian-lenient"])
    console = Console(bench.provider)
    app = create(bench, console)
    token = log_in(bench, console, app)["access_token"]
    silent = {"prompt": "none", "audience": None, "scope": "read:jira-user"}
    assert "code" in authorize(bench, app, **silent)
    console.save(replace(app, scopes=scopes), bench.now)
    assert "error" in authorize(bench, app, **silent)
    url = f"https://api.atlassian.com/ex/jira/{ATLASSIAN.sites[0].id}/rest/api/2/project"
    assert bench.get(url, token).status == status
    assert bench.get(url, log_in(bench, console, app, scope=" ".join(scopes))["access_token"]).status == status


def test_a_removed_identity_scope_stops_at_once(bench: Bench, console: Console) -> None:
    """D-34, D-60: read:me belongs to no site."""
    app = create(bench, console)
    app = console.save(replace(app, scopes=SCOPES | {"read:me"}), bench.now)
    token = log_in(bench, console, app)["access_token"]
    assert bench.call(token) == 200
    console.save(replace(app, scopes=SCOPES), bench.now)
    assert bench.call(token) == 401


def test_an_application_is_deleted_only_where_it_is_installed_nowhere(bench: Bench, console: Console) -> None:
    """D-35."""
    app = create(bench, console)
    log_in(bench, console, app)
    with pytest.raises(ValueError, match="installed by alice: uninstall it first"):
        console.delete(app.client_id, bench.now)
    bench.provider.revoke_user("alice", app.client_id)
    console.delete(app.client_id, bench.now)
    assert [known.client_id for known in console.apps()] == [CLIENT_ID]
    assert authorize(bench, app)["error"] == "access_denied"


def test_the_offered_authorization_url_has_the_documented_parameters_and_works(bench: Bench, console: Console) -> None:
    """D-66, D-79, D-08: the same set as a URL built by hand."""
    app = create(bench, console)
    url = console.authorization_url(app.client_id, "bound-to-the-user")
    by_hand = bench.authorization_url()
    assert parse_qs(urlsplit(url).query).keys() == parse_qs(urlsplit(by_hand).query).keys()
    assert "code" in query(bench.send("GET", url))


def test_identity_of_an_application_cannot_be_changed(bench: Bench, console: Console) -> None:
    app = create(bench, console)
    with pytest.raises(ValueError, match="owner, client_secret cannot be changed"):
        console.save(replace(app, owner="bob", client_secret="mine"), bench.now)


def test_an_application_without_callback_url_cannot_be_authorized(bench: Bench, console: Console) -> None:
    """D-06, D-74."""
    app = console.create("Incidents", owner="alice", now=bench.now)
    assert authorize(bench, app, redirect_uri=None)["error"] == "unauthorized_client"


OWN = replace(GENERIC, errors={Cause.CLIENT_DELETED: ErrorReply(status=401, error="gone")})


@pytest.mark.parametrize(
    ("profile", "scope", "error", "told"),
    [
        pytest.param(GOOGLE, "openid", "deleted_client", b"deleted_client", id="google"),
        pytest.param(MICROSOFT, "openid offline_access", "unauthorized_client", b"700016", id="microsoft"),
        pytest.param(OWN, "read", "gone", b"gone", id="own-vendor"),
    ],
)
def test_a_deleted_client_is_refused_as_its_vendor_does_and_hears_nothing_at_the_authorization_endpoint(
    profile: Profile, scope: str, error: str, told: bytes
) -> None:
    """Google tells a deleted client from one that never was; both delete it in spite of grants."""
    bench = Bench(profile)
    tokens = bench.login(scope=scope)
    Console(bench.provider).delete(CLIENT_ID, bench.now)
    assert bench.refresh(tokens["refresh_token"]).document["error"] == error
    page = bench.authorize()
    assert (page.header("location"), told in page.body) == (None, True)


def test_a_secret_that_ran_out_is_replaced_by_a_new_one(bench: Bench, console: Console) -> None:
    app = create(bench, console)
    tokens = log_in(bench, console, app)
    console.save(replace(app, refusal=Cause.SECRET_EXPIRED), bench.now)
    assert refresh(bench, console, app, tokens) == 401
    console.rotate_secret(app.client_id, bench.now)
    assert refresh(bench, console, app, tokens) == 200


def test_a_public_client_has_no_secret_to_rotate(bench: Bench, console: Console) -> None:
    bench.provider.register(Application(client_id="public", client_secret=None, redirect_uris=()))
    with pytest.raises(ValueError, match="public client"):
        console.rotate_secret("public", bench.now)
    with pytest.raises(ValueError, match="no callback URL"):
        console.authorization_url("public", "s")
