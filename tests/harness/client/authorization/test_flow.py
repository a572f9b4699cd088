"""The authorization flow: requests per provider type, which callbacks are taken, limits in time, and results."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.client_engine import BASE, SESSION, START, World, ok, pairs, query, refused
from refreshproof.harness.client import (
    SECOND,
    BodyFormat,
    ClientConfiguration,
    ClientToken,
    ConfigurationError,
    FlowError,
    FlowRequest,
    MemoryStorage,
    ProviderType,
    Settings,
    Status,
    StorageError,
)
from refreshproof.harness.client.model.settings import key

DAY = 86_400
TOO_SHORT = "Refresh token is not present and access token lifetime is too short."


def landing(flow_id: str) -> str:
    return f"https://client.example/landing/{flow_id}"


class Flow:
    """One flow of a world, begun and not yet called back."""

    def __init__(self, world: World) -> None:
        self.world, self.flows = world, world.engine.flows
        self.request = self.flows.create(SESSION, world.configuration, landing)
        self.url = self.flows.start(SESSION, self.request.id)
        self.sent = query(self.url)

    def callback_url(self, **parameters: str) -> str:
        return f"{self.sent['redirect_uri']}?{urlencode({'code': 'CODE', 'state': self.sent['state'], **parameters})}"

    def callback(self, session: str = SESSION, **parameters: str) -> FlowRequest:
        return self.flows.callback(session, self.callback_url(**parameters))

    def result(self) -> Any:
        return self.flows.get_flow_request(SESSION, self.request.id)


def authorization_request(**changes: Any) -> dict[str, str]:
    return Flow(World(**changes)).sent


def test_the_authorization_request_is_complete_and_names_each_parameter_once() -> None:
    sent = authorization_request()
    assert sent["response_type"] == "code"
    assert sent["client_id"] == "someclientid"
    assert sent["scope"] == "offline_access Mail.Read"
    assert sent["redirect_uri"].startswith(BASE + "/")
    assert sent["code_challenge_method"] == "S256"


def test_generic_sends_select_account_and_nothing_of_google_s_and_adds_no_scope() -> None:
    sent = authorization_request(scopes=("Mail.Read",))
    assert (sent["prompt"], sent["scope"]) == ("select_account", "Mail.Read")
    assert "access_type" not in sent


def test_google_gets_consent_and_offline() -> None:
    sent = authorization_request(provider_type=ProviderType.GOOGLE)
    assert "consent" in sent["prompt"].split(" ")
    assert sent["access_type"] == "offline"


@pytest.mark.parametrize("scopes", [("Mail.Read",), ("offline_access", "Mail.Read")])
def test_microsoft_gets_offline_access_exactly_once(scopes: tuple[str, ...]) -> None:
    sent = authorization_request(provider_type=ProviderType.MICROSOFT, scopes=scopes)
    assert sent["scope"].split(" ").count("offline_access") == 1
    assert sent["prompt"] == "select_account"


def test_generic_reaches_atlassian_with_extra_parameters_and_a_json_body() -> None:
    world = World(
        authorization_endpoint="https://auth.atlassian.com/authorize",
        token_endpoint="https://auth.atlassian.com/oauth/token",
        authorization_parameters={"audience": "api.atlassian.com", "prompt": "consent"},
        body_format=BodyFormat.JSON,
    )
    flow = Flow(world)
    assert (flow.sent["audience"], flow.sent["prompt"]) == ("api.atlassian.com", "consent")
    flow.callback()
    assert world.endpoint.requests[0].headers["content-type"] == "application/json"
    assert flow.result().indicates_success()


def google_rule(sent: dict[str, str]) -> bool:
    return sent.get("access_type") == "offline" and "consent" in sent.get("prompt", "").split(" ")


def offline_scope_rule(sent: dict[str, str]) -> bool:
    return "offline_access" in sent["scope"].split(" ")


@pytest.mark.parametrize(
    ("rule", "kind", "scopes", "fine"),
    [
        (google_rule, ProviderType.GOOGLE, ("openid",), True),
        (google_rule, ProviderType.GENERIC, ("openid",), False),
        (offline_scope_rule, ProviderType.MICROSOFT, ("Mail.Read",), True),
        (offline_scope_rule, ProviderType.MICROSOFT, ("offline_access", "Mail.Read"), True),
        (offline_scope_rule, ProviderType.GENERIC, ("Mail.Read",), False),
        (offline_scope_rule, ProviderType.GENERIC, ("offline_access", "read:jira-work"), True),
    ],
)
def test_each_vendor_s_rule_for_a_refresh_token_is_met_by_its_type_or_the_message_follows(
    rule: Callable[[dict[str, str]], bool], kind: ProviderType, scopes: tuple[str, ...], fine: bool
) -> None:
    world = World(provider_type=kind, scopes=scopes)
    flow = Flow(world)
    member = {"refresh_token": "RT"} if rule(flow.sent) else {}
    world.endpoint.script = [ok(access_token="AT", expires_in=3600, **member)]
    flow.callback()
    result = flow.result()
    assert result.indicates_success() is fine
    if not fine:
        assert result.to_error_result().message == TOO_SHORT


def test_adding_offline_access_and_testing_again_solves_the_problem() -> None:
    """The advice of seed 000 for other providers."""
    world = World(scopes=("read:jira-work",))
    for scopes, fine in ((("read:jira-work",), False), (("read:jira-work", "offline_access"), True)):
        changed = {**vars(world.configuration), "scopes": scopes}
        world.configuration = world.engine.configurations.save(ClientConfiguration(**changed))
        flow = Flow(world)
        member = {"refresh_token": "RT"} if offline_scope_rule(flow.sent) else {}
        world.endpoint.script = [ok(access_token="AT", expires_in=3600, **member)]
        flow.callback()
        assert flow.result().indicates_success() is fine


def test_an_empty_extra_parameter_takes_a_default_away() -> None:
    assert "prompt" not in authorization_request(authorization_parameters={"prompt": ""})


def test_parameters_of_the_endpoint_itself_stay_and_are_not_doubled() -> None:
    sent = authorization_request(authorization_endpoint="https://as.example/authorize?tenant=7&prompt=none")
    assert (sent["tenant"], sent["prompt"]) == ("7", "select_account")


def test_states_and_verifiers_are_fresh_unguessable_and_never_shared() -> None:
    world = World()
    sent = [Flow(world).sent for _ in range(64)]
    for name in ("state", "code_challenge"):
        values = {one[name] for one in sent}
        assert len(values) == 64
        assert all(len(value) == 43 for value in values)
        assert len({value[:8] for value in values}) == 64


def test_the_exchange_repeats_the_redirect_uri_and_proves_the_verifier() -> None:
    world = World()
    flow = Flow(world)
    flow.callback(code="a+b/c=" * 700, session_state="x", authuser="0")
    sent = world.endpoint.parameters[0]
    assert sent["code"] == "a+b/c=" * 700
    assert sent["grant_type"] == "authorization_code"
    assert sent["redirect_uri"] == flow.sent["redirect_uri"]
    digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == flow.sent["code_challenge"]
    assert 43 <= len(sent["code_verifier"]) <= 128


def test_with_pkce_switched_off_neither_challenge_nor_verifier_is_sent() -> None:
    world = World(pkce=False)
    flow = Flow(world)
    flow.callback()
    assert not {"code_challenge", "code_challenge_method"} & flow.sent.keys()
    assert "code_verifier" not in world.endpoint.parameters[0]


def test_one_redirect_uri_per_authorization_endpoint() -> None:
    first, second = (authorization_request(authorization_endpoint=f"https://{host}.example/") for host in "ab")
    assert first["redirect_uri"] != second["redirect_uri"]
    assert len(first["redirect_uri"].rsplit("/", 1)[1]) == 22


# Callbacks


def test_a_good_callback_leads_to_the_landing_page_and_a_result_that_is_read_once() -> None:
    flow = Flow(World())
    done = flow.callback()
    assert done.landing_url == landing(flow.request.id)
    result = flow.result()
    assert result.indicates_success()
    assert isinstance(result.to_success_result(), ClientToken)
    with pytest.raises(FlowError):
        result.to_error_result()
    with pytest.raises(FlowError):
        flow.result()


@pytest.mark.parametrize("state", ["", "unknown", "A" * 43])
def test_a_foreign_state_is_refused_and_the_pending_flow_goes_on(state: str) -> None:
    world = World()
    flow = Flow(world)
    with pytest.raises(FlowError):
        flow.callback(state=state)
    with pytest.raises(FlowError):
        flow.callback(state=state, error="access_denied")
    assert world.endpoint.requests == []
    flow.callback()
    assert flow.result().indicates_success()


def test_another_session_can_neither_deliver_the_callback_nor_start_nor_read_the_flow() -> None:
    """Login CSRF: the state is the attacker's, the browser the victim's."""
    world = World()
    flow = Flow(world)
    with pytest.raises(FlowError):
        flow.callback(session="somebody else")
    assert world.endpoint.requests == []
    flow.callback()
    with pytest.raises(FlowError):
        world.engine.flows.get_flow_request("somebody else", flow.request.id)
    assert flow.result().indicates_success()
    fresh = world.engine.flows.create(SESSION, world.configuration, landing)
    with pytest.raises(FlowError):
        world.engine.flows.start("somebody else", fresh.id)


def test_a_callback_is_taken_once_and_the_first_result_stays() -> None:
    world = World()
    flow = Flow(world)
    flow.callback()
    with pytest.raises(FlowError):
        flow.callback()
    assert len(world.endpoint.requests) == 1
    assert flow.result().indicates_success()


def test_a_callback_that_arrives_again_during_its_exchange_sends_nothing() -> None:
    def again(request: httpx.Request) -> httpx.Response:
        with pytest.raises(FlowError):
            flow.callback()
        return pairs()(request)

    world = World(again)
    flow = Flow(world)
    flow.callback()
    assert len(world.endpoint.requests) == 1


class RacingStorage(MemoryStorage):
    """Lets another delivery of the same callback in between the look at a flow and its write."""

    rival: Callable[[], object] | None = None

    def replace_flow(self, flow: FlowRequest) -> bool:
        if self.rival is not None and flow.state is None:
            rival, self.rival = self.rival, None
            rival()
        return super().replace_flow(flow)


def test_of_two_deliveries_of_a_callback_at_once_one_is_exchanged() -> None:
    storage = RacingStorage()
    world = World(storage=storage)
    flow = Flow(world)
    storage.rival = flow.callback
    with pytest.raises(FlowError, match="already used"):
        flow.callback()
    assert len(world.endpoint.requests) == 1
    assert flow.result().indicates_success()


@pytest.mark.parametrize("error", ["access_denied", "server_error", "temporarily_unavailable", "odd code"])
def test_an_error_callback_ends_the_flow_with_the_provider_s_error_even_beside_a_code(error: str) -> None:
    world = World()
    flow = Flow(world)
    done = flow.callback(error=error, error_description="No\r\nlog: forged <b>")
    assert done.landing_url == landing(flow.request.id)
    found = flow.result().to_error_result()
    assert found.error == error
    assert not set(found.description) & set("\r\n<>")
    assert world.endpoint.requests == []


ISSUER = "https://accounts.example"


@pytest.mark.parametrize(
    ("iss", "accepted"),
    [
        ("https://accounts.example", True), ("https://accounts.example/", False), ("https://ACCOUNTS.example", False),
        ("https://evil.example", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_iss_has_to_equal_the_expected_issuer_and_to_be_there_if_required(iss: str | None, accepted: bool) -> None:
    world = World(issuer=ISSUER, iss_required=True)
    flow = Flow(world)
    flow.callback(**({} if iss is None else {"iss": iss}))
    assert flow.result().indicates_success() is accepted
    assert len(world.endpoint.requests) == int(accepted)


def test_without_the_requirement_a_missing_iss_passes_and_a_wrong_one_does_not() -> None:
    world = World(issuer=ISSUER)
    for iss, requests in (({}, 1), ({"iss": "https://evil.example"}, 1)):
        Flow(world).callback(**iss)
        assert len(world.endpoint.requests) == requests


@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
def test_a_parameter_that_comes_twice_is_refused(name: str) -> None:
    world = World(issuer=ISSUER)
    flow = Flow(world)
    url = f"{flow.callback_url(iss=ISSUER)}&{name}=x&{name}=y"
    try:
        flow.flows.callback(SESSION, url)
    except FlowError:
        assert name == "state"
    assert world.endpoint.requests == []


def test_a_code_that_arrives_at_another_server_s_redirect_uri_is_not_sent() -> None:
    """Mix-up: Y's state with X's code, delivered at X's redirect URI."""
    world = World()
    flow = Flow(world)
    url = flow.callback_url().replace(flow.sent["redirect_uri"], world.engine.flows.redirect_uri("A" * 22))
    flow.flows.callback(SESSION, url)
    assert "redirect URI" in flow.result().to_error_result().message
    assert world.endpoint.requests == []


