"""The OpenAPI document of the control API, made from the table of its operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from refreshproof.mock_servers.serving.control.call import Operation
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.control.schemas import PROBLEM, Schema

DOCUMENT_PATH = "/openapi.json"
_PROBLEMS: Mapping[str, str] = {
    "400": "The body is not JSON",
    "401": "No bearer token",
    "403": "Another bearer token, or a Host that is not loopback",
    "404": "No such provider or application",
    "415": "The body is not declared as application/json",
    "422": "The error names the place, what was found and what is allowed",
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Return the document (OpenAPI 3.1, whose schemas are JSON Schema)."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Refreshproof control API",
            "version": "1",
            "description": "Moves the clock, queues faults, plays the user and tells what providers saw.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
              for name in re.findall(r"\{(\w+)\}", operation.path)),
            *({"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()),
        ],
        "responses": {
            str(operation.status): _content(operation.summary, operation.answer),
            **{status: _content(text, PROBLEM) for status, text in _PROBLEMS.items()},
        },
    }  # fmt: skip
    if operation.body is not None:
        described["requestBody"] = {"required": True, **_content("", operation.body)}
        described["requestBody"].pop("description")
    return described


def _content(description: str, schema: Schema) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
