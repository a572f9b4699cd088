"""Subjects ready made, for clients that are a few lines: a pair of functions, an `httpx.Auth`, a `requests.Session`.

Each is given what makes the client, from the registration to configure it with and the answer of the login:

    class MyTokens:
        def __init__(self, registration): ...
        def keep(self, answer): ...
        def get_token(self): ...

    def pair(registration):
        tokens = MyTokens(registration)
        return tokens.keep, tokens.get_token

    MyClient = from_functions(pair)
    MyClient = from_httpx_auth(lambda registration, answer: MyAuth(registration.client_id, answer["refresh_token"]))
    MyClient = from_requests_session(lambda registration, answer: my_session(answer))

`refreshproof run my_module:MyClient` runs it. The application's login is done for the client; its time is the world's,
whatever it reads it by, and its requests reach the vendor, whatever it sends them by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias

from refreshproof.harness.adapters.errors import ReturnError, place_of
from refreshproof.harness.adapters.library.application import ApplicationAdapter
from refreshproof.harness.adapters.library.outcomes import Refusal, code_in, kind_of, status_of
from refreshproof.harness.adapters.library.subject import PATIENCE
from refreshproof.mock_servers.stacks.httpx_transport import plain_client
from refreshproof.scenarios.steps.subject import Description, Outcome, Registration

Answer: TypeAlias = Mapping[str, Any]
"""The members of a token answer."""
Keep: TypeAlias = Callable[[Answer], object]
GetToken: TypeAlias = Callable[[], Any]


class _Ready(ApplicationAdapter):
    """What the ready-made subjects have in common; `made` is what a test gave, `named` its passing failures."""

    capabilities = frozenset(("parallel",))
    made: ClassVar[Any]
    named: ClassVar[tuple[type[Exception], ...]] = ()

    def describe(self) -> Description:
        """Return its name, and that its login is none of its own."""
        return replace(super().describe(), logged_in=True)

    def outcome_of_error(self, error: Exception) -> Outcome | None:
        """Read the answer that an exception of an HTTP stack carries, and take other trouble of it as passing."""
        status = status_of(error)
        if isinstance(error, (*self.refusal.over, *self.named)) or status is None or status < 400:
            return super().outcome_of_error(error)
        code = code_in(error)
        busy = status == 429 or status >= 500
        return Outcome(kind="transient_error" if busy else kind_of(code), status=status, error=code)

    def renew(self) -> Any:
        """Is not claimed."""
        raise NotImplementedError("such a client cannot be told to refresh")


class _Functions(_Ready):
    client: tuple[Keep, GetToken] | None = None

    def finish(self, url: str, flow: Any) -> Any:
        answer = self.login.redeem(url)
        if self.client is None:
            self.client = type(self).made(self.registration)
        self.result(self.client[0](answer))
        self.keep(answer)  # a login that the client could not take has not succeeded

    def use(self) -> Any:
        assert self.client is not None  # noqa: S101 - made at the login
        token = self.result(self.client[1]())
        if not isinstance(token, str):
            what = f"the function returned {type(token).__name__}; expected the access token, a text"
            raise ReturnError(what, place_of(self.client[1]))
        return self.get(token, on_behalf=True)


class _Session(_Ready):
    def finish(self, url: str, flow: Any) -> Any:
        answer = self.login.redeem(url)
        self.session = type(self).made(self.registration, dict(answer))
        self.keep(answer)

    def use(self) -> Any:
        return self.session.get(self.surroundings.resource, timeout=PATIENCE).status_code


class _Auth(_Session):
    def use(self) -> Any:
        with plain_client(auth=self.session, timeout=PATIENCE) as client:
            return client.get(self.surroundings.resource).status_code


def from_functions(
    make: Callable[[Registration], tuple[Keep, GetToken]],
    *,
    name: str = "my functions",
    over: tuple[type[Exception], ...] = (),
    passing: tuple[type[Exception], ...] = (),
) -> type[ApplicationAdapter]:
    """Return a subject of a pair of functions: one keeps the token answer of a login, the other returns an access token
    that is good to use. Either may be asynchronous. `over` are exceptions by which it says that the user must log in,
    `passing` those by which it says that another try may succeed, beside every OSError and what an HTTP stack raises
    about the network; any other is a crash of the client.
    """
    return _ready(_Functions, make, name, over, passing)


def from_httpx_auth(
    make: Callable[[Registration, Answer], Any],
    *,
    name: str = "my httpx.Auth",
    over: tuple[type[Exception], ...] = (),
    passing: tuple[type[Exception], ...] = (),
) -> type[ApplicationAdapter]:
    """Return a subject of an `httpx.Auth`, which refreshes as it attaches the token; see `from_functions`."""
    return _ready(_Auth, make, name, over, passing)


def from_requests_session(
    make: Callable[[Registration, Answer], Any],
    *,
    name: str = "my requests.Session",
    over: tuple[type[Exception], ...] = (),
    passing: tuple[type[Exception], ...] = (),
) -> type[ApplicationAdapter]:
    """Return a subject of a `requests.Session`, or of whatever has its `get`, which refreshes as it is used. It is
    called as applications call it, `get(url, timeout=30)`; see `from_functions`."""
    return _ready(_Session, make, name, over, passing)


def _ready(
    base: type[_Ready], make: Any, name: str, over: tuple[type[Exception], ...], passing: tuple[type[Exception], ...]
) -> type[ApplicationAdapter]:
    refusal = Refusal(over=over, passing=(OSError, *passing))
    return type("Ready", (base,), {"name": name, "made": staticmethod(make), "named": passing, "refusal": refusal})
