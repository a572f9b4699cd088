"""Third-party clients against the Atlassian provider: the how-to's sample on requests-oauthlib, and Authlib.

The libraries run unmodified. What the sample does wrong is asserted as such (rows B of the seed checklist).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kit import in_process_requests as requests_kit
from kit.how_to_clock_client import HowToClient
from kit.provider import Bench, location
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.atlassian.variants import VARIANTS

requests_oauthlib: Any = pytest.importorskip("requests_oauthlib")
oauthlib_errors: Any = pytest.importorskip("oauthlib.oauth2.rfc6749.errors")
authlib: Any = pytest.importorskip("authlib.integrations.requests_client")
authlib_errors: Any = pytest.importorskip("authlib.integrations.base_client.errors")

OAuth2Session = requests_oauthlib.OAuth2Session
AUTHORIZATION_URL, TOKEN_URL = ATLASSIAN.url("authorization"), ATLASSIAN.url("token")
ME = ATLASSIAN.url("resource")
SCOPES = list(ATLASSIAN.scopes)
HOUR = 3600

Token = dict[str, Any]


@pytest.fixture
def world() -> Iterator[Any]:
    with requests_kit.world(Bench(ATLASSIAN)) as opened:
        yield opened


class Sample(HowToClient):
    """The how-to's client with a login by requests-oauthlib before it and a call after it."""

    def __init__(self, world: Any) -> None:
        super().__init__()
        self.world = world

    def log_in(self, scopes: list[str] = SCOPES) -> Token:
        session = OAuth2Session(CLIENT_ID, redirect_uri=REDIRECT_URI, scope=scopes)
        url, _ = session.authorization_url(AUTHORIZATION_URL, **ATLASSIAN.client_parameters)
        callback = location(self.world.bench.send("GET", url))
        token: Token = session.fetch_token(
            TOKEN_URL, client_secret=CLIENT_SECRET, include_client_id=True, authorization_response=callback
        )
        return token

    def call(self, token: Token) -> int:
        status: int = OAuth2Session(CLIENT_ID, token=token).get(ME).status_code
        return status


@pytest.fixture
def sample(world: Any) -> Sample:
    return Sample(world)


def test_the_sample_logs_in_calls_and_refreshes_after_expiry(world: Any, sample: Sample) -> None:
    """B-03, B-10, B-13, B-14, B-16: form body with client_id and client_secret, no user in between."""
    token = sample.log_in()
    assert sample.call(token) == 200
    world.advance(HOUR)
    renewed = sample.refresh_token(token)
    assert renewed is not None
    assert sample.saved == [renewed]
    assert renewed["refresh_token"] != token["refresh_token"]
    assert sample.call(renewed) == 200
    assert world.refreshes() == ["RT1"]


@pytest.mark.parametrize(
    ("before_expiry", "refreshes"),
    [
        pytest.param(61, [], id="B-12-61-seconds"),
        pytest.param(60, [], id="B-12-60-seconds"),
        pytest.param(59, ["RT1"], id="B-12-59-seconds"),
    ],
)
def test_the_sample_refreshes_less_than_sixty_seconds_before_expiry(
    world: Any, sample: Sample, before_expiry: int, refreshes: list[str]
) -> None:
    """B-24: while it is fresh the same object comes back and nothing is sent."""
    token = sample.log_in()
    world.advance(HOUR - before_expiry)
    assert (sample.refresh_token(token) is token) is (refreshes == [])
    assert world.refreshes() == refreshes


def test_the_sample_never_refreshes_a_token_without_expires_at(world: Any, sample: Sample) -> None:
    """B-15, a finding: the caller gets an expired token back."""
    token = sample.log_in()
    del token["expires_at"]
    world.advance(2 * HOUR)
    assert sample.refresh_token(token) is token
    assert world.refreshes() == []
    assert world.bench.call(token["access_token"]) == 401


