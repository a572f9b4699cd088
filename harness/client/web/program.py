"""The parts of `refreshproof client` as functions: serve, configure, login, check, logout. Command lines call them."""

from __future__ import annotations

import logging
import os
import re
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from refreshproof.harness.client.authorization.report import LoginReport, TokenReport, token_report
from refreshproof.harness.client.engine import ClientEngine
from refreshproof.harness.client.model.clock import Clock, SystemClock
from refreshproof.harness.client.model.configuration import ClientConfiguration
from refreshproof.harness.client.model.errors import ConfigurationError, NotFoundError
from refreshproof.harness.client.model.settings import from_mapping, in_environment, in_toml, key
from refreshproof.harness.client.storage.crypto import KEY_VARIABLE, Cipher, key_file, read_keys
from refreshproof.harness.client.storage.sql import SqlStorage
from refreshproof.harness.client.web.documents import from_document
from refreshproof.harness.client.web.rest import RestApi
from refreshproof.harness.client.web.web import WebApplication

logger = logging.getLogger("refreshproof.client")

ADMINISTRATOR_VARIABLE = "REFRESHPROOF_CLIENT_ADMIN"
"""Environment variable with the administrator's bearer token."""

LONGEST_NAP = 60.0
"""Seconds the thread of the scheduled jobs sleeps at most."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line hands over. `database` is a URL; `key_path` None means a file beside a SQLite database."""

    database: str = "sqlite:///refreshproof-client.db"
    key_path: Path | None = None
    settings_path: Path | None = None
    host: str = "localhost"
    port: int = 8000
    base_url: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def url(self) -> str:
        """The base URL the browser uses."""
        return self.base_url or f"http://{self.host}:{self.port}"


def open_engine(
    options: Options, http: httpx.Client, clock: Clock | None = None, node: str | None = None
) -> ClientEngine:
    """Open the database and build the engine; raise ConfigurationError.

    A base URL on the loopback interface may be http, as the how-to's http://localhost:8000/login is, unless the setting
    for that says no; nothing else may.
    """
    given = in_toml(options.settings_path) if options.settings_path else in_environment(options.environment)
    on_loopback = options.host in LOOPBACK and not options.base_url
    storage = SqlStorage(options.database, Cipher(_keys(options)))
    return ClientEngine(
        storage=storage,
        http=http,
        base_url=options.url,
        settings=from_mapping(given),
        clock=clock or SystemClock(),
        node=node,
        plain_http=on_loopback and key("skip_base_url_https_requirement") not in given,
    )


QUERY = re.compile(r"\?[^\s\"']+")


class Requests(WSGIRequestHandler):
    """Tells requests to the log without their queries: a callback's holds the code and the state of a login."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line about a request, readable or not, with every query in it left out."""
        super().log(type, "%s", QUERY.sub("?...", message % args))


def _listen(options: Options, application: WebApplication) -> BaseWSGIServer:
    return make_server(options.host, options.port, application, threaded=True, request_handler=Requests)


def _keys(options: Options) -> tuple[str, ...]:
    text = options.environment.get(KEY_VARIABLE)
    if text:
        return read_keys(text)
    if options.key_path is not None:
        return key_file(options.key_path)
    prefix, _, path = options.database.partition(":///")
    if prefix != "sqlite" or not path:
        raise ConfigurationError(f"{KEY_VARIABLE}: needed for a database that is not a SQLite file")
    return key_file(Path(path + ".key"))


class Service:
    """A running `serve`: the web application on a socket, and the thread of the scheduled jobs."""

    def __init__(self, options: Options, http: httpx.Client, clock: Clock | None = None) -> None:
        node = f"{socket.gethostname()}:{options.port}"
        self.administrator = options.environment.get(ADMINISTRATOR_VARIABLE) or secrets.token_urlsafe(32)
        self.engine = open_engine(options, http, clock, node)
        self.application = WebApplication(self.engine, RestApi(self.engine, self.administrator))
        self.login_url = f"{self.engine.base_url}/login"
        self._server = _listen(options, self.application)
        self._stop = threading.Event()
        self._jobs = threading.Thread(target=self._run_jobs, daemon=True, name="jobs")

    def run(self) -> None:
        """Finish what an earlier life left in flight, then serve until `stop` is called."""
        self.engine.recover()
        self._jobs.start()
        try:
            self._server.serve_forever()
        finally:
            self.close()

    def stop(self) -> None:
        """Make `run` return; callable from another thread."""
        self._server.shutdown()

    def close(self) -> None:
        """Release socket and database."""
        self._stop.set()
        self._server.server_close()
        self.engine.close()

    def _run_jobs(self) -> None:
        while not self._stop.wait(nap(self.engine)):
            try:
                self.engine.tick()
            except Exception:
                logger.exception("a scheduled job failed, it is tried again")


