"""The REST API of configurations: the page's sample verbatim, CRUD, all errors at once, credentials, https."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from kit.client_engine import BASE, World, first_token
from refreshproof.harness.client import ClientTokenEntity, ConfigurationError, RestApi, Settings
from refreshproof.harness.client.model.settings import key
from refreshproof.harness.client.web.documents import REQUIRED

PATH = "/rest/oauth2-client/latest/config/"
ADMINISTRATOR = "an-administrator-s-credential"
AUTHORIZED = {"Authorization": f"Bearer {ADMINISTRATOR}"}

SAMPLE = """{
    "name": "Test client",
    "description": "Mail handler",
    "type": "GENERIC",
    "clientId": "someclientid",
    "clientSecret": "secretP4ssw0rd",
    "authorizationEndpoint":"https://authorizationserver.com/oauth2/authorize", "tokenEndpoint": "https://authorizationserver.com/oauth2/token",
    "scopes": [
    "offline_access",
    "Mail.Read"
    ],
    "redirectUriSuffix": "WuBLhHpPAguypjRS7906Jg"
    }"""  # the sample of seed 003, word for word


class Api:
    """The application over a world without its first configuration."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.world = World(settings=settings)
        self.world.engine.configurations.delete(self.world.configuration.id)
        self.client = Client(RestApi(self.world.engine, ADMINISTRATOR))

    def __call__(self, method: str, path: str = PATH, body: Any = None, **options: Any) -> TestResponse:
        if body is not None:
            options |= {"data": body if isinstance(body, str | bytes) else json.dumps(body)}
            options.setdefault("content_type", "application/json")
        return self.client.open(path, method=method, headers=AUTHORIZED, **options)

    def store(self, **changes: Any) -> TestResponse:
        return self("POST", body={**json.loads(SAMPLE), **changes})


def without(name: str) -> dict[str, Any]:
    return {member: value for member, value in json.loads(SAMPLE).items() if member != name}


def test_the_page_s_sample_is_stored_verbatim_and_read_back_without_its_secret() -> None:
    api = Api()
    stored = api("POST", body=SAMPLE)
    assert stored.status_code == 201
    location = stored.headers["Location"].removeprefix(BASE)
    assert location.startswith(PATH)
    found = api("GET", location)
    expected = json.loads(SAMPLE)
    del expected["clientSecret"]
    assert found.status_code == 200
    assert {name: found.get_json()[name] for name in expected} == expected
    assert "secretP4ssw0rd" not in stored.text + found.text + api("GET").text


def test_list_is_empty_then_ordered_by_name() -> None:
    api = Api()
    assert api("GET").get_json() == []
    for name in ("b", "c", "a"):
        assert api.store(name=name).status_code == 201
    assert [one["name"] for one in api("GET", PATH.rstrip("/")).get_json()] == ["a", "b", "c"]


def test_the_id_of_a_body_is_ignored() -> None:
    api = Api()
    stored = api.store(id="mine").get_json()
    assert stored["id"] != "mine"
    assert api("GET", PATH + "mine").status_code == 404


@pytest.mark.parametrize("change", [{"name": "x"}, {"clientId": "x"}, {"scopes": ["x"]}, {"type": "GOOGLE"}])
def test_put_updates_and_keeps_the_secret_when_the_body_has_none(change: dict[str, Any]) -> None:
    api = Api()
    identifier = api("POST", body=SAMPLE).get_json()["id"]
    response = api("PUT", PATH + identifier, {**without("clientSecret"), **change})
    assert (response.status_code, response.data) == (204, b"")
    assert api("GET", PATH + identifier).get_json().items() >= change.items()
    assert api.world.engine.configurations.get_by_id_or_fail(identifier).client_secret == "secretP4ssw0rd"
    api("PUT", PATH + identifier, {**json.loads(SAMPLE), "clientSecret": "new"})
    assert api.world.engine.configurations.get_by_id_or_fail(identifier).client_secret == "new"


def test_what_get_returns_can_be_put_back() -> None:
    api = Api()
    stored = api("POST", body=SAMPLE).get_json()
    assert api("PUT", PATH + stored["id"], stored).status_code == 204


def test_delete_removes_the_configuration_and_its_tokens_once() -> None:
    api = Api()
    identifier = api("POST", body=SAMPLE).get_json()["id"]
    api.world.engine.tokens.save(ClientTokenEntity.of(first_token(), config_id=identifier))
    assert api("DELETE", PATH + identifier).status_code == 204
    assert api("DELETE", PATH + identifier).status_code == 404
    assert api.world.engine.tokens.list() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_id_is_404(method: str) -> None:
    response = Api()(method, PATH + "unknown", body=SAMPLE if method == "PUT" else None)
    assert response.status_code == 404
    assert "unknown" in response.get_json()["message"]


