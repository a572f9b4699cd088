"""Performs the effects of the refresh procedure with real locks, storage, clock and HTTP; it decides nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import httpx

from refreshproof.harness.client.model.clock import Clock
from refreshproof.harness.client.model.errors import NotFoundError
from refreshproof.harness.client.model.status import Listener
from refreshproof.harness.client.model.token import ClientTokenEntity
from refreshproof.harness.client.refresh.effects import (
    Acquire,
    Chance,
    Delete,
    Effect,
    Keep,
    Kept,
    Load,
    Mark,
    Now,
    Release,
    Save,
    SaveAlarm,
    Send,
    Sleep,
    Tell,
)
from refreshproof.harness.client.refresh.locks import Lock, StripedLocks
from refreshproof.harness.client.storage.storage import Held, Storage
from refreshproof.harness.client.token_endpoint.transport import send

T = TypeVar("T")


class Driver:
    """Runs procedures for one engine; pairs that could not be written live here until they can."""

    def __init__(
        self,
        *,
        storage: Storage,
        http: httpx.Client,
        clock: Clock,
        locks: StripedLocks,
        rng: random.Random,
        tell: Listener,
    ) -> None:
        self._storage = storage
        self._locks = locks
        self._kept: dict[str, ClientTokenEntity] = {}
        self._handlers: dict[type, Callable[[Any], Any]] = {
            Now: lambda _: clock.now(),
            Chance: lambda _: rng.random(),
            Sleep: lambda effect: clock.sleep(effect.seconds),
            Load: lambda effect: self._load(effect.token_id),
            Mark: lambda effect: storage.mark(effect.token, effect.lease),
            Send: lambda effect: send(http, clock, effect.request, effect.deadline),
            Save: lambda effect: storage.replace_token(effect.token),
            Delete: lambda effect: storage.delete_token(effect.token.id, effect.token.version),
            Keep: self._keep,
            Kept: lambda effect: self._kept.get(effect.token_id),
            SaveAlarm: lambda effect: storage.save_alarm(effect.config_id, effect.alarm),
            Tell: lambda effect: tell(effect.move),
        }

    def run(self, steps: Generator[Effect, Any, T]) -> T:
        """Run a procedure to its end; a lock it holds is given back whatever happens."""
        lock: Lock | None = None
        try:
            effect = next(steps)
            while True:
                if isinstance(effect, Acquire):
                    wanted = self._locks.of(effect.token_id)
                    wanted.acquire()
                    lock = wanted
                    effect = steps.send(None)
                elif isinstance(effect, Release) and lock is not None:
                    lock.release()
                    lock = None
                    effect = steps.send(None)
                else:
                    effect = self._perform(steps, effect)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]  # the type of StopIteration.value is not the generator's
        finally:
            if lock is not None:
                lock.release()

    def _perform(self, steps: Generator[Effect, Any, T], effect: Effect) -> Effect:
        try:
            result = self._handlers[type(effect)](effect)
        except Exception as error:
            return steps.throw(error)
        return steps.send(result)

    def _load(self, token_id: str) -> Held:
        held = self._storage.load(token_id)
        if held is None:
            raise NotFoundError(f"no token has the id {token_id!r}")
        return held

    def _keep(self, effect: Keep) -> None:
        self._kept.pop(effect.token_id, None)
        if effect.token is not None:
            self._kept[effect.token_id] = effect.token
