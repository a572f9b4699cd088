"""The token handler and service end to end against a scripted endpoint: what is sent, stored, reported, and when."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from kit.client_engine import START, ManualClock, World, first_token, ok, pairs, refused
from refreshproof.harness.client import (
    DAY,
    SECOND,
    BodyFormat,
    ClientAuthentication,
    ClientConfigurationAlarm,
    ClientToken,
    ClientTokenEntity,
    FailureKind,
    Health,
    InvalidToken,
    MemoryStorage,
    NotFoundError,
    ReauthorizationRequired,
    Settings,
    SqlStorage,
    Status,
    Storage,
    StorageError,
    TransientTokenError,
)
from refreshproof.harness.client.model.status import Event
from refreshproof.harness.client.refresh.decide import Wish
from refreshproof.harness.client.refresh.effects import Acquire, Kept, Load, Now, Release
from refreshproof.harness.client.refresh.refresh import ensure
from refreshproof.harness.client.token_endpoint.transport import LARGEST_BODY
from refreshproof.mock_servers.provider.client_key import CLIENT_KEY

DUE = 3480


def test_a_fresh_token_costs_no_request_and_an_expiring_one_costs_one() -> None:
    world = World()
    assert world.call() == "AT1"
    world.clock.advance(DUE - 0.000001)
    assert world.call() == "AT1"
    assert world.presented == []
    world.clock.advance(0.000001)
    assert world.call() == world.call() == "AT2"
    assert world.presented == ["RT1"]


def test_each_refresh_presents_the_newest_token_once() -> None:
    world = World()
    for number in range(2, 22):
        world.clock.advance(DUE)
        assert world.call() == f"AT{number}"
    assert world.presented == [f"RT{number}" for number in range(1, 21)]


@pytest.mark.parametrize("members", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": " "}])
def test_an_answer_without_refresh_token_keeps_the_stored_one(members: dict[str, Any]) -> None:
    world = World(ok(access_token="AT", expires_in=3600, **members))
    for _ in range(3):
        world.clock.advance(DUE)
        world.call()
    assert world.presented == ["RT1"] * 3


def test_the_pair_is_stored_before_the_new_access_token_is_used() -> None:
    world = World()
    world.clock.advance(DUE)

    def callback(token: ClientToken) -> str:
        assert (world.stored.access_token, world.stored.refresh_token) == (token.access_token, "RT2")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.engine.handler.execute(world.token_id, callback)
    assert world.stored.refresh_token == "RT2"


def test_expiry_counts_from_sending_not_from_receipt() -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        world.clock.advance(29)
        return pairs()(request)

    world = World(slow)
    world.clock.advance(DUE)
    world.call()
    assert world.stored.access_token_expiration == START + (DUE + 3600) * SECOND


@pytest.mark.parametrize("supplied", [None, 604_799])
def test_the_refresh_expiry_is_the_provider_s_or_the_default(supplied: int | None) -> None:
    members = {} if supplied is None else {"refresh_token_expires_in": supplied}
    world = World(pairs(**members), settings=Settings(default_refresh_token_duration_days=2))
    world.clock.advance(DUE)
    world.call()
    assert world.stored.refresh_token_expiration == START + (DUE + (supplied or 2 * 86_400)) * SECOND


def test_a_grant_past_its_assumed_expiry_is_tried_before_the_user_is_asked() -> None:
    world = World()
    world.clock.advance(30 * 86_400 + 1)
    assert world.call() == "AT2"


def test_unknown_lifetime_is_refreshed_when_the_resource_server_says_so() -> None:
    """True life 3600 s, one call a minute for two hours: one refused call per expiry, at most four token requests."""
    world = World(ok(access_token="AT-next"), token=first_token(lifetime=None))
    born, refusals = world.clock.now(), 0

    def resource(token: ClientToken) -> None:
        nonlocal refusals
        issued = token.issued_at or born
        if world.clock.now() - issued >= 3600 * SECOND:
            refusals += 1
            raise InvalidToken

    for _ in range(120):
        world.clock.advance(60)
        world.engine.handler.execute(world.token_id, resource)
    assert len(world.presented) == refusals == 2


def test_an_answer_without_lifetime_repeats_the_previous_one() -> None:
    world = World(ok(access_token="AT2", refresh_token="RT2"))
    world.clock.advance(3601)
    for _ in range(57):
        world.call()
        world.clock.advance(60)
    assert len(world.presented) == 1


@pytest.mark.parametrize("lifetime", [10, 30, 59, 60, 61, 119, 120, 121, 300, 600])
def test_short_lifetimes_are_refreshed_at_most_twice_each(lifetime: int) -> None:
    world = World(pairs(lifetime=lifetime), token=first_token(lifetime=lifetime))
    for _ in range(3 * lifetime):
        world.call()
        world.clock.advance(1)
    assert len(world.presented) <= 6


# A 401 from the resource server


def test_a_401_leads_to_one_refresh_and_one_retry() -> None:
    world, seen = World(), list[str]()

    def resource(token: ClientToken) -> str:
        seen.append(token.access_token)
        if token.access_token == "AT1":
            raise InvalidToken
        return "content"

    assert world.engine.handler.execute(world.token_id, resource) == "content"
    assert (seen, world.presented) == (["AT1", "AT2"], ["RT1"])
    assert world.stored.health.rejections == 0


def test_a_401_that_refreshing_does_not_cure_ends_in_failure_and_is_not_refreshed_on_each_call() -> None:
    world, seen = World(), list[str]()

    def resource(token: ClientToken) -> None:
        seen.append(token.access_token)
        raise InvalidToken

    for _ in range(20):
        before = len(seen)
        with pytest.raises(InvalidToken):
            world.engine.handler.execute(world.token_id, resource)
        assert len(seen) - before <= 2
        world.clock.advance(10)
    assert len(world.presented) <= 4


def test_a_401_for_a_token_another_caller_has_replaced_costs_no_refresh() -> None:
    world = World()

    def resource(token: ClientToken) -> str:
        if token.access_token == "AT1":
            world.another_engine("node-b").handler.get_refreshed_token(world.token_id, force=True)
            raise InvalidToken
        return token.access_token

    assert world.engine.handler.execute(world.token_id, resource) == "AT2"
    assert world.presented == ["RT1"]


def test_a_refused_cure_asks_the_user_and_the_dead_access_token_is_not_sent_again() -> None:
    world, seen = World(refused()), list[str]()

    def resource(token: ClientToken) -> None:
        seen.append(token.access_token)
        raise InvalidToken

    for _ in range(3):
        with pytest.raises(ReauthorizationRequired):
            world.engine.handler.execute(world.token_id, resource)
    assert (seen, world.presented) == (["AT1"], ["RT1"])


# Refusals, outages and alarms


def test_a_refused_grant_is_probed_daily_and_unrecoverable_by_the_attempt_at_seven_days() -> None:
    """C-12 and ST-05: day 0 and day 6 recoverable, day 7 unrecoverable, and no request ever after."""
    world = World(refused())
    world.clock.advance(DUE)
    seen = []
    for day in range(9):
        for hour in (0, 1, 23):
            with pytest.raises(ReauthorizationRequired):
                world.call()
            seen.append((day, hour, world.stored.health.status, len(world.presented)))
            world.clock.advance({0: 1, 1: 22, 23: 1}[hour] * 3600)
    by_day = {day: (status, count) for day, hour, status, count in seen if hour == 0}
    assert by_day[0] == (Status.RECOVERABLE, 1)
    assert by_day[6] == (Status.RECOVERABLE, 7)
    assert by_day[7] == (Status.UNRECOVERABLE, 8)
    assert by_day[8] == (Status.UNRECOVERABLE, 8)


def test_a_success_starts_the_failing_period_over() -> None:
    world = World(refused(), pairs(), refused())
    world.clock.advance(DUE)
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired):
            world.call()
    world.clock.advance(3 * 86_400)
    assert world.call() == "AT2"
    assert world.stored.health == Health(status=Status.VALID)
    world.clock.advance(5 * 86_400)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert world.stored.health.status is Status.RECOVERABLE
    assert world.stored.health.failing_since == world.clock.now()


def test_passing_time_alone_never_makes_a_token_unrecoverable() -> None:
    world = World(refused())
    world.clock.advance(DUE)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    world.clock.advance(8 * 86_400)
    assert world.stored.health.status is Status.RECOVERABLE


def test_a_refusal_after_the_local_expiry_is_unrecoverable_at_once() -> None:
    world = World(refused())
    world.clock.advance(31 * 86_400)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert world.stored.health.status is Status.UNRECOVERABLE


def test_a_user_may_probe_a_refused_grant_before_its_pause_is_over() -> None:
    world = World(refused(), pairs())
    world.clock.advance(DUE)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert world.engine.handler.get_refreshed_token(world.token_id, force=True).access_token == "AT2"


def test_a_probe_that_fails_in_another_way_leaves_a_refused_grant_refused() -> None:
    world = World(refused(), httpx.Response(503))
    world.clock.advance(DUE)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    with pytest.raises(TransientTokenError):
        world.engine.handler.get_refreshed_token(world.token_id, force=True)
    world.clock.advance(3_600)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert len(world.presented) == 2


def test_authorizing_again_replaces_the_token_and_clears_its_status() -> None:
    world = World(refused())
    world.clock.advance(31 * 86_400)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    fresh = first_token(now=world.clock.now(), access_token="AT9", refresh_token="RT9")
    world.engine.tokens.save(ClientTokenEntity.of(fresh, config_id=world.configuration.id, id=world.token_id))
    assert world.stored.health.status is Status.UNKNOWN
    assert world.call() == "AT9"


def test_listeners_are_told_of_every_move_of_a_status() -> None:
    world = World(pairs(), httpx.Response(503), refused(401, "invalid_client"))
    told: list[tuple[Status, Event]] = []
    world.engine.listeners.append(lambda move: told.append((move.status, move.event)))
    world.clock.advance(DUE)
    world.call()
    world.clock.advance(DUE)
    world.call()
    world.clock.advance(3_600)
    with pytest.raises(ClientConfigurationAlarm):
        world.call()
    fresh = first_token(now=world.clock.now())
    world.engine.tokens.save(ClientTokenEntity.of(fresh, config_id=world.configuration.id, id=world.token_id))
    moved = replace(world.configuration, token_endpoint="https://elsewhere.example/token")
    world.engine.configurations.save(moved)
    assert told == [
        (Status.UNKNOWN, Event.SUCCEEDED),
        (Status.VALID, Event.FAILED),
        (Status.RECOVERABLE, Event.ALARMED),
        (Status.RECOVERABLE, Event.AUTHORIZED),
        (Status.UNKNOWN, Event.RETIRED),
    ]
    assert world.stored.health.status is Status.UNRECOVERABLE


def test_without_refresh_token_no_request_is_made_and_the_user_is_asked_at_expiry() -> None:
    world = World(token=first_token(refresh_token=None, refresh_token_expiration=None))
    assert world.call() == "AT1"
    world.clock.advance(3601)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert world.endpoint.requests == []


OUTAGES = [
    httpx.Response(500, html="<p>oops"), httpx.Response(503, json={"error": "temporarily_unavailable"}),
    httpx.Response(429), httpx.Response(403, html="<p>blocked"), httpx.ConnectError("refused"),
    httpx.Response(400, json={"error": "x", "error_description": "token request is already being processed"}),
    httpx.Response(302, headers={"location": "https://evil.example/?x=1"}),
]  # fmt: skip


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: repr(outage)[:24])
def test_an_outage_keeps_the_grant_within_bounded_requests_and_ends_within_ten_minutes(outage: Any) -> None:
    world = World(outage)
    world.clock.advance(3601)
    began = world.clock.now()
    while world.clock.now() - began < 1800 * SECOND:
        with pytest.raises(TransientTokenError) as caught:
            world.call()
        assert caught.value.retry_at > world.clock.now()
        world.clock.advance(10)
    assert 3 <= len(world.presented) <= 60
    world.endpoint.script = [pairs()]
    world.clock.advance(600)
    assert world.call() == "AT2"
    assert set(world.presented) == {"RT1"}


def test_a_valid_access_token_stays_usable_while_refreshing_fails() -> None:
    world = World(httpx.Response(503))
    world.clock.advance(DUE)
    for _ in range(11):
        assert world.call() == "AT1"
        world.clock.advance(10)
    assert len(world.presented) <= 6


@pytest.mark.parametrize(
    ("value", "wait"), [("120", 120), ("Fri, 15 Jan 2027 09:02:01 GMT", 120), ("1000000000", 86_400)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for_in_both_forms_up_to_a_day(status: int, value: str, wait: int) -> None:
    world = World(httpx.Response(status, headers={"Retry-After": value}), pairs())
    world.clock.advance(3601)
    for second in (0, 1, 30, wait - 1):
        world.clock.instant = START + (3601 + second) * SECOND
        with pytest.raises(TransientTokenError):
            world.call()
    assert len(world.presented) == 1
    world.clock.instant = START + (3601 + wait + 1) * SECOND
    assert world.call() == "AT2"


def test_pauses_grow_and_two_seeds_differ() -> None:
    """Backoff with jitter: the retries of many clients spread."""

    def times(seed: int) -> list[int]:
        world = World(httpx.Response(503), seed=seed)
        world.clock.advance(3601)
        found: list[int] = []
        for second in range(3600):
            with pytest.raises(TransientTokenError):
                world.call()
            if len(world.presented) > len(found):
                found.append(second)
            world.clock.advance(1)
        return found

    first, second = times(1), times(2)
    gaps = [later - earlier for earlier, later in pairwise(first)]
    assert gaps[0] < gaps[2] < gaps[4] <= 360
    assert first != second


@pytest.mark.parametrize(
    "refusal",
    [refused(401, "invalid_client"), refused(401, "access_denied"), refused(400, "unauthorized_client")],
)
def test_a_refused_client_is_one_alarm_for_all_its_grants_which_are_kept(refusal: httpx.Response) -> None:
    """Ten grants, two hours of calls with a wrong secret: at most sixty requests, then all work again."""
    world = World(refusal)
    ids = [world.token_id]
    for number in range(9):
        token = first_token(access_token=f"AT1-{number}", refresh_token=f"RT1-{number}")
        entity = ClientTokenEntity.of(token, config_id=world.configuration.id)
        ids.append(world.engine.tokens.save(entity).id)
    world.clock.advance(3601)
    for _ in range(120):
        for token_id in ids:
            with pytest.raises(ClientConfigurationAlarm):
                world.engine.handler.get_refreshed_token(token_id)
        world.clock.advance(60)
    assert len(world.presented) <= 60
    world.endpoint.script = [pairs()]
    world.engine.configurations.save(world.configuration)
    assert all(world.engine.handler.get_refreshed_token(token_id).generation == 2 for token_id in ids)


def test_an_undocumented_refusal_asks_the_user_by_the_fifth_time() -> None:
    world = World(refused(400, "invalid_request"))
    world.clock.advance(3601)
    kinds = []
    for _ in range(360):
        with pytest.raises((TransientTokenError, ReauthorizationRequired)) as caught:
            world.call()
        kinds.append(type(caught.value))
        world.clock.advance(10)
    assert len(world.presented) == 5
    assert kinds[-1] is ReauthorizationRequired


# Ambiguous failures


LOSSES = [
    httpx.ReadTimeout(""), httpx.ReadError(""), httpx.RemoteProtocolError(""), httpx.Response(504),
    httpx.Response(200, content=b'{"access_token": "AT2", "ref'), httpx.Response(200, html="<p>"),
]  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: repr(loss)[:24])
def test_a_lost_answer_is_replayed_once_within_seconds(loss: Any) -> None:
    world = World(loss, pairs())
    world.clock.advance(3601)
    assert world.call() == "AT2"
    assert world.presented == ["RT1", "RT1"]
    assert world.clock.now() - START < (3601 + 5) * SECOND


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: repr(loss)[:24])
def test_a_second_lost_answer_makes_the_token_failing_and_is_not_repeated_at_once(loss: Any) -> None:
    world = World(loss)
    world.clock.advance(3601)
    began = world.clock.now()
    while world.clock.now() - began < 1200 * SECOND:
        with pytest.raises(TransientTokenError):
            world.call()
        world.clock.advance(10)
    assert world.presented == ["RT1"] * 3, "after the first commit at most two more presentations"
    assert world.stored.health.failure is FailureKind.AMBIGUOUS


def test_a_request_that_never_left_is_sent_again_and_is_no_presentation() -> None:
    world = World(httpx.ConnectError(""), httpx.ConnectTimeout(""), pairs())
    world.clock.advance(3601)
    assert world.call() == "AT2"


def test_an_answer_after_the_total_deadline_is_lost() -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"]["read"] == 120
        world.clock.advance(120.000001)
        return pairs()(request)

    world = World(slow, pairs())
    world.clock.advance(3601)
    world.call()
    assert world.presented == ["RT1", "RT1"]


def test_an_endless_body_is_cut_off() -> None:
    padded = ok(access_token="AT9", expires_in=3600).content.ljust(LARGEST_BODY + 1)
    world = World(httpx.Response(200, content=padded), pairs())
    world.clock.advance(3601)
    assert world.call() == "AT2", "the padded answer counts as lost and is replayed"


def test_a_dripping_body_is_cut_at_the_total_deadline() -> None:
    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            for _ in range(3600):
                world.clock.advance(1)
                yield b" "

    world = World(lambda _: httpx.Response(200, stream=Drip()), pairs())
    world.clock.advance(3601)
    assert world.call() == "AT2"
    assert world.clock.now() <= START + (3601 + 122 + 1) * SECOND


def test_redirects_are_not_followed_even_by_a_client_that_would() -> None:
    world = World(httpx.Response(307, headers={"location": "https://evil.example/token"}))
    world.http.follow_redirects = True
    world.clock.advance(3601)
    with pytest.raises(TransientTokenError, match=r"https://evil\.example,"):
        world.call()
    assert {request.url.host for request in world.endpoint.requests} == {"authorizationserver.com"}


# The request


@pytest.mark.parametrize("body", BodyFormat)
@pytest.mark.parametrize("authentication", ClientAuthentication)
def test_the_refresh_request_has_one_client_authentication_and_no_empty_parameter(
    body: BodyFormat, authentication: ClientAuthentication
) -> None:
    signs = authentication is ClientAuthentication.PRIVATE_KEY_JWT
    secret = CLIENT_KEY if signs else "a+b%c:d/=\u00fc"
    world = World(
        pairs(),
        client_secret=secret,
        body_format=body,
        client_authentication=authentication,
        token_parameters={"audience": "api", "nothing": ""},
    )
    world.clock.advance(3601)
    world.call()
    sent, request = world.endpoint.parameters[0], world.endpoint.requests[0]
    expected = {"grant_type": "refresh_token", "refresh_token": "RT1", "audience": "api"}
    basic = request.headers.get("authorization", "")
    if authentication is ClientAuthentication.BASIC:
        halves = base64.b64decode(basic.removeprefix("Basic ")).decode().split(":")
        assert [unquote_plus(half) for half in halves] == ["someclientid", secret]
    else:
        assert not basic
        expected["client_id"] = "someclientid"
    if authentication is ClientAuthentication.POST:
        expected["client_secret"] = secret
    if signs:
        expected |= {name: sent[name] for name in ("client_assertion", "client_assertion_type")}
    assert sent == expected
    assert request.method == "POST"
    assert request.headers["accept"] == "application/json"
    assert secret not in str(request.url)


def test_a_provider_with_its_own_refresh_url_and_parameters_gets_them() -> None:
    uri = "https://client.example/cb"
    world = World(refresh_endpoint="https://other.example/refresh", refresh_parameters={"redirect_uri": uri})
    world.clock.advance(3601)
    world.call()
    assert str(world.endpoint.requests[0].url) == "https://other.example/refresh"
    assert world.endpoint.parameters[0]["redirect_uri"] == uri


# The services that save nothing (C-35, C-36)


def test_force_refresh_always_asks_and_saves_nothing() -> None:
    world = World()
    for _ in range(2):
        token = world.engine.service.force_refresh(world.configuration, world.stored)
        assert token.refresh_token is not None
        assert world.stored.refresh_token == "RT1"
    assert world.presented == ["RT1", "RT1"]


@pytest.mark.parametrize(
    ("margin", "at", "requests"), [(0, 10, 0), (0, DUE, 1), (60, 10, 0), (86_400, 10, 1), (1e9, 1800, 1)]
)
def test_refresh_if_needed_saves_nothing(margin: float, at: int, requests: int) -> None:
    world = World()
    world.clock.advance(at)
    token = world.engine.service.refresh_if_needed(world.configuration, world.stored, margin)
    assert len(world.presented) == requests
    assert world.stored.refresh_token == "RT1"
    assert token.refresh_token == ("RT2" if requests else "RT1")


@pytest.mark.parametrize("margin", [86_400, timedelta(days=1)])
def test_the_page_s_margin_of_a_day_is_taken_whole_however_short_a_token_lives(margin: float | timedelta) -> None:
    """Seed 003 asks for `Duration.ofDays(1)`: a token that lives an hour is never good for a day more."""
    world = World()
    found = world.engine.service.refresh_if_needed(world.configuration, world.stored, margin)
    assert found.access_token == "AT2"


@pytest.mark.parametrize("margin", [-1, timedelta(seconds=-1), float("inf"), float("nan")])
def test_a_margin_that_cannot_be_is_refused(margin: float | timedelta) -> None:
    world = World()
    with pytest.raises(ValueError, match="expected 0 to"):
        world.engine.service.refresh_if_needed(world.configuration, world.stored, margin)
    assert world.presented == []


def test_a_margin_of_a_day_refreshes_a_long_lived_token_a_day_earlier() -> None:
    world = World(token=first_token(lifetime=3 * 86_400))
    world.clock.advance(2 * 86_400 - 121)
    assert world.engine.service.refresh_if_needed(world.configuration, world.stored, 86_400).access_token == "AT1"
    world.clock.advance(1)
    assert world.engine.service.refresh_if_needed(world.configuration, world.stored, 86_400).access_token == "AT2"


def test_get_refreshed_token_stores_what_it_returns() -> None:
    world = World()
    world.clock.advance(3601)
    assert world.engine.handler.get_refreshed_token(world.token_id) == world.stored


def test_force_refresh_tells_why_it_failed_and_by_whose_fault() -> None:
    for reply, error in (
        (refused(), ReauthorizationRequired),
        (httpx.Response(503), TransientTokenError),
        (refused(401, "invalid_client"), ClientConfigurationAlarm),
    ):
        world = World(reply)
        with pytest.raises(error):
            world.engine.service.force_refresh(world.configuration, world.stored)


# Odd token types


def test_a_token_of_unknown_type_is_kept_but_not_presented_until_it_is_declared() -> None:
    world = World(pairs(token_type="User Access Token"))
    world.clock.advance(3601)
    with pytest.raises(ClientConfigurationAlarm, match="bearerTokenTypes"):
        world.call()
    assert world.stored.refresh_token == "RT2"
    world.engine.configurations.save(
        type(world.configuration)(
            **{**vars(world.configuration), "bearer_token_types": ("user access token",)}  # a declared type
        )
    )
    assert world.call() == "AT2"


@pytest.mark.parametrize("token_type", ["bearer", "BEARER", None])
def test_bearer_is_compared_without_case_and_absent_is_bearer(token_type: str | None) -> None:
    world = World(pairs(token_type=token_type))
    world.clock.advance(3601)
    assert world.call() == "AT2"


# Several callers, nodes and lives


@pytest.mark.parametrize("storage", [MemoryStorage, SqlStorage])
def test_two_hundred_threads_on_one_token_make_one_request(storage: Callable[[], Storage]) -> None:
    """C-09, on real threads."""
    clock = ManualClock(START + 3601 * SECOND)
    world = World(clock=clock, token=first_token(now=START), storage=storage())
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(world.call())) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["AT2"] * 200
    assert world.presented == ["RT1"]
    world.engine.close()


def test_sixty_five_tokens_on_one_stripe_all_succeed() -> None:
    world = World(settings=Settings(default_monitor_stripe_count=1))
    for number in range(64):
        token = first_token(access_token=f"AT1-{number}", refresh_token=f"RT1-{number}")
        world.engine.tokens.save(ClientTokenEntity.of(token, config_id=world.configuration.id))
    world.clock.advance(3601)
    refreshed = [world.engine.handler.get_refreshed_token(one.id) for one in world.engine.tokens.list()]
    assert len({token.access_token for token in refreshed}) == 65


def test_waiting_callers_share_a_failure() -> None:
    world = World(httpx.Response(503))
    world.clock.advance(3601)
    for _ in range(8):
        with pytest.raises(TransientTokenError):
            world.call()
    assert len(world.presented) == 1


@pytest.mark.parametrize("apart", [-60, -59, 60])
def test_nodes_a_minute_apart_share_a_token_without_refreshing_in_turns(apart: int) -> None:
    """C-04: calls alternate for four hours; no expired token is handed out."""
    world, ahead = World(), ManualClock(START + apart * SECOND)
    engines = [world.engine, world.another_engine("node-b", clock=ahead)]
    issued = START
    for turn in range(480):
        engine = engines[turn % 2]
        before = len(world.presented)
        token = engine.handler.get_refreshed_token(world.token_id)
        if len(world.presented) > before:
            issued = world.clock.now()
        assert world.clock.now() < issued + 3600 * SECOND
        assert token.access_token == world.stored.access_token
        world.clock.advance(30)
        ahead.advance(30)
    assert len(world.presented) <= 5


def test_another_node_s_lease_is_waited_out_and_then_replayed_once() -> None:
    """A holder that died is another node's business only after the server delay and the clock skew."""
    world = World()
    world.clock.advance(3601)
    dead = world.another_engine("node-b")
    world.storage.mark(world.stored, dead.policy.lease(world.clock.now()))
    began = world.clock.now()
    assert world.call() == "AT2"
    assert 180 * SECOND < world.clock.now() - began < 185 * SECOND


