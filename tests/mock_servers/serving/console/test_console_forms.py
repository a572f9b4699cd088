"""Forms made of schemas: which fields there are, and what a form that was sent in spells."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kit.control_examples import EXAMPLES
from refreshproof.mock_servers.serving.console.forms import FormField, body_of, fields_of
from refreshproof.mock_servers.serving.control.call import Operation
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.control.schemas import APPLICATION_CHANGE, NUMBER, TEXT, nullable, record
from refreshproof.mock_servers.serving.served.interaction import Fields

SCHEMA = record(
    {"name": TEXT, "count": NUMBER},
    {
        "limit": {**nullable(NUMBER), "default": 1, "description": "null for ever"},
        "ratio": {"type": "number"},
        "switch": {"type": "boolean", "default": True},
        "uris": {"type": "array", "items": TEXT, "default": []},
        "scopes": nullable({"type": "array", "items": TEXT}),
        "kind": {**nullable({"enum": ["web", "spa"]}), "default": "web"},
        "anything": {},
        "parameters": record({"how": {"enum": ["cut", "hang"]}}),
    },
)
SENT = [
    pytest.param("name", "x y", "x y", id="text"),
    pytest.param("name", "12", "12", id="text-of-digits"),
    pytest.param("count", "12", 12, id="number"),
    pytest.param("count", "twelve", "twelve", id="no-number-is-left-to-the-check"),
    pytest.param("ratio", "0.5", 0.5, id="fraction"),
    pytest.param("ratio", "NaN", "NaN", id="no-JSON-number"),
    pytest.param("limit", "", None, id="empty-is-null"),
    pytest.param("switch", "true", True, id="on"),
    pytest.param("switch", "false", False, id="off"),
    pytest.param("uris", " a\r\nb\n", ["a", "b"], id="lines"),
    pytest.param("uris", "", [], id="no-lines"),
    pytest.param("scopes", "*", None, id="every"),
    pytest.param("scopes", "", [], id="none-is-not-every"),
    pytest.param("kind", "spa", "spa", id="choice"),
    pytest.param("kind", "", None, id="no-choice"),
    pytest.param("anything", '{"a": [1]}', {"a": [1]}, id="JSON"),
    pytest.param("anything", "[" * 100_000, "[" * 100_000, id="too-deep-for-JSON"),
]


@pytest.mark.parametrize(("name", "text", "value"), SENT)
def test_a_field_is_read_by_the_type_of_its_member(name: str, text: str, value: Any) -> None:
    assert body_of(SCHEMA, ((name, text),)) == {name: value, "parameters": {}}


def test_a_text_that_may_be_empty_can_be_emptied() -> None:
    assert body_of(APPLICATION_CHANGE, (("name", ""),)) == {"name": ""}


def test_what_is_empty_and_cannot_be_null_is_left_out_and_what_is_unknown_too() -> None:
    assert body_of(SCHEMA, (("name", ""), ("count", ""), ("section", "clock"))) == {"parameters": {}}


def test_of_fields_with_one_name_the_last_counts() -> None:
    """A switch that is off sends nothing, so that it follows a hidden field that says false."""
    assert body_of(SCHEMA, (("switch", "false"), ("switch", "true")))["switch"] is True


def test_members_of_members_have_a_path() -> None:
    assert body_of(SCHEMA, (("parameters.how", "hang"),)) == {"parameters": {"how": "hang"}}
    assert [field.name for field in fields_of(SCHEMA)][-1] == "parameters.how"


def test_a_field_stands_for_its_member() -> None:
    fields = {field.name: field for field in fields_of(SCHEMA, {"name": "x", "count": 2, "uris": ["a", "b"]})}
    assert fields["name"] == FormField(name="name", label="Name", widget="text", required=True, value="x")
    assert (fields["count"].widget, fields["count"].value) == ("number", "2")
    assert (fields["uris"].label, fields["uris"].widget, fields["uris"].value) == ("Uris", "lines", "a\nb")
    assert (fields["limit"].value, fields["limit"].hint) == ("1", "empty for ever")
    assert (fields["switch"].widget, fields["switch"].value) == ("switch", "true")
    assert (fields["kind"].choices, fields["parameters.how"].choices) == (("", "web", "spa"), ("cut", "hang"))


def test_a_secret_is_not_shown_while_it_is_typed() -> None:
    register = next(one for one in OPERATIONS if one.name == "register_application")
    assert [field.name for field in fields_of(register.body or {}) if field.secret] == ["client_secret"]


def _as_sent(fields: list[FormField]) -> Fields:
    return tuple((field.name, field.value) for field in fields)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.body], ids=lambda one: one.name)
def test_a_form_that_is_filled_in_spells_what_the_operation_takes(operation: Operation) -> None:
    schema, example = operation.body or {}, EXAMPLES[operation.name]
    body = body_of(schema, _as_sent(fields_of(schema, example)))
    assert list(Draft202012Validator(dict(schema)).iter_errors(body)) == []
    assert {name: body[name] for name in example} == example


@given(
    current=st.fixed_dictionaries(
        {
            "name": st.text("ab c", min_size=1, max_size=5),
            "redirect_uris": st.lists(st.text("abc:/", min_size=1)),
            "scopes": st.none() | st.lists(st.text("abc:", min_size=1)),
            "refusal": st.sampled_from([None, "secret_expired"]),
            "status": st.sampled_from(["production", "testing"]),
            "shared": st.booleans(),
        }
    )
)
def test_a_form_that_nobody_touched_changes_nothing(current: dict[str, Any]) -> None:
    body = body_of(APPLICATION_CHANGE, _as_sent(fields_of(APPLICATION_CHANGE, current)))
    assert {name: body[name] for name in current} == current
