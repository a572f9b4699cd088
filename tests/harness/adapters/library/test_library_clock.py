"""Clients with a clock and an HTTP stack of their own get in by a few lines, in threads or asyncio."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import Message
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from refreshproof.harness.adapters.library import (
    ApplicationAdapter,
    ApplicationLogin,
    LoginRefused,
    from_functions,
    from_httpx_auth,
    from_requests_session,
)
from refreshproof.harness.adapters.library.outcomes import code_in, is_of_the_network, status_of
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Authorize,
    Call,
    Delay,
    Fault,
    Lose,
    Parallel,
    Restart,
    Revoke,
    Until,
)
from refreshproof.scenarios.steps.subject import Registration
from refreshproof.scenarios.world.world import World

GENERIC, ATLASSIAN = VENDORS["generic"], VENDORS["atlassian"]
EXPIRED = Until(limit="access_token_expiry", offset=1)


class Tokens:
    """A client in the plainest sense: it keeps an answer and reads `time.time()`."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration

    def keep(self, answer: Mapping[str, Any]) -> None:
        self.token = {**getattr(self, "token", {}), **answer}
        self.good_until = time.time() + answer["expires_in"] - 60

    def get_token(self) -> Any:
        if time.time() >= self.good_until:
            chosen = self.registration
            form = {
                "grant_type": "refresh_token", "refresh_token": self.token["refresh_token"],
                "client_id": chosen.client_id, "client_secret": chosen.client_secret or "",
            }  # fmt: skip
            with urllib.request.urlopen(chosen.token_endpoint, urlencode(form).encode()) as answer:  # noqa: S310
                self.keep(json.load(answer))
        return self.token["access_token"]


def pair(registration: Registration) -> tuple[Callable[[Any], object], Callable[[], Any]]:
    tokens = Tokens(registration)
    return tokens.keep, tokens.get_token


class Auth(httpx.Auth):
    """An httpx.Auth that refreshes when it is time."""

    requires_response_body = True

    def __init__(self, registration: Registration, answer: Mapping[str, Any]) -> None:
        self.tokens = Tokens(registration)
        self.tokens.keep(answer)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.time() >= self.tokens.good_until:
            chosen, token = self.tokens.registration, self.tokens.token
            form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
            who = {"client_id": chosen.client_id, "client_secret": chosen.client_secret}
            response = yield httpx.Request("POST", chosen.token_endpoint, data=form | who)
            self.tokens.keep(response.raise_for_status().json())
        request.headers["Authorization"] = f"Bearer {self.tokens.token['access_token']}"
        yield request


def session(registration: Registration, answer: Mapping[str, Any]) -> Any:
    requests: Any = pytest.importorskip("requests")
    oauth: Any = pytest.importorskip("requests_oauthlib")
    assert requests
    return oauth.OAuth2Session(
        registration.client_id,
        token=dict(answer),
        auto_refresh_url=registration.token_endpoint,
        auto_refresh_kwargs={"client_id": registration.client_id, "client_secret": registration.client_secret},
        token_updater=lambda token: None,
    )


READY = {
    "functions": from_functions(pair),
    "httpx.Auth": from_httpx_auth(Auth),
    "requests.Session": from_requests_session(session),
}


def kinds(journal: Journal, operation: str = "call") -> list[str]:
    return [one.kind for one in journal.outcomes(operation)]


def refreshes(journal: Journal) -> list[str | None]:
    return [one.presented for one in journal.exchanges() if one.grant_type == "refresh_token"]


@pytest.mark.parametrize("what", READY)
def test_a_client_ready_made_logs_in_calls_and_refreshes_in_the_worlds_time(what: str) -> None:
    journal = play(GENERIC, guarded(READY[what]), flow(Call(), EXPIRED, Call(), Advance(seconds=30), Call()))
    assert kinds(journal) == ["ok"] * 3
    assert refreshes(journal) == ["RT1"]


@pytest.mark.parametrize("what", READY)
def test_a_client_ready_made_is_judged_like_any_other(what: str) -> None:
    factory = guarded(READY[what])
    claims = describe(factory, GENERIC).capabilities
    assert judge(CATALOGUE["rotation-replace"], GENERIC, factory, claims).outcome == "satisfied"


def test_what_an_http_stack_raises_is_read_by_the_answer_that_it_carries() -> None:
    journal = play(GENERIC, guarded(READY["httpx.Auth"]), flow(EXPIRED, Revoke(), Call()))
    assert [(one.kind, one.status, one.error) for one in journal.outcomes("call")] == [
        ("reauthorization_required", 400, "invalid_grant")
    ]


