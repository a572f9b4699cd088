"""The control API: who may call it, what a call must look like, and the answers' form.

Loopback only and behind a bearer token; what it is asked for is carried out by the operations.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.serving.clock import ServerClock
from refreshproof.mock_servers.serving.control_call import Call, Operation
from refreshproof.mock_servers.serving.control_openapi import DOCUMENT_PATH, document
from refreshproof.mock_servers.serving.control_routes import NoOperation, find
from refreshproof.mock_servers.serving.control_schemas import Schema
from refreshproof.mock_servers.serving.served import Served
from refreshproof.mock_servers.wire import WireRequest, WireResponse, json_response

LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "::1"))
_NO_STORE = (("Cache-Control", "no-store"),)


class _Problem(Exception):
    def __init__(self, status: int, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text)
        self.answer = json_response(status, {"error": text}, headers=(*_NO_STORE, *headers))


class Control:
    """Answers the control API's requests for the providers of one server."""

    def __init__(self, vendors: Mapping[str, Served], clock: ServerClock, token: str) -> None:
        self._vendors = vendors
        self._clock = clock
        self._token = token.encode()

    def answer(self, request: WireRequest) -> WireResponse:
        """Answer one request."""
        try:
            self._admit(request)
            if (request.method, request.path) == ("GET", DOCUMENT_PATH):
                return json_response(200, document())
            return self._carried_out(request)
        except _Problem as problem:
            return problem.answer

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Take no note: the control API is not what is tested."""

    def tunnels_to(self, host: str) -> bool:
        """Refuse every tunnel."""
        return False

    def breaks_handshake(self) -> bool:
        """Break no handshake."""
        return False

    def _admit(self, request: WireRequest) -> None:
        # A page on another site can make a browser ask 127.0.0.1 under its own name (DNS rebinding).
        if request.host not in LOOPBACK_NAMES:
            raise _Problem(403, "Host: expected a loopback address")
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            challenge = ("WWW-Authenticate", 'Bearer realm="refreshproof control"')
            raise _Problem(401, "Authorization: expected Bearer and the token printed at the start", challenge)
        if not secrets.compare_digest(token.strip().encode(), self._token):
            raise _Problem(403, "Authorization: another token than the one printed at the start")

    def _carried_out(self, request: WireRequest) -> WireResponse:
        try:
            operation, values = find(request.method, request.path)
        except NoOperation as error:
            if error.allowed:
                allowed = ", ".join(error.allowed)
                raise _Problem(405, f"method: expected {allowed}, found {request.method}", ("Allow", allowed)) from None
            raise _Problem(404, f"no operation here; {DOCUMENT_PATH} lists them") from None
        call = Call(
            clock=self._clock,
            vendors=self._vendors,
            served=self._served(values),
            path=values,
            query=_query(operation, request),
            body=_body(operation, request),
        )
        try:
            return json_response(operation.status, operation.act(call), headers=_NO_STORE)
        except ValueError as error:
            raise _Problem(422, str(error)) from None

    def _served(self, values: Mapping[str, str]) -> Served | None:
        name = values.get("provider")
        if name is not None and name not in self._vendors:
            raise _Problem(404, f"no provider {name!r}; there are {', '.join(self._vendors)}")
        return None if name is None else self._vendors[name]


def _query(operation: Operation, request: WireRequest) -> dict[str, int]:
    given = dict(request.query)
    unknown = sorted(given.keys() - operation.query.keys())
    if unknown:
        raise _Problem(422, f"query: unknown {unknown[0]!r}; allowed are {', '.join(operation.query) or 'none'}")
    found: dict[str, int] = {}
    for name, schema in operation.query.items():
        text = given.get(name, str(schema["default"]))
        least, most = schema["minimum"], schema["maximum"]
        if not (text.isascii() and text.isdigit() and len(text) < 14 and least <= int(text) <= most):
            raise _Problem(422, f"query: {name}: expected a whole number from {least} to {most}")
        found[name] = int(text)
    return found


def _body(operation: Operation, request: WireRequest) -> Any:
    if operation.body is None:
        return None
    if request.media_type != "application/json":
        raise _Problem(415, f"Content-Type: expected application/json, found {request.media_type or 'none'}")
    try:
        body = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _Problem(400, "the body is not JSON") from None
    trouble = _unfit(operation.body, body)
    if trouble:
        raise _Problem(422, trouble)
    return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unfit(schema: Schema, body: Any) -> str:
    """Say where a body breaks its schema, and what is allowed there; never what stood there, which may be a secret."""
    from jsonschema import Draft202012Validator  # here, because most servers are never sent a body
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(body))
    if error is None:
        return ""
    place = ".".join(str(part) for part in error.absolute_path) or "the body"
    if error.validator == "additionalProperties":
        unknown = ", ".join(sorted(set(error.instance) - set(error.schema["properties"])))
        return f"{place}: unknown {unknown}; allowed are {', '.join(error.schema['properties'])}"
    if error.validator == "required":
        return f"{place}: {', '.join(sorted(set(error.validator_value) - set(error.instance)))} is missing"
    found = type(error.instance).__name__
    return f"{place}: expected {error.validator} {json.dumps(error.validator_value)}, found {found}"
