"""Naive local times for libraries that keep them: freezegun's are UTC, and would never show what a zone does to them.

Where a scenario's zone is in force `datetime.now()` without a zone, `fromtimestamp` and `timestamp` go by it, summer
time and all; elsewhere they are freezegun's, whatever the machine's own zone is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any
from unittest import mock

from freezegun import api

from refreshproof.scenarios.clocks.zone_clock import is_in_force


@contextmanager
def keeping_local_time() -> Iterator[None]:
    """Let frozen datetimes without a zone be local ones."""
    with ExitStack() as stack:
        for name, method in (("now", classmethod(_now)), ("fromtimestamp", classmethod(_from)), ("timestamp", _to)):
            stack.enter_context(mock.patch.object(api.FakeDatetime, name, method))
        yield


_NOW, _FROM = (vars(api.FakeDatetime)[name].__func__ for name in ("now", "fromtimestamp"))
_TO = api.FakeDatetime.timestamp


def _now(cls: Any, tz: tzinfo | None = None) -> Any:
    moment = cls._time_to_freeze() if tz is None and is_in_force() else None
    return _NOW(cls, tz) if moment is None else _local(moment.replace(tzinfo=UTC).timestamp())


def _from(cls: Any, t: float, tz: tzinfo | None = None) -> Any:
    return _local(t) if tz is None and is_in_force() else _FROM(cls, t, tz)


def _to(self: Any) -> float:
    local = self.tzinfo is None and is_in_force()
    return float(api.real_datetime.timestamp(self) if local else _TO(self))


def _local(seconds: float) -> Any:
    """Return the local time of an instant; of an hour that comes twice it is told which one it is."""
    there: datetime = api.real_datetime.fromtimestamp(seconds)
    return api.datetime_to_fakedatetime(there).replace(fold=there.fold)