QUERIES = st.dictionaries(st.text(), st.text()).map(urlencode)
URLS = st.text() | st.builds("{}?{}".format, st.text(), QUERIES)


@given(URLS)
def test_any_callback_url_is_refused_without_a_token_request(url: str) -> None:
    world = World()
    flow = Flow(world)
    with pytest.raises(FlowError):
        world.engine.flows.callback(SESSION, url)
    assert world.endpoint.requests == []
    flow.callback()
    assert flow.result().indicates_success()


NAMES = st.sampled_from(["code", "state", "iss", "error", "error_description", "scope", "x"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=8))
def test_any_parameters_beside_the_genuine_state_end_in_one_result(extras: list[tuple[str, str]]) -> None:
    world = World()
    flow = Flow(world)
    url = f"{flow.sent['redirect_uri']}?{urlencode([('state', flow.sent['state']), *extras])}"
    if any(name == "state" for name, _ in extras):
        with pytest.raises(FlowError):
            world.engine.flows.callback(SESSION, url)
        return
    world.engine.flows.callback(SESSION, url)
    assert len(world.endpoint.requests) == int(flow.result().indicates_success())


# Order and limits in time (FLOW-01, FLOW-05)

SERVER, CLIENT = key("max_server_delay_seconds"), key("max_client_delay_seconds")


