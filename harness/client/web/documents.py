"""Client configurations as the JSON of the REST API, by the table that validates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any

from refreshproof.harness.client.model.configuration import ENUMS, RULES, TUPLES, ClientConfiguration
from refreshproof.harness.client.model.errors import FieldErrors

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
    if document.get("clientSecret") in (None, ""):
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
