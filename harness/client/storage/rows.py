"""Rows to values and back: which column holds what, and what is encrypted. No SQL, no connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from enum import Enum
from typing import Any

from refreshproof.harness.client.model.configuration import ENUMS, TUPLES, ClientConfiguration
from refreshproof.harness.client.model.flow import FlowRequest, FlowResult, FlowResultError, Stage
from refreshproof.harness.client.model.token import ClientToken, ClientTokenEntity, FailureKind, Health, Lease, Status
from refreshproof.harness.client.storage.crypto import Cipher
from refreshproof.harness.client.storage.storage import Alarm

Row = Mapping[str, Any]

HEALTH_DEFAULTS = asdict(Health())


def configuration_row(configuration: ClientConfiguration, cipher: Cipher) -> dict[str, Any]:
    """Return the row of a configuration; saving it clears the alarm."""
    document = {one.name: _plain(getattr(configuration, one.name)) for one in fields(configuration)}
    del document["client_secret"]
    return {
        "id": configuration.id,
        "name": configuration.name,
        "client_secret": cipher.encrypt(configuration.client_secret),
        "document": json.dumps(document),
        "alarm": None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return dict(value) if isinstance(value, Mapping) else value


def configuration_from(row: Row, cipher: Cipher) -> ClientConfiguration:
    """Read a configuration."""
    document = json.loads(row["document"])
    for name, kind in ENUMS.items():
        document[name] = kind(document[name])
    for name in TUPLES:
        document[name] = tuple(document[name])
    return ClientConfiguration(client_secret=cipher.decrypt(row["client_secret"]) or "", **document)


def alarm_text(alarm: Alarm | None) -> str | None:
    """Return an alarm as it is stored."""
    return None if alarm is None else json.dumps(asdict(alarm))


def alarm_from(text: str | None) -> Alarm | None:
    """Read an alarm."""
    return None if text is None else Alarm(**json.loads(text))


def token_row(token: ClientTokenEntity, cipher: Cipher) -> dict[str, Any]:
    """Return the row of a token."""
    health = {name: _plain(getattr(token.health, name)) for name in HEALTH_DEFAULTS}
    status = health.pop("status")
    return {
        "id": token.id,
        "config_id": token.config_id,
        "access_token": cipher.encrypt(token.access_token),
        "access_token_expiration": token.access_token_expiration,
        "refresh_token": cipher.encrypt(token.refresh_token),
        "refresh_token_expiration": token.refresh_token_expiration,
        "refresh_expiration_supplied": token.refresh_expiration_supplied,
        "authorization_expiration": token.authorization_expiration,
        "issued_at": token.issued_at,
        "token_type": token.token_type,
        "scope": None if token.scope is None else json.dumps(token.scope),
        "status": status,
        "health": json.dumps({name: value for name, value in health.items() if value != HEALTH_DEFAULTS[name]}),
        "lease_holder": token.lease.holder if token.lease else None,
        "lease_until": token.lease.until if token.lease else None,
        "generation": token.generation,
        "version": token.version,
    }


def token_from_row(row: Row, cipher: Cipher) -> ClientTokenEntity:
    """Read a token."""
    health = json.loads(row["health"])
    if "failure" in health:
        health["failure"] = FailureKind(health["failure"])
    health["wanted"] = tuple(health.get("wanted", ()))
    held = row["lease_holder"] is not None
    return ClientTokenEntity(
        id=row["id"],
        config_id=row["config_id"],
        access_token=cipher.decrypt(row["access_token"]) or "",
        access_token_expiration=row["access_token_expiration"],
        refresh_token=cipher.decrypt(row["refresh_token"]),
        refresh_token_expiration=row["refresh_token_expiration"],
        refresh_expiration_supplied=row["refresh_expiration_supplied"],
        authorization_expiration=row["authorization_expiration"],
        issued_at=row["issued_at"],
        token_type=row["token_type"],
        scope=None if row["scope"] is None else tuple(json.loads(row["scope"])),
        health=Health(status=Status(row["status"]), **health),
        lease=Lease(holder=row["lease_holder"], until=row["lease_until"]) if held else None,
        generation=row["generation"],
        version=row["version"],
    )


def flow_row(flow: FlowRequest, cipher: Cipher) -> dict[str, Any]:
    """Return the row of a flow; verifier and result are encrypted."""
    document = asdict(replace(flow, result=None))
    document["stage"] = flow.stage.value
    secret = {"verifier": document.pop("verifier"), "result": asdict(flow.result) if flow.result else None}
    return {
        "id": flow.id,
        "config_id": flow.config_id,
        "state": flow.state,
        "created_at": flow.created_at,
        "document": json.dumps(document),
        "secret": cipher.encrypt(json.dumps(secret)),
        "version": flow.version,
    }


def flow_from(row: Row, cipher: Cipher) -> FlowRequest:
    """Read a flow."""
    document, secret = json.loads(row["document"]), json.loads(cipher.decrypt(row["secret"]) or "{}")
    document["scopes"] = tuple(document.get("scopes", ()))
    document |= {"stage": Stage(document["stage"]), "version": row["version"], "verifier": secret["verifier"]}
    return FlowRequest(**{**document, "result": _result_from(secret["result"])})


def _result_from(document: dict[str, Any] | None) -> FlowResult | None:
    if document is None:
        return None
    token, error = document["token"], document["error"]
    if token is not None:
        token = ClientToken(**{**token, "scope": None if token["scope"] is None else tuple(token["scope"])})
    if error is not None:
        error = FlowResultError(**{**error, "diagnosis": tuple(error["diagnosis"])})
    return FlowResult(token=token, error=error, warnings=tuple(document["warnings"]))
