"""Google's own Python SDKs against the Google provider: google-auth-oauthlib logs in, google-auth refreshes and calls.

The SDKs run unmodified and reach the vendor's real host names; findings about them are asserted as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kit import in_process_requests as requests_kit
from kit.provider import Bench, location
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.google.google import APIS, GOOGLE, MAIL
from refreshproof.mock_servers.wire import SECOND

flows: Any = pytest.importorskip("google_auth_oauthlib.flow")
credentials: Any = pytest.importorskip("google.oauth2.credentials")
id_tokens: Any = pytest.importorskip("google.oauth2.id_token")
exceptions: Any = pytest.importorskip("google.auth.exceptions")
transport: Any = pytest.importorskip("google.auth.transport.requests")
oauthlib_errors: Any = pytest.importorskip("oauthlib.oauth2.rfc6749.errors")

API = GOOGLE.url("resource")
CONFIG = {
    "web": {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "auth_uri": GOOGLE.url("authorization"),
        "token_uri": GOOGLE.url("token"),
    }
}


@pytest.fixture
def world() -> Iterator[Any]:
    with requests_kit.world(Bench(GOOGLE)) as opened:
        yield opened


def new_flow(*scopes: str) -> Any:
    return flows.Flow.from_client_config(CONFIG, scopes=scopes or (MAIL,), redirect_uri=REDIRECT_URI)


def browse(world: Any, flow: Any, **parameters: str) -> str:
    """Open the flow's address in the browser; returns the address that the user comes back with."""
    url, _ = flow.authorization_url(**parameters)
    return location(world.bench.send("GET", url))


def log_in(world: Any, *scopes: str, **parameters: str) -> Any:
    flow = new_flow(*scopes)
    flow.fetch_token(authorization_response=browse(world, flow, **parameters))
    return flow.credentials


def call(found: Any) -> int:
    status: int = transport.AuthorizedSession(found).get(API).status_code
    return status


def test_it_logs_in_calls_and_refreshes_after_expiry(world: Any) -> None:
    found = log_in(world, prompt="consent")
    refresh_token, access_token = found.refresh_token, found.token
    assert call(found) == 200
    world.advance(3600)
    assert call(found) == 200
    assert world.refreshes() == ["RT1"]
    # refresh.rotation: no new refresh token came, and the SDK keeps the old one.
    assert (found.refresh_token, found.token != access_token) == (refresh_token, True)


def test_it_sends_the_secret_in_basic_at_login_and_in_the_body_at_refresh(world: Any) -> None:
    found = log_in(world, prompt="consent")
    world.advance(3600)
    found.refresh(transport.Request())
    assert world.bench.provider.ledger.entries[-1].status == 200


SKEW = [pytest.param(3373, [], id="fresh-at-3373-seconds"), pytest.param(3375, ["RT1"], id="stale-at-3375-seconds")]


@pytest.mark.parametrize(("age", "refreshes"), SKEW)
def test_it_refreshes_225_seconds_before_expiry(world: Any, age: int, refreshes: list[str]) -> None:
    found = log_in(world, prompt="consent")
    world.advance(age)
    assert call(found) == 200
    assert world.refreshes() == refreshes


def test_a_401_from_the_api_makes_it_refresh_and_call_again(world: Any) -> None:
    """The client's clock is an hour behind: only the API can tell it that the token is over."""
    found = log_in(world, prompt="consent")
    world.bench.now += 3600 * SECOND
    assert call(found) == 200
    assert world.refreshes() == ["RT1"]


def test_the_second_login_without_the_consent_prompt_leaves_it_without_refresh_token(world: Any) -> None:
    """issuance.consent_shown, the canonical bug: access_type=offline is sent by itself, prompt=consent is not."""
    assert log_in(world).refresh_token is not None
    found = log_in(world)
    assert found.refresh_token is None
    world.advance(3600)
    with pytest.raises(exceptions.RefreshError, match="necessary fields"):
        call(found)
    assert world.refreshes() == []


def test_a_revoked_grant_is_a_refresh_error_with_googles_words(world: Any) -> None:
    found = log_in(world, prompt="consent")
    world.bench.provider.revoke_user("alice")
    world.advance(3600)
    with pytest.raises(exceptions.RefreshError, match=r"invalid_grant: Token has been expired or revoked\.") as caught:
        call(found)
    assert caught.value.retryable is False
    # A finding: the dead refresh token stays, so every call asks again.
    with pytest.raises(exceptions.RefreshError):
        call(found)
    assert world.refreshes() == ["RT1", "RT1"]


def test_a_reauthentication_policy_is_reported_as_such(world: Any) -> None:
    """errors.reauthentication_required: the SDK reads error_subtype."""
    found = log_in(world, prompt="consent")
    world.bench.provider.enforce("alice", Cause.REAUTHENTICATION_REQUIRED)
    with pytest.raises(exceptions.RefreshError, match="Reauthentication is needed"):
        found.refresh(transport.Request())


def test_full_scope_names_in_the_answer_stop_the_login(world: Any) -> None:
    """authorization.scope_aliases: oauthlib raises a warning when the scopes differ, as they do for email."""
    with pytest.raises(Warning, match="Scope has changed"):
        log_in(world, "openid", "email")
    assert log_in(world, "openid", f"{APIS}/auth/userinfo.email").id_token is not None


def test_an_id_token_passes_googles_own_verification(world: Any) -> None:
    """id_token and the PEM certificates: signature, issuer, audience and times, without leeway."""
    found = log_in(world, "openid")
    claims = id_tokens.verify_oauth2_token(found.id_token, transport.Request(), CLIENT_ID)
    assert claims["iss"] == "https://accounts.google.com"
    with pytest.raises(ValueError, match="wrong audience"):
        id_tokens.verify_oauth2_token(found.id_token, transport.Request(), "another-client")
    world.advance(3601)
    with pytest.raises(ValueError, match="expired"):
        id_tokens.verify_oauth2_token(found.id_token, transport.Request(), CLIENT_ID)


def test_a_second_flow_object_on_the_callback_has_lost_the_verifier(world: Any) -> None:
    """errors.missing_verifier: PKCE is on by itself, and the verifier lives in the first object."""
    callback = browse(world, new_flow())
    with pytest.raises(oauthlib_errors.InvalidGrantError, match="Missing code verifier"):
        new_flow().fetch_token(authorization_response=callback)


def test_a_denied_login_raises_access_denied(world: Any) -> None:
    world.bench.provider.user.will(Decision(answer="deny"))
    flow = new_flow()
    with pytest.raises(oauthlib_errors.AccessDeniedError):
        flow.fetch_token(authorization_response=browse(world, flow))


def test_stored_credentials_refresh_at_the_real_host(world: Any) -> None:
    """from_authorized_user_info overwrites token_uri with Google's own, which is where the provider stands."""
    info = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": log_in(world, prompt="consent").refresh_token,
        "token_uri": "https://elsewhere.example.com/token",
    }
    found = credentials.Credentials.from_authorized_user_info(info)
    assert call(found) == 200
    assert world.refreshes() == ["RT1"]