def test_the_sample_swallows_a_refusal_and_returns_none(
    world: Any, sample: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    """B-17, a finding: the caller cannot tell a dead connection from a network error."""
    token = sample.log_in()
    world.bench.provider.revoke_user("alice")
    world.advance(HOUR)
    assert sample.refresh_token(token) is None
    assert "Unknown or invalid refresh token." in caplog.text
    assert sample.saved == []


def test_the_sample_presents_one_refresh_token_twice_when_two_callers_refresh(world: Any, sample: Sample) -> None:
    """B-22, K-31, a finding: nothing is locked, and the leeway hides it; outside of it the connection is lost."""
    token = sample.log_in()
    world.advance(HOUR)
    first, second = sample.refresh_token(token), sample.refresh_token(token)
    assert first is not None
    assert second is not None
    assert world.refreshes() == ["RT1", "RT1"]
    world.advance(601)
    assert sample.refresh_token(token) is None
    assert (sample.call(first), sample.call(second)) == (401, 401)


def test_the_sample_swallows_its_own_key_error_for_a_token_without_refresh_token(
    world: Any, sample: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    """B-23, K-04, a finding: without offline_access the first expiry ends in None, and no request was made."""
    token = sample.log_in([scope for scope in SCOPES if scope != "offline_access"])
    assert "refresh_token" not in token
    world.advance(HOUR)
    assert sample.refresh_token(token) is None
    assert "'refresh_token'" in caplog.text
    assert world.refreshes() == []


@pytest.mark.parametrize(
    ("later", "recovers"), [pytest.param(599, True, id="B-16-inside"), pytest.param(601, False, id="B-16-outside")]
)
def test_the_sample_recovers_from_a_crash_before_saving_only_inside_the_leeway(
    world: Any, sample: Sample, later: int, recovers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sample.log_in()
    world.advance(HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(sample, "save_token", _crash)
        assert sample.refresh_token(token) is None
    world.advance(later)
    assert (sample.refresh_token(token) is not None) is recovers


def _crash(token: Token) -> None:
    raise OSError("disk full")


def test_without_a_token_the_api_refuses_the_sample(sample: Sample) -> None:
    """B-08: after logout, which deletes the token, a call needs a new login."""
    assert requests_kit.requests.get(ME).status_code == 401
    assert sample.call(sample.log_in()) == 200


def test_requests_oauthlib_refreshes_by_itself_and_reports_a_refusal(world: Any, sample: Sample) -> None:
    """Its own auto_refresh_url, with the credentials in the body as the vendor wants them."""
    session = OAuth2Session(
        CLIENT_ID,
        token=sample.log_in(),
        auto_refresh_url=TOKEN_URL,
        auto_refresh_kwargs={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        token_updater=sample.save_token,
    )
    world.advance(HOUR + 1)
    assert session.get(ME).status_code == 200
    assert (world.refreshes(), len(sample.saved)) == (["RT1"], 1)
    world.bench.provider.revoke_user("alice")
    world.advance(HOUR + 1)
    with pytest.raises(oauthlib_errors.InvalidGrantError, match="Unknown or invalid refresh token"):
        session.get(ME)
    assert world.refreshes() == ["RT1", "RT2"]


def authlib_session(world: Any, **settings: Any) -> Any:
    """Log an Authlib session in."""
    session = authlib.OAuth2Session(
        CLIENT_ID, CLIENT_SECRET, redirect_uri=REDIRECT_URI, scope=SCOPES, token_endpoint=TOKEN_URL, **settings
    )
    url, _ = session.create_authorization_url(AUTHORIZATION_URL, **ATLASSIAN.client_parameters)
    callback = location(world.bench.send("GET", url))
    session.fetch_token(TOKEN_URL, authorization_response=callback)
    return session


def test_authlib_logs_in_calls_refreshes_after_expiry_and_reports_a_refusal(world: Any) -> None:
    """D-75: with a state that the library made and checks itself."""
    updates: list[Callable[..., None]] = []
    session = authlib_session(
        world,
        token_endpoint_auth_method="client_secret_post",
        update_token=lambda token, refresh_token=None, access_token=None: updates.append(token),
    )
    assert session.get(ME).status_code == 200
    world.advance(HOUR)
    assert session.get(ME).status_code == 200
    assert (world.refreshes(), len(updates)) == (["RT1"], 1)
    world.bench.provider.change_password("alice")
    world.advance(HOUR)
    with pytest.raises(authlib_errors.OAuthError, match="Unknown or invalid refresh token"):
        session.get(ME)
    assert world.refreshes() == ["RT1", "RT2"]


def test_authlibs_default_client_authentication_is_not_the_documented_one(world: Any) -> None:
    """B-20: credentials in the header alone are refused; the variant that takes them lets the same client in."""
    with pytest.raises(authlib_errors.OAuthError, match="access_denied: Unauthorized"):
        authlib_session(world)
    with requests_kit.world(Bench(VARIANTS["atlassian-basic"])) as lenient:
        assert authlib_session(lenient).get(ME).status_code == 200
