"""The JSON schemas of the control API: what it takes is checked against them, and the OpenAPI document publishes
them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

from refreshproof.mock_servers.faults.faults import FAULTS
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.view_options import OPTIONS
from refreshproof.mock_servers.serving.sockets.clock import TimeMode

Schema: TypeAlias = Mapping[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 2000}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
TEXTS: Schema = {"type": "array", "items": TEXT, "maxItems": 200}
INSTANT: Schema = {
    "type": "integer",
    "minimum": 0,
    "maximum": 10**17,
    "description": "microseconds since the Unix epoch",
}
YES_OR_NO: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}


def nullable(schema: Schema) -> Schema:
    """Return a schema that takes null as well."""
    return {"anyOf": [schema, {"type": "null"}]}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def listed(schema: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": schema}


POLICIES = (
    Cause.REAUTHENTICATION_REQUIRED, Cause.REAUTHENTICATION_UNPROVEN, Cause.MULTI_FACTOR_REQUIRED,
    Cause.MULTI_FACTOR_ENROLMENT, Cause.SIGN_IN_FREQUENCY, Cause.ADMIN_POLICY, Cause.ACCOUNT_DELETED,
)  # fmt: skip
"""Why a policy may refuse a user's refreshes."""

FREE: Schema = {"type": "object"}
"""An object whose members are a vendor's or a fault's own."""

CLOCK = record({"mode": {"enum": list(get_args(TimeMode))}, "now": INSTANT, "date": TEXT})
CLOCK_SETTING: Schema = {
    "type": "object",
    "properties": {"now": INSTANT, "date": {"type": "string", "description": "ISO 8601 with a zone"}},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
CLOCK_STEP = record({"seconds": {"type": "number", "minimum": 0}})

ENDPOINT = record({"view": NAME, "methods": TEXTS, "url": TEXT, "local_url": TEXT})
SITE = record({"id": NAME, "name": TEXT, "url": TEXT})
PROVIDER = record(
    {
        "name": NAME, "title": TEXT, "origin": TEXT, "issuer": TEXT, "endpoints": listed(ENDPOINT), "hosts": TEXTS,
        "scopes": TEXTS, "client_parameters": FREE, "sites": listed(SITE),
    }
)  # fmt: skip

PROVIDER_WISH = record(
    {
        "name": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9._-]{0,63}$", "description": "what it shall be called"},
        "vendor": {**NAME, "description": "the served vendor that it is another one of"},
    }
)
FAULT = record(
    {"fault": {"enum": sorted(FAULTS)}},
    {
        "parameters": {**FREE, "description": "the fault's own parameters"},
        "view": {**nullable({"enum": sorted(OPTIONS)}), "default": "token", "description": "null for any"},
        "grant_type": {**nullable(NAME), "default": "refresh_token", "description": "null for any"},
        "client_id": {**nullable(NAME), "default": None, "description": "null for any"},
        "skip": {**NUMBER, "default": 0},
        "times": {**nullable({**NUMBER, "minimum": 1}), "default": 1, "description": "null for ever"},
        "every": {**nullable({**NUMBER, "minimum": 1}), "default": None},
        "probability": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
        "seed": {**NUMBER, "default": 0},
    },
)
FAULT_KIND = record({"fault": NAME, "summary": TEXT, "parameters": FREE})
QUEUED = record(
    {
        "number": NUMBER, "fault": NAME, "parameters": FREE, "view": nullable(NAME), "grant_type": nullable(NAME),
        "client_id": nullable(NAME), "times": nullable(NUMBER), "probability": {"type": "number"}, "strikes": NUMBER,
    }
)  # fmt: skip
HANDSHAKES = record({"fail": {**NUMBER, "description": "how many of the next TLS handshakes fail"}})

DECISION = record(
    {},
    {
        "account": {**NAME, "default": "alice"},
        "answer": {"enum": ["consent", "deny"], "default": "consent"},
        "scopes": {**nullable(TEXTS), "default": None, "description": "null for all that were asked for"},
        "site": {**nullable(NAME), "default": None},
        "seconds": {
            **nullable(NUMBER),
            "default": None,
            "description": "for how long, where the vendor lets one choose",
        },
    },
)
WITHDRAWAL = record({"account": NAME}, {"client_id": nullable(NAME)})
POLICY = record({"account": NAME, "refusal": nullable({"enum": list(POLICIES)})})
PASSWORD = record({"account": NAME, "action": {"enum": ["change", "restore"]}})

KIND: Schema = {"enum": ["web", "native", "spa"], "default": "web"}
CHANGEABLE: Mapping[str, Schema] = {
    "name": {**TEXT, "default": ""},
    "description": {**TEXT, "default": ""},
    "avatar_url": {**TEXT, "default": ""},
    "redirect_uris": {**TEXTS, "default": []},
    "any_loopback": {**YES_OR_NO, "default": False, "description": "take any redirect URI on loopback besides"},
    "status": {"enum": ["production", "testing"], "default": "production"},
    "refusal": {**nullable({"enum": [Cause.SECRET_EXPIRED, Cause.REQUEST_LOOP, Cause.UNAVAILABLE]}), "default": None,
                "description": "why the vendor refuses the client"},
    "refresh_tokens": {**YES_OR_NO, "default": True},
    "scopes": {**nullable(TEXTS), "default": None, "description": "null for every scope"},
    "shared": {**YES_OR_NO, "default": True, "description": "without it the application serves its owner only"},
    "approved": {**YES_OR_NO, "default": True, "description": "without it the consent screen warns"},
    "spans_sites": {**YES_OR_NO, "default": False, "description": "one consent for every site of the user"},
    "tenant": {**nullable(NAME), "default": None, "description": "id of the only tenant that it serves"},
    "client_family": {**nullable(NAME), "default": None, "description": "clients of one family share refresh tokens"},
}  # fmt: skip
"""What the owner of an application can change."""

