"""The console that a person looks at while a client is being debugged: who may see it, its pages, and its forms.

It knows nothing that the control API does not tell and does nothing else than its operations. A person logs in with
the control token, which is in no address that is sent or logged; from then on a cookie stands for it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl

from refreshproof.mock_servers.serving.console.forms import body_of, fields_of
from refreshproof.mock_servers.serving.console.pages import go_to, login_page, provider_page
from refreshproof.mock_servers.serving.control.call import CONSOLE_PATH, Operation, Problem
from refreshproof.mock_servers.serving.control.routes import BY_NAME
from refreshproof.mock_servers.serving.control.schemas import FAULT, TEXT, Schema
from refreshproof.mock_servers.serving.served.access import NAME
from refreshproof.mock_servers.serving.served.front_desk import PREFIX
from refreshproof.mock_servers.serving.served.interaction import Fields
from refreshproof.mock_servers.serving.sockets.cookies import cookie_of, set_cookie
from refreshproof.mock_servers.wire import WireRequest, WireResponse

NEWEST = 25
"""How many exchanges and ledger entries a page shows."""

_FORMS = (
    "advance_clock", "set_clock", "create_application", "register_application", "register_account", "decide",
    "break_handshakes", "policy",
)  # fmt: skip
"""The operations whose forms are made of their schemas alone."""


class CarryOut(Protocol):
    """Carries out an operation with the values of its path, query and body; raises `Problem`."""

    def __call__(
        self, operation: Operation, path: Mapping[str, str], query: Mapping[str, str], body: Any = None
    ) -> Any:
        """Return the operation's JSON value."""


class ConsoleDesk:
    """Answers the requests at `CONSOLE_PATH` and below it."""

    def __init__(self, token: bytes, carry_out: CarryOut) -> None:
        self._token = token
        # Browsers send a cookie to every port of a host, so it is not the token itself.
        self._session = hmac.new(token, b"refreshproof console", "sha256").hexdigest()
        self._carry_out = carry_out

    def answer(self, request: WireRequest) -> WireResponse:
        """Answer one request."""
        # A form elsewhere would be sent with the cookie too: SameSite takes all ports of a host for one site.
        if request.method == "POST" and request.header("origin") != request.origin:
            raise Problem(403, "Origin: expected the console's own; programs have the control API")
        place = request.path.removeprefix(CONSOLE_PATH).strip("/")
        if not place:
            return self._entrance(request)
        if not self._is_logged_in(request):
            return go_to(CONSOLE_PATH)
        provider, _, name = place.partition("/")
        if request.method == "POST" and name:
            return self._filled_in(provider, name, _fields(request))
        if request.method != "GET" or name:
            raise Problem(404, f"no page here; the console begins at {CONSOLE_PATH}")
        query = dict(request.query)
        return self._page(provider, fault=query.get("fault", ""), search=query.get("search", ""))

    def _entrance(self, request: WireRequest) -> WireResponse:
        if request.method == "POST":
            return self._log_in(request)
        if not self._is_logged_in(request):
            return login_page()
        return go_to(f"{CONSOLE_PATH}/{self._read('list_providers', '')[0]['name']}")

    def _log_in(self, request: WireRequest) -> WireResponse:
        given = dict(_fields(request))
        if "leave" in given:
            return go_to(CONSOLE_PATH, set_cookie(_cookie(request), "", CONSOLE_PATH))
        if not secrets.compare_digest(given.get("token", "").strip().encode(), self._token):
            return login_page("This is not the token that was printed at the start.")
        return go_to(CONSOLE_PATH, set_cookie(_cookie(request), self._session, CONSOLE_PATH))

    def _is_logged_in(self, request: WireRequest) -> bool:
        return secrets.compare_digest(cookie_of(request, _cookie(request)).encode(), self._session.encode())

    def _filled_in(self, provider: str, name: str, fields: Fields) -> WireResponse:
        operation = BY_NAME.get(name)
        if operation is None or operation.method == "GET":
            raise Problem(404, f"no form {name!r}")
        given = {**dict(fields), "provider": provider}
        path = {key: given.get(key, "") for key in re.findall(r"\{(\w+)\}", operation.path)}
        schema = self._schema(operation, given.get("fault", ""))
        try:
            answer = self._carry_out(operation, path, {}, None if schema is None else body_of(schema, fields))
        except Problem as problem:
            return self._page(provider, problem.status, fault=given.get("fault", ""), trouble=str(problem))
        if "client_secret" in operation.answer["properties"]:
            return self._page(provider, credentials=answer)
        if "verdict" in operation.answer["properties"]:
            return self._page(provider, judged=f"{answer['verdict']}. {answer['report']}".strip())
        section = given.get("section", "")
        return go_to(f"{CONSOLE_PATH}/{provider}" + (f"#{section}" if section.isalnum() else ""))

    def _schema(self, operation: Operation, fault: str) -> Schema | None:
        """Return what an operation takes; where that depends on a fault, with the fault's own parameters."""
        if operation.body is not FAULT or fault not in self._kinds:
            return operation.body
        return {**FAULT, "properties": {**FAULT["properties"], "parameters": self._kinds[fault]["parameters"]}}

    @cached_property
    def _kinds(self) -> Mapping[str, Mapping[str, Any]]:
        return {kind["fault"]: kind for kind in self._carry_out(BY_NAME["list_fault_kinds"], {}, {})}

    def _read(self, name: str, provider: str, **query: int | str) -> Any:
        texts = {key: str(value) for key, value in query.items()}
        return self._carry_out(BY_NAME[name], {"provider": provider} if provider else {}, texts)

    def _page(
        self,
        provider: str,
        status: int = 200,
        *,
        fault: str = "",
        search: str = "",
        trouble: str = "",
        judged: str = "",
        credentials: Mapping[str, str] | None = None,
    ) -> WireResponse:
        snapshot = self._read("snapshot", provider)
        entries = self._read("read_ledger", provider, since=max(0, snapshot["ledger_entries"] - NEWEST))
        exchanges = self._read("read_journal", provider, since=max(0, snapshot["exchanges"] - NEWEST))
        change = BY_NAME["update_application"].body or {}
        return provider_page(
            status,
            provider=self._read("read_provider", provider),
            providers=self._read("list_providers", ""),
            snapshot=snapshot,
            applications=self._read("list_applications", provider, search=search[: TEXT["maxLength"]]),
            search=search,
            access=PREFIX + NAME,
            changes={one["client_id"]: fields_of(change, one) for one in snapshot["applications"]},
            forms={name: fields_of(BY_NAME[name].body or {}) for name in _FORMS},
            kinds=list(self._kinds.values()),
            fault=self._kinds.get(fault),
            fault_fields=[
                field for field in fields_of(self._schema(BY_NAME["queue_fault"], fault) or {}) if field.name != "fault"
            ],
            entries=entries[::-1],
            exchanges=exchanges[::-1],
            known={entry["number"]: entry for entry in entries},
            trouble=trouble,
            judged=judged,
            credentials=credentials,
        )


def _cookie(request: WireRequest) -> str:
    """Return the cookie's name, with the port: several servers may be open in one browser."""
    return f"refreshproof-console-{request.origin.rpartition(':')[2]}"


def _fields(request: WireRequest) -> Fields:
    return tuple(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
