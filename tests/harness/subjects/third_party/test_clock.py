"""Third-party clients as subjects: each follows the virtual clock and reaches the vendor's own hosts, unmodified."""

from __future__ import annotations

import socket
import sys
import time
import time as wall
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from refreshproof.harness.adapters.library import WALL_CLOCK, LibraryAdapter, Refusal
from refreshproof.harness.adapters.library.outcomes import status_of
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.run.events import CellJudged
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.subjects.own import UnknownSubjectError
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import SECOND, WireRequest, WireResponse
from refreshproof.scenarios.clocks.clock import START, ClientClock, VirtualClock
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.conditions import Condition
from refreshproof.scenarios.steps.limits import limit_of
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Outcome
from refreshproof.scenarios.world.world import World

LIBRARIES = {
    "authlib-requests": "authlib", "authlib-httpx": "authlib", "authlib-httpx-async": "authlib",
    "requests-oauthlib": "requests_oauthlib", "requests-oauth2client": "requests_oauth2client",
    "google-auth": "google_auth_oauthlib", "msal": "msal",
}  # fmt: skip
ELSEWHERE = {"msal": "microsoft", "slack-sdk": "slack"}
"""The vendor of a library that works with one alone."""
FORGETFUL = ("requests-oauth2client",)
"""Drop the refresh token that a refresh does not repeat, so that Google's second refresh is one too many."""
AT_ONE = {
    "aiohttp-oauth2-client": "aiohttp_oauth2_client", "httpx-auth": "httpx_auth", "httpx-oauth": "httpx_oauth",
    "oauth2-client": "oauth2_client", "prawcore": "prawcore", "slack-sdk": "slack_sdk",
    "social-auth-core": "social_core",
    "databricks-sdk": "databricks.sdk", "flask-dance": "flask_dance", "requests-auth": "requests_auth",
    "requests-oauthlib-one-session": "requests_oauthlib",
}  # fmt: skip
"""Libraries that leave the login to the application, and those that joined later."""
HOUR = 3600


def origin_of(url: str | None) -> str:
    found = urlsplit(url or "")
    return f"{found.scheme}://{found.netloc}"


class Played:
    """A world and its subject, logged in."""

    worlds: ClassVar[list[World]] = []

    def __init__(self, name: str, at: str = "google") -> None:
        pytest.importorskip((LIBRARIES | AT_ONE | {"mcp": "mcp"})[name])
        vendor = VENDORS[ELSEWHERE.get(name, at)]
        self.world = World(vendor, subject_factory(name), Scenario(steps=()))
        self.worlds.append(self.world)
        callback = self.world.visit(self.world.subject.authorize())
        assert callback is not None
        self.login = self.world.subject.callback(callback)

    def call(self) -> Outcome:
        return self.world.subject.call()

    def refreshes(self) -> list[str | None]:
        """Return the refresh tokens that were presented."""
        return [one.presented for one in self.world.journal.exchanges() if one.grant_type == "refresh_token"]


@pytest.fixture(autouse=True)
def _closed_afterwards() -> Any:
    yield
    while Played.worlds:
        Played.worlds.pop().close()


@pytest.fixture(autouse=True, scope="module")
def _real_time_afterwards() -> Any:
    """To begin virtual time takes longer than most of what is played here."""
    yield
    WALL_CLOCK.thaw()


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_logs_in_and_calls_at_the_hosts_of_the_vendor(name: str) -> None:
    played = Played(name)
    assert (played.login.kind, played.login.refreshable) == ("ok", True)
    assert played.call() == Outcome(kind="ok", status=200)
    profile = played.world.provider.profile
    origins = [exchange.origin for exchange in played.world.journal.exchanges() if exchange.view != "discovery"]
    assert origins == [origin_of(profile.url(view)) for view in ("authorization", "token", "resource")]
    assert played.world.subject.describe().version[0].isdigit()


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_follows_the_clock_of_the_scenario(name: str) -> None:
    """The canary: without a clock that follows, nothing of what a subject shows would mean anything."""
    played = Played(name)
    lifetime = limit_of(played.world.provider, "access_token_expiry")
    assert lifetime is not None
    played.world.clock.advance_to(lifetime - 301 * SECOND)
    assert played.call().kind == "ok"
    assert played.refreshes() == []
    played.world.clock.advance(302)
    assert played.call() == Outcome(kind="ok", status=200)
    assert played.refreshes() == ["RT1"]


@pytest.mark.filterwarnings("ignore:defusedxml.cElementTree is deprecated")
@pytest.mark.parametrize("name", AT_ONE)
def test_a_library_in_an_application_follows_the_clock_and_survives_a_restart(name: str) -> None:
    played = Played(name, "generic")
    assert (played.login.kind, played.login.refreshable) == ("ok", True)
    assert played.call() == Outcome(kind="ok", status=200)
    assert played.refreshes() == []
    played.world.clock.advance(13 * HOUR)
    assert played.call() == Outcome(kind="ok", status=200)
    assert played.refreshes() == ["RT1"]
    played.world.subject.restart()
    assert played.call() == Outcome(kind="ok", status=200)
    assert played.world.subject.describe().version[0].isdigit()


