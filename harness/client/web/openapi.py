"""The OpenAPI description of the configuration API: the rules of `configuration`, said again as JSON Schema.

`tests/harness/client/web/test_schemathesis.py` holds the two together: what a schema allows is stored, what it forbids
is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.harness.client.model.configuration import CREDENTIALS, ENUMS, RULES, TUPLES
from refreshproof.harness.client.web.documents import PATH, REQUIRED


def openapi(base_url: str) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1)."""
    one = _answer("the configuration", {"$ref": "#/components/schemas/ClientConfiguration"})
    many = _answer(
        "all configurations, by name",
        {"type": "array", "items": {"$ref": "#/components/schemas/ClientConfiguration"}},
    )
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
                    "requestBody": _body("NewClientConfiguration"),
                    "responses": _answers({"201": {**one, "headers": LOCATION}}, "400", "413", "415"),
                },
            },
            PATH + "get-redirect-uri": {
                "get": {
                    "summary": "The unique redirect URI of an authorization endpoint",
                    "parameters": [
                        {"name": "authorizationEndpoint", "in": "query", "required": True, "schema": ENDPOINT}
                    ],
                    "responses": _answers({"200": _answer("the redirect URI of the endpoint", REDIRECT_URI)}, "400"),
                }
            },
            PATH + "{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": ID}],
                "get": {"summary": "Read a configuration", "responses": _answers({"200": one}, "404")},
                "put": {
                    "summary": "Update a configuration; without clientSecret the stored one stays",
                    "requestBody": _body("ChangedClientConfiguration"),
                    "responses": _answers({"204": {"description": "updated"}}, "400", "404", "413", "415"),
                },
                "delete": {
                    "summary": "Delete a configuration and its tokens",
                    "responses": _answers({"204": {"description": "deleted"}}, "404"),
                },
            },
        },
        "components": {
            "schemas": {
                "ClientConfiguration": _shown(),
                "ChangedClientConfiguration": _taken(),
                "NewClientConfiguration": {**_taken(), "allOf": [NEW]},
                "Error": ERROR,
            },
            "securitySchemes": {"administrator": {"type": "http", "scheme": "bearer"}},
        },
    }