def test_a_redirect_uri_is_stable_per_endpoint_and_follows_a_stored_suffix() -> None:
    api = Api()

    def ask(endpoint: str) -> Any:
        return api("GET", PATH + "get-redirect-uri", query_string={"authorizationEndpoint": endpoint}).get_json()

    first, again, other = ask("https://a.example/x"), ask("https://a.example/x"), ask("https://a.example/y")
    assert first == again
    assert first["redirectUri"] != other["redirectUri"]
    assert first["redirectUri"].startswith(BASE)
    assert len(first["redirectUriSuffix"]) == 22
    api("POST", body=SAMPLE)
    assert ask("https://authorizationserver.com/oauth2/authorize")["redirectUriSuffix"] == "WuBLhHpPAguypjRS7906Jg"


@pytest.mark.parametrize("query", [{}, {"authorizationEndpoint": ""}, {"authorizationEndpoint": "http://a.example/"}])
def test_a_missing_or_bad_endpoint_is_a_named_error_and_no_id(query: dict[str, str]) -> None:
    response = Api()("GET", PATH + "get-redirect-uri", query_string=query)
    assert response.status_code == 400
    assert list(response.get_json()["errors"]) == ["authorizationEndpoint"]


def test_a_suffix_belongs_to_one_endpoint_and_an_endpoint_has_one_suffix() -> None:
    api = Api()
    api("POST", body=SAMPLE)
    foreign = api.store(name="other", authorizationEndpoint="https://evil.example/authorize")
    differing = api.store(name="other", redirectUriSuffix="A" * 22)
    for response in (foreign, differing):
        assert response.status_code == 400
        assert list(response.get_json()["errors"]) == ["redirectUriSuffix"]
    assert api.store(name="other", redirectUriSuffix=None).get_json()["redirectUriSuffix"] == "WuBLhHpPAguypjRS7906Jg"


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", ["absent", None, "", "  ", 7, [], {}])
def test_each_required_field_is_named_when_absent_blank_or_of_a_wrong_type(name: str, value: Any) -> None:
    api = Api()
    body = without(name) if value == "absent" else {**json.loads(SAMPLE), name: value}
    response = api("POST", body=body)
    assert response.status_code == 400
    assert name in response.get_json()["errors"]
    assert api("GET").get_json() == []


def test_every_offending_field_is_told_at_once() -> None:
    api = Api()
    api("POST", body=SAMPLE)
    response = api.store(
        type="OTHER",
        clientId=" ",
        clientSecret="x" * 8_001,
        authorizationEndpoint="http://a.example/",
        tokenEndpoint="https://[",
        scopes=["a b"],
        redirectUriSuffix="short",
        authorizationParameters={"state": "x"},
        pkce="yes",
        bodyFormat="xml",
        issRequired=True,
    )
    expected = "authorizationEndpoint authorizationParameters bodyFormat clientId clientSecret issuer name pkce "
    expected += "redirectUriSuffix scopes tokenEndpoint type"
    assert sorted(response.get_json()["errors"]) == expected.split()


def test_unknown_members_are_named() -> None:
    assert list(Api().store(colour="red").get_json()["errors"]) == ["colour"]


@pytest.mark.parametrize("field", ["authorizationEndpoint", "tokenEndpoint"])
@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://a.example/x", True), ("HTTPS://a.example/x", True), ("http://a.example/x", False),
        ("a.example/x", False), ("ftp://a.example/x", False), ("https:///x", False), ("https://a.example:x/", False),
        ("https://user@a.example/", False), ("https://a.example/#f", False), ("https://a.example/ x", False),
        ("javascript:x", False), ("https://a.example\\@evil.example/", False),
    ],
)  # fmt: skip
def test_endpoints_are_https_urls(field: str, url: str, fine: bool) -> None:
    response = Api().store(**{field: url, "redirectUriSuffix": ""})
    assert (response.status_code == 201) is fine
    if not fine:
        assert list(response.get_json()["errors"]) == [field]


def test_http_endpoints_need_their_own_setting_which_the_refusal_names(caplog: pytest.LogCaptureFixture) -> None:
    name = key("skip_provider_https_requirement")
    change = {"tokenEndpoint": "http://a.example/token"}
    assert name in Api().store(**change).get_json()["errors"]["tokenEndpoint"]
    assert Api(Settings(skip_base_url_https_requirement=True)).store(**change).status_code == 400
    assert Api(Settings(skip_provider_https_requirement=True)).store(**change).status_code == 201
    assert any(name in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401), ({"Authorization": "Basic YTpi"}, 401), ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer wrong"}, 403), ({"Authorization": f"Bearer {ADMINISTRATOR}x"}, 403),
        (AUTHORIZED, 200),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [PATH, PATH + "get-redirect-uri?authorizationEndpoint=https://a.example/"])
