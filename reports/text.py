"""Foreign text made safe to show, and time made readable. What it must not know: any format's own escaping."""

import re
from datetime import UTC, datetime, timedelta

# Everything XML 1.0 (section 2.2) cannot hold and everything a terminal would obey: C0 and C1 controls, surrogates,
# non-characters, and the bidirectional overrides that make shown text differ from read text.
_UNPRINTABLE = re.compile("[^\t\n -~\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def printable(text: str) -> str:
    """Replace each character that cannot be shown as itself; tabs and line ends stay."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Make text printable and fold it onto one line."""
    return " ".join(printable(text).split())


def date_and_time(instant: int) -> str:
    """Write an instant (microseconds since the Unix epoch) in UTC to the second, as ISO 8601 does."""
    return (_EPOCH + timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ")


def elapsed(microseconds: int) -> str:
    """Write a span of time as days and h:mm:ss, with a sign only if it is negative."""
    sign = "-" if microseconds < 0 else ""
    return sign + str(timedelta(microseconds=abs(microseconds))).removesuffix("000")


def whole_seconds(seconds: float) -> str:
    """Write a span given in seconds as `elapsed` does, rounded to the second."""
    return elapsed(round(seconds) * 1_000_000)
