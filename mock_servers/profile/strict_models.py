"""Pydantic models made from dataclasses and from the signatures of functions, which take nothing but what is declared.

Importing this imports pydantic, which takes longer than a server to start.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from refreshproof.mock_servers.profile.view_options import Option

STRICT = ConfigDict(strict=True, extra="forbid")


def parameters_of(function: Callable[..., Any]) -> dict[str, Option]:
    """Return the parameters of a function as pydantic takes them; one of any type is JSON data."""
    hints = get_type_hints(function, localns={"Any": JsonValue}, include_extras=True)
    return {
        name: (hints[name], ... if one.default is inspect.Parameter.empty else one.default)
        for name, one in inspect.signature(function).parameters.items()
    }


def options_of(kind: type[Any]) -> dict[str, Option]:
    """Return the fields of a dataclass as pydantic takes them."""
    hints = get_type_hints(kind, include_extras=True)
    return {one.name: (hints[one.name], _default(one)) for one in fields(kind)}


def _default(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return Field(default_factory=one.default_factory)
    return ... if one.default is MISSING else one.default


def nested(model: type[BaseModel]) -> Option:
    """Return the option of a table, which may be left out unless something in it must be given."""
    needed = any(one.is_required() for one in model.model_fields.values())
    return (model, ... if needed else model())


def strict_model(name: str, options: Mapping[str, Option]) -> type[BaseModel]:
    """Return the model of a table with these options and no others."""
    return create_model(name, __config__=STRICT, **dict(options))  # type: ignore[call-overload, no-any-return]
