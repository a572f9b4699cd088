"""The base of subjects that wrap a library: each operation is a turn in the library's own time and in process.

The library is not touched; what it leaves to the application (storing what it hands over, and nothing more) is here.
Callers that come together are threads in one turn.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from importlib.metadata import version
from typing import Any, ClassVar, TypeVar

from refreshproof.harness.adapters.adapter import Adapter
from refreshproof.harness.adapters.contract import capabilities
from refreshproof.harness.adapters.library.async_callers import EventLoop
from refreshproof.harness.adapters.library.login import LoginRefused
from refreshproof.harness.adapters.library.outcomes import (
    BUSY,
    Refusal,
    code_in,
    is_of_the_network,
    kind_of,
    outcome_of,
    status_of,
)
from refreshproof.harness.adapters.library.together import Together
from refreshproof.harness.adapters.library.wall_clock import WALL_CLOCK
from refreshproof.harness.adapters.tiny.client import OFFLINE_SCOPE
from refreshproof.mock_servers.stacks import HOOKS, Led
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble
from refreshproof.mock_servers.stacks.led import Ask
from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import OK, Capability, Description, Outcome, OutcomeKind, Surroundings

T = TypeVar("T")

_version = cache(version)  # looked up on the disk, and asked of every client that is made

PATIENCE = 30.0
"""Seconds that the application waits for an answer."""


class LibraryAdapter(Adapter):
    """A client with a clock and an HTTP stack of its own. Write `begin`, `finish`, `use` and `renew`, with its own
    calls; each may be `async def`, and callers that come together are then tasks on one event loop, in which `outside`
    does what is not asynchronous.

    Inside them `time.time()`, `datetime.now()` and their kin show the world's time, `time.sleep` and `asyncio.sleep`
    let it pass, and every HTTP stack reaches the vendor. `stored` is what the application has saved, by `keep` or by
    `holds`, and all that survives `restart`; `flow` the login under way, which the application forgets once it has
    succeeded. An exception that `refusal` does not name is a crash of the client, unless it is that of an HTTP stack
    about the network. `distribution` names the package
    whose version is told.
    """

    distribution: ClassVar[str] = ""
    capabilities: frozenset[Capability] = frozenset(("refresh", "restart", "parallel"))
    refusal: ClassVar[Refusal]

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.stored: dict[str, Any] | None = None
        self.flow: Any = None
        self.session: Any = None
        self._turns = Together(self._plugged)
        self._carry: Carrier = surroundings.carrier
        self._loop: EventLoop | None = None

    def describe(self) -> Description:
        """Return the library's name and version, and whether it can work with this vendor."""
        return Description(
            name=self.name,
            version=_version(self.distribution) if self.distribution else self.version,
            capabilities=capabilities(self, self.capabilities),
            unsuited=self.unsuited,
        )

    @property
    def unsuited(self) -> str | None:
        """Why the library cannot work with the vendor, None if it can."""
        return None

    @property
    def scopes(self) -> list[str]:
        """What the application asks for: the vendor's scope for refresh tokens too, which no generic library adds."""
        offline = OFFLINE_SCOPE.get(self.registration.provider_type, ())
        return list(dict.fromkeys((*self.registration.scopes, *offline)))

    @abstractmethod
    def begin(self) -> Any:
        """Begin a login; returns the authorization URL."""

    @abstractmethod
    def finish(self, url: str, flow: Any) -> Any:
        """Finish a login with the callback and store the tokens."""

    @abstractmethod
    def use(self) -> Any:
        """Call the resource; returns the status."""

    @abstractmethod
    def renew(self) -> Any:
        """Force a refresh."""

    def keep(self, token: Any) -> None:
        """Store what the library hands over."""
        self.stored = dict(token)

    def holds(self) -> Any:
        """Return what the library holds in memory and the application stores after every operation, however it ended;
        None where the library hands it over by itself, and `keep` is called."""
        return None

    def carry(self, request: WireRequest, timeout: float | None) -> WireResponse:
        """Send a request of the application's own, beside those of the client."""
        return self._carry(request, timeout)

    def result(self, returned: Any) -> Any:
        """Return the result of what a method returned, which may be a coroutine."""
        return self.loop.run(returned) if inspect.iscoroutine(returned) else returned

    @property
    def loop(self) -> EventLoop:
        """The event loop of all callers, begun when it is first needed."""
        if self._loop is None:
            self._loop = EventLoop(self.surroundings.make_lock, WALL_CLOCK.now, lambda: WALL_CLOCK.show(self.clock))
        return self._loop

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Prepare what a turn needs beside the stacks that are led to the carrier; it lasts as long as the turn."""
        return nullcontext()

    @property
    def refreshable(self) -> bool:
        """Whether a refresh token is stored."""
        return bool((self.stored or {}).get("refresh_token"))

    async def outside(self, work: Callable[[], T]) -> T:
        """Have something done that waits, from a coroutine: a call of `get`, or of the login's `redeem`."""
        return await self.loop.outside(work)

    def code(self, error: Exception) -> str | None:
        """Return the OAuth error code that an exception of the library carries, or the answer that it carries does."""
        code = getattr(error, "error", None)
        code = code if isinstance(code, str) else code_in(error)
        return None if code in self.refusal.own_codes else code

    def authorize(self) -> str:
        """Begin a flow; returns the URL the user's browser is sent to."""
        with self._turn():
            return str(self.result(self.begin()))

    def callback(self, url: str) -> Outcome:
        """Take the redirect that came back to the client."""

        flow, self.flow = self.flow, None
        if flow is None:
            return Outcome(kind="permanent_error", detail="No login is under way.")

        def finished() -> Outcome:
            try:
                self.result(self.finish(url, flow))
            except BaseException:
                self.flow = flow
                raise
            self._store()
            return Outcome(kind="ok", status=200, refreshable=self.refreshable)

        return self._attempt(finished)

    def call(self) -> Outcome:
        """Use the protected resource once, refreshing as the library would."""
        return self._with_token(lambda: outcome_of(self.result(self.use())))

    def refresh(self) -> Outcome:
        """Force a refresh."""

        def renewed() -> Outcome:
            self.result(self.renew())
            return OK

        return self._with_token(renewed)

    def restart(self) -> None:
        """Begin a new process on what is stored."""
        self.session = None

    def close(self) -> None:
        """Release everything, callers included that stand still for ever."""
        self._turns.close()
        if self._loop is not None:
            self._loop.close()
        super().close()

    def _with_token(self, work: Callable[[], Outcome]) -> Outcome:
        if self.stored is None:
            return Outcome(kind="reauthorization_required", detail="There is no token.")
        return self._attempt(work)

    def outcome_of_error(self, error: Exception) -> Outcome | None:
        """Return what an exception means to whoever called, None for one that is a crash of the client."""
        name = type(error).__name__
        if isinstance(error, LoginRefused):
            return error.outcome
        if isinstance(error, self.refusal.over):
            code, again = self.code(error), getattr(error, "retryable", False)
            kind: OutcomeKind = "reauthorization_required" if code is None else kind_of(code)
            return Outcome(kind="transient_error" if again else kind, error=code, detail=name)
        if isinstance(error, (*self.refusal.passing, Trouble)):
            return Outcome(kind="transient_error", status=status_of(error), detail=name)
        if isinstance(error, self.refusal.coded):
            code, status = self.code(error), status_of(error)
            kind = "transient_error" if code is None and status in BUSY else kind_of(code)
            return Outcome(kind=kind, status=status, error=code, detail=name)
        return Outcome(kind="transient_error", detail=name) if is_of_the_network(error) else None

    def _attempt(self, work: Callable[[], Outcome]) -> Outcome:
        try:
            with self._turn():
                return self._storing(work)
        except Exception as error:
            outcome = self.outcome_of_error(error)
            if outcome is None:
                raise
            return outcome

    def _storing(self, work: Callable[[], Outcome]) -> Outcome:
        """Do something and store what the library holds then, unless the process has died."""
        try:
            outcome = work()
        except Exception:
            self._store()
            raise
        self._store()
        return outcome

    def _store(self) -> None:
        held = self.holds()
        if held is not None:
            self.keep(held)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._turns, Led(self._carry) as led:
            led.caller = self._caller
            WALL_CLOCK.show(self.clock)
            yield

    @contextmanager
    def _plugged(self) -> Iterator[None]:
        with HOOKS, WALL_CLOCK.turn(self.clock, self.surroundings.carrier) as self._carry, self.plug(self._carry):
            yield

    def _caller(self) -> Ask | None:
        """Return who carries the requests of the task that asks, if it is on the callers' event loop."""
        return None if self._loop is None else self._loop.caller()