def test_an_exception_that_means_a_new_login_is_named() -> None:
    client = from_functions(pair, over=(urllib.error.HTTPError,))
    assert kinds(play(GENERIC, guarded(client), flow(EXPIRED, Revoke(), Call()))) == ["reauthorization_required"]


@pytest.mark.parametrize(
    ("stack", "exception", "passes"),
    [
        ("httpx", "ReadTimeout", True),
        ("httpx", "ConnectError", True),
        ("httpx", "UnsupportedProtocol", False),
        ("httpx2", "ReadError", True),
        ("aiohttp", "ServerDisconnectedError", True),
        ("aiohttp", "ServerTimeoutError", True),
        ("aiohttp", "InvalidURL", False),
        ("urllib3.exceptions", "ReadTimeoutError", True),
        ("urllib3.exceptions", "IncompleteRead", True),
        ("urllib3.exceptions", "LocationParseError", False),
        ("requests.exceptions", "ReadTimeout", True),
        ("http.client", "IncompleteRead", True),
        ("http.client", "CannotSendRequest", False),
        ("json", "JSONDecodeError", False),
    ],
)
def test_an_exception_about_the_network_is_known_by_its_home(stack: str, exception: str, passes: bool) -> None:
    kind = getattr(pytest.importorskip(stack), exception)
    assert is_of_the_network(kind.__new__(kind)) is passes
    own: Any = type("Own", (kind,), {})
    assert is_of_the_network(own.__new__(own)) is passes


LOST = Lose(leg="response", grant_type="refresh_token")


def impatient(over: type[Exception] | None = None, passing: type[Exception] | None = None) -> Any:
    """One on httpx that lets whatever happens to its refresh out."""

    class Impatient(Tokens):
        def get_token(self) -> Any:
            if time.time() >= self.good_until:
                try:
                    httpx.post(self.registration.token_endpoint, data={"grant_type": "refresh_token"}, timeout=5)
                except httpx.TransportError as error:
                    raise (over or passing or type(error))("lost") from None
            return self.token["access_token"]

    def made(registration: Registration) -> tuple[Callable[[Any], object], Callable[[], Any]]:
        tokens = Impatient(registration)
        return tokens.keep, tokens.get_token

    return from_functions(made, over=(over,) if over else (), passing=(passing,) if passing else ())


@pytest.mark.parametrize(
    ("client", "kind"),
    [
        (impatient(), "transient_error"),
        (impatient(passing=LookupError), "transient_error"),
        (impatient(over=LookupError), "reauthorization_required"),
    ],
)
def test_a_network_failure_that_leaves_a_client_is_a_passing_failure(client: Any, kind: str) -> None:
    assert kinds(play(GENERIC, guarded(client), flow(EXPIRED, LOST, Call()))) == [kind]


def test_a_client_that_cannot_take_its_login_has_none() -> None:
    def refuses(registration: Registration, answer: Mapping[str, Any]) -> Any:
        raise LookupError("expires_in")

    for client in (from_requests_session(refuses), from_functions(lambda app: (lambda it: refuses(app, it), str))):
        journal = play(GENERIC, guarded(client), flow(Call()))
        assert kinds(journal, "callback") == ["crash"]
        assert kinds(journal) == ["reauthorization_required"]


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_login_that_was_done_for_the_client_is_not_compared_with_what_it_does(method: str) -> None:
    asks = {"token_request.authentication": (method, "client_secret_post", "client_secret_basic")}
    journal = play(GENERIC, guarded(READY["functions"]), flow(EXPIRED, Call(), profile=asks))
    assert kinds(journal) == ["ok"]
    done = [(one.on_behalf, one.client_authentication) for one in journal.exchanges("token")]
    assert done == [(True, (method,)), (False, ("client_secret_post",))]
    evidence = Evidence(journal=journal, profile=GENERIC.profile)
    assert CATALOGUE["exchange-client-auth"].check(evidence).outcome == "satisfied"


@pytest.mark.parametrize("requirement", ["callback-state-checked", "authz-code-request", "exchange-request-shape"])
def test_a_login_that_was_done_for_the_client_earns_it_nothing(requirement: str) -> None:
    cell = judge(CATALOGUE[requirement], GENERIC, guarded(READY["functions"]), frozenset())
    assert (cell.outcome, cell.why) == ("unsupported", "Its logins are done for the client under test.")


def test_what_the_resource_told_the_harness_is_not_held_against_a_client_that_hands_out_tokens() -> None:
    factory = guarded(READY["functions"])
    cell = judge(CATALOGUE["resource-401-one-retry"], GENERIC, factory, describe(factory, GENERIC).capabilities)
    assert cell.outcome == "not_exercised"


