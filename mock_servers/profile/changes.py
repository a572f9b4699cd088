"""Changing a profile by dotted names, as scenarios and TOML files do: `{"lifetimes.access_token": 30}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import UnionType
from typing import Any, get_args, get_type_hints

from refreshproof.mock_servers.profile.profile import Profile


def changed(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """Return the profile with changes; raises ValueError that names an unknown field and those allowed."""
    for name, value in changes.items():
        profile = _set(profile, name.split("."), value, name)
    return profile


def _set(value: Any, path: list[str], new: Any, name: str) -> Any:
    head, *rest = path
    if isinstance(value, Mapping):
        return {**value, head: new if not rest else _set(value.get(head, {}), rest, new, name)}
    allowed = [one.name for one in fields(value)] if is_dataclass(value) else []
    if head not in allowed:
        raise ValueError(f"profile: {name}: no field {head!r}; allowed are {', '.join(allowed) or 'none'}")
    old = getattr(value, head)
    inner = _set(old, rest, new, name) if rest else _alike(new, old, get_type_hints(type(value))[head])
    return replace(value, **{head: inner})


def _alike(new: Any, old: Any, kind: Any) -> Any:
    """Turn a list or an object, as JSON and TOML have it, into what the field holds."""
    made: Any = (
        next((one for one in get_args(kind) if is_dataclass(one)), None) if isinstance(kind, UnionType) else None
    )
    if made is not None and isinstance(new, Mapping):
        return made(**new)
    return type(old)(new) if isinstance(new, list) and isinstance(old, tuple | frozenset) else new