def _body(name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answer(description: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _answers(good: Mapping[str, Any], *codes: str) -> dict[str, Any]:
    """Return the responses of an operation; every call may lack the administrator's credential."""
    errors = {code: _answer(REASONS[code], {"$ref": "#/components/schemas/Error"}) for code in ("401", "403", *codes)}
    return {**good, **errors, "401": {**errors["401"], "headers": CHALLENGE}}


def _shown() -> dict[str, Any]:
    """Return the schema of what is read: everything but the secret, and nothing is left out (CFG-05)."""
    properties = {"id": ID, **{name: SHOWN.get(attribute, TEXT) for name, attribute, _ in RULES}}
    del properties["clientSecret"]
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _taken() -> dict[str, Any]:
    """Return the schema of a body; null in an optional field is the same as its absence."""
    required = [name for name in REQUIRED if name != "clientSecret"]
    taken = {name: TAKEN[attribute] for name, attribute, _ in RULES}
    optional = {name: {"anyOf": [schema, {"type": "null"}]} for name, schema in taken.items() if name not in required}
    return {
        "type": "object",
        "properties": {"id": {"description": "ignored"}, **taken, **optional},
        "required": required,
        "additionalProperties": False,
        "anyOf": [
            {"properties": {"issRequired": {"enum": [False, None]}}},
            {"properties": {"issuer": {"type": "string", "minLength": 1}}, "required": ["issuer"]},
        ],
    }


def _line(limit: int, *, required: bool) -> dict[str, Any]:
    return {"type": "string", "maxLength": limit, "pattern": NOT_BLANK if required else PRINTABLE}


def _parameters(*reserved: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "propertyNames": {"not": {"enum": sorted(reserved)}},
        "description": "static parameters for vendors that need them, 10000 characters in all",
    }


PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
NOT_BLANK = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"

TEXT = {"type": "string"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
ENDPOINT = {
    "type": "string",
    "maxLength": 2_000,
    "pattern": rf"^https://[A-Za-z0-9.-]+(:({PORT}))?([/?][!-\"$-\[\]-~]*)?$",
    "description": "an absolute https URL without user information and fragment",
}
OPTIONAL_ENDPOINT = {"anyOf": [{"const": ""}, ENDPOINT]}
CHOICES = {attribute: {"type": "string", "enum": [one.value for one in kind]} for attribute, kind in ENUMS.items()}

SHOWN: Mapping[str, Any] = {
    **CHOICES,
    "authorization_parameters": TEXTS,
    "token_parameters": TEXTS,
    "refresh_parameters": TEXTS,
    **{attribute: {"type": "array", "items": TEXT} for attribute in TUPLES},
    "pkce": {"type": "boolean"},
    "iss_required": {"type": "boolean"},
    "repeats_scope": {"type": "boolean"},
}
"""What is read, by attribute; everything else is a text."""

TAKEN: Mapping[str, Any] = {
    **SHOWN,
    "name": _line(255, required=True),
    "description": _line(4_000, required=False),
    "client_id": _line(2_000, required=True),
    "client_secret": {
        "anyOf": [{"const": ""}, _line(8_000, required=True)],
        "writeOnly": True,
        "description": "with private_key_jwt a private key in PEM without a password: RSA, or elliptic on P-256",
    },
    "authorization_endpoint": ENDPOINT,
    "token_endpoint": ENDPOINT,
    "scopes": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "pattern": r"^[\x21\x23-\x5b\x5d-\x7e]+$"},
        "description": "scope-tokens of RFC 6749 3.3, 10000 characters in all",
    },
    "redirect_uri_suffix": {"type": "string", "pattern": "^([A-Za-z0-9_-]{22})?$"},
    "refresh_endpoint": OPTIONAL_ENDPOINT,
    "revocation_endpoint": OPTIONAL_ENDPOINT,
    "authorization_parameters": _parameters(
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"
    ),
    "token_parameters": _parameters(*CREDENTIALS, "code", "redirect_uri", "code_verifier", "refresh_token"),
    "refresh_parameters": _parameters(*CREDENTIALS, "refresh_token"),
    "issuer": _line(2_000, required=False),
    "assertion_audience": _line(2_000, required=False),
    "scope_separator": {"type": "string", "enum": [" ", ","]},
    "bearer_token_types": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 100}},
}
"""What a body may hold, by attribute."""

NEW = {
    "anyOf": [
        {"properties": {"clientSecret": {"type": "string", "minLength": 1}}, "required": ["clientSecret"]},
        {"properties": {"clientAuthentication": {"const": "none"}}, "required": ["clientAuthentication"]},
    ]
}
"""What a body needs besides when nothing is stored yet: a secret, unless the client is a public one."""

REDIRECT_URI = {
    "type": "object",
    "properties": {"redirectUri": TEXT, "redirectUriSuffix": TEXT},
    "required": ["redirectUri", "redirectUriSuffix"],
    "additionalProperties": False,
}
ERROR = {
    "type": "object",
    "properties": {"message": TEXT, "errors": {**TEXTS, "description": "every offending field with its reason"}},
    "required": ["message"],
    "additionalProperties": False,
}

LOCATION = {"Location": {"description": "where it can be read", "required": True, "schema": TEXT}}
CHALLENGE = {"WWW-Authenticate": {"description": "how to authenticate", "required": True, "schema": TEXT}}

REASONS = {
    "400": "the body is no JSON object, or fields of it are refused",
    "401": "no administrator credential",
    "403": "another credential",
    "404": "no such configuration",
    "413": "the body is too large",
    "415": "the body is not JSON",
}
