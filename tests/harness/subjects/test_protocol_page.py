"""The page about the protocol of `exec:` is that of the messages: every command, member, claim and error is on it."""

from __future__ import annotations

import json
import re
from typing import get_args

from jsonschema import Draft202012Validator

from refreshproof.harness.cli.adapter import protocol
from refreshproof.harness.subjects.exec.answers import EXPECTED
from refreshproof.harness.subjects.exec.messages import ANSWERED, CLAIMS, PROTOCOL, SENT, ErrorClass, Failed
from refreshproof.harness.subjects.exec.page import MARK, page, schemas, section
from refreshproof.harness.subjects.exec.subject import KINDS

PROSE, _, _ = page().partition(MARK)


def test_the_schemas_on_the_page_are_those_of_the_messages() -> None:
    assert page() == PROSE + section(), "the page is PROSE + section(); write that into protocol.md"


def test_every_schema_is_one() -> None:
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)


def test_the_example_on_the_page_is_valid() -> None:
    kinds, known = {">": SENT, "<": ANSWERED}, ""
    lines = re.findall(r"^    ([<>]) (\{.*\})$", PROSE, re.MULTILINE)
    assert len(lines) == 12
    for direction, line in lines:
        said = json.loads(line.replace("{...}", "{}"))
        known = said.get("cmd", known)
        model = kinds[direction][known]
        model.model_validate(said)
        Draft202012Validator(model.model_json_schema()).validate(said)


def test_the_prose_names_every_command_claim_and_class_of_error() -> None:
    for word in (*SENT, *CLAIMS, *get_args(ErrorClass)):
        assert f"`{word}`" in PROSE, word
    assert set(KINDS) == set(get_args(ErrorClass))
    assert f'"protocol": {PROTOCOL}' in PROSE


def test_every_member_of_an_answer_has_words_for_what_is_allowed() -> None:
    members = {
        alias for schema in schemas().values() if "sent" not in schema.get("title", "") for alias in _members(schema)
    }
    assert members - {"cmd", "registration", "resource", "store"} <= EXPECTED.keys()
    assert Failed.model_json_schema()["$defs"]["Failure"]["required"] == ["class"]


def test_the_command_line_prints_the_page() -> None:
    assert protocol.name == "protocol"


def _members(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = set(schema.get("properties", ()))
        return own.union(*(_members(value) for value in schema.values()))
    return set()