def test_mcp_does_not_come_in_where_scopes_say_the_resource() -> None:
    """Its login names the MCP server as the resource, which Microsoft refuses where no scope is of that."""
    pytest.importorskip("mcp")
    world = World(VENDORS["microsoft"], subject_factory("mcp"), Scenario(steps=()))
    assert world.visit(world.subject.authorize()) is None
    world.close()


@pytest.mark.parametrize("at", ["generic", "google", "atlassian"])
def test_mcp_logs_in_refreshes_in_one_process_and_asks_the_user_in_the_next(at: str) -> None:
    pytest.importorskip("mcp")
    played = Played("mcp", at)
    assert (played.login.kind, played.login.refreshable) == ("ok", True)
    played.world.clock.advance(2 * HOUR)
    assert played.call() == Outcome(kind="ok", status=200)
    assert played.refreshes() == ["RT1"]
    played.world.subject.restart()
    assert played.call() == Outcome(kind="ok", status=200)
    played.world.clock.advance(2 * HOUR)
    assert played.call().kind == "reauthorization_required"
    assert played.refreshes() == ["RT1"]


def test_slack_sdk_is_for_slack_alone() -> None:
    pytest.importorskip("slack_sdk")
    unsuited = describe(subject_factory("slack-sdk"), VENDORS["generic"]).unsuited
    assert unsuited == "slack_sdk speaks to Slack, whose token endpoint is the Web API's method oauth.v2.access"


@pytest.mark.parametrize("name", [name for name in LIBRARIES if name != "google-auth"])
def test_a_library_follows_a_clock_that_is_wrong(name: str) -> None:
    """google-auth is left out: it would refresh on the 401 all the same."""
    played = Played(name)
    played.world.clock.advance(1800)
    played.world.client_clock.set_offset(2 * HOUR)
    assert played.call().kind == "ok"
    assert played.refreshes() == ["RT1"]


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_refresh_on_demand_and_a_restart_keep_the_grant(name: str) -> None:
    played = Played(name)
    assert played.world.subject.refresh().kind == "ok"
    played.world.subject.restart()
    assert played.call() == Outcome(kind="ok", status=200)
    assert played.refreshes() == ["RT1"]


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_grant_that_was_withdrawn_wants_a_new_login(name: str) -> None:
    played = Played(name)
    played.world.provider.revoke_user("alice")
    played.world.clock.advance(2 * HOUR)
    ended = played.call()
    assert (ended.kind, ended.error) == ("reauthorization_required", "invalid_grant")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("authlib-requests", "transient_error"),
        ("authlib-httpx", "transient_error"),
        ("requests-oauthlib", "permanent_error"),  # reads the body alone, and misses access_token in it
        ("google-auth", "reauthorization_required"),  # a RefreshError that is not `retryable`
        ("authlib-httpx-async", "transient_error"),
        ("requests-oauth2client", "transient_error"),
        ("msal", "transient_error"),
    ],
)
def test_what_a_library_makes_of_an_outage_is_told_as_it_tells_it(name: str, kind: str) -> None:
    played = Played(name)
    played.world.faults.add(FaultSpec(fault="status", parameters={"code": 503}))
    played.world.clock.advance(2 * HOUR)
    assert played.call().kind == kind


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_subject_can_be_judged_like_any_other(name: str) -> None:
    pytest.importorskip(LIBRARIES[name])
    factory, vendor = subject_factory(name), VENDORS[ELSEWHERE.get(name, "atlassian")]
    cell = judge(CATALOGUE["rotation-replace"], vendor, factory, describe(factory, vendor).capabilities)
    assert cell.outcome == "satisfied"


@pytest.mark.parametrize("name", LIBRARIES)
def test_callers_that_come_together_refresh_as_the_library_lets_them(name: str) -> None:
    """Only Authlib's asynchronous client has a lock around the refresh."""
    played = Played(name)
    played.world.network.weather.add(Condition(leg="server", seconds=5, grant_type="refresh_token", times=9))
    played.world.clock.advance(2 * HOUR)
    before = played.world.clock.now()
    outcomes = played.world.actors.run([played.call] * 3)
    assert [outcome.kind for outcome in outcomes] == ["ok"] * 3
    assert played.refreshes() == ["RT1"] * (1 if name == "authlib-httpx-async" else 3)
    assert played.world.clock.now() == before + 5 * SECOND


@pytest.mark.parametrize("name", LIBRARIES)
def test_nothing_stays_patched_when_callers_have_gone(name: str) -> None:
    played, real = Played(name), (wall.sleep, socket.getaddrinfo)
    played.world.actors.run([played.call] * 2)
    assert (wall.sleep, socket.getaddrinfo) == real