def test_a_function_that_returns_no_token_is_told() -> None:
    client = from_functions(lambda registration: (lambda answer: None, lambda: None))
    journal = play(GENERIC, guarded(client), flow(Call()))
    assert kinds(journal) == ["crash"]
    [said] = [one.detail for one in journal.outcomes("call")]
    assert "the function returned NoneType; expected the access token, a text" in (said or "")


class ByAiohttp(ApplicationAdapter):
    """An asynchronous client on aiohttp with one lock for all callers, as its documentation has it."""

    name = "by aiohttp"
    session: Any

    async def finish(self, url: str, flow: Any) -> None:
        code, verifier = self.login.code_of(url)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.registration.redirect_uri}
        await self.ask(**form, **({"code_verifier": verifier} if verifier else {}))
        self.lock = asyncio.Lock()

    async def ask(self, **form: str) -> None:
        aiohttp: Any = pytest.importorskip("aiohttp")
        who = {"client_id": self.registration.client_id, "client_secret": self.registration.client_secret}
        async with aiohttp.ClientSession() as made, made.post(self.registration.token_endpoint, data=form | who) as one:
            answer = await one.json()
        self.keep({**(self.stored or {}), **answer, "until": time.time() + answer["expires_in"] - 60})

    async def use(self) -> int:
        aiohttp: Any = pytest.importorskip("aiohttp")
        async with self.lock:
            if time.time() >= (self.stored or {})["until"]:
                await self.renew()
        headers = {"Authorization": f"Bearer {(self.stored or {})['access_token']}"}
        async with aiohttp.ClientSession() as made, made.get(self.surroundings.resource, headers=headers) as answer:
            return int(answer.status)

    async def renew(self) -> None:
        await self.ask(grant_type="refresh_token", refresh_token=(self.stored or {})["refresh_token"])

    def restart(self) -> None:
        self.lock = asyncio.Lock()


class ByHttpx(ByAiohttp):
    """The same on httpx."""

    name = "by httpx"

    async def ask(self, **form: str) -> None:
        who = {"client_id": self.registration.client_id, "client_secret": self.registration.client_secret}
        async with httpx.AsyncClient() as made:
            answer = (await made.post(self.registration.token_endpoint, data=form | who)).json()
        self.keep({**(self.stored or {}), **answer, "until": time.time() + answer["expires_in"] - 60})

    async def use(self) -> int:
        async with self.lock:
            if time.time() >= (self.stored or {})["until"]:
                await self.renew()
        headers = {"Authorization": f"Bearer {(self.stored or {})['access_token']}"}
        async with httpx.AsyncClient() as made:
            return (await made.get(self.surroundings.resource, headers=headers)).status_code


ASYNC = {"aiohttp": ByAiohttp, "httpx": ByHttpx}


@pytest.mark.parametrize("stack", ASYNC)
def test_callers_of_an_asynchronous_client_are_tasks_that_share_its_lock_in_virtual_time(stack: str) -> None:
    slow = Delay(leg="server", seconds=5, grant_type="refresh_token")
    journal = play(GENERIC, guarded(ASYNC[stack]), flow(EXPIRED, slow, Parallel(callers=4), Call()))
    assert kinds(journal) == ["ok"] * 5
    assert refreshes(journal) == ["RT1"]


@pytest.mark.parametrize("stack", ASYNC)
def test_an_asynchronous_client_dies_and_goes_on_like_any_other(stack: str) -> None:
    dies = (EXPIRED, Crash(), Call(), Restart(), Call())
    journal = play(ATLASSIAN, guarded(ASYNC[stack]), flow(*dies))
    assert kinds(journal) == ["ok"]
    assert refreshes(journal) == ["RT1", "RT1"]


def made(vendor: Any = GENERIC) -> tuple[World, ApplicationLogin]:
    world = World(vendor, READY["functions"], Scenario(steps=()))
    return world, ApplicationLogin(world.surroundings)


@pytest.mark.parametrize("vendor", ["generic", "google", "atlassian", "microsoft"])
def test_the_applications_login_brings_the_whole_answer_or_a_code_with_its_verifier(vendor: str) -> None:
    world, login = made(VENDORS[vendor])
    back = world.visit(login.begin())
    assert back is not None
    assert {"access_token", "expires_in"} <= set(login.redeem(back))
    back = world.visit(login.begin())
    assert back is not None
    code, verifier = login.code_of(back)
    assert parse_qs(urlsplit(back).query)["code"] == [code]
    assert (verifier is not None) == world.surroundings.registration.pkce
    world.close()