@pytest.mark.parametrize("server_delay", [120, 60_120])
@pytest.mark.parametrize("beyond", [0, 0.000001])
def test_the_callback_counts_until_exactly_the_server_delay(server_delay: int, beyond: float) -> None:
    world = World(settings=Settings(max_server_delay_seconds=server_delay))
    flow = Flow(world)
    world.clock.advance(server_delay + beyond)
    flow.callback()
    result = flow.result()
    assert result.indicates_success() is (not beyond)
    assert len(world.endpoint.requests) == int(not beyond)
    if beyond:
        assert SERVER in result.to_error_result().message


@pytest.mark.parametrize(("stall", "fine"), [(0, True), (59, True), (60, True), (61, False), (300, False)])
def test_the_code_is_not_sent_later_than_the_client_delay_after_the_callback(stall: int, fine: bool) -> None:
    world = World()
    flow = Flow(world)
    received_at = world.clock.now()
    world.clock.advance(stall)
    flow.flows.callback(SESSION, flow.callback_url(), received_at=received_at)
    result = flow.result()
    assert result.indicates_success() is fine
    assert len(world.endpoint.requests) == int(fine)
    if not fine:
        assert CLIENT in result.to_error_result().message


@pytest.mark.parametrize(("wait", "fine"), [(60, True), (61, False)])
def test_a_flow_is_started_and_its_result_read_within_the_client_delay(wait: int, fine: bool) -> None:
    world = World()
    flows = world.engine.flows
    request = flows.create(SESSION, world.configuration, landing)
    done = Flow(world)
    done.callback()
    world.clock.advance(wait)
    if fine:
        assert flows.start(SESSION, request.id)
        assert done.result().indicates_success()
        return
    with pytest.raises(FlowError, match=CLIENT):
        flows.start(SESSION, request.id)
    with pytest.raises(FlowError, match=CLIENT):
        done.result()
    with pytest.raises(FlowError):
        done.result()