APPLICATION = record(
    {"client_id": NAME},
    {
        "client_secret": {**nullable({"type": "string", "minLength": 1, "maxLength": 500}), "default": None,
                          "description": "null for a public client", "writeOnly": True},
        "certificate": {**nullable({"type": "string", "minLength": 1, "maxLength": 10_000}), "default": None,
                        "description": "X.509 in PEM, of the RSA key that signs assertions",
                        "format": "pem-certificate"},
        "kind": KIND,
        "owner": {**NAME, "default": "alice"},
        "project": {**NAME, "default": "project"},
        **CHANGEABLE,
    },
)  # fmt: skip
NEW_APPLICATION = record({"name": NAME, "owner": NAME}, {"kind": KIND})
APPLICATION_CHANGE: Schema = {**record({}, CHANGEABLE), "minProperties": 1}
CREDENTIALS = record({"client_id": NAME, "client_secret": NAME})
ADDRESS = record({"url": {"type": "string", "format": "uri"}})
REGISTERED = record(
    {
        "client_id": NAME, "app_id": TEXT, "name": TEXT, "description": TEXT, "avatar_url": TEXT, "owner": NAME,
        "confidential": YES_OR_NO, "redirect_uris": TEXTS, "any_loopback": YES_OR_NO, "kind": NAME, "status": NAME,
        "refusal": nullable(NAME), "project": NAME, "refresh_tokens": YES_OR_NO, "scopes": nullable(TEXTS),
        "shared": YES_OR_NO, "approved": YES_OR_NO, "spans_sites": YES_OR_NO, "tenant": nullable(NAME),
        "client_family": nullable(NAME), "updated_at": INSTANT,
    }
)  # fmt: skip

NEW_ACCOUNT = record(
    {"name": NAME},
    {
        "kind": {**NAME, "default": "user"},
        "sites": {**nullable(TEXTS), "default": None, "description": "null for every site of the vendor"},
        "permissions": {**TEXTS, "default": []},
    },
)
ACCOUNT = record(
    {
        "name": NAME, "kind": NAME, "sites": nullable(TEXTS), "permissions": TEXTS, "refusal": nullable(NAME),
        "passwords_set": NUMBER, "password_can_go_back": YES_OR_NO,
    }
)  # fmt: skip

ENTRY = record(
    {
        "number": NUMBER, "at": INSTANT, "view": NAME, "grant_type": nullable(TEXT), "client_id": nullable(TEXT),
        "account": nullable(TEXT), "presented": nullable(TEXT), "issued": TEXTS, "cause": nullable(TEXT),
        "detail": nullable(TEXT), "event": nullable(TEXT), "status": NUMBER, "delivered": nullable(YES_OR_NO),
    }
)  # fmt: skip
FIELDS = listed({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})
EXCHANGE = record(
    {
        "number": NUMBER, "at": INSTANT, "method": NAME, "url": {"type": "string"}, "request_headers": FIELDS,
        "request_body": {"type": "string"}, "status": NUMBER, "response_headers": FIELDS,
        "response_body": {"type": "string"}, "drop": nullable(NAME), "entry": nullable(NUMBER),
        "delivered": nullable(YES_OR_NO),
    }
)  # fmt: skip
SNAPSHOT = record(
    {
        "clock": CLOCK, "applications": listed(REGISTERED), "accounts": listed(ACCOUNT), "grants": listed(FREE),
        "families": listed(FREE), "faults": listed(QUEUED), "decisions": listed(DECISION), "ledger_entries": NUMBER,
        "exchanges": NUMBER, "snapshots": listed(NUMBER),
    }
)  # fmt: skip
KEPT = record({"snapshot": NUMBER, "clock": CLOCK})
TO_RESTORE = record({"snapshot": {**NUMBER, "description": "the number that keep_snapshot answered"}})
PAGE: Mapping[str, Schema] = {
    "since": {
        "type": "integer",
        "minimum": 0,
        "maximum": 10**12,
        "default": 0,
        "description": "the first number wanted",
    },
    "limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000},
}
"""The query of a list that grows."""

SEARCH: Mapping[str, Schema] = {"search": {**TEXT, "default": "", "description": "a part of the name, in any case"}}
"""The query of a list with names."""

DONE = record({"ok": {"const": True}})
PROBLEM = record({"error": TEXT})

JUDGEMENT = record(
    {
        "exit_code": {"type": "integer", "minimum": 0, "maximum": 7},
        "verdict": TEXT,
        "report": TEXT,
        "findings": listed(
            record(
                {
                    "requirement": NAME,
                    "provider": NAME,
                    "grade": NAME,
                    "anomaly": nullable(NAME),
                    "why": TEXT,
                    "replay": nullable(TEXT),
                }
            )
        ),
    }
)
