"""A vendor written as a profile file, with the sources of its facts as comments; what a reader begins their own with.

Reading the text gives the same vendor again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

import tomlkit
from pydantic_core import to_jsonable_python
from tomlkit.container import Container
from tomlkit.items import AoT, Array, InlineTable, Table

from refreshproof.mock_servers.profile.profile import Source
from refreshproof.mock_servers.profile_files.schema import NONE
from refreshproof.mock_servers.vendors.vendor import Vendor

WIDEST = 100
"""Characters of an array or a table on one line."""


def text_of(vendor: Vendor) -> str:
    """Return a vendor as TOML that extends nothing: every fact that has a source or differs from the default."""
    notes = {name: _note(source) for name, source in vendor.profile.sources.items()}
    values = _facts(vendor.profile, "", notes) | (
        {"faults": _facts(vendor.faults, "faults", notes)} if vendor.faults else {}
    )
    document = tomlkit.document()
    _fill(document, values, "", notes)
    return tomlkit.dumps(document)


def _note(source: Source) -> str:
    return f"{source.where} ({source.evidence}, seen {source.seen})"


def _facts(value: Any, path: str, notes: Mapping[str, str]) -> Any:
    """Return a value as TOML can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        every = {one.name: (getattr(value, one.name), _default(one)) for one in fields(value)}
        told = {name: fact for name, (fact, default) in every.items() if fact != default or _below(path, name) in notes}
        return {name: _facts(fact, _below(path, name), notes) for name, fact in told.items()}
    if isinstance(value, Mapping):
        return {str(name): _facts(one, _below(path, str(name)), notes) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_facts(one, path, notes) for one in value]
    return NONE if value is None else to_jsonable_python(value)


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _fill(container: Container | Table, values: Mapping[str, Any], path: str, notes: Mapping[str, str]) -> None:
    """Add values to a table, plain ones before tables as TOML wants it."""
    items = {name: _item(value, _below(path, name), notes) for name, value in values.items()}
    for name, item in sorted(items.items(), key=lambda pair: isinstance(pair[1], Table | AoT)):
        place = _below(path, name)
        if place in notes and not isinstance(item, Table | AoT):
            container.add(tomlkit.comment(notes[place]))
        container.add(name, item)


def _item(value: Any, path: str, notes: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return _inline(value) if "." in path and _short(value) else _table(value, path, notes)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return AoT([_table(one, path, notes if number == 0 else {}) for number, one in enumerate(value)])
    return _array(value) if isinstance(value, list) else value


def _table(values: Mapping[str, Any], path: str, notes: Mapping[str, str]) -> Table:
    table = tomlkit.table()
    if path in notes:
        table.add(tomlkit.comment(notes[path]))
    _fill(table, values, path, notes)
    return table


def _short(values: Mapping[str, Any]) -> bool:
    flat = not any(
        isinstance(part, dict) for one in values.values() for part in (one if isinstance(one, list) else [one])
    )
    return flat and len(_inline(values).as_string()) <= WIDEST


def _inline(values: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _array(values: Sequence[Any]) -> Array:
    array = tomlkit.array()
    array.extend(values)
    return array.multiline(len(array.as_string()) > WIDEST)
