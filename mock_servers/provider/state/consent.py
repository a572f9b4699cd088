"""The user at the authorization endpoint: what they are asked, and what they answer.

A decision is a value; who makes it (a script, a page in a browser) is injected.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.wire import WireResponse


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One user's answer: who they are, whether they allow it, which scopes (None for all), the site they picked, and
    for how many seconds (None for ever) where the vendor lets them choose."""

    account: str = "alice"
    answer: Literal["consent", "deny"] = "consent"
    scopes: frozenset[str] | None = None
    site: str | None = None
    seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a user is asked: by whom, for which scopes, the values of prompt, and the sites that each account can
    pick."""

    application: Application
    scopes: tuple[str, ...]
    prompt: tuple[str, ...]
    login_hint: str | None
    accounts: tuple[Account, ...]
    sites: Mapping[str, tuple[str, ...]]


Ask: TypeAlias = Callable[[Question], "Decision | WireResponse"]
"""Puts a question to the user: an answer, or a page to show first; raises `Refused` where nobody may be asked."""


class ScriptedUser:
    """Answers from a queue, and like the last answer's account consents when the queue is empty."""

    def __init__(self) -> None:
        self._queue: deque[Decision] = deque()
        self.usual = Decision()

    def will(self, decision: Decision) -> None:
        """Queue one answer."""
        self._queue.append(decision)

    def forget(self) -> None:
        """Forget the answers that are queued."""
        self._queue.clear()

    @property
    def queued(self) -> tuple[Decision, ...]:
        """The answers that are queued."""
        return tuple(self._queue)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The usual answer and those that are queued."""
        return (self.usual, *self._queue)

    def return_to(self, decisions: tuple[Decision, ...]) -> None:
        """Have the answers ready that there once were."""
        self.usual, *queued = decisions
        self._queue = deque(queued)

    @property
    def waiting(self) -> bool:
        """Whether an answer is queued."""
        return bool(self._queue)

    def __call__(self, question: Question) -> Decision:
        """Give the next answer."""
        return self._queue.popleft() if self._queue else self.usual
