"""Whether a vendor whose profile was changed by dotted names is still one that a profile file could describe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.complaints import dotted, shown
from refreshproof.mock_servers.profile_files.contradictions import contradictions
from refreshproof.mock_servers.profile_files.model import file_model
from refreshproof.mock_servers.vendors.vendor import Vendor


def changed_vendor(vendor: Vendor, changes: Mapping[str, Any]) -> Vendor:
    """Return the vendor with changes to its profile; raises ValueError that names the field, what was found there and
    what is wrong with it."""
    try:
        profile = changed(vendor.profile, changes)
        values = {one.name: getattr(profile, one.name) for one in fields(profile)}
        file_model().model_validate_json(json.dumps(to_jsonable_python({"faults": vendor.faults} | values)))
    except ValidationError as error:
        first = error.errors()[0]
        place = dotted([part for part in first["loc"] if part != "[key]"])
        raise ValueError(f"profile: {place}: found {shown(first['input'])}; {first['msg']}") from None
    except (TypeError, AttributeError, PydanticSerializationError) as error:
        raise ValueError(f"profile: the changes to {', '.join(changes)} do not fit: {error}") from None
    fitting = replace(vendor, profile=profile, before=None)
    for wrong in contradictions(fitting):
        raise ValueError(f"profile: {wrong}")
    return fitting
