"""Quartz cron expressions, read by croniter after the one translation it needs: Quartz counts weekdays from Sunday = 1.

Instants are microseconds; schedules are judged in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from croniter import CroniterBadDateError, CroniterError, croniter

from refreshproof.harness.client.model.clock import SECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Schedule:
    """A Quartz expression: seconds, minutes, hours, day of month, month, day of week and, if given, the year."""

    def __init__(self, expression: str) -> None:
        """Take the expression; raise ValueError with what is allowed if it cannot be read."""
        self._fields = _translated(expression)

    def next_after(self, instant: int) -> int | None:
        """Return the first firing strictly after the instant, or None if there is none."""
        start = EPOCH + timedelta(microseconds=instant)
        try:
            found: datetime = croniter(self._fields, start, second_at_beginning=True).get_next(datetime)
        except CroniterBadDateError:
            return None
        return (found - EPOCH) // timedelta(microseconds=1)

    def latest_until(self, instant: int) -> int | None:
        """Return the last firing at or before the instant, or None if there is none."""
        return _latest(self._fields, instant - instant % SECOND)


# Every engine asks for its own schedule at its start, thousands of them at the same instant of virtual time.
@lru_cache
def _latest(fields: str, second: int) -> int | None:
    start = EPOCH + timedelta(microseconds=second + SECOND)
    try:
        found: datetime = croniter(fields, start, second_at_beginning=True).get_prev(datetime)
    except CroniterBadDateError:
        return None
    return (found - EPOCH) // timedelta(microseconds=1)


@lru_cache
def _translated(expression: str) -> str:
    """Return a Quartz expression as croniter reads it."""
    fields = expression.split()
    if not 6 <= len(fields) <= 7 or (fields[3] == "?") == (fields[5] == "?"):
        raise ValueError(
            f"{expression!r} is not a Quartz cron expression: six or seven fields, seconds first, "
            "exactly one of day of month and day of week is `?`"
        )
    try:
        translated = " ".join([*fields[:5], _weekday(fields[5]), *fields[6:]])
        croniter(translated, EPOCH, second_at_beginning=True)
    except (CroniterError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"{expression!r} is not a Quartz cron expression: {error}") from None
    return translated


def _weekday(field: str) -> str:
    """Translate Quartz's weekday numbers (1 = Sunday .. 7) to cron's (0 = Sunday .. 6); `6L` is written `L5`."""
    if re.search(r"\b[089]\b|\d\d", re.sub(r"[/#]\d+", "", field)):
        raise ValueError(f"day of week {field!r} is outside 1-7")
    lowered = re.sub(r"(?<![/#\d])([1-7])", lambda match: str(int(match[1]) - 1), field)
    return re.sub(r"(?<![/#\d])([0-6])L\b", r"L\1", lowered)
