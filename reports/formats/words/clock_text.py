"""Instants and spans of time in words. It reads no clock: it only writes down what one has shown."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def date_and_time(instant: int) -> str:
    """Write an instant (microseconds since the Unix epoch) in UTC to the second, as ISO 8601 does."""
    return (_EPOCH + timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ")


def elapsed(microseconds: int) -> str:
    """Write a span of time as "30 d 1:00:00.250", with days, milliseconds and a minus sign only where there are any."""
    sign = "-" if microseconds < 0 else ""
    written = str(timedelta(microseconds=abs(microseconds))).replace(" days, ", " d ").replace(" day, ", " d ")
    return sign + (written.removesuffix("000") if "." in written else written)


def short(microseconds: int) -> str:
    """Write a span of less than a minute in the unit that suits it: 12 µs, 10 ms, 1.25 s."""
    for unit, name in ((1_000_000, "s"), (1000, "ms")):
        if microseconds >= unit:
            return f"{microseconds / unit:.3g} {name}"
    return f"{microseconds} µs"


def whole_seconds(seconds: float) -> str:
    """Write a span given in seconds as `elapsed` does, rounded to the second."""
    return elapsed(round(seconds) * 1_000_000)
