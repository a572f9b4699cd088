"""Playing generators of asks: one after the other or beside each other, so that long waits are shared.

It sends through an injected carrier, counts, keeps the rate, and writes the journal; it knows no probe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from refreshproof.harness.vendor_check.asking.aliases import Aliases, Entry, entry_of
from refreshproof.harness.vendor_check.asking.asks import Ask, Authorize, Branch, Play, Send, Together
from refreshproof.harness.vendor_check.asking.carrier import Carrier, Login
from refreshproof.harness.vendor_check.asking.limits import Meter
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.trouble import StopError, TroubleError
from refreshproof.mock_servers.wire import Instant, WireRequest


@dataclass(kw_only=True, eq=False)
class Task:
    """One generator under way; `wake` is when it goes on, None for at once; a parent waits for its branches."""

    name: str
    play: Play[Any]
    number: int
    parent: Task | None = None
    wake: Instant | None = None
    given: Any = None
    thrown: Exception | None = None
    branches: list[Task] = field(default_factory=list)
    result: Any = None
    failure: Exception | None = None
    over: bool = False
    waiting: bool = False


class Runner:
    """Plays tasks to their ends. Beside each other only where every login can be another user."""

    def __init__(
        self, carrier: Carrier, login: Login | None, meter: Meter, ended: Callable[[Task], None] = lambda task: None
    ) -> None:
        self._carrier = carrier
        self._login = login
        self._meter = meter
        self._ended = ended
        self.aliases = Aliases()
        self._began = carrier.now()
        self._made = 0
        self.journal: list[Entry] = []
        self.beside = login is not None and login.fresh_users

    def play(self, plays: Sequence[tuple[str, Play[Any]]]) -> list[Task]:
        """Play generators by name; each task comes back with its result or its failure.

        After a `StopError` nothing more is sent, and every task that is not over fails with it.
        """
        tasks = [self._made_of(name, play) for name, play in plays]
        groups = [tasks] if self.beside else [[task] for task in tasks]
        stopped: StopError | None = None
        for group in groups:
            if stopped is not None:
                break
            stopped = self._run(list(group))
        for task in tasks:
            if not task.over:
                task.failure, task.over = stopped, True
                task.play.close()
        return tasks

    def _made_of(self, name: str, play: Play[Any], parent: Task | None = None) -> Task:
        self._made += 1
        return Task(name=name, play=play, number=self._made, parent=parent)

    def _run(self, tasks: list[Task]) -> StopError | None:
        while tasks:
            try:
                self._step(self._next(tasks), tasks)
            except StopError as stop:
                return stop
            except KeyboardInterrupt:
                return StopError("interrupted")
        return None

    def _next(self, tasks: list[Task]) -> Task:
        """Return the task that goes on: one whose time has come, else one that need not wait, else the next to wake."""
        now = self._carrier.now()
        ready = [one for one in tasks if not one.waiting]
        timed = sorted((one for one in ready if one.wake is not None), key=lambda one: (one.wake or 0, one.number))
        if timed and (timed[0].wake or 0) <= now:
            return timed[0]
        free = [one for one in ready if one.wake is None]
        if free:
            return max(free, key=lambda one: (one.parent is not None, -one.number))
        self._carrier.wait(timed[0].wake or 0)
        return timed[0]

    def _step(self, task: Task, tasks: list[Task]) -> None:
        task.wake = None
        try:
            if task.thrown is not None:
                thrown, task.thrown = task.thrown, None
                ask = task.play.throw(thrown)
            else:
                given, task.given = task.given, None
                ask = task.play.send(given)
        except StopIteration as end:
            self._end(task, tasks, end.value, None)
        except StopError:
            raise
        except Exception as failure:  # a probe's own failure is told with its name; the others go on
            self._end(task, tasks, None, failure)
        else:
            self._answer(task, ask, tasks)

    def _end(self, task: Task, tasks: list[Task], result: Any, failure: Exception | None) -> None:
        task.result, task.failure, task.over = result, failure, True
        tasks.remove(task)
        parent = task.parent
        if parent is None:
            self._ended(task)
            return
        left = [one for one in parent.branches if not one.over]
        if left:
            if not self.beside:
                tasks.append(left[0])
            return
        parent.waiting = False
        failures = [one.failure for one in parent.branches if one.failure is not None]
        if failures:
            parent.thrown = failures[0]
        else:
            parent.given = [one.result for one in parent.branches]

    def _answer(self, task: Task, ask: Ask, tasks: list[Task]) -> None:
        try:
            if isinstance(ask, Send):
                task.given = self._send(task.name, ask.request)
            elif isinstance(ask, Together):
                task.given = self._together(task.name, ask.requests)
            elif isinstance(ask, Authorize):
                task.given = self._authorize(ask)
            elif isinstance(ask, Branch):
                self._branch(task, ask, tasks)
            else:
                task.wake = ask.instant
        except StopError:
            raise
        except Exception as failure:  # whatever it is, it is the probe's that asked
            task.thrown = failure

    def _branch(self, task: Task, ask: Branch, tasks: list[Task]) -> None:
        if not ask.plays:
            task.given = []
            return
        task.waiting = True
        task.branches = [self._made_of(task.name, play, task) for play in ask.plays]
        tasks += task.branches if self.beside else task.branches[:1]

    def _send(self, name: str, request: WireRequest) -> Reply:
        self._admit([request])
        reply = self._carrier.send(request)
        self._note(name, request, reply)
        return reply

    def _together(self, name: str, requests: tuple[WireRequest, ...]) -> tuple[Reply, ...]:
        self._admit(requests)
        replies = self._carrier.together(requests)
        for request, reply in zip(requests, replies, strict=True):
            self._note(name, request, reply)
        return replies

    def _admit(self, requests: Sequence[WireRequest]) -> None:
        for request in requests:
            self._meter.admit(request)
        self._meter.count(len(requests))
        self._carrier.wait(self._meter.due(self._carrier.now(), len(requests)))

    def _authorize(self, ask: Authorize) -> dict[str, str]:
        if self._login is None:
            raise TroubleError("a login is needed, and only a start token was given")
        request = WireRequest(method="GET", url=ask.url)
        self._meter.admit(request)
        self._meter.count(login=True)
        self._carrier.wait(self._meter.due(self._carrier.now()))
        back = urlsplit(self._login(ask.url, ask.user))
        callback = dict(parse_qsl(back.query or back.fragment, keep_blank_values=True))
        if "code" in callback and callback.get("state") != ask.state:
            raise TroubleError("the browser came back with another state than the one it was sent with")
        return callback

    def _note(self, name: str, request: WireRequest, reply: Reply) -> None:
        number = len(self.journal) + 1
        self.journal.append(entry_of(self.aliases, name, number, self._began, request, reply))