def nap(engine: ClientEngine) -> float:
    """Return how many seconds to wait before a scheduled job may be due."""
    following = engine.pruning.next_run()
    until = LONGEST_NAP if following is None else (following - engine.clock.now()) / 1_000_000
    return min(max(until, 0.0), LONGEST_NAP)


def serve(options: Options, announce: Callable[[Service], None], tell: Callable[[str], None]) -> None:
    """Serve until interrupted; `announce` is told where, and by which administrator credential; `tell` is told what
    scheduled jobs did."""
    with httpx.Client() as http:
        service = Service(options, http)
        service.engine.pruning.listeners.append(lambda pruned: tell(pruned.summary))
        announce(service)
        service.run()


def login(
    options: Options, name: str | None, show: Callable[[str], None], timeout: float = 300.0
) -> LoginReport | None:
    """Serve the login page until one login ended, `show` gets the URL to open; None after `timeout` seconds."""
    done: list[LoginReport] = []
    ended = threading.Event()
    with httpx.Client() as http:
        engine = open_engine(options, http)
        chosen = choose(engine, name)
        application = WebApplication(engine)
        application.listeners += [done.append, lambda _: ended.set()]
        server = _listen(options, application)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            show(f"{engine.base_url}/login?configuration={chosen.id}")
            ended.wait(timeout)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            engine.close()
    return done[0] if done else None


def configure(options: Options, document: Mapping[str, Any]) -> ClientConfiguration:
    """Store a configuration given as the REST API's JSON, in place of the one of that name; raise FieldErrors."""
    with httpx.Client() as http:
        engine = open_engine(options, http)
        try:
            stored = engine.configurations.get_by_name(str(document.get("name")))
            kept = {"id": stored.id, "secret": stored.client_secret} if stored else {}
            return engine.configurations.save(from_document(document, **kept))
        finally:
            engine.close()


def check(options: Options, name: str | None = None) -> list[TokenReport]:
    """Tell of every stored token, or of those of one configuration, whether it can be refreshed; nothing is sent."""
    with httpx.Client() as http:
        engine = open_engine(options, http)
        try:
            known = {one.id: one for one in engine.configurations.list()}
            wanted = choose(engine, name).id if name else None
            return [token_report(token, known[token.config_id]) for token in engine.storage.tokens(wanted)]
        finally:
            engine.close()


def logout(options: Options, name: str | None = None) -> int:
    """Disconnect the stored tokens, or those of one configuration; return how many there were."""
    with httpx.Client() as http:
        engine = open_engine(options, http)
        try:
            wanted = choose(engine, name).id if name else None
            tokens = engine.storage.tokens(wanted)
            for token in tokens:
                engine.disconnect(token.id)
            return len(tokens)
        finally:
            engine.close()


def rotate_keys(options: Options) -> None:
    """Encrypt everything again with the newest key; the older ones may then be removed from the environment or file."""
    storage = SqlStorage(options.database, Cipher(_keys(options)))
    try:
        storage.rotate_keys()
    finally:
        storage.close()


def choose(engine: ClientEngine, name: str | None) -> ClientConfiguration:
    """Return the configuration with this name or id, or the only one there is; raise NotFoundError."""
    known = engine.configurations.list()
    chosen = [one for one in known if name in (None, one.id, one.name)]
    if not known:
        raise NotFoundError("no client configuration is stored; `refreshproof client configure FILE` stores one")
    if len(chosen) != 1:
        names = ", ".join(one.name for one in known)
        found = "none was named" if name is None else f"there is no client configuration {name!r}"
        raise NotFoundError(f"{found}; name one of the stored ones: {names}")
    return chosen[0]


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
