"""What can be said of a fault: a model of each, from its function's signature, and the judgement of a `FaultSpec`.

Importing this imports pydantic; `layers.build` does so when there is a fault to build.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError, to_json

from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.profile.strict_models import nested, options_of, parameters_of, strict_model
from refreshproof.mock_servers.profile.view_options import OPTIONS


@cache
def fault_model(name: str) -> type[BaseModel]:
    """Return the model of a fault by its name: the fields of `FaultSpec`, with the parameters of this one."""
    parameters = strict_model(f"parameters of {name}", parameters_of(FAULTS[name]))
    return strict_model(f"fault {name}", options_of(FaultSpec) | {
        "fault": (Literal[name], ...),
        "view": (Literal[tuple(OPTIONS)] | None, "token"),
        "parameters": nested(parameters),
    })  # fmt: skip


def check(spec: FaultSpec) -> None:
    """Raise ValueError that tells everything that is wrong: each parameter, what was found, what is allowed."""
    try:
        fault_model(spec.fault).model_validate({**vars(spec), "parameters": dict(spec.parameters)})
    except ValidationError as error:
        raise ValueError("; also ".join(_wrong(spec.fault, one) for one in error.errors())) from None
    for name, value in spec.parameters.items():
        try:
            to_json(value)
        except PydanticSerializationError:
            # JSON can spell half of a surrogate pair, and no body can hold it.
            raise ValueError(f"{name}: found half of a surrogate pair; expected Unicode") from None


def _wrong(fault: str, error: ErrorDetails) -> str:
    from refreshproof.mock_servers.profile.complaints import dotted, one_of, shown  # jsonschema takes time to import

    path = [part for part in error["loc"] if part != "parameters"]
    if error["type"] == "extra_forbidden":
        allowed = parameters_of(FAULTS[fault])
        return f"{dotted(path)}: unknown parameter; {one_of(str(path[-1]), list(allowed))}"
    if error["type"] == "missing":
        return f"{dotted(path)}: missing"
    if error["type"] == "invalid-json-value":
        return f"{path[0]}: found {shown(error['input'])}; expected JSON data"
    return f"{dotted(path)}: found {shown(error['input'])}; {error['msg'].replace('Input should be', 'expected')}"
