"""A subject in this process has no way out of the machine, whatever its HTTP stack, and no answer of it goes unread."""

from __future__ import annotations

import asyncio
import http.client
import json
import queue
import smtplib
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from refreshproof.harness import Adapter
from refreshproof.harness.adapters.errors import CapabilityError, FactoryError, IncompleteError, ReturnError
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.mock_servers.stacks import HOOKS, NetworkForbidden
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import UserAction
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Refresh
from refreshproof.scenarios.steps.subject import OK, Outcome
from refreshproof.scenarios.world.standstill import StandstillError
from refreshproof.scenarios.world.world import WATCH, World

GENERIC = VENDORS["generic"]
Send = Callable[[str, "dict[str, str] | None", dict[str, str]], tuple[int, bytes]]


def by_urllib(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    body = None if form is None else urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:  # noqa: S310 - in process
        return answer.status, answer.read()


def by_http_client(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    split = urlsplit(url)
    connection = http.client.HTTPSConnection(split.netloc)
    typed = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    connection.request("POST" if form else "GET", split.path, urlencode(form) if form else None, typed)
    answer = connection.getresponse()
    return answer.status, answer.read()


def by_requests(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    import requests

    answer = requests.request("POST" if form else "GET", url, data=form, headers=headers, timeout=10)
    return answer.status_code, answer.content


def by_urllib3(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    import urllib3

    typed = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    answer = urllib3.request("POST" if form else "GET", url, body=urlencode(form) if form else None, headers=typed)
    return answer.status, answer.data


def by_httpx(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    import httpx

    answer = httpx.request("POST" if form else "GET", url, data=form, headers=headers)
    return answer.status_code, answer.content


def by_httpx2(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    import httpx2

    async def send() -> tuple[int, bytes]:
        async with httpx2.AsyncClient() as client:
            answer = await client.request("POST" if form else "GET", url, data=form, headers=headers)
            return answer.status_code, answer.content

    return asyncio.run(send())


def by_aiohttp(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    import aiohttp

    async def send() -> tuple[int, bytes]:
        async with (
            aiohttp.ClientSession() as session,
            session.request("POST" if form else "GET", url, data=form, headers=headers) as answer,
        ):
            return answer.status, await answer.read()

    return asyncio.run(send())


BY: dict[str, Send] = {
    "urllib": by_urllib, "http.client": by_http_client, "requests": by_requests, "urllib3": by_urllib3,
    "httpx": by_httpx, "httpx2": by_httpx2, "aiohttp": by_aiohttp,
}  # fmt: skip


class Plain(Adapter):
    """A client with an HTTP stack of its own, which knows nothing of a transport."""

    name = "plain"
    capabilities = frozenset({"restart", "refresh"})
    send: Send
    disk: dict[str, Any]

    def authorize(self) -> str:
        chosen = self.registration
        asked = {
            "response_type": "code", "client_id": chosen.client_id, "redirect_uri": chosen.redirect_uri,
            "scope": " ".join(chosen.scopes), "state": "s" * 32, **chosen.authorization_parameters,
        }  # fmt: skip
        return f"{chosen.authorization_endpoint}?{urlencode(asked)}"

    def callback(self, url: str) -> Outcome:
        code = dict(parse_qsl(urlsplit(url).query))["code"]
        return self.ask(grant_type="authorization_code", code=code, redirect_uri=self.registration.redirect_uri)

    def refresh(self) -> Outcome:
        return self.ask(grant_type="refresh_token", refresh_token=self.disk["refresh_token"])

    def ask(self, **form: str) -> Outcome:
        chosen = self.registration
        who = {"client_id": chosen.client_id, "client_secret": chosen.client_secret or ""}
        status, body = type(self).send(chosen.token_endpoint, form | who, {})
        self.disk = json.loads(body)
        return Outcome(kind="ok", status=status)

    def call(self) -> Outcome:
        headers = {"Authorization": f"Bearer {self.disk['access_token']}"}
        return Outcome(kind="ok", status=type(self).send(self.surroundings.resource, None, headers)[0])

    def restart(self) -> None:
        pass


def speaking(stack: str) -> type[Plain]:
    if stack not in ("urllib", "http.client"):
        pytest.importorskip(stack)
    return type("Speaking", (Plain,), {"send": staticmethod(BY[stack])})


def made(client: Any) -> World:
    return World(GENERIC, guarded(client), Scenario(steps=()))


@pytest.mark.parametrize("stack", BY)
def test_a_client_is_led_to_its_vendor_whatever_its_http_stack(stack: str) -> None:
    journal = play(GENERIC, guarded(speaking(stack)), flow(Call(), Refresh(), Call()))
    assert [one.kind for one in journal.outcomes()] == ["ok"] * 5
    assert [one.origin for one in journal.exchanges()[1:]] == [
        "https://auth.example.com", "https://api.example.com", "https://auth.example.com", "https://api.example.com",
    ]  # fmt: skip


async def never() -> None:
    await asyncio.Event().wait()


async def never_in_aiohttp() -> None:
    import aiohttp

    trace = aiohttp.TraceConfig()

    async def wait(*_: Any) -> None:
        await never()

    trace.on_request_start.append(wait)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        await session.get("https://api.example.com/")


STANDSTILLS: dict[str, Callable[[], object]] = {
    "asyncio": lambda: asyncio.run(never()),
    "aiohttp": lambda: asyncio.run(never_in_aiohttp()),
    "a lock": lambda: threading.Event().wait(),
    "a queue": lambda: queue.SimpleQueue[int]().get(),
}


@pytest.mark.parametrize("what", STANDSTILLS)
def test_a_client_that_waits_for_ever_is_told_with_the_step_and_leaves_nothing_behind(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waiting(Plain):
        send = staticmethod(by_urllib)

        def call(self) -> Outcome:
            STANDSTILLS[what]()
            return OK

    monkeypatch.setattr(WATCH, "patience", 1.0)
    with pytest.raises(StandstillError, match="step 2 "):
        play(GENERIC, guarded(Waiting), flow(Call(), Call()))
    assert {one.kind for one in play(GENERIC, guarded(speaking("urllib")), flow(Call())).outcomes()} == {"ok"}


@pytest.mark.parametrize("moment", ["leaving", "arrived", "answered"])
@pytest.mark.parametrize("stack", BY)
def test_the_death_of_a_process_comes_through_every_http_stack(stack: str, moment: Any) -> None:
    dies = (Crash(moment=moment, view="resource", grant_type=None), Call(), Call())
    journal = play(GENERIC, guarded(speaking(stack)), flow(*dies))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"]
    assert len([one for one in journal.records if isinstance(one, UserAction) and one.what == "process_died"]) == 1


@pytest.mark.sockets  # urllib3 looks for IPv6 when it is imported
@pytest.mark.parametrize("stack", BY)
def test_an_http_stack_that_is_imported_in_the_middle_of_a_call_is_led_too(
    stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = speaking(stack)
    if stack not in ("urllib", "http.client", "httpx"):  # those are loaded with the harness
        for name in [name for name in sys.modules if name.partition(".")[0] == stack]:
            monkeypatch.delitem(sys.modules, name)
        for name in ("urllib3_requests", "httpx2_family", "aiohttp_async"):
            monkeypatch.delitem(sys.modules, f"refreshproof.mock_servers.stacks.{name}", raising=False)
    assert {one.kind for one in play(GENERIC, guarded(client), flow(Call())).outcomes()} == {"ok"}


def in_thread(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    with ThreadPoolExecutor() as pool:
        return pool.submit(by_urllib, url, form, headers).result()


def test_a_thread_of_the_clients_own_is_led_as_the_client_is() -> None:
    client = type("Threaded", (Plain,), {"send": staticmethod(in_thread)})
    assert {one.kind for one in play(GENERIC, guarded(client), flow(Call())).outcomes()} == {"ok"}


class Lasting(Plain):
    """Has a thread that outlives the call that began it."""

    send = staticmethod(by_urllib)
    go = threading.Event()
    found: list[BaseException]

    def authorize(self) -> str:
        self.found = []
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return super().authorize()

    def look(self) -> None:
        self.go.wait()
        try:
            socket.getaddrinfo("elsewhere.example", 443)
        except NetworkForbidden as error:
            self.found.append(error)


def test_a_thread_that_outlives_a_call_never_leaves_the_machine() -> None:
    world = made(Lasting)
    world.subject.authorize()
    world.subject.go.set()  # type: ignore[attr-defined]
    world.subject.thread.join()  # type: ignore[attr-defined]
    assert [str(one)[:21] for one in world.subject.found] == ["elsewhere.example:443"]  # type: ignore[attr-defined]
    world.close()


def on_a_socket(work: Callable[[socket.socket], object]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        work(one)


WAYS_OUT: dict[str, tuple[str, Callable[[], object]]] = {
    "a connection": ("socket", lambda: socket.create_connection(("elsewhere.example", 443))),
    "an address": ("socket", lambda: on_a_socket(lambda one: one.connect(("192.0.2.1", 443)))),
    "a datagram": ("socket", lambda: on_a_socket(lambda one: one.sendto(b"x", ("192.0.2.1", 53)))),
    "a look-up": ("socket", lambda: socket.getaddrinfo("elsewhere.example", 443)),
    "another look-up": ("socket", lambda: socket.gethostbyname("elsewhere.example")),
    "a library": ("smtplib", lambda: smtplib.SMTP("elsewhere.example", 25)),
    "an event loop": ("asyncio", lambda: asyncio.run(asyncio.open_connection("elsewhere.example", 443))),
}


@pytest.mark.filterwarnings("ignore:unclosed")
@pytest.mark.parametrize("caught", [False, True])
@pytest.mark.parametrize("way", WAYS_OUT)
def test_what_would_have_left_the_machine_is_told_with_host_stack_and_line(way: str, caught: bool) -> None:
    stack, leave = WAYS_OUT[way]

    class Leaving(Plain):
        def call(self) -> Outcome:
            try:
                leave()
            except Exception:
                if not caught:
                    raise
            return OK

    world = made(Leaving)
    with pytest.raises(NetworkForbidden) as met:
        world.subject.call()
    world.close()
    said = str(met.value)
    assert said.startswith(("elsewhere.example", "192.0.2.1"))
    if stack != "asyncio":
        assert f"({stack}, called at {__file__}:" in said
    elif not caught:  # in a thread of the loop's; the line is read from what was raised
        assert f"called at {__file__}:" in said


@pytest.mark.sockets
def test_loopback_and_the_machines_own_name_stay_open() -> None:
    class Local(Plain):
        def call(self) -> Outcome:
            with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
                pass
            socket.getaddrinfo("localhost", None)
            asyncio.run(asyncio.sleep(0))
            return OK

    world = made(Local)
    assert world.subject.call() == OK
    world.close()


def test_nothing_is_hooked_when_the_last_subject_has_gone() -> None:
    before = (socket.getaddrinfo, socket.socket.connect, threading.Thread.start, tuple(sys.meta_path))
    worlds = [made(TinyClient), made(TinyClient)]
    assert socket.getaddrinfo is not before[0]
    for world in worlds:
        world.close()
    assert (socket.getaddrinfo, socket.socket.connect, threading.Thread.start, tuple(sys.meta_path)) == before


def test_a_factory_that_fails_leaves_nothing_hooked() -> None:
    before = socket.getaddrinfo
    with pytest.raises(FactoryError):
        made(lambda surroundings: 1 // 0)
    assert socket.getaddrinfo is before


def test_guarding_twice_is_guarding_once() -> None:
    once = guarded(TinyClient)
    assert guarded(once) is once


def test_processes_on_one_store_are_guarded_too() -> None:
    world = made(TinyClient)
    other = world.process(2).subject
    assert world.subject.disk is other.disk  # type: ignore[attr-defined]
    world.close()


class Broken(TinyClient):
    """Returns what a test says."""

    returns: Any = None

    def call(self) -> Outcome:
        return self.returns  # type: ignore[no-any-return]

    def authorize(self) -> str:
        return self.returns  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("operation", "returned", "said"),
    [
        ("call", None, "Broken.call returned None; allowed: an Outcome, such as Outcome"),
        ("call", "ok", "Broken.call returned str 'ok'; allowed: an Outcome"),
        ("call", Outcome(kind="okay"), "an Outcome of kind str 'okay'; allowed: crash, ok, permanent_error, "),  # type: ignore[arg-type]
        ("call", Outcome(kind="ok", status="200"), "an Outcome whose status is str '200'; allowed: a number, or None"),  # type: ignore[arg-type]
        ("call", Outcome(kind="ok", status=True), "an Outcome whose status is True; allowed: a number"),
        ("call", Outcome(kind="ok", refreshable=1), "refreshable is int 1; allowed: True or False"),  # type: ignore[arg-type]
        ("authorize", None, "Broken.authorize returned None; allowed: the URL, a text"),
        ("authorize", "auth.example.com/?state=secret", "returned str 'auth.example.com/'; allowed: a URL that begins"),
        ("authorize", "https://[", "allowed: a URL that begins with https:// and names a host"),
    ],
)
def test_a_value_of_another_kind_is_an_error_that_names_method_value_and_what_is_allowed(
    operation: str, returned: Any, said: str
) -> None:
    world = made(type("Broken", (Broken,), {"returns": returned, "__module__": __name__}))
    with pytest.raises(ReturnError) as met:
        getattr(world.subject, operation)()
    world.close()
    assert said in str(met.value)
    assert f"({__file__}:" in str(met.value)


class Misspelt(Plain):
    capabilities = frozenset({"restrat"})  # type: ignore[arg-type]


class Word(Plain):
    capabilities = "refresh"  # type: ignore[assignment]


class Boastful(Adapter):
    capabilities = frozenset({"margin"})
    authorize = callback = call = None  # type: ignore[assignment]


class Empty(Plain):
    capabilities = frozenset({"disconnect"})


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (Misspelt, r"Misspelt claims str 'restrat'; did you mean restart\?; allowed: clock, device, disconnect, "),
        (Word, "Word: capabilities is str 'refresh'; allowed: a set of names"),
    ],
)
def test_a_capability_that_there_is_not_is_an_error_that_lists_those_there_are(client: Any, said: str) -> None:
    with pytest.raises(CapabilityError, match=said) as met:
        made(client)
    assert __file__ in met.value.line


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (Empty, "Empty claims disconnect and has no method disconnect of its own: `disconnect` logs out"),
        (Boastful, "Boastful has no authorize, call, callback; a subject has describe, authorize"),
        (type("Half", (Adapter,), {"call": lambda self: OK}), "Half lacks the method authorize, callback"),
    ],
)
def test_a_method_that_is_missing_is_named(client: Any, said: str) -> None:
    with pytest.raises(IncompleteError) as met:
        made(client)
    assert said in str(met.value)


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        (lambda surroundings: None, "the factory returned None, which is no subject; derive one from Adapter"),
        (lambda surroundings: object(), "the factory returned a object, which is no subject"),
        (lambda surroundings: dict[str, Any]()["key"], rf"could not be made: KeyError: 'key' \({__file__}:"),
        (lambda: None, "could not be made: TypeError: .* takes 0 positional arguments"),
    ],
)
def test_a_factory_that_makes_no_subject_is_told_with_the_line(factory: Any, said: str) -> None:
    with pytest.raises(FactoryError, match=said):
        made(factory)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert HOOKS._users == 0
