"""The local time of the computer that the client runs on; it is put back when the world ends."""

from __future__ import annotations

import os
import time


class LocalTime:
    """The time zone of this process, by the rules of POSIX (TZ); where the system has none nothing changes."""

    def __init__(self) -> None:
        self._before: str | None = None
        self._changed = False

    def keep(self, rules: str) -> None:
        """Go by other rules from now on."""
        if not self._changed:
            self._before, self._changed = os.environ.get("TZ"), True
        _set(rules)

    def restore(self) -> None:
        """Go by the rules that there were."""
        if self._changed:
            _set(self._before)
            self._changed = False


def _set(rules: str | None) -> None:
    if rules is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = rules
    if hasattr(time, "tzset"):
        time.tzset()