def test_any_other_order_fails_and_ends_the_flow() -> None:
    world = World()
    flows = world.engine.flows
    twice = Flow(world)
    with pytest.raises(FlowError, match="started, not created"):
        flows.start(SESSION, twice.request.id)
    with pytest.raises(FlowError):
        twice.callback()
    early = flows.create(SESSION, world.configuration, landing)
    with pytest.raises(FlowError, match="created, not completed"):
        flows.get_flow_request(SESSION, early.id)
    with pytest.raises(FlowError):
        flows.start(SESSION, early.id)
    assert world.endpoint.requests == []


# Results (FLOW-06, FLOW-07, TOK-07, TOK-08)


@pytest.mark.parametrize(
    ("lifetime", "refresh", "accepted"),
    [
        (30 * DAY, False, True), (31 * DAY, False, True), (30 * DAY - 1, False, False), (3600, False, False),
        (None, False, False), (60, True, True), (1, True, True), (None, True, True), (0, True, True),
    ],
)  # fmt: skip
def test_a_token_without_refresh_token_has_to_live_thirty_days(
    lifetime: int | None, refresh: bool, accepted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    members = {"refresh_token": "RT"} if refresh else {}
    world = World(ok(access_token="AT", expires_in=lifetime, **members))
    flow = Flow(world)
    with caplog.at_level(logging.ERROR):
        flow.callback()
    result = flow.result()
    assert result.indicates_success() is accepted
    if not accepted:
        assert result.to_error_result().message == TOO_SHORT
        line = f"Error occurred while authorizing an integration. The error message is: {TOO_SHORT}"
        assert line in caplog.messages


@pytest.mark.parametrize(("days", "lifetime", "accepted"), [(1, DAY, True), (1, DAY - 1, False), (0, 60, True)])
def test_the_minimum_lifetime_setting_decides(days: int, lifetime: int, accepted: bool) -> None:
    settings = Settings(minimum_access_token_only_lifetime_days=days)
    flow = Flow(World(ok(access_token="AT", expires_in=lifetime), settings=settings))
    flow.callback()
    assert flow.result().indicates_success() is accepted


def test_the_rule_does_not_apply_to_a_refresh() -> None:
    world = World(ok(access_token="AT2", expires_in=60))
    world.clock.advance(3601)
    assert world.call() == "AT2"


@pytest.mark.parametrize(
    ("changes", "useful", "useless"),
    [
        (
            {"authorization_endpoint": "https://127.0.0.1:8001/o/oauth2/v2/auth", "scopes": ("openid",)},
            "GOOGLE type",
            ("offline_access", "3LO", "MICROSOFT"),
        ),
        (
            {"authorization_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"},
            "MICROSOFT type",
            ("GOOGLE", "3LO"),
        ),
        (
            {"authorization_endpoint": "https://127.0.0.1:8001/authorize", "scopes": ("read:jira-work",)},
            "3LO application",
            ("GOOGLE", "MICROSOFT"),
        ),
    ],
)
def test_a_custom_configuration_is_advised_for_the_server_it_shows_to_be_for(
    changes: dict[str, Any], useful: str, useless: tuple[str, ...]
) -> None:
    flow = Flow(World(ok(access_token="AT", expires_in=3600), **changes))
    flow.callback()
    advice = flow.result().to_error_result().diagnosis[1:]
    assert any(useful in line for line in advice)
    assert not [line for line in advice for word in useless if word in line]


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({}, ["GOOGLE type", "MICROSOFT type", "prompt=select_account"]),
        ({"scopes": ("read:me",)}, ["offline_access was not requested"]),
        ({"provider_type": ProviderType.GOOGLE}, ["access_type=offline", "consent screen"]),
        ({"provider_type": ProviderType.MICROSOFT}, ["offline_access was sent"]),
        (
            {"authorization_endpoint": "https://auth.atlassian.com/authorize", "scopes": ("read:jira-work",)},
            ["3LO application", "issuing refresh tokens", "offline_access was not requested"],
        ),
        (
            {
                "authorization_endpoint": "https://gateway.example.com/authorize",
                "authorization_parameters": {"audience": "api.atlassian.com"},
            },
            ["3LO application", "issuing refresh tokens"],
        ),
    ],
)
def test_the_diagnosis_says_what_was_sent_what_is_missing_and_which_setting_bears_on_it(
    changes: dict[str, Any], advice: list[str]
) -> None:
    flow = Flow(World(ok(access_token="AT", expires_in=3600), **changes))
    flow.callback()
    text = "\n".join(flow.result().to_error_result().diagnosis)
    for sentence in [
        *advice,
        "Sent in the authorization request: scope=",
        key("minimum_access_token_only_lifetime_days"),
    ]:
        assert sentence in text


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refused(), "invalid_grant"),
        (refused(401, "invalid_client"), "invalid_client"),
        (httpx.ReadTimeout(""), "ReadTimeout"),
        (httpx.ConnectError(""), "ConnectError"),
        (httpx.Response(200, html="<p>"), "the answer is not a token response"),
        (refused(error_description="CODE-1234567 was used"), "invalid_grant"),
    ],
)
def test_a_failed_exchange_is_a_result_and_the_code_is_never_sent_twice(reply: Any, error: str) -> None:
    world = World(reply)
    flow = Flow(world)
    done = flow.callback(code="CODE-1234567")
    assert done.landing_url == landing(flow.request.id)
    found = flow.result().to_error_result()
    assert found.error == error
    assert found.diagnosis
    assert "CODE-1234567" not in repr(found)
    assert len(world.endpoint.requests) == 1


