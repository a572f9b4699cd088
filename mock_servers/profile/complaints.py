"""What is wrong with a profile file, in words: the key, what was found there, and what is allowed.

Knows the schema and nothing of vendors.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

KINDS: Mapping[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", tuple: "array", dict: "table",
}  # fmt: skip
SHOWN = 60
"""Characters of a value that a complaint repeats."""


def complaints(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return everything that is wrong with a document, one sentence each, in the order of the keys."""
    validator = Draft202012Validator(schema)
    found = [line for error in validator.iter_errors(document) for line in _lines(error, schema)]
    return list(dict.fromkeys(found))


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as TOML writes it, with the numbers of array elements in brackets."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path]
    return "".join(parts).removeprefix(".")


def shown(value: Any) -> str:
    """Return a value and its kind, cut short."""
    kind = KINDS.get(type(value), type(value).__name__)
    if isinstance(value, dict | list | tuple):
        return f"{'an' if kind == 'array' else 'a'} {kind} of {len(value)}"
    text = json.dumps(value, default=str, ensure_ascii=False)
    return f"{text if len(text) <= SHOWN else text[:SHOWN] + '...'} ({kind})"


def one_of(found: str, allowed: Sequence[str]) -> str:
    """Return what is allowed, and before it what was perhaps meant."""
    near = difflib.get_close_matches(found, allowed, n=2)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}Allowed: {', '.join(allowed) or 'none'}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _lines(error: ValidationError, schema: Mapping[str, Any]) -> Iterator[str]:
    path, found, wanted = list(error.absolute_path), cast("Any", error.instance), cast("Any", error.validator_value)
    part = cast("Mapping[str, Any]", error.schema)
    if error.validator == "anyOf" and (deeper := [one for one in error.context or () if one.relative_path]):
        for one in deeper:
            yield from _lines(one, schema)
    elif error.validator == "additionalProperties":
        allowed = list(part.get("properties", ()))
        for name in [name for name in found if name not in allowed]:
            yield f"{dotted([*path, name])}: unknown key; {one_of(name, allowed)}"
    elif error.validator == "required":
        for name in [name for name in wanted if name not in found]:
            yield f"{dotted([*path, name])}: missing; {_allowed(_member(part, name, schema), schema)}"
    elif "propertyNames" in error.absolute_schema_path:
        yield f"{dotted([*path, found])}: unknown key; {one_of(found, wanted)}"
    else:
        yield f"{dotted(path) or 'the file'}: found {shown(found)}; {allowed_by(part, found, schema)}"


def allowed_by(part: Mapping[str, Any], found: Any, schema: Mapping[str, Any]) -> str:
    """Return what a part of a schema allows, and before it what was perhaps meant."""
    choices = _choices(part, schema)
    return one_of(found, choices) if isinstance(found, str) and choices else _allowed(part, schema)


def _member(part: Mapping[str, Any], name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = part.get("properties", schema["properties"]).get(name, {})
    return found


def _allowed(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Describe what a part of the schema allows."""
    return f"expected {' or '.join(dict.fromkeys(_kinds(part, schema)))}"


def _kinds(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    part = _resolved(part, schema)
    for branch in part.get("anyOf", ()):
        yield from _kinds(branch, schema)
    if "const" in part or "enum" in part:
        yield from (json.dumps(value) for value in part.get("enum", [part.get("const")]))
    elif "type" in part:
        yield "a table" if part["type"] == "object" else _noun(part)
    elif "anyOf" not in part:
        yield "any value"


def _noun(part: Mapping[str, Any]) -> str:
    limits = {
        "minimum": "at least {}", "maximum": "at most {}", "pattern": "matching {}",
        "maxLength": "of at most {} characters", "minItems": "of at least {} elements",
        "maxItems": "of at most {} elements",
    }  # fmt: skip
    said = [text.format(part[name]) for name, text in limits.items() if name in part]
    article = "an" if part["type"][0] in "aeiou" else "a"
    return f"{article} {part['type']} {' and '.join(said)}".rstrip()


def _choices(part: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    part = _resolved(part, schema)
    own = [str(value) for value in part.get("enum", [part["const"]] if "const" in part else [])]
    branches = [_choices(branch, schema) for branch in part.get("anyOf", ())]
    return own + [choice for branch in branches for choice in branch] if own or all(branches) else []


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part
