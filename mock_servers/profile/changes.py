"""Changing a profile by dotted names, as scenarios and TOML files do: `{"lifetimes.access_token": 30}`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import UnionType
from typing import Any, get_args, get_type_hints

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.profile import Profile


def changed(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """Return the profile with changes; raises ValueError that names an unknown field and those allowed.

    Who says what a field is means it to stay: what the vendor has announced of it no longer counts.
    """
    profile = applied(profile, changes)
    if not profile.announced or "announced" in changes:
        return profile
    return replace(profile, announced=tuple(_without(one, changes) for one in profile.announced))


def applied(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """Return the profile with changes, and with all that is announced as it was; raises ValueError as `changed`."""
    for name, value in changes.items():
        profile = _set(profile, name.split("."), value, name)
    return profile


def dotted_changes(owner: Any, changes: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield changes by dotted names: `lifetimes={"code": 30}` is `lifetimes.code`."""
    for name, value in changes.items():
        inner = getattr(owner, name, None)
        if isinstance(value, Mapping) and is_dataclass(inner):
            yield from dotted_changes(inner, value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def value_at(owner: Any, name: str) -> Any:
    """Return the value of a field by its dotted name, None for a key that a mapping lacks; raises AttributeError."""
    for part in name.split("."):
        owner = owner.get(part) if isinstance(owner, Mapping) else getattr(owner, part)
    return owner


def differences(before: Any, after: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields by dotted name in which two profiles differ, each with its value in the second."""
    for one in fields(before):
        old, new, name = getattr(before, one.name), getattr(after, one.name), f"{above}{one.name}"
        if old != new and is_dataclass(old) and type(old) is type(new):
            yield from differences(old, new, f"{name}.")
        elif old != new:
            yield name, new


def _without(announced: Announcement, changes: Mapping[str, Any]) -> Announcement:
    kept = {
        name: value
        for name, value in announced.fields.items()
        if not any(f"{name}.".startswith(f"{said}.") or f"{said}.".startswith(f"{name}.") for said in changes)
    }
    return announced if len(kept) == len(announced.fields) else replace(announced, fields=kept)


def _set(value: Any, path: list[str], new: Any, name: str) -> Any:
    head, *rest = path
    if isinstance(value, Mapping):
        return {**value, head: new if not rest else _set(value.get(head, {}), rest, new, name)}
    allowed = [one.name for one in fields(value)] if is_dataclass(value) else []
    if head not in allowed:
        raise ValueError(f"profile: {name}: no field {head!r}; allowed are {', '.join(allowed) or 'none'}")
    old = getattr(value, head)
    inner = _set(old, rest, new, name) if rest else _alike(new, old, _hints(type(value))[head])
    return replace(value, **{head: inner})


def _alike(new: Any, old: Any, kind: Any) -> Any:
    """Turn a list or an object, as JSON and TOML have it, into what the field holds."""
    made: Any = (
        next((one for one in get_args(kind) if is_dataclass(one)), None) if isinstance(kind, UnionType) else None
    )
    if made is not None and isinstance(new, Mapping):
        return made(**new)
    return type(old)(new) if isinstance(new, list) and isinstance(old, tuple | frozenset) else new


_hints: Callable[[type], dict[str, Any]] = cache(get_type_hints)
