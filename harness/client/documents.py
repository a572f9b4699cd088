"""Client configurations as the JSON of the REST API, by the table that validates them, and the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any

from refreshproof.harness.client.configuration import ENUMS, RULES, TUPLES, ClientConfiguration
from refreshproof.harness.client.errors import FieldErrors

REQUIRED = ("name", "type", "clientId", "clientSecret", "authorizationEndpoint", "tokenEndpoint", "scopes")

EMPTY: Mapping[str, Any] = {"scopes": ()}
"""What a missing required field becomes, for its rule to refuse; everything else becomes an empty text."""

PATH = "/rest/oauth2-client/latest/config/"


def to_document(configuration: ClientConfiguration) -> dict[str, Any]:
    """Return what the API shows of a configuration: everything but the secret (CFG-05)."""
    shown = [(name, getattr(configuration, attribute)) for name, attribute, _ in RULES if name != "clientSecret"]
    return {"id": configuration.id, **{name: _plain(value) for name, value in shown}}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def from_document(document: Mapping[str, Any], *, id: str = "", secret: str = "") -> ClientConfiguration:
    """Build a configuration from a request body; wrong types are left to the rules, unknown members are refused.

    `id` is the stored one of a PUT, `secret` its client secret, which stays if the body has none. Raises FieldErrors.
    """
    known = {name for name, _, _ in RULES}
    unknown = {name: "is not a field of a configuration" for name in document if name not in known | {"id"}}
    if unknown:
        raise FieldErrors(unknown)
    values = {attribute: document[name] for name, attribute, _ in RULES if document.get(name) is not None}
    values = {attribute: _convert(attribute, value) for attribute, value in values.items()}
    if not document.get("clientSecret"):
        values["client_secret"] = secret
    for field in fields(ClientConfiguration):
        if field.default is MISSING and field.default_factory is MISSING:
            values.setdefault(field.name, EMPTY.get(field.name, ""))
    return ClientConfiguration(**{**values, "id": id})


def _convert(attribute: str, value: Any) -> Any:
    if attribute in TUPLES and isinstance(value, list):
        return tuple(value)
    if attribute in ENUMS and isinstance(value, str):
        return next((one for one in ENUMS[attribute] if one.value == value), value)
    return value


def openapi(base_url: str) -> dict[str, Any]:
    """Return the OpenAPI description of the configuration API."""
    configuration = {"$ref": "#/components/schemas/ClientConfiguration"}
    body = {"required": True, "content": {"application/json": {"schema": configuration}}}
    one = _answer("the configuration", configuration)
    many = _answer("all configurations, by name", {"type": "array", "items": configuration})
    uri = _answer("the redirect URI of the endpoint", {"type": "object", "additionalProperties": {"type": "string"}})
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    endpoint = {"name": "authorizationEndpoint", "in": "query", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "OAuth 2.0 client configurations", "version": "latest"},
        "servers": [{"url": base_url}],
        "security": [{"administrator": []}],
        "paths": {
            PATH: {
                "get": {"summary": "List configurations", "responses": _answers({"200": many})},
                "post": {
                    "summary": "Store a configuration",
                    "requestBody": body,
                    "responses": _answers({"201": one}, "400", "413", "415"),
                },
            },
            PATH + "get-redirect-uri": {
                "get": {
                    "summary": "The unique redirect URI of an authorization endpoint",
                    "parameters": [endpoint],
                    "responses": _answers({"200": uri}, "400"),
                }
            },
            PATH + "{id}": {
                "parameters": [identifier],
                "get": {"summary": "Read a configuration", "responses": _answers({"200": one}, "404")},
                "put": {
                    "summary": "Update a configuration; without clientSecret the stored one stays",
                    "requestBody": body,
                    "responses": _answers({"204": {"description": "updated"}}, "400", "404", "413", "415"),
                },
                "delete": {
                    "summary": "Delete a configuration and its tokens",
                    "responses": _answers({"204": {"description": "deleted"}}, "404"),
                },
            },
        },
        "components": {
            "schemas": {"ClientConfiguration": _schema(), "Error": ERROR_SCHEMA},
            "securitySchemes": {"administrator": {"type": "http", "scheme": "bearer"}},
        },
    }


def _answer(description: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _answers(good: Mapping[str, Any], *codes: str) -> dict[str, Any]:
    """Return the responses of an operation; every call may lack the administrator's credential."""
    error = {"$ref": "#/components/schemas/Error"}
    return {**good, **{code: _answer(REASONS[code], error) for code in ("401", "403", *codes)}}


def _schema() -> dict[str, Any]:
    properties = {name: SCHEMAS.get(attribute, {"type": "string"}) for name, attribute, _ in RULES}
    properties["clientSecret"] = {"type": "string", "writeOnly": True}
    return {
        "type": "object",
        "properties": {"id": {"type": "string", "readOnly": True}, **properties},
        "required": [name for name in REQUIRED if name != "clientSecret"],
        "additionalProperties": False,
    }


TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
TEXT_LIST = {"type": "array", "items": {"type": "string"}}

SCHEMAS: Mapping[str, Any] = {
    **{attribute: {"type": "string", "enum": [one.value for one in kind]} for attribute, kind in ENUMS.items()},
    **dict.fromkeys(("authorization_parameters", "token_parameters", "refresh_parameters"), TEXTS),
    **dict.fromkeys(TUPLES, TEXT_LIST),
    **{name: {"type": "boolean"} for name in ("pkce", "iss_required")},
}

ERROR_SCHEMA = {
    "type": "object",
    "properties": {"message": {"type": "string"}, "errors": TEXTS},
    "required": ["message"],
}

REASONS = {
    "400": "every offending field with its reason",
    "401": "no administrator credential",
    "403": "another credential",
    "404": "no such configuration",
    "413": "the body is too large",
    "415": "the body is not JSON",
}