@pytest.mark.parametrize(("later", "endpoint"), [(5, pairs()), (599, pairs()), (601, refused(403))])
def test_after_a_crash_the_node_replays_at_once_and_once(later: int, endpoint: Any) -> None:
    """REF-09: the marker tells the next life; the replay comes before the token is even due."""
    world = World(endpoint)
    world.storage.mark(world.stored, world.engine.policy.lease(world.clock.now()))
    world.clock.advance(later)
    reborn = world.another_engine("node-a")
    assert reborn.recover() == 1
    assert world.presented == ["RT1"]
    assert reborn.recover() == 0
    if later == 601:
        with pytest.raises(ReauthorizationRequired):
            reborn.handler.get_refreshed_token(world.token_id)
        assert world.presented == ["RT1"]


def test_a_replay_after_a_crash_whose_answer_is_lost_too_is_not_replayed_again() -> None:
    world = World(httpx.ReadTimeout(""))
    world.storage.mark(world.stored, world.engine.policy.lease(world.clock.now()))
    assert world.another_engine("node-a").recover() == 1
    assert world.presented == ["RT1"]


def test_two_callers_who_force_a_refresh_at_once_share_one() -> None:
    """The second one has read the token before the first one's refresh, and gets the lock after it."""
    world = World()
    second = ensure(world.token_id, Wish(force=True), world.engine.policy)
    assert isinstance(next(second), Load)
    assert isinstance(second.send(world.storage.load(world.token_id)), Now)
    assert isinstance(second.send(world.clock.now()), Acquire)
    world.engine.handler.get_refreshed_token(world.token_id, force=True)
    assert isinstance(second.send(None), Kept)
    assert isinstance(second.send(None), Load)
    assert isinstance(second.send(world.storage.load(world.token_id)), Now)
    assert isinstance(second.send(world.clock.now()), Release)
    with pytest.raises(StopIteration) as done:
        second.send(None)
    assert done.value.value.access_token == "AT2"


