"""Words for steps: which requests a condition is for, and how long a while is."""

from __future__ import annotations


def which(view: str | None, grant_type: str | None, times: int | None, skip: int = 0) -> str:
    """Name the requests that a condition is for; it lets the first `skip` pass."""
    kind = {"refresh_token": "refresh", "authorization_code": "code exchange"}.get(grant_type or "", view or "any")
    count = {None: "Every", 1: "The next"}.get(times, f"Each of the next {times}")
    after = f" after {skip} more" if skip else ""
    return f"{count} {kind} request{'s' if times not in (None, 1) else ''}{after}"


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def span(seconds: float) -> str:
    """Say a duration in words: 31 days 2 hours, 59.5 seconds."""
    whole, words = int(seconds), []
    fraction = seconds - whole
    for size, unit in _UNITS[:3]:
        count, whole = divmod(whole, size)
        if count:
            words.append(f"{count} {unit}{'s' if count != 1 else ''}")
    rest = whole + fraction
    if rest or not words:
        words.append(f"{rest:g} second{'s' if rest != 1 else ''}")
    return " ".join(words)
