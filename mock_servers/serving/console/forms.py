"""Between the JSON an operation takes and a form: the fields that a schema asks for, and the value that a form spells.

Every form of the console goes through these two functions, so a new member of an operation is a new field of its form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from refreshproof.mock_servers.serving.control.schemas import Schema
from refreshproof.mock_servers.serving.served.interaction import Fields

Widget: TypeAlias = Literal["choice", "switch", "number", "lines", "text"]


EVERY = "*"
"""How a form spells a list's null, which is not an empty list."""


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of a form; `name` is a path with dots, `choices` are what may be picked, `value` what stands there."""

    name: str
    label: str
    widget: Widget
    required: bool = False
    value: str = ""
    choices: tuple[str, ...] = ()
    hint: str = ""
    secret: bool = False


def fields_of(schema: Schema, current: Mapping[str, Any] | None = None, prefix: str = "") -> list[FormField]:
    """Return the fields for an object of a schema, filled in with what it is now, else with the defaults."""
    found: list[FormField] = []
    for name, member in schema["properties"].items():
        if "properties" in member:
            found += fields_of(member, (current or {}).get(name), f"{prefix}{name}.")
        else:
            value = (current or {}).get(name, member.get("default"))
            found.append(_field(name, member, value, prefix, required=name in schema.get("required", ())))
    return found


def body_of(schema: Schema, fields: Fields, prefix: str = "") -> dict[str, Any]:
    """Return the object that a form spells; of fields with one name the last counts.

    What is empty is null where the schema takes null, and left out where it takes nothing empty; a list's null is
    `EVERY`. What fits no schema is passed on as it is, to be refused there.
    """
    given = dict(fields)
    found: dict[str, Any] = {}
    for name, member in schema["properties"].items():
        text = given.get(prefix + name)
        if "properties" in member:
            found[name] = body_of(member, fields, f"{prefix}{name}.")
        elif text is not None and text == _null(member):
            found[name] = None
        elif text or (text is not None and (_type(member) == "array" or member.get("default") == "")):
            found[name] = _READERS.get(_type(member), _read_json)(text)
    return found


def _field(name: str, member: Schema, value: Any, prefix: str, *, required: bool) -> FormField:
    inner, null = _inner(member), _null(member)
    optional = ("",) if null is not None or not required else ()
    return FormField(
        name=prefix + name,
        label=_label(name),
        widget="choice" if "enum" in inner else _WIDGETS.get(_type(member), "text"),
        required=required and null is None and _type(member) != "array",
        value=(null or "") if value is None else _text(value),
        choices=(*optional, *map(str, inner["enum"])) if "enum" in inner else (),
        hint=str(member.get("description", "")).replace("null for", f"{null or 'empty'} for"),
        secret=bool(member.get("writeOnly")),
    )


def _label(name: str) -> str:
    """Return a member's name as a person would write it; `seconds_` is a name that Python had to make up."""
    words = name.rstrip("_").replace("_", " ")
    return (words[0].upper() + words[1:]).replace(" uri", " URI").replace(" url", " URL")


def _inner(schema: Schema) -> Schema:
    """Return a schema without its null."""
    return next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)


def _null(schema: Schema) -> str | None:
    """Return how a form spells null, or None where the schema takes none."""
    if {"type": "null"} not in schema.get("anyOf", ()):
        return None
    return EVERY if _type(schema) == "array" else ""


def _type(schema: Schema) -> str:
    inner = _inner(schema)
    return str(inner.get("type", "string" if "enum" in inner else ""))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return str(value) if isinstance(value, str) else json.dumps(value)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda name: name)
    except (ValueError, RecursionError):
        return text


_READERS: Mapping[str, Callable[[str], Any]] = {"string": str, "boolean": "true".__eq__, "array": str.split}
"""How the text of a field is read, by the type of its schema; any other is JSON."""

_WIDGETS: Mapping[str, Widget] = {"boolean": "switch", "integer": "number", "number": "number", "array": "lines"}
