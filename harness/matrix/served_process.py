"""A subject as a program: `python -m refreshproof.harness.matrix.served_process NAME` speaks the protocol of `exec:`.

The library is what it is anywhere else: its own HTTP stack on real sockets, its own clock. Nothing of the harness leads
its requests or sets its time.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from refreshproof.harness.adapters.library.subject import LibraryAdapter
from refreshproof.harness.adapters.library.together import Together
from refreshproof.harness.matrix.standing_clock import let_sleep
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.subjects.exec.messages import CLAIMS, PROTOCOL
from refreshproof.harness.subjects.registry import SUBJECTS
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import SECOND, Instant, WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Outcome, OutcomeKind, Registration, Surroundings

CLASSES: Mapping[OutcomeKind, str] = {
    "reauthorization_required": "reauth_required",
    "transient_error": "transport",
    "permanent_error": "oauth_error",
    "crash": "crash",
}
"""The class of error by which the protocol tells how an operation ended."""

LONGEST = 2_000
"""Characters of an exception that are told."""
_RESOURCE: ContextVar[str | None] = ContextVar("resource", default=None)
"""Where the present caller finds the resource."""


class _Around(Surroundings):
    """Surroundings in which each caller has an address of the resource of its own."""

    def __getattribute__(self, name: str) -> Any:
        told = _RESOURCE.get() if name == "resource" else None
        return super().__getattribute__(name) if told is None else told


class _SystemClock:
    """The system's own time."""

    def now(self) -> Instant:
        return Stopwatch().started

    def sleep(self, seconds: float) -> None:
        threading.Event().wait(seconds)


class _Served(LibraryAdapter):
    """What a subject does otherwise in a process of its own: nothing is led, and an event loop is the usual one."""

    _own_loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._turns:
            yield

    @contextmanager
    def _plugged(self) -> Iterator[None]:
        with self.plug(self._carry):
            yield

    def result(self, returned: Any) -> Any:
        if not asyncio.iscoroutine(returned):
            return returned
        if self._own_loop is None:
            self._own_loop = asyncio.new_event_loop()
            threading.Thread(target=self._own_loop.run_forever, daemon=True).start()
        return asyncio.run_coroutine_threadsafe(returned, self._own_loop).result()

    async def outside(self, work: Any) -> Any:
        return await asyncio.to_thread(work)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def carry(request: WireRequest, timeout: float | None) -> WireResponse:
    """Send a request of the application around the library over a socket of its own; redirects are not followed."""
    asked = Request(  # noqa: S310 - the vendors' addresses, which the harness tells
        request.url, method=request.method, headers=dict(request.headers), data=request.body or None
    )
    try:
        with build_opener(_Stay()).open(asked, timeout=timeout) as answer:
            return WireResponse(status=answer.status, headers=tuple(answer.headers.items()), body=answer.read())
    except HTTPError as answer:
        return WireResponse(status=answer.code, headers=tuple(answer.headers.items()), body=answer.read())
    except (OSError, HTTPException) as error:
        raise Trouble("reset", sent=True) from error


class Program:
    """Answers commands about one subject; calls may be under way at the same time."""

    def __init__(self, name: str) -> None:
        self._factory = SUBJECTS[name].factory
        self._subject: Any = None
        self._writing = threading.Lock()

    def take(self, line: str) -> None:
        """Take a command, and answer it when it is done."""
        message = json.loads(line)
        if message["cmd"] == "call":
            threading.Thread(target=self._answer, args=(message,), daemon=True).start()
        else:
            self._answer(message)

    def _answer(self, message: Mapping[str, Any]) -> None:
        try:
            answer = self._done(message)
        except Exception as error:
            answer = {"ok": False, "error": {"class": "crash", "message": f"{type(error).__name__}: {error}"[:LONGEST]}}
        with self._writing:
            print(json.dumps({"id": message["id"], **answer}), flush=True)

    def _done(self, message: Mapping[str, Any]) -> dict[str, Any]:
        command = message["cmd"]
        if command == "hello":
            return {"ok": True, "protocol": PROTOCOL, "https": True}
        if command == "clock":
            return {"ok": True, "now": Stopwatch().started / SECOND}
        if command == "start":
            return self._start(message)
        if command == "authorize":
            return {"ok": True, "url": self._subject.authorize()}
        if command == "restart":
            self._subject.restart()
            return {"ok": True}
        if command == "call":
            _RESOURCE.set(message["resource"])
            return _told(self._subject.call())
        if command == "callback":
            return _told(self._subject.callback(message["url"]))
        return (
            _told(getattr(self._subject, command)()) if command in ("refresh", "disconnect") else {"unsupported": True}
        )

    def _start(self, message: Mapping[str, Any]) -> dict[str, Any]:
        if self._subject is not None:
            self._subject.close()
        told = message["registration"]
        values = {one.name: told[one.name] for one in fields(Registration) if one.name in told}
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        subject = self._factory(
            _Around(
                registration=Registration(**values),
                resource=message["resource"],
                carrier=carry,
                clock=_SystemClock(),
                make_lock=threading.Lock,
                seed=1,
            )
        )
        if not isinstance(subject, LibraryAdapter):
            raise TypeError(f"{type(subject).__name__} is no LibraryAdapter, which alone can be served so")
        subject.__class__ = type("Served", (_Served, type(subject)), {})
        subject._turns = Together(subject._plugged)  # that of its making would lead its requests and hold its clock
        self._subject = subject
        about = subject.describe()
        claims = [one for one in about.capabilities if one in CLAIMS]
        return {"ok": True, "subject": {"name": about.name, "version": about.version, "capabilities": claims}}


def _told(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as an answer."""
    if outcome.kind == "ok":
        told = {"status": outcome.status, "refreshable": outcome.refreshable}
        return {"ok": True, **{name: value for name, value in told.items() if value is not None}}
    if outcome.kind == "unsupported":
        return {"unsupported": True}
    error = {
        "class": CLASSES[outcome.kind],
        "status": outcome.status,
        "oauth_error": outcome.error,
        "message": outcome.detail,
    }
    return {"ok": False, "error": {name: value for name, value in error.items() if value is not None}}


def stay_on_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, whatever would leave the machine: only what the library does is heard of here."""
    host: Any = None
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    if host is not None and not str(host).startswith(("127.", "::1", "localhost")):
        raise ConnectionRefusedError(f"{host} is not on this machine")


def main() -> None:
    """Answer commands until there are no more."""
    sys.addaudithook(stay_on_loopback)
    let_sleep()
    program = Program(sys.argv[1])
    for line in sys.stdin:
        program.take(line)


if __name__ == "__main__":
    main()
