"""Whatever JSON or form is sent to whatever operation of the control API or the console: an answer, and never a 500."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.console import ORIGIN, Person
from kit.fuzzing import inputs
from kit.serving import FORM, TOKEN, log_in, post
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.control.schemas import Schema
from refreshproof.mock_servers.wire import WireRequest, WireResponse

HALF = "\ud800"
JSON = ("Content-Type", "application/json")
TEXTS = st.one_of(
    st.text(st.characters(), max_size=8),
    st.sampled_from(
        [HALF, f"a{HALF}b", "\udfff", "", "alice", "bob", "refreshproof-client", "\x00", "a" * 300, "\u202e", "<b>"]
    ),
    st.sampled_from(
        ["2040-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00", "drop", "status", "before_headers", "1", "-1", "{{1}}"]
    ),
)
NUMBERS = st.one_of(st.integers(-2, 3), st.integers(), st.floats(), st.sampled_from([10**17, 10**400, 1e308, -0.0]))
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def _deep(levels: int) -> bytes:
    return b'{"fault": "html", "parameters": {"body": ' + b"[" * levels + b"]" * levels + b"}}"


RAW = st.one_of(st.binary(max_size=20), st.sampled_from([300, 900, 5000, 100_000]).map(_deep))
"""Bodies that are hardly JSON."""


def _fitting(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that are nearly what a schema takes."""
    if "anyOf" in schema:
        return st.one_of(*map(_fitting, schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "properties" in schema:
        members = {name: st.one_of(_fitting(member), ANYTHING) for name, member in schema["properties"].items()}
        required = {name: member for name, member in members.items() if name in schema.get("required", ())}
        optional = {name: member for name, member in members.items() if name not in required}
        return st.one_of(
            st.fixed_dictionaries(required, optional=optional), st.fixed_dictionaries({}, optional=members)
        )
    kinds: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "string": lambda: TEXTS,
        "array": lambda: st.lists(TEXTS, max_size=3),
        "integer": partial(st.integers, 0, 5),
        "number": partial(st.floats, 0, 10),
        "boolean": st.booleans,
    }
    return kinds.get(str(schema.get("type")), lambda: ANYTHING)()


def _person() -> Person:
    person = Person("generic", "atlassian")
    log_in(person.vendors["generic"])
    person.log_in()
    return person


def _call(person: Person, method: str, path: str, body: bytes) -> WireResponse:
    headers = (JSON, ("Authorization", f"Bearer {TOKEN}"))
    return person.control.answer(WireRequest(method=method, url=ORIGIN + path, headers=headers, body=body))


@pytest.fixture(scope="module")
def person() -> Person:
    return _person()


@inputs(300)
@given(
    operation=st.sampled_from(OPERATIONS),
    names=st.lists(st.one_of(st.sampled_from(["generic", "refreshproof-client"]), TEXTS), min_size=2, max_size=2),
    data=st.data(),
)
def test_whatever_an_operation_is_sent_it_answers_and_so_does_the_console(
    person: Person, operation: Any, names: list[str], data: st.DataObject
) -> None:
    known = {"provider": data.draw(st.sampled_from(["generic", "atlassian", names[0]])), "client_id": names[1]}
    path = operation.path
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass"))
    fitting = ANYTHING if operation.body is None else _fitting(operation.body)
    body = data.draw(st.one_of(fitting.map(json.dumps).map(str.encode), ANYTHING.map(json.dumps).map(str.encode), RAW))
    answer = _call(person, operation.method, path, body)
    assert answer.status < 500, answer.body
    if answer.status < 300 and operation.method != "GET":
        assert person.open("/console/generic").status < 500, person.html[:200]


@inputs(200)
@given(
    operation=st.sampled_from([one for one in OPERATIONS if one.method != "GET"]),
    provider=st.sampled_from(["generic", "atlassian", "no-such", "%ED%A0%80"]),
    data=st.data(),
)
def test_whatever_a_form_of_the_console_spells_a_page_answers(
    person: Person, operation: Any, provider: str, data: st.DataObject
) -> None:
    names = [*(operation.body or {"properties": {}})["properties"], "client_id", "fault", "section", "extra"]
    spelled = st.one_of(TEXTS, ANYTHING.map(json.dumps), st.just(json.dumps({"code": HALF})))
    fields = data.draw(st.dictionaries(st.sampled_from(names), spelled, max_size=6))
    body = urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}).encode()
    answer = person.send("POST", f"/console/{provider}/{operation.name}", body, FORM, ("Origin", ORIGIN))
    assert answer.status < 500, answer.body
    if answer.status < 400:
        assert person.open("/console/generic").status < 500, person.html[:200]


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("accounts", {"name": HALF}, "name: found half of a surrogate pair; expected Unicode"),
        ("accounts", {"name": "a", "permissions": ["b", HALF]}, "permissions.1: found half of a surrogate pair"),
        ("applications", {"client_id": "a", HALF: 1}, "the body: found a name with half of a surrogate pair"),
        (
            "user/decisions",
            {"seconds": 10**400},
            "seconds: found a larger number; expected one within 1e+300 and -1e+300",
        ),
        ("user/decisions", {"account": HALF}, "account: found half of a surrogate pair"),
        ("faults", {"fault": "html", "parameters": {"body": HALF}}, "parameters.body: found half of a surrogate pair"),
    ],
)
def test_a_value_that_only_json_can_hold_is_refused_where_it_enters(path: str, body: Any, place: str) -> None:
    person = _person()
    answer = _call(person, "POST", f"/v1/providers/generic/{path}", json.dumps(body).encode())
    assert (answer.status, answer.document["error"].startswith(place)) == (422, True), answer.body
    assert person.open("/console/generic").status == 200


def test_a_client_that_sends_no_unicode_does_not_spoil_the_console() -> None:
    person = _person()
    one = person.vendors["atlassian"]
    url = one.addresses.local_url(one.vendor.profile.url("token")) or ""
    body = json.dumps({"client_id": HALF, "refresh_token": HALF, "grant_type": "refresh_token"}).encode()
    assert one.handle(WireRequest(method="POST", url=url, headers=(JSON,), body=body), person.clock.now()).status == 401
    assert post(one, url, {"client_id": "a"}).status == 401
    assert person.open("/console/atlassian").status == 200
    assert "\ufffd" in person.page.text
