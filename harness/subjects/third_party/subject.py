"""The base of subjects that wrap a library: each operation is a turn in the library's own time and in process.

The library is not touched; what it leaves to the application (storing what it hands over, and nothing more) is here.
Callers that come together are threads in one turn.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar

from refreshproof.harness.adapters.adapter import Adapter
from refreshproof.harness.adapters.tiny.client import OFFLINE_SCOPE
from refreshproof.harness.subjects.third_party.clock import WALL_CLOCK
from refreshproof.harness.subjects.third_party.together import Together
from refreshproof.mock_servers.stacks import HOOKS, Led
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.scenarios.steps.subject import OK, Capability, Description, Outcome, OutcomeKind, Surroundings

PATIENCE = 30.0
"""Seconds that the application waits for an answer."""

DEAD = ("invalid_grant",)
PASSING = ("temporarily_unavailable", "server_error", "slow_down")
BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a library's exceptions mean: the grant is over unless they say otherwise, try again, or see the OAuth error
    that they carry. `own_codes` are error codes that the library makes up and no server sent."""

    over: tuple[type[Exception], ...] = ()
    passing: tuple[type[Exception], ...] = ()
    coded: tuple[type[Exception], ...] = ()
    own_codes: tuple[str, ...] = ()


class ThirdPartySubject(Adapter):
    """A library as a subject. Write `begin`, `finish`, `use` and `renew`, with the library's own calls.

    `stored` is what the application has saved, and all that survives `restart`; `flow` the login under way, which the
    application forgets once it has succeeded. An exception that `refusal` does not name is a crash of the library.
    """

    distribution: ClassVar[str]
    capabilities: frozenset[Capability] = frozenset(("refresh", "restart", "parallel"))
    refusal: ClassVar[Refusal]

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.stored: dict[str, Any] | None = None
        self.flow: Any = None
        self.session: Any = None
        self._turns = Together(self._plugged)
        self._carry: Carrier = surroundings.carrier

    def describe(self) -> Description:
        """Return the library's name and version, and whether it can work with this vendor."""
        return Description(
            name=self.name,
            version=version(self.distribution),
            capabilities=self.capabilities,
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
    def begin(self) -> str:
        """Begin a login; returns the authorization URL."""

    @abstractmethod
    def finish(self, url: str, flow: Any) -> None:
        """Finish a login with the callback and store the tokens."""

    @abstractmethod
    def use(self) -> int:
        """Call the resource; returns the status."""

    @abstractmethod
    def renew(self) -> None:
        """Force a refresh."""

    def keep(self, token: Any) -> None:
        """Store what the library hands over."""
        self.stored = dict(token)

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Prepare what a turn needs beside the stacks that are led to the carrier; it lasts as long as the turn."""
        return nullcontext()

    @property
    def refreshable(self) -> bool:
        """Whether a refresh token is stored."""
        return bool((self.stored or {}).get("refresh_token"))

    def code(self, error: Exception) -> str | None:
        """Return the OAuth error code that an exception of the library carries."""
        code: str | None = getattr(error, "error", None)
        return None if code in self.refusal.own_codes else code

    def authorize(self) -> str:
        """Begin a flow; returns the URL the user's browser is sent to."""
        with self._turn():
            return self.begin()

    def callback(self, url: str) -> Outcome:
        """Take the redirect that came back to the client."""

        flow, self.flow = self.flow, None
        if flow is None:
            return Outcome(kind="permanent_error", detail="No login is under way.")

        def finished() -> Outcome:
            try:
                self.finish(url, flow)
            except BaseException:
                self.flow = flow
                raise
            return Outcome(kind="ok", status=200, refreshable=self.refreshable)

        return self._attempt(finished)

    def call(self) -> Outcome:
        """Use the protected resource once, refreshing as the library would."""
        return self._with_token(lambda: outcome_of(self.use()))

    def refresh(self) -> Outcome:
        """Force a refresh."""

        def renewed() -> Outcome:
            self.renew()
            return OK

        return self._with_token(renewed)

    def restart(self) -> None:
        """Begin a new process on what is stored."""
        self.session = None

    def close(self) -> None:
        """Release everything, callers included that stand still for ever."""
        self._turns.close()
        super().close()

    def _with_token(self, work: Callable[[], Outcome]) -> Outcome:
        if self.stored is None:
            return Outcome(kind="reauthorization_required", detail="There is no token.")
        return self._attempt(work)

    def _attempt(self, work: Callable[[], Outcome]) -> Outcome:
        try:
            with self._turn():
                return work()
        except self.refusal.over as error:
            code, again = self.code(error), getattr(error, "retryable", False)
            kind: OutcomeKind = "reauthorization_required" if code is None else _kind(code)
            return Outcome(kind="transient_error" if again else kind, error=code, detail=type(error).__name__)
        except self.refusal.passing as error:
            return Outcome(kind="transient_error", status=_status(error), detail=type(error).__name__)
        except self.refusal.coded as error:
            code, status = self.code(error), _status(error)
            kind = "transient_error" if code is None and status in BUSY else _kind(code)
            return Outcome(kind=kind, status=status, error=code, detail=type(error).__name__)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._turns, Led(self._carry):
            WALL_CLOCK.show(self.clock)
            yield

    @contextmanager
    def _plugged(self) -> Iterator[None]:
        with HOOKS, WALL_CLOCK.turn(self.clock, self.surroundings.carrier) as self._carry, self.plug(self._carry):
            yield


def _kind(code: str | None) -> OutcomeKind:
    if code in DEAD:
        return "reauthorization_required"
    return "transient_error" if code in PASSING else "permanent_error"


def _status(error: Exception) -> int | None:
    """Return the status that an exception of an HTTP stack carries."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def outcome_of(status: int) -> Outcome:
    """Return what a status of the resource means to a caller."""
    if status < 400:
        return Outcome(kind="ok", status=status)
    return Outcome(kind="transient_error" if status in BUSY else "permanent_error", status=status)
