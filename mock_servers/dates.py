"""Dates in words and as instants. Reads no clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from refreshproof.mock_servers.wire import DAY, Instant

_Date = TypeVar("_Date", bound=date)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = 1970, 2200
"""The years in which a life may begin."""


def in_words(instant: Instant) -> str:
    """Return an instant in ISO 8601, to the second, which `instant_of` reads."""
    return (_EPOCH + timedelta(microseconds=instant)).replace(microsecond=0).isoformat()


def instant_of(text: str) -> Instant:
    """Return the instant of a date in ISO 8601, in whole seconds; UTC where it names no zone. Raises ValueError."""
    read = _read(datetime.fromisoformat, text)
    _check_year(read.year)
    zoned = read if read.tzinfo else read.replace(tzinfo=UTC)
    _check_year(zoned.astimezone(UTC).year)
    return (zoned.replace(microsecond=0) - _EPOCH) // timedelta(microseconds=1)


def day(text: str) -> Instant:
    """Return the instant at which a day of the calendar, such as 2027-04-01, begins in UTC; raises ValueError."""
    read = _read(date.fromisoformat, text)
    _check_year(read.year)
    return (read - _EPOCH.date()).days * DAY


def _read(reader: Callable[[str], _Date], text: str) -> _Date:
    try:
        return reader(text)
    except ValueError:
        raise ValueError("that is no day of the calendar in ISO 8601") from None


def _check_year(year: int) -> None:
    if not EARLIEST <= year < LATEST:
        raise ValueError(f"the year is {year}; expected one from {EARLIEST} to {LATEST - 1}")


def days_between(earlier: str, later: Instant) -> int:
    """Return how many whole days lie between the beginning of a day and an instant; raises ValueError."""
    return (later - day(earlier)) // DAY
