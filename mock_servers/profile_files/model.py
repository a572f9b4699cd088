"""The model of a profile file: the fields of `Profile` as they are, endpoints typed by their view, faults by their
name.

The model is built from the dataclasses, so that a new field of a profile is a new key of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.faults.model import fault_model
from refreshproof.mock_servers.profile.profile import Endpoint, Profile
from refreshproof.mock_servers.profile.strict_models import nested, options_of, strict_model
from refreshproof.mock_servers.profile.view_options import OPTIONS
from refreshproof.mock_servers.vendors.vendor import Vendor

NAME = r"^[a-z0-9][a-z0-9-]*$"
"""A vendor's name is part of file names in a report."""
URL = r"^https?://[^\s/?#<>]+(/[^\s?#<>]*)?$"
FIXED = ("name", "title", "endpoints", "sources", "not_measured", "announced")
"""Fields that no endpoint can override."""


@lru_cache(maxsize=1)
def file_model() -> type[BaseModel]:
    """Return the model of a whole file, all `extends` being resolved."""
    changed = {
        "name": (Annotated[str, Field(pattern=NAME, max_length=60)], ...),
        "endpoints": (tuple[_one_of(_endpoint_models(), "view"), ...], ...),  # type: ignore[misc]
        "faults": (tuple[_one_of({name: fault_model(name) for name in FAULTS}, "fault"), ...], ()),  # type: ignore[misc]
    }
    return strict_model("Vendor", options_of(Profile) | changed)


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
    overrides = strict_model("overrides", {
        name: (hint, None) for name, (hint, _) in options_of(Profile).items() if name not in FIXED
    })  # fmt: skip
    return {
        view: _endpoint_model(view, strict_model(f"options of {view}", options), overrides)
        for view, options in OPTIONS.items()
    }


def _endpoint_model(view: str, options: type[BaseModel], overrides: type[BaseModel]) -> type[BaseModel]:
    return strict_model(f"endpoint {view}", options_of(Endpoint) | {
        "view": (Literal[view], ...),
        "url": (Annotated[str, Field(pattern=URL)], ...),
        "options": nested(options),
        "overrides": nested(overrides),
    })  # fmt: skip


def _one_of(models: Mapping[str, type[BaseModel]], key: str) -> Any:
    """Return the union of models, told apart by one key."""
    return Annotated[reduce(or_, models.values()), Field(discriminator=key)]
