"""The model of a profile file: the fields of `Profile` as they are, endpoints typed by their view, faults by their
name.

The model is built from the dataclasses, so that a new field of a profile is a new key of the file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from refreshproof.mock_servers.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.profile import Endpoint, Profile
from refreshproof.mock_servers.vendor import Vendor
from refreshproof.mock_servers.view_options import OPTIONS, Option

STRICT = ConfigDict(strict=True, extra="forbid")
NAME = r"^[a-z0-9][a-z0-9-]*$"
"""A vendor's name is part of file names in a report."""
URL = r"^https?://[^\s/?#<>]+(/[^\s?#<>]*)?$"
FIXED = ("name", "title", "endpoints", "sources")
"""Fields that no endpoint can override."""


@lru_cache(maxsize=1)
def file_model() -> type[BaseModel]:
    """Return the model of a whole file, all `extends` being resolved."""
    changed = {
        "name": (Annotated[str, Field(pattern=NAME, max_length=60)], ...),
        "endpoints": (tuple[_one_of(_endpoint_models(), "view"), ...], ...),  # type: ignore[misc]
        "faults": (tuple[_one_of(_fault_models(), "fault"), ...], ()),  # type: ignore[misc]
    }
    return create_model("Vendor", __config__=STRICT, **_options_of(Profile) | changed)  # type: ignore[call-overload, no-any-return]


def vendor_of(model: BaseModel) -> Vendor:
    """Turn what the model read into a vendor."""
    values = _given(model)
    endpoints = tuple(
        Endpoint(**_given(one) | {name: _given(getattr(one, name)) for name in ("options", "overrides")})
        for one in values["endpoints"]
    )
    specs = tuple(FaultSpec(**_given(one) | {"parameters": _given(one.parameters)}) for one in values.pop("faults", ()))
    profile = Profile(**values | {"endpoints": endpoints})
    return Vendor(name=profile.name, title=profile.title, profile=profile, faults=specs)


def _given(model: BaseModel) -> dict[str, Any]:
    """Return what stands in the file; what does not keeps the default of the dataclass."""
    return {name: value for name, value in model if name in model.model_fields_set}


def _endpoint_models() -> dict[str, type[BaseModel]]:
    overrides = _model("overrides", {
        name: (hint, None) for name, (hint, _) in _options_of(Profile).items() if name not in FIXED
    })  # fmt: skip
    return {
        view: _endpoint_model(view, _model(f"options of {view}", options), overrides)
        for view, options in OPTIONS.items()
    }


def _endpoint_model(view: str, options: type[BaseModel], overrides: type[BaseModel]) -> type[BaseModel]:
    return _model(f"endpoint {view}", _options_of(Endpoint) | {
        "view": (Literal[view], ...),
        "url": (Annotated[str, Field(pattern=URL)], ...),
        "options": _nested(options),
        "overrides": _nested(overrides),
    })  # fmt: skip


def _fault_models() -> dict[str, type[BaseModel]]:
    common = _options_of(FaultSpec) | {"view": (Literal[tuple(OPTIONS)] | None, "token")}
    return {
        name: _model(f"fault {name}", common | {
            "fault": (Literal[name], ...), "parameters": _nested(_model(f"parameters of {name}", _parameters(fault))),
        })
        for name, fault in FAULTS.items()
    }  # fmt: skip


def _parameters(fault: Callable[..., Any]) -> dict[str, Option]:
    hints = get_type_hints(fault, include_extras=True)
    return {
        name: (hints[name], ... if one.default is inspect.Parameter.empty else one.default)
        for name, one in inspect.signature(fault).parameters.items()
    }


def _options_of(kind: type[Any]) -> dict[str, Option]:
    """Return the fields of a dataclass as pydantic takes them."""
    hints = get_type_hints(kind, include_extras=True)
    return {one.name: (hints[one.name], _default(one)) for one in fields(kind)}


def _default(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return Field(default_factory=one.default_factory)
    return ... if one.default is MISSING else one.default


def _nested(model: type[BaseModel]) -> Option:
    """A table that may be left out unless something in it must be given."""
    needed = any(one.is_required() for one in model.model_fields.values())
    return (model, ... if needed else model())


def _model(name: str, options: Mapping[str, Option]) -> type[BaseModel]:
    return create_model(name, __config__=STRICT, **dict(options))  # type: ignore[call-overload, no-any-return]


def _one_of(models: Mapping[str, type[BaseModel]], key: str) -> Any:
    """Return the union of models, told apart by one key."""
    return Annotated[reduce(or_, models.values()), Field(discriminator=key)]
