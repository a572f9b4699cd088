"""The control API without a socket: who may call it, what each operation does, and that nothing secret comes out."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator

from kit.control_examples import EXAMPLES
from kit.serving import ORIGIN, TOKEN, Browser, authorization_url, log_in, options, parameters, post, token_form
from refreshproof.mock_servers.profile.signing_key import CERTIFICATE
from refreshproof.mock_servers.provider.provider import CLIENT_SECRET
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.control.call import Operation
from refreshproof.mock_servers.serving.control.openapi import DOCUMENT_PATH, document
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.control.routes import find
from refreshproof.mock_servers.serving.control.values import as_date
from refreshproof.mock_servers.serving.control_port import Control
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START, RealClock, VirtualClock
from refreshproof.mock_servers.wire import DAY, HOUR, SECOND, WireRequest, WireResponse

JSON = ("Content-Type", "application/json")
BEARER = ("Authorization", f"Bearer {TOKEN}")
AT = "/v1/providers/generic"


class Api:
    """The control API of two vendors in virtual time."""

    def __init__(self, **changes: Any) -> None:
        chosen = options("generic", "atlassian", **changes)
        self.vendors = {vendor.name: Served(vendor, chosen, ORIGIN) for vendor in chosen.vendors}
        self.clock = VirtualClock()
        self.control = Control(self.vendors, self.clock, TOKEN)
        self.generic = self.vendors["generic"]

    def send(
        self, method: str, path: str, body: bytes = b"", *headers: tuple[str, str], host: str = "127.0.0.1"
    ) -> WireResponse:
        url = f"http://{host}:8002{path}"
        return self.control.answer(WireRequest(method=method, url=url, headers=headers, body=body))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        response = self.send(method, path, json.dumps(body).encode(), BEARER, JSON)
        assert response.status in (200, 201), (response.status, response.document)
        return response.document

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        response = self.send(method, path, json.dumps(body).encode(), BEARER, JSON)
        return response.status, response.document["error"]

    def refresh(self, refresh_token: str) -> WireResponse:
        form = token_form("refresh_token", refresh_token=refresh_token)
        return post(self.generic, f"{ORIGIN}/token", form, self.clock.now())


@pytest.fixture
def api() -> Api:
    return Api()


def test_a_call_without_a_token_is_401_and_with_another_403(api: Api) -> None:
    for path in ("/v1/clock", DOCUMENT_PATH, "/nothing"):
        bare = api.send("GET", path)
        assert (bare.status, bare.header("www-authenticate")) == (401, 'Bearer realm="refreshproof control"')
        assert api.send("GET", path, b"", ("Authorization", "Basic eDp5")).status == 401
        for other in ("", TOKEN[:-1], f"{TOKEN}x", "é"):
            assert api.send("GET", path, b"", ("Authorization", f"Bearer {other}")).status == 403
    assert api.send("GET", "/v1/clock", b"", BEARER).status == 200


def test_a_page_elsewhere_cannot_reach_it_under_a_name_of_its_own(api: Api) -> None:
    assert api.send("GET", "/v1/clock", b"", BEARER, host="rebound.example").status == 403
    assert api.send("GET", "/v1/clock", b"", BEARER, host="[::1]").status == 200


def test_the_clock_is_read_advanced_and_set(api: Api) -> None:
    start = {"mode": "virtual", "now": VIRTUAL_START, "date": as_date(VIRTUAL_START)}
    assert api.call("GET", "/v1/clock") == start
    assert api.call("POST", "/v1/clock/advance", {"seconds": 1.5})["now"] == VIRTUAL_START + 1_500_000
    assert api.call("PUT", "/v1/clock", {"date": as_date(VIRTUAL_START + DAY)})["now"] == VIRTUAL_START + DAY
    assert api.call("PUT", "/v1/clock", {"now": VIRTUAL_START + 2 * DAY})["now"] == VIRTUAL_START + 2 * DAY


def test_the_real_clock_runs_ahead_by_what_was_added() -> None:
    clock, reference = RealClock(), RealClock()
    clock.advance(3600)
    before = reference.now()
    assert HOUR <= clock.now() - before < HOUR + 600 * SECOND
    assert clock.wait(2.5) == 2.5


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"date": "2009-01-01T00:00:00Z"}, "does not go back"),
        ({"date": "2031-01-01T00:00:00"}, "expected a zone"),
        ({"date": "tomorrow"}, "ISO 8601"),
        ({"date": "9999-01-01T00:00:00Z"}, "the clock ends"),
        ({}, "minProperties"),
        ({"now": 1.5}, "now: found "),
        ({"noon": 1}, "unknown noon; allowed are now, date"),
    ],
)
def test_a_clock_cannot_be_set_to_nonsense(api: Api, body: Any, place: str) -> None:
    status, text = api.refused("PUT", "/v1/clock", body)
    assert status == 422
    assert place in text
    assert api.clock.now() == VIRTUAL_START


def test_a_queued_fault_strikes_so_often_and_is_gone(api: Api) -> None:
    token = log_in(api.generic)["refresh_token"]
    row = api.call("POST", f"{AT}/faults", {"fault": "status", "parameters": {"code": 503}, "times": 2})
    assert (row["number"], row["strikes"]) == (1, 0)
    assert [api.refresh(token).status for _ in range(2)] == [503, 503]
    assert api.call("GET", f"{AT}/faults") == []
    assert api.refresh(token).status == 200


def test_faults_are_taken_from_the_queue_one_after_the_other(api: Api) -> None:
    token = log_in(api.generic)["refresh_token"]
    for code in (503, 429):
        api.call("POST", f"{AT}/faults", {"fault": "status", "parameters": {"code": code}})
    assert [api.refresh(token).status for _ in range(3)] == [503, 429, 200]


def test_a_fault_is_for_the_client_view_and_grant_type_it_names(api: Api) -> None:
    token = log_in(api.generic)["refresh_token"]
    broken = {"fault": "status", "parameters": {"code": 503}, "times": None}
    api.call("POST", f"{AT}/faults", {**broken, "client_id": "somebody-else"})
    api.call("POST", f"{AT}/faults", {**broken, "grant_type": "authorization_code"})
    assert api.refresh(token).status == 200
    assert Browser(api.generic).open(authorization_url(api.generic)).status == 302
    api.call("POST", f"{AT}/faults", {**broken, "view": "authorization", "grant_type": None})
    assert Browser(api.generic).open(authorization_url(api.generic)).status == 503
    api.call("DELETE", f"{AT}/faults")
    assert Browser(api.generic).open(authorization_url(api.generic)).status == 302


def test_chance_is_repeatable_by_its_seed() -> None:
    def run(seed: int) -> list[int]:
        api = Api()
        token = log_in(api.generic)["refresh_token"]
        fault = {"fault": "status", "parameters": {"code": 503}, "times": None, "probability": 0.5, "seed": seed}
        api.call("POST", f"{AT}/faults", fault)
        answers = []
        for _ in range(40):
            response = api.refresh(token)
            answers.append(response.status)
            token = response.document.get("refresh_token", token) if response.document else token
        return answers

    assert run(1) == run(1) != run(2)
    assert 8 < run(1).count(503) < 32


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"fault": "drip-feed"}, 'fault: found "drip-feed" (string); '),
        ({"fault": "no-such"}, "Allowed: "),
        ({}, "fault is missing"),
        ({"fault": "status", "parameters": {"kode": 5}}, "kode"),
        ({"fault": "drop", "parameters": {"how": "gently"}}, "before_headers"),
        ({"fault": "encode", "parameters": {"to": "morse"}}, "morse"),
        ({"fault": "drop", "times": 0}, "times"),
        ({"fault": "drop", "probability": 2}, "probability"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_by_name(api: Api, body: Any, place: str) -> None:
    status, text = api.refused("POST", f"{AT}/faults", body)
    assert status == 422
    assert place in text
    assert api.call("GET", f"{AT}/faults") == []


def test_the_user_denies_withdraws_and_changes_the_password(api: Api) -> None:
    api.call("POST", f"{AT}/user/decisions", {"answer": "deny"})
    denied = Browser(api.generic).open(authorization_url(api.generic))
    assert parameters(denied.header("location"))["error"] == "access_denied"
    token = log_in(api.generic)["refresh_token"]
    api.call("POST", f"{AT}/user/withdrawals", {"account": "alice"})
    assert api.refresh(token).document["error"] == "invalid_grant"
    api.call("POST", f"{AT}/user/password", {"account": "alice", "action": "change"})
    assert api.generic.provider.state.accounts["alice"].password_version == 1
    api.call("POST", f"{AT}/user/password", {"account": "alice", "action": "restore"})
    assert api.generic.provider.state.accounts["alice"].password_version == 0


def test_consent_is_withdrawn_from_one_client_at_the_time_of_the_clock(api: Api) -> None:
    api.call("POST", f"{AT}/applications", {"client_id": "other", "any_loopback": True})
    kept = log_in(api.generic)["refresh_token"]
    api.call("POST", "/v1/clock/advance", {"seconds": 60})
    api.call("POST", f"{AT}/user/withdrawals", {"account": "alice", "client_id": "other"})
    kept = api.refresh(kept).document["refresh_token"]
    api.call("POST", "/v1/clock/advance", {"seconds": 60})
    api.call("POST", f"{AT}/user/withdrawals", {"account": "alice", "client_id": "refreshproof-client"})
    assert api.refresh(kept).status == 400
    assert [grant.revoked_at for grant in api.generic.provider.state.grants.values()] == [VIRTUAL_START + 120 * SECOND]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("user/withdrawals", {"account": "nobody"}),
        ("user/withdrawals", {"account": "alice", "client_id": "nobody"}),
        ("user/password", {"account": "nobody", "action": "change"}),
        ("user/password", {"account": "alice", "action": "restore"}),
        ("user/decisions", {"answer": "perhaps"}),
    ],
)
def test_what_no_user_can_do_is_refused(api: Api, path: str, body: Any) -> None:
    assert api.refused("POST", f"{AT}/{path}", body)[0] == 422


def test_an_application_is_registered_and_its_secret_never_shown(api: Api) -> None:
    body = {"client_id": "mine", "client_secret": "very-secret-indeed", "redirect_uris": ["https://a.example/cb"]}
    row = api.call("POST", f"{AT}/applications", body)
    assert row["confidential"] is True
    assert "very-secret-indeed" not in json.dumps(api.call("GET", f"{AT}/applications"))
    url = authorization_url(api.generic, client_id="mine", redirect_uri="https://a.example/cb")
    code = parameters(Browser(api.generic).open(url).header("location"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://a.example/cb",
            "client_id": "mine", "client_secret": "very-secret-indeed"}  # fmt: skip
    assert post(api.generic, f"{ORIGIN}/token", form).status == 200


def test_a_client_with_a_certificate_is_registered_and_what_is_none_refused(api: Api) -> None:
    body = {"client_id": "mine", "redirect_uris": ["https://a.example/cb"]}
    row = api.call("POST", f"{AT}/applications", body | {"certificate": CERTIFICATE})
    assert row["confidential"] is True
    assert api.generic.provider.state.applications["mine"].certificate == CERTIFICATE
    status, text = api.refused("POST", f"{AT}/applications", body | {"certificate": "no certificate at all"})
    assert (status, "X.509" in text) == (422, True)
    assert "no certificate at all" not in text


SETTINGS = [
    pytest.param({"tenant": "5a1c9b7e-3d42-4f06-8a57-0c6f2e94d1b3", "client_family": "1"}, id="one-tenant-in-a-family"),
    pytest.param({"tenant": None, "client_family": None}, id="any-tenant-on-its-own"),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_tenant_and_the_family_of_an_application_are_settings(api: Api, settings: dict[str, Any]) -> None:
    row = api.call("POST", f"{AT}/applications", {"client_id": "mine", **settings})
    assert {name: row[name] for name in settings} == settings
    known = api.generic.provider.state.applications["mine"]
    assert {name: getattr(known, name) for name in settings} == settings


POLICY_CAUSES = ["reauthentication_unproven", "multi_factor_enrolment", "account_deleted"]


@pytest.mark.parametrize("cause", POLICY_CAUSES)
def test_every_policy_that_a_vendor_words_can_be_enforced(api: Api, cause: str) -> None:
    refresh_token = log_in(api.generic)["refresh_token"]
    api.call("POST", f"{AT}/user/policy", {"account": "alice", "refusal": cause})
    assert api.refresh(refresh_token).status == 400
    assert api.generic.provider.ledger.entries[-1].cause == cause


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("POST", "/v1/clock/advance", {"seconds": "ten"}, 'seconds: found "ten" (string); expected type "number"'),
        ("POST", "/v1/clock/advance", [7], "the body: found an array of 1; expected type"),
        ("PUT", "/v1/clock", {}, "the body: found an object with nothing in it; expected minProperties 1"),
        ("POST", f"{AT}/faults", {"fault": "drip_feed"}, 'fault: found "drip_feed" (string); '),
        (
            "POST",
            f"{AT}/faults",
            {"fault": "drop", "view": "tokn"},
            'view: found "tokn" (string); expected "accessible_resources" or ',
        ),
        ("POST", f"{AT}/user/decisions", {"answer": "perhaps"}, 'found "perhaps" (string); Allowed: consent, deny'),
        ("GET", f"{AT}/ledger?limit=many", None, "query: limit: found 'many'; expected a whole number from 1"),
        ("GET", "/v1/cloks", None, "no operation GET /v1/cloks; "),
    ],
)
def test_an_error_shows_what_was_found(api: Api, method: str, path: str, body: Any, told: str) -> None:
    assert told in api.refused(method, path, body)[1]


def test_a_refused_registration_does_not_repeat_what_was_sent(api: Api) -> None:
    body = {"client_id": "mine", "client_secret": {"nested": "very-secret-indeed"}}
    status, text = api.refused("POST", f"{AT}/applications", body)
    assert status == 422
    assert "client_secret" in text
    assert "very-secret-indeed" not in text


def test_ledger_journal_and_snapshot_tell_everything_but_secrets(api: Api) -> None:
    tokens = log_in(api.generic)
    newer = api.refresh(tokens["refresh_token"]).document
    api.refresh("an-unknown-refresh-token")
    Browser(api.generic).open(f"{ORIGIN}/resource?access_token={newer['access_token']}")
    told = [api.call("GET", f"{AT}/{name}") for name in ("ledger", "journal", "snapshot")]
    text = json.dumps(told)
    values = [tokens["refresh_token"], tokens["access_token"], newer["refresh_token"], newer["access_token"]]
    for secret in (*values, CLIENT_SECRET, "an-unknown-refresh-token", *api.generic.provider.state.codes):
        assert secret not in text
        assert urlencode({"": secret})[1:] not in text
    assert [entry["view"] for entry in told[0]] == ["authorization", "token", "token", "token", "resource"]
    assert told[0][2]["presented"] == "RT1"
    assert told[0][2]["issued"] == ["AT2", "RT2"]
    assert "refresh_token=RT1" in told[1][2]["request_body"]
    assert [token["state"] for token in told[2]["families"][0]["refresh_tokens"]] == ["superseded", "live"]


def test_ledger_and_journal_are_read_on_from_a_number(api: Api) -> None:
    log_in(api.generic)
    for name in ("ledger", "journal"):
        assert [row["number"] for row in api.call("GET", f"{AT}/{name}?since=1")] == [1]
        assert [row["number"] for row in api.call("GET", f"{AT}/{name}?limit=1")] == [0]
        for query in ("since=-1", "limit=0", "limit=x", "limit=99999999999999", "page=2"):
            assert api.refused("GET", f"{AT}/{name}?{query}")[0] == 422


def test_the_journal_keeps_the_newest_exchanges_only_and_says_so() -> None:
    api = Api(journal=3)
    for _ in range(5):
        Browser(api.generic).open(f"{ORIGIN}/resource")
    mark, *rows = api.call("GET", f"{AT}/journal")
    assert (mark["number"], mark["method"], mark["request_body"]) == (1, "dropped", "exchanges 0 to 1 were dropped")
    assert [row["number"] for row in rows] == [2, 3, 4]
    assert api.call("GET", f"{AT}/journal?since=2") == rows
    assert len(api.call("GET", f"{AT}/ledger")) == 5


def test_a_reset_begins_one_provider_anew_and_leaves_the_others(api: Api) -> None:
    old = log_in(api.generic)["refresh_token"]
    log_in(api.vendors["atlassian"])
    api.call("POST", f"{AT}/faults", {"fault": "drop", "parameters": {"how": "hang"}})
    api.call("POST", f"{AT}/reset")
    assert api.refresh(old).status == 400
    snapshot = api.call("GET", f"{AT}/snapshot")
    assert (snapshot["families"], snapshot["faults"], snapshot["ledger_entries"]) == ([], [], 1)
    assert api.call("GET", "/v1/providers/atlassian/snapshot")["families"]
    api.call("POST", "/v1/reset")
    assert not api.call("GET", "/v1/providers/atlassian/snapshot")["families"]


def test_a_reset_of_all_sets_the_clock_back_and_one_of_a_provider_does_not(api: Api) -> None:
    start = api.call("GET", "/v1/clock")["now"]
    moved = api.call("POST", "/v1/clock/advance", {"seconds": 3600})["now"]
    api.call("POST", f"{AT}/reset")
    assert api.call("GET", "/v1/clock")["now"] == moved == start + HOUR
    api.call("POST", "/v1/reset")
    assert api.call("GET", "/v1/clock")["now"] == start
    assert log_in(api.generic)["expires_in"] == 3600


def test_real_time_is_the_machines_again_after_a_reset() -> None:
    clock = RealClock()
    before = clock.now()
    clock.advance(3600)
    assert clock.now() >= before + HOUR
    clock.begin_anew()
    assert before <= clock.now() < before + HOUR


def test_queued_answers_of_the_user_can_be_read_and_forgotten(api: Api) -> None:
    assert api.call("GET", f"{AT}/user/decisions") == []
    api.call("POST", f"{AT}/user/decisions", {"answer": "deny"})
    api.call("POST", f"{AT}/user/decisions", {"account": "bob", "scopes": ["read"]})
    queued = api.call("GET", f"{AT}/user/decisions")
    assert [(one["account"], one["answer"], one["scopes"]) for one in queued] == [
        ("alice", "deny", None), ("bob", "consent", ["read"]),
    ]  # fmt: skip
    assert api.call("GET", f"{AT}/snapshot")["decisions"] == queued
    api.call("DELETE", f"{AT}/user/decisions")
    assert api.call("GET", f"{AT}/user/decisions") == []
    assert "refresh_token" in log_in(api.generic)


def test_providers_share_nothing(api: Api) -> None:
    token = log_in(api.generic)["access_token"]
    other = api.vendors["atlassian"]
    response = other.handle(
        WireRequest(method="GET", url=f"{ORIGIN}/me", headers=(("Authorization", f"Bearer {token}"),)), VIRTUAL_START
    )
    assert response.status == 401
    api.call("POST", f"{AT}/applications", {"client_id": "only-here"})
    listed = api.call("GET", "/v1/providers/atlassian/applications")
    assert [row["client_id"] for row in listed] == ["refreshproof-client"]


def test_every_provider_is_described_by_the_addresses_to_use(api: Api) -> None:
    rows = api.call("GET", "/v1/providers")
    assert [row["name"] for row in rows] == ["generic", "atlassian"]
    assert rows[0] == api.call("GET", AT)
    token = next(endpoint for endpoint in rows[0]["endpoints"] if endpoint["view"] == "token")
    assert (token["url"], token["local_url"]) == ("https://auth.example.com/token", f"{ORIGIN}/token")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/providers/none/ledger", 404),
        ("DELETE", "/v1/clock", 405),
        ("GET", "/v1//clock", 404),
        ("POST", "/v1/providers/generic/", 405),
    ],
)
def test_there_is_nothing_else_there(api: Api, method: str, path: str, status: int) -> None:
    assert api.refused(method, path)[0] == status


def test_a_body_must_be_json_and_say_so(api: Api) -> None:
    path = "/v1/clock/advance"
    assert api.send("POST", path, b'{"seconds": 1}', BEARER).status == 415
    for body in (b"", b"{", b"\xff", b'{"seconds": NaN}', b"[" * 100_000):
        assert api.send("POST", path, body, BEARER, JSON).status == 400
    for text in (b"[]", b"1e400", b'{"seconds": 1e400}', b'{"seconds": -1}', b'{"seconds": "1"}'):
        assert api.send("POST", path, text, BEARER, JSON).status == 422


# The OpenAPI document.


def _operations() -> list[tuple[str, str, Mapping[str, Any]]]:
    return [
        (method.upper(), path, described)
        for path, methods in document()["paths"].items()
        for method, described in methods.items()
    ]


def test_the_document_and_the_routes_have_the_same_operations() -> None:
    described = {(method, path, operation["operationId"]) for method, path, operation in _operations()}
    assert described == {(one.method, one.path, one.name) for one in OPERATIONS}
    for method, path, operation in _operations():
        assert find(method, path.format(provider="generic", client_id="mine"))[0].name == operation["operationId"]


def test_every_schema_in_the_document_is_a_schema(api: Api) -> None:
    served_document = api.send("GET", DOCUMENT_PATH, b"", BEARER).document
    assert served_document == json.loads(json.dumps(document()))
    for one in OPERATIONS:
        for schema in (one.answer, one.body, *one.query.values()):
            if schema is not None:
                Draft202012Validator.check_schema(dict(schema))


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if one.name not in ("make_provider", "end_provider")],  # which need ports
    ids=lambda operation: operation.name,
)
def test_every_answer_has_the_form_that_the_document_promises(api: Api, operation: Operation) -> None:
    api.refresh(log_in(api.generic)["refresh_token"])
    api.call("POST", f"{AT}/faults", {"fault": "status", "parameters": {"code": 500}})
    api.call("POST", f"{AT}/snapshots")
    path = operation.path.format(provider="generic", client_id="refreshproof-client")
    response = api.send(operation.method, path, json.dumps(EXAMPLES.get(operation.name)).encode(), BEARER, JSON)
    assert response.status == operation.status, response.document
    Draft202012Validator(dict(operation.answer)).validate(response.document)
    assert (operation.body is not None) is (operation.name in EXAMPLES)


def test_a_host_by_another_name_is_refused_unless_the_server_goes_by_it(api: Api) -> None:
    """DNS rebinding: a page elsewhere can reach loopback under a name of its own."""
    response = api.send("GET", "/v1/clock", b"", BEARER, host="idp.test")
    assert (response.status, response.document["error"].partition(";")[0]) == (
        403, "Host: found 'idp.test'",
    )  # fmt: skip
    named = Control(api.vendors, api.clock, TOKEN, hosts=frozenset(("idp.test",)))
    request = WireRequest(method="GET", url="http://idp.test:8002/v1/clock", headers=(BEARER,))
    assert named.answer(request).status == 200
    assert named.answer(WireRequest(method="GET", url=request.url)).status == 401
