"""The control API: who may call it, what a call must look like, and the answers' form.

Behind a bearer token, and on loopback only unless asked otherwise; what it is asked for is carried out by the
operations. The console at `CONSOLE_PATH` asks for the same operations on behalf of a person.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from refreshproof.mock_servers.serving.control.call import CONSOLE_PATH, Call, Instances, Operation, Problem
from refreshproof.mock_servers.serving.control.openapi import DOCUMENT_PATH, document
from refreshproof.mock_servers.serving.control.routes import NoOperation, find
from refreshproof.mock_servers.serving.control.schemas import Schema
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.served.witness import Witness
from refreshproof.mock_servers.serving.sockets.clock import ServerClock
from refreshproof.mock_servers.serving.sockets.connection import internal_error
from refreshproof.mock_servers.wire import WireRequest, WireResponse, json_response

if TYPE_CHECKING:
    from refreshproof.mock_servers.serving.console.desk import ConsoleDesk

LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "::1"))
_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST = 1e300
LONGEST_PATH, LONGEST_FOUND = 200, 60
"""Characters of what was found that an answer repeats."""
_NO_STORE = (("Cache-Control", "no-store"),)


class Control:
    """Answers the control API's requests for the providers of one server."""

    def __init__(
        self,
        vendors: Mapping[str, Served],
        clock: ServerClock,
        token: str,
        tell: Callable[[str], None] = lambda line: None,
        witness: Witness | None = None,
        hosts: frozenset[str] = LOOPBACK_NAMES,
        instances: Instances | None = None,
    ) -> None:
        self._hosts = hosts
        self._instances = instances
        self._witness = witness
        self._tell = tell
        self._vendors = vendors
        self._clock = clock
        self._token = token.encode()

    def answer(self, request: WireRequest) -> WireResponse:
        """Answer one request; a bug of ours is a 500 that says so, and ends nothing."""
        try:
            return self._answer(request)
        except Problem as problem:
            return json_response(problem.status, {"error": str(problem)}, headers=(*_NO_STORE, *problem.headers))
        except Exception as error:
            return json_response(500, {"error": internal_error(error)}, headers=_NO_STORE)

    def refuse(self, status: int, reason: str) -> WireResponse:
        """Answer what is no request."""
        return json_response(status, {"error": reason}, headers=_NO_STORE)

    def broke(self, error: Exception) -> None:
        """Tell of a bug that ended a connection."""
        self._tell(f"control: {internal_error(error)}; a connection was closed")

    def carry_out(
        self, operation: Operation, path: Mapping[str, str], query: Mapping[str, str], body: Any = None
    ) -> Any:
        """Carry out an operation with the values of its path, query and body; raises `Problem`."""
        served = self._served(path)
        own = None if served is None or self._instances is None else self._instances.clock_of(served.vendor.name)
        call = Call(
            clock=own or self._clock,
            vendors=self._vendors,
            served=served,
            path=path,
            query=_checked_query(operation, query),
            body=_checked_body(operation, body),
            witness=self._witness,
            instances=self._instances,
        )
        try:
            return operation.act(call)
        except ValueError as error:
            raise Problem(422, str(error)) from None

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Take no note: the control API is not what is tested."""

    def tunnels_to(self, host: str) -> bool:
        """Refuse every tunnel."""
        return False

    def breaks_handshake(self) -> bool:
        """Break no handshake."""
        return False

    @cached_property
    def _console(self) -> ConsoleDesk:
        from refreshproof.mock_servers.serving.console.desk import ConsoleDesk  # here: most servers are never looked at

        return ConsoleDesk(self._token, self.carry_out)

    def _answer(self, request: WireRequest) -> WireResponse:
        self._check_host(request)
        if f"{request.path}/".startswith(f"{CONSOLE_PATH}/"):
            return self._console.answer(request)
        self._check_token(request)
        if (request.method, request.path) == ("GET", DOCUMENT_PATH):
            return json_response(200, document())
        return self._operated(request)

    def _check_host(self, request: WireRequest) -> None:
        # A page on another site can make a browser ask 127.0.0.1 under its own name (DNS rebinding).
        if request.host not in self._hosts:
            allowed = " or ".join(sorted(self._hosts))
            raise Problem(403, f"Host: found {request.host!r}; expected {allowed}; serve --name adds one")

    def _check_token(self, request: WireRequest) -> None:
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            challenge = ("WWW-Authenticate", 'Bearer realm="refreshproof control"')
            raise Problem(401, "Authorization: expected Bearer and the token printed at the start", challenge)
        if not secrets.compare_digest(token.strip().encode(), self._token):
            raise Problem(403, "Authorization: another token than the one printed at the start")

    def _operated(self, request: WireRequest) -> WireResponse:
        try:
            operation, values = find(request.method, request.path)
        except NoOperation as error:
            if error.allowed:
                allowed = ", ".join(error.allowed)
                raise Problem(405, f"method: expected {allowed}, found {request.method}", ("Allow", allowed)) from None
            found = f"{request.method} {request.path[:LONGEST_PATH]}"
            raise Problem(404, f"no operation {found}; {DOCUMENT_PATH} lists them") from None
        body = None if operation.body is None else _json(request)
        answer = self.carry_out(operation, values, dict(request.query), body)
        return json_response(operation.status, answer, headers=_NO_STORE)

    def _served(self, values: Mapping[str, str]) -> Served | None:
        name = values.get("provider")
        if name is not None and name not in self._vendors:
            raise Problem(404, f"no provider {name!r}; there are {', '.join(self._vendors)}")
        return None if name is None else self._vendors[name]


def _checked_query(operation: Operation, given: Mapping[str, str]) -> dict[str, Any]:
    unknown = sorted(given.keys() - operation.query.keys())
    if unknown:
        raise Problem(422, f"query: unknown {unknown[0]!r}; allowed are {', '.join(operation.query) or 'none'}")
    found: dict[str, Any] = {}
    for name, schema in operation.query.items():
        text = given.get(name, str(schema["default"]))
        if schema["type"] == "string":
            if len(text) > schema["maxLength"]:
                most = f"expected at most {schema['maxLength']} characters"
                raise Problem(422, f"query: {name}: found {len(text)} characters; {most}")
            found[name] = text
            continue
        least, most = schema["minimum"], schema["maximum"]
        if not (text.isascii() and text.isdigit() and len(text) < 14 and least <= int(text) <= most):
            wanted = f"expected a whole number from {least} to {most}"
            raise Problem(422, f"query: {name}: found {text[:LONGEST_FOUND]!r}; {wanted}")
        found[name] = int(text)
    return found


def _checked_body(operation: Operation, body: Any) -> Any:
    trouble = "" if operation.body is None else _no_value(body) or _unfit(operation.body, body)
    if trouble:
        raise Problem(422, trouble)
    return body


def _json(request: WireRequest) -> Any:
    if request.media_type != "application/json":
        raise Problem(415, f"Content-Type: expected application/json, found {request.media_type or 'none'}")
    try:
        return json.loads(request.body, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Problem(400, f"the body is not JSON, from line {error.lineno} column {error.colno} on") from None
    except (ValueError, RecursionError):
        raise Problem(400, "the body is not JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_value(body: Any) -> str:
    """Say where a body has what JSON can spell and nothing else can hold: half of a surrogate pair, or a number beyond
    those of floating point."""
    ahead: list[tuple[str, Any]] = [("", body)]
    while ahead:  # no recursion: a body may be as deep as JSON can be read
        place, value = ahead.pop()
        if isinstance(value, str) and _SURROGATE.search(value):
            return f"{place or 'the body'}: found half of a surrogate pair; expected Unicode"
        if isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
            return f"{place or 'the body'}: found a larger number; expected one within {_LARGEST:g} and {-_LARGEST:g}"
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, member in members:
            if isinstance(name, str) and _SURROGATE.search(name):
                return f"{place or 'the body'}: found a name with half of a surrogate pair; expected Unicode"
            ahead.append((f"{place}.{name}" if place else str(name), member))
    return ""


@cache
def _validator() -> Any:
    """Return the class that validates bodies; it is made once, and where none is sent never."""
    from jsonschema import Draft202012Validator, ValidationError, validators

    def matched(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
        # The end of a pattern is the end of the text; for Python it may be a line's.
        if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
            yield ValidationError("no match")

    return validators.extend(Draft202012Validator, {"pattern": matched})  # type: ignore[no-untyped-call]


def _unfit(schema: Schema, body: Any) -> str:
    """Say where a body breaks its schema, what stood there if it is no secret, and what is allowed."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator()(schema).iter_errors(body))
    if error is None:
        return ""
    place = ".".join(str(part) for part in error.absolute_path) or "the body"
    if error.validator == "additionalProperties":
        unknown = ", ".join(sorted(set(error.instance) - set(error.schema["properties"])))
        return f"{place}: unknown {unknown}; allowed are {', '.join(error.schema['properties'])}"
    if error.validator == "required":
        return f"{place}: {', '.join(sorted(set(error.validator_value) - set(error.instance)))} is missing"
    return f"{place}: found {_found(error)}; {_allowed(error)}"


def _found(error: Any) -> str:
    """Say what stood in a body: of an object its members' names, of a secret its kind."""
    from refreshproof.mock_servers.profile.complaints import KINDS, shown

    if isinstance(error.instance, dict):
        return f"an object with {', '.join(error.instance) or 'nothing in it'}"
    return KINDS[type(error.instance)] if _is_secret(error) else shown(error.instance)


def _is_secret(error: Any) -> bool:
    return bool(error.schema.get("writeOnly")) or (error.parent is not None and _is_secret(error.parent))


def _allowed(error: Any) -> str:
    from refreshproof.mock_servers.profile.complaints import allowed_by

    if error.validator in ("enum", "anyOf"):
        return allowed_by(error.schema, error.instance, error.schema)
    return f"expected {error.validator} {json.dumps(error.validator_value)}"