def test_every_call_needs_the_administrator(headers: dict[str, str], status: int, path: str) -> None:
    response = Api().client.get(path, headers=headers)
    assert response.status_code == status
    assert response.mimetype == "application/json"
    assert ("WWW-Authenticate" in response.headers) is (status == 401)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400), (b"[]", "application/json", 400), (b"\xff", "application/json", 400),
        (b"", "application/json", 400), (b"[" * 60_000, "application/json", 400), (b"NaN", "application/json", 400),
        (SAMPLE.encode(), "text/plain", 415), (SAMPLE.encode(), "", 415),
        (b"{" + b" " * 70_000 + b"}", "application/json", 413),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused_as_such(body: bytes, content_type: str, status: int) -> None:
    response = Api()("POST", body=body, content_type=content_type)
    assert response.status_code == status
    assert response.get_json()["message"]


def test_other_methods_and_paths_are_json_errors() -> None:
    api = Api()
    assert api("PATCH").status_code == 405
    assert "GET" in api("PATCH").headers["Allow"]
    assert api("GET", "/rest/else").get_json()["message"]


def test_a_weak_administrator_credential_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="16"):
        RestApi(World().engine, "short")


def test_the_description_lists_every_path_and_field_and_needs_no_credential() -> None:
    document = Api().client.get("/rest/oauth2-client/latest/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {PATH, PATH + "{id}", PATH + "get-redirect-uri"}
    taken, shown = (document["components"]["schemas"][f"{prefix}ClientConfiguration"] for prefix in ("New", ""))
    assert json.loads(SAMPLE).keys() <= taken["properties"].keys()
    assert taken["properties"].keys() - shown["properties"].keys() == {"clientSecret"}
    assert shown["properties"]["type"]["enum"] == ["GENERIC", "GOOGLE", "MICROSOFT"]


@pytest.mark.parametrize("name", ["name", "clientSecret", "issuer", "authorizationParameters", "bearerTokenTypes"])
def test_a_text_that_utf_8_cannot_hold_is_refused_by_name(name: str) -> None:
    lone = "\ud800"  # JSON can escape it; a database cannot store it, a URL cannot carry it
    value = {"authorizationParameters": {"a": lone}, "bearerTokenTypes": [lone]}.get(name, lone)
    assert list(Api().store(**{name: value}).get_json()["errors"]) == [name]


@pytest.mark.parametrize("value", [0, False, [], {}])
def test_an_empty_value_of_a_wrong_type_is_no_absent_one(value: Any) -> None:
    api = Api()
    for change in ({"clientSecret": value, "clientAuthentication": "none"}, {"redirectUriSuffix": value}):
        response = api.store(**change)
        assert response.status_code == 400
        assert list(response.get_json()["errors"]) == [next(iter(change))]


def test_a_configuration_is_at_its_address_with_a_slash_at_the_end_too() -> None:
    """The page writes the collection's address with one, and `{{id}}` behind it."""
    api = Api()
    found = PATH + api.store().get_json()["id"]
    assert api("GET", found + "/").get_json() == api("GET", found).get_json()
    assert api("PUT", found + "/", body=SAMPLE.encode()).status_code == 204
    assert api("DELETE", found + "/").status_code == 204
    assert api("GET", found).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_get_redirect_uri_is_no_id(method: str) -> None:
    response = Api()(method, PATH + "get-redirect-uri")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([*json.loads(SAMPLE), "pkce", "issuer", "issRequired", "bodyFormat", "scopeSeparator"])


@given(st.dictionaries(FIELDS, VALUES, max_size=4))
def test_any_values_are_stored_and_returned_as_they_are_or_refused_by_name(changes: dict[str, Any]) -> None:
    response = Api().store(**changes)
    if response.status_code == 201:
        shown = {name: value for name, value in changes.items() if name != "clientSecret" and value not in (None, "")}
        assert response.get_json().items() >= shown.items()
    else:
        assert response.status_code == 400
        assert response.get_json()["errors"].keys() <= changes.keys() | {"issuer", "redirectUriSuffix"}


@given(st.binary(max_size=200))
def test_any_body_gets_an_answer_below_500(body: bytes) -> None:
    assert Api()("POST", body=body).status_code in {201, 400}
