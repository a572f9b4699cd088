"""What a refresh brings, when it rotates, and what becomes of the access token before."""

from __future__ import annotations

from typing import Any

from refreshproof.harness.vendor_check.asking.asks import Branch, Play
from refreshproof.harness.vendor_check.asking.reply import Reply, ages, in_seconds
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError
from refreshproof.harness.vendor_check.probes.moves import (
    A_SECOND,
    held,
    lives,
    needed,
    pause,
    refreshed,
    same_text,
)
from refreshproof.harness.vendor_check.probes.narrowing import narrowed
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values


def member(reply: Reply, presented: str) -> str:
    """Say what an answer holds in its member refresh_token, in the words of the profile."""
    if "refresh_token" not in reply.members:
        return "omitted"
    found = reply.members["refresh_token"]
    if found is None:
        return "null"
    return "empty" if found == "" else "same" if found == presented else "new"


def rotation(bench: Bench) -> Play[Values]:
    """Refresh three times, each time with what the answer before brought, or with the old token where it brought none.
    A server that does not rotate at once is asked again with tokens that have waited."""
    start = yield from held(bench)
    token = start.refresh_token
    seen: list[str] = []
    for number in range(3):
        reply = yield from refreshed(bench, token)
        if number and not reply.granted and seen[-1] in ("omitted", "null", "empty"):
            once = {"refresh.rotation": "once_per_login"} if number == 1 else {}
            return once | {"fact.refreshes_of_a_login": number, "fact.refresh_token_on_refresh": seen[0]}
        needed(reply, f"refresh {number + 1}")
        seen.append(member(reply, token))
        token = reply.refresh_token or token
    if set(seen) == {"new"}:
        return {"refresh.rotation": "always", "fact.refresh_token_on_refresh": "new"}
    values: dict[str, Any] = {"fact.refresh_token_on_refresh": seen[0], "refresh.refresh_token_on_refresh": seen[0]}
    longest = max(bench.waits)
    age = (yield from _age_that_rotates(bench, longest)) if bench.start is None else None
    if age is None:
        return values | {"refresh.rotation": "never", "fact.rotation_after": f"never, as far as {longest:g} s"}
    return values | {"refresh.rotation": "sometimes", "refresh.rotate_every": age, "fact.rotation_after": f"{age} s"}


def _age_that_rotates(bench: Bench, longest: float) -> Play[int | None]:
    """Return the least age in whole seconds of a token that rotates, None for none up to the longest wait."""

    def asked(wait: float) -> Play[tuple[bool, float, float]]:
        grant = yield from held(bench)
        yield from pause(bench, wait)
        reply = needed((yield from refreshed(bench, grant.refresh_token)), f"a refresh after {wait:g} s")
        return member(reply, grant.refresh_token) == "new", *ages(grant.first, reply)

    [(rotates, _, latest)] = yield Branch(plays=(asked(longest),))
    if not rotates:
        return None
    bounds = yield from narrowed(asked, 0.0, latest, beside=bench.fresh_users)
    return None if bounds is None else bounds.whole


def access_tokens(bench: Bench) -> Play[Values]:
    """Look whether the access token changes with a refresh, and whether the one before lives on: at once, once its
    successor was used, after the window."""
    if not bench.target.tells_liveness:
        raise NeedlessError("no resource and no introspection endpoint is known (--resource)")
    start = yield from held(bench)
    if not (yield from lives(bench, start.access_token)):
        raise NeedlessError("the resource refuses an access token that has just been issued")
    yield from pause(bench, A_SECOND)
    reply = needed((yield from refreshed(bench, start.refresh_token)), "a refresh")
    apart = in_seconds(reply.sent_at - start.first.received_at)
    if same_text(bench, reply.access_token, start.access_token, apart):
        told, before = reply.members.get("expires_in"), start.first.members.get("expires_in")
        extended = isinstance(told, int) and told == before
        kind = "extended" if extended else "same"
        return {"refresh.access_token_on_refresh": kind, "fact.access_token_before": "is handed out again"}
    found: dict[str, Any] = {"refresh.access_token_on_refresh": "new"}
    fate = yield from _fate(bench, start.access_token, reply.access_token)
    return found | {"refresh.previous_access_token": fate, "fact.access_token_before": fate.replace("_", " ")}


def _fate(bench: Bench, before: str, after: str) -> Play[str]:
    if not (yield from lives(bench, before)):
        return "dies_at_once"
    yield from lives(bench, after)
    if not (yield from lives(bench, before)):
        return "dies_at_first_use"
    window = bench.found.get("refresh.window")
    if isinstance(window, int | float) and 0 < window <= max(bench.waits):
        yield from pause(bench, window + 1)
        if not (yield from lives(bench, before)):
            return "dies_with_window"
    return "lives"


PROBES = (
    Probe(
        id="rotation", asks="Does a refresh bring a new refresh token: always, never, from some age on?",
        requests=10, logins=4, play=rotation, for_start_token=True,
        settles=("refresh.rotation", "refresh.refresh_token_on_refresh", "refresh.rotate_every"),
    ),
    Probe(
        id="access-tokens", asks="Is the access token a new one, and does the one before live on?", requests=7,
        logins=1, play=access_tokens, settles=("refresh.access_token_on_refresh", "refresh.previous_access_token"),
        for_start_token=True,
    ),
)  # fmt: skip
