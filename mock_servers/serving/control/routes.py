"""Which operation of the control API an address is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from refreshproof.mock_servers.serving.control.call import Operation
from refreshproof.mock_servers.serving.control.operations import OPERATIONS

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}
"""The operations by their names."""

_MAP = Map(
    [
        Rule(re.sub(r"\{(\w+)\}", r"<\1>", operation.path), endpoint=operation.name, methods=[operation.method])
        for operation in OPERATIONS
    ],
    strict_slashes=False,
    merge_slashes=False,
)


class NoOperation(Exception):
    """No operation at an address, or not by this method; `allowed` are the methods there are."""

    def __init__(self, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


def find(method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
    """Return the operation for a request and the values in its path; raises `NoOperation`."""
    try:
        name, values = _MAP.bind("control").match(path, method=method)
    except MethodNotAllowed as error:
        raise NoOperation(tuple(sorted(error.valid_methods or ()))) from None
    except HTTPException:
        raise NoOperation from None
    return BY_NAME[name], {key: unquote(value) for key, value in values.items()}