def test_one_call_reads_the_result_and_stores_its_token() -> None:
    world = World()
    flow = Flow(world)
    flow.callback()
    stored = world.engine.flows.save_result(SESSION, flow.request.id)
    assert (stored.config_id, stored.access_token, stored.refresh_token) == (world.configuration.id, "AT2", "RT2")
    assert world.engine.tokens.get_by_id_or_fail(stored.id) == stored


class DyingStorage(MemoryStorage):
    """Fails the next deletion of a flow, as a process that dies just before it."""

    dies = True

    def delete_flow(self, flow_id: str, version: int) -> bool:
        if self.dies:
            self.dies = False
            raise StorageError("the process died")
        return super().delete_flow(flow_id, version)


def test_a_crash_between_storing_the_token_and_spending_the_result_loses_and_doubles_nothing() -> None:
    world = World(storage=DyingStorage())
    flow = Flow(world)
    flow.callback()
    with pytest.raises(StorageError):
        world.engine.flows.save_result(SESSION, flow.request.id)
    stored = world.engine.flows.save_result(SESSION, flow.request.id)
    assert stored.refresh_token == "RT2"
    assert len(world.engine.tokens.list()) == 2, "the world's own token and the flow's"
    with pytest.raises(FlowError):
        world.engine.flows.save_result(SESSION, flow.request.id)