def test_a_library_at_a_vendor_that_it_cannot_work_with_is_not_applicable_with_the_reason() -> None:
    pytest.importorskip("msal")
    plan = Plan(
        subject="msal",
        vendors=(VENDORS["google"], VENDORS["microsoft"]),
        requirements=("rotation-replace",),
        examples=0,
    )
    cells = {event.cell.vendor: event.cell for event in run(plan) if isinstance(event, CellJudged)}
    assert cells["microsoft"].outcome == "satisfied"
    assert cells["google"].outcome == "not_applicable"
    assert "authorities of the Microsoft identity platform" in cells["google"].why


def test_a_subject_whose_library_is_missing_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "refreshproof.harness.subjects.third_party.own_login.authlib_requests", None)
    with pytest.raises(UnknownSubjectError, match=r"pip install '.*\[subjects\]' brings it"):
        World(VENDORS["generic"], subject_factory("authlib-requests"), Scenario(steps=()))


class Sleeper(LibraryAdapter):
    """A library that reads the time around a request, sleeps, and fails as told."""

    name, distribution = "sleeper", "click"
    refusal = Refusal(over=(LookupError,), passing=(OSError,), coded=(RuntimeError,))
    error: Exception | None = None
    seen: list[float]

    def begin(self) -> str:
        self.seen = [time.time()]
        wall.sleep(90)  # virtual seconds
        self.seen += [time.time(), datetime.now(UTC).timestamp()]
        self.flow = "under way"
        return ""

    def finish(self, url: str, flow: Any) -> None:
        self.keep({"refresh_token": "x"})

    def use(self) -> int:
        if self.error is not None:
            raise self.error
        return 503

    def renew(self) -> None:
        raise ValueError("a bug")


def test_a_sleep_lets_virtual_time_pass_and_every_clock_shows_it() -> None:
    world = World(VENDORS["generic"], Sleeper, Scenario(steps=()))
    world.subject.authorize()
    start = START / SECOND
    assert world.subject.seen == [start, start + 90, start + 90]  # type: ignore[attr-defined]
    assert world.clock.now() == START + 90 * SECOND


def test_the_wall_clock_moves_on_while_a_request_is_under_way() -> None:
    clock = VirtualClock()

    def slow(request: WireRequest, timeout: float | None) -> WireResponse:
        clock.advance(7)
        raise Trouble("timeout", sent=True)

    with WALL_CLOCK.turn(ClientClock(clock), slow) as carry:
        before = time.time()
        with pytest.raises(Trouble):
            carry(WireRequest(method="GET", url="https://a.example/"), None)
        assert time.time() - before == 7


def test_the_process_has_its_real_time_back_after_a_thaw() -> None:
    with WALL_CLOCK.turn(ClientClock(VirtualClock()), lambda request, timeout: WireResponse(status=200)):
        frozen = time.time()
    WALL_CLOCK.thaw()
    assert frozen == START / SECOND != time.time()


def test_a_callback_that_comes_twice_is_not_given_to_the_library_again() -> None:
    world = World(VENDORS["generic"], Sleeper, Scenario(steps=()))
    world.subject.authorize()
    assert [world.subject.callback("").kind for _ in range(2)] == ["ok", "permanent_error"]


class AnsweredError(OSError):
    class response:  # noqa: N801 - as the stacks have it
        status_code = 503


class RetryableError(LookupError):
    retryable = True


class CodedError(RuntimeError):
    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome(kind="transient_error", status=503)),
        (KeyError("x"), Outcome(kind="reauthorization_required", detail="KeyError")),
        (ConnectionError("x"), Outcome(kind="transient_error", detail="ConnectionError")),
        (
            CodedError("invalid_grant"),
            Outcome(kind="reauthorization_required", error="invalid_grant", detail="CodedError"),
        ),
        (
            CodedError("interaction_required"),
            Outcome(kind="reauthorization_required", error="interaction_required", detail="CodedError"),
        ),
        (CodedError("slow_down"), Outcome(kind="transient_error", error="slow_down", detail="CodedError")),
        (CodedError("invalid_client"), Outcome(kind="permanent_error", error="invalid_client", detail="CodedError")),
    ],
)
def test_what_a_library_raises_becomes_an_outcome(error: Exception | None, outcome: Outcome) -> None:
    world = World(VENDORS["generic"], Sleeper, Scenario(steps=()))
    assert world.subject.call().kind == "reauthorization_required"
    world.subject.authorize()
    world.subject.callback("")
    world.subject.error = error  # type: ignore[attr-defined]
    assert world.subject.call() == outcome


class ToldError(OSError):
    status_code = 400

    def __init__(self, **given: int) -> None:
        vars(self).update(given)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AnsweredError(), 503),
        (ToldError(status_code=HTTPStatus.SERVICE_UNAVAILABLE), 503),
        (ToldError(status=503), 503),
        (ToldError(), None),
    ],
)
def test_the_status_is_read_where_an_exception_was_given_it(error: Exception, status: int | None) -> None:
    assert status_of(error) == status


def test_an_exception_that_nobody_named_is_a_crash() -> None:
    world = World(VENDORS["generic"], Sleeper, Scenario(steps=()))
    world.subject.authorize()
    world.subject.callback("")
    assert world.act("refresh", world.subject.refresh).kind == "crash"