@pytest.mark.parametrize(
    "spoilt", ["{back}&state=other", "{uri}?code=x&state=other", "{uri}?error=access_denied&state={state}", "{uri}"]
)
def test_a_callback_that_belongs_to_no_login_is_refused(spoilt: str) -> None:
    world, login = made()
    back = world.visit(login.begin())
    assert back is not None
    state = back.partition("state=")[2].partition("&")[0]
    with pytest.raises(LoginRefused):
        login.redeem(spoilt.format(back=back, uri=world.redirect_uri, state=state))
    assert [one for one in world.provider.ledger.entries if one.view == "token"] == []
    world.close()


def test_a_login_that_the_vendor_refuses_is_an_outcome_with_its_code() -> None:
    journal = play(GENERIC, guarded(READY["functions"]), Scenario(steps=(Authorize(answer="deny"), Call())))
    assert [(one.kind, one.error) for one in journal.outcomes("callback")] == [("permanent_error", "access_denied")]
    assert kinds(journal) == ["reauthorization_required"]


class Patient(ByHttpx):
    """One who waits before it asks again, and gives a request no longer than it waits."""

    async def ask(self, **form: str) -> None:
        for pause in (2, 4):
            try:
                return await asyncio.wait_for(super().ask(**form), 60)
            except ValueError:  # no token in the answer
                await asyncio.sleep(pause)
        return await super().ask(**form)


def test_an_asynchronous_client_waits_in_virtual_time_before_it_asks_again() -> None:
    busy = Fault(fault="status", parameters={"code": 503}, times=2)
    journal = play(GENERIC, guarded(Patient), flow(EXPIRED, busy, Parallel(callers=2), Call()))
    assert kinds(journal) == ["ok"] * 3
    asked = [one for one in journal.exchanges() if one.grant_type == "refresh_token"]
    assert [one.sent_at - asked[0].sent_at for one in asked] == [0, 2_000_000, 6_000_000]


class Holding(ByHttpx):
    """One whose library keeps its tokens in memory."""

    async def finish(self, url: str, flow: Any) -> None:
        self.lock = asyncio.Lock()
        self.session = await self.outside(lambda: self.login.redeem(url)) | {"until": 0}

    def keep(self, token: Any) -> None:
        super().keep(token)
        self.session = self.stored

    def holds(self) -> Any:
        return self.session


def test_what_a_library_holds_is_stored_after_every_operation() -> None:
    journal = play(GENERIC, guarded(Holding), flow(Call(), EXPIRED, Call(), Restart(), EXPIRED, Call()))
    assert kinds(journal) == ["ok"] * 3
    assert refreshes(journal) == ["RT1", "RT2", "RT3"]


class InAThread(Tokens):
    """One that looks at the clock in a thread of its own, and by a default value."""

    def get_token(self, now: Callable[[], float] = time.time) -> Any:
        with ThreadPoolExecutor(1) as pool:
            seen = pool.submit(lambda: (time.time(), datetime.now(UTC).timestamp())).result()
        assert seen == (now(), now())
        return super().get_token()


def test_whoever_looks_at_the_clock_sees_the_same_time() -> None:
    def made(registration: Registration) -> tuple[Callable[[Any], object], Callable[[], Any]]:
        tokens = InAThread(registration)
        return tokens.keep, tokens.get_token

    journal = play(GENERIC, guarded(from_functions(made)), flow(Call(), EXPIRED, Call()))
    assert kinds(journal) == ["ok", "ok"]
    assert refreshes(journal) == ["RT1"]


@pytest.mark.parametrize(
    ("body", "code"),
    [('{"error": "invalid_grant"}', "invalid_grant"), ('{"error": 7}', None), ("<html>", None), ("[" * 100_000, None)],
)
def test_the_code_of_an_answer_is_read_whatever_the_answer_is(body: str, code: str | None) -> None:
    request = httpx.Request("POST", "https://auth.example.com/token")
    answer = httpx.Response(400, text=body, request=request)
    assert code_in(httpx.HTTPStatusError("refused", request=request, response=answer)) == code
    refused = urllib.error.HTTPError("https://auth.example.com/token", 400, "Bad", Message(), BytesIO(body.encode()))
    assert (status_of(refused), code_in(refused)) == (400, code)


def test_the_status_is_read_from_an_exception_that_carries_no_answer() -> None:
    aiohttp: Any = pytest.importorskip("aiohttp")
    refused = aiohttp.ClientResponseError(None, (), status=503)
    assert (status_of(refused), code_in(refused)) == (503, None)