def test_a_late_answer_does_not_overwrite_a_new_authorization() -> None:
    def reauthorized_meanwhile(request: httpx.Request) -> httpx.Response:
        fresh = first_token(now=world.clock.now(), access_token="AT9", refresh_token="RT9")
        world.engine.tokens.save(ClientTokenEntity.of(fresh, config_id=world.configuration.id, id=world.token_id))
        return pairs()(request)

    world = World(reauthorized_meanwhile)
    world.clock.advance(3601)
    assert world.call() == "AT9"
    assert world.stored.refresh_token == "RT9"


def test_a_refusal_of_a_replaced_token_is_no_refusal_of_the_new_one() -> None:
    def rotated_elsewhere(_: httpx.Request) -> httpx.Response:
        fresh = first_token(now=world.clock.now(), access_token="AT9", refresh_token="RT9")
        world.engine.tokens.save(ClientTokenEntity.of(fresh, config_id=world.configuration.id, id=world.token_id))
        return refused()

    world = World(rotated_elsewhere)
    world.clock.advance(3601)
    assert world.call() == "AT9"
    assert world.stored.health.status is Status.UNKNOWN


def test_a_token_deleted_during_its_refresh_stays_deleted() -> None:
    def deleted_meanwhile(request: httpx.Request) -> httpx.Response:
        world.engine.tokens.delete(world.token_id)
        return pairs()(request)

    world = World(deleted_meanwhile)
    world.clock.advance(3601)
    with pytest.raises(NotFoundError):
        world.call()
    assert world.engine.tokens.list() == []