def test_a_new_authorization_takes_the_place_of_a_token_and_a_failed_one_leaves_it() -> None:
    world = World(ok(access_token="AT", expires_in=3600), pairs())
    failed = Flow(world)
    failed.callback()
    with pytest.raises(FlowError, match="too short"):
        world.engine.flows.save_result(SESSION, failed.request.id, world.token_id)
    assert world.stored.refresh_token == "RT1"
    flow = Flow(world)
    flow.callback()
    world.engine.flows.save_result(SESSION, flow.request.id, world.token_id)
    assert (world.stored.refresh_token, world.stored.health.status) == ("RT2", Status.UNKNOWN)


@pytest.mark.parametrize(
    ("granted", "warned"),
    [("c b a", False), ("a b c d", False), ("A b c", False), (None, False), ("a b", True)],
)
def test_a_missing_scope_is_reported_and_no_other_difference(granted: str | None, warned: bool) -> None:
    world = World(pairs(scope=granted), scopes=("offline_access", "a", "b", "c"))
    flow = Flow(world)
    flow.callback()
    result = flow.result()
    assert result.warnings == (("Not granted: c.",) if warned else ())
    assert result.indicates_success()


def test_http_base_urls_are_refused_naming_the_setting() -> None:
    world = World()
    with pytest.raises(ConfigurationError, match=key("skip_base_url_https_requirement")):
        type(world.engine)(storage=world.storage, http=world.http, base_url="http://client.example")
    relaxed = Settings(skip_base_url_https_requirement=True)
    engine = type(world.engine)(
        storage=world.storage, http=world.http, base_url="http://localhost:8000/", settings=relaxed
    )
    assert engine.base_url == "http://localhost:8000"


def test_expiry_of_an_exchanged_token_counts_from_sending() -> None:
    world = World(ok(access_token="AT", refresh_token="RT", expires_in=3600))
    flow = Flow(world)
    world.clock.advance(7)
    flow.callback()
    assert flow.result().to_success_result().access_token_expiration == START + 3607 * SECOND


def test_callback_parameters_are_decoded_as_forms() -> None:
    flow = Flow(World())
    url = f"{flow.sent['redirect_uri']}?state={flow.sent['state']}&code={quote('a b&c')}"
    flow.flows.callback(SESSION, url)
    assert flow.world.endpoint.parameters[0]["code"] == "a b&c"