class FailingStorage(MemoryStorage):
    """Refuses the next so many writes of a token that carries a new pair."""

    refusals = 0

    def replace_token(self, token: ClientTokenEntity) -> ClientTokenEntity | None:
        if self.refusals and token.lease is None:
            self.refusals -= 1
            raise StorageError("the database failed: disk full")
        return super().replace_token(token)


@pytest.mark.parametrize(("writes", "visible"), [(1, False), (2, False), (5, True)])
def test_a_pair_that_cannot_be_written_is_kept_and_written_before_it_is_used(writes: int, visible: bool) -> None:
    storage = FailingStorage()
    world = World(storage=storage)
    world.clock.advance(3601)
    storage.refusals = writes
    if visible:
        with pytest.raises(StorageError):
            world.call()
        assert (world.stored.access_token, world.stored.refresh_token) == ("AT1", "RT1")
        with pytest.raises(StorageError):
            world.call()
    assert world.call() == "AT2"
    assert (world.stored.access_token, world.stored.refresh_token) == ("AT2", "RT2")
    assert world.presented == ["RT1"]


def test_changing_the_token_endpoint_keeps_the_tokens_from_the_new_server() -> None:
    world = World()
    changed = {**vars(world.configuration), "token_endpoint": "https://evil.example/token"}
    world.engine.configurations.save(type(world.configuration)(**changed))
    world.clock.advance(3601)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert world.endpoint.requests == []


def test_no_error_or_repr_shows_a_secret() -> None:
    secrets = ("RT1-long-refresh-token", "AT1-long-access-token", "secretP4ssw0rd")
    token = first_token(refresh_token=secrets[0], access_token=secrets[1])
    for reply in (refused(error_description=" ".join(secrets)), httpx.Response(503, text=" ".join(secrets))):
        world = World(reply, token=token)
        world.clock.advance(3601)
        with pytest.raises((ReauthorizationRequired, TransientTokenError)) as caught:
            world.call()
        shown = f"{caught.value!r} {caught.value} {world.stored!r} {world.configuration!r}"
        assert not any(secret[:12] in shown for secret in secrets)


def test_two_days_of_calls_every_minute_cost_about_one_request_per_lifetime() -> None:
    world = World()
    for _ in range(2880):
        world.call()
        world.clock.advance(60)
    assert 48 <= len(world.presented) <= 52
    assert world.clock.now() == START + 2 * DAY
