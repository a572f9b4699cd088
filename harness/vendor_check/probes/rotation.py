"""What a refresh brings, when it rotates, and what becomes of the access token before."""

from __future__ import annotations

from typing import Any

from refreshproof.harness.vendor_check.asking.asks import Play
from refreshproof.harness.vendor_check.asking.reply import Reply, ages, in_seconds
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, TroubleError
from refreshproof.harness.vendor_check.probes.moves import (
    A_SECOND,
    held,
    lives,
    needed,
    pause,
    refreshed,
    same_text,
    works,
)
from refreshproof.harness.vendor_check.probes.narrowing import Sample, narrowed
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values

LATEST = 1.5
"""Seconds before its end at which a refresh token is looked at late in its life."""


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
    if bench.start is None:
        return values | (yield from _when_old(bench))
    return values | {"refresh.rotation": "never", "fact.rotation_after": "not measured: needs logins"}


def _when_old(bench: Bench) -> Play[dict[str, Any]]:
    """Refresh a token that has waited for the longest of the waits; where it is over by then, for the next shorter."""
    for wait in sorted(bench.waits, reverse=True):
        fate, _, latest = yield from _aged(bench, wait)
        if fate != "over":
            break
    else:
        return {"refresh.rotation": "never", "fact.rotation_after": "never at once; not measured later"}
    age = (yield from _age_that_rotates(bench, 0.0, latest)) if fate == "new" else None
    if age is None:
        return {"refresh.rotation": "never", "fact.rotation_after": f"never, as far as {wait:g} s"}
    return {"refresh.rotation": "sometimes", "refresh.rotate_every": age, "fact.rotation_after": f"{age} s"}


def _aged(bench: Bench, wait: float) -> Play[tuple[str, float, float]]:
    """Return what a refresh with a token that has waited brings, `over` where it is refused, and how old it was."""
    grant = yield from held(bench)
    yield from pause(bench, wait)
    reply = yield from refreshed(bench, grant.refresh_token)
    return member(reply, grant.refresh_token) if reply.granted else "over", *ages(grant.first, reply)


def _age_that_rotates(bench: Bench, low: float, high: float) -> Play[int | None]:
    """Return the least age in whole seconds of a token that rotates, where one as old as `high` does and one as old as
    `low` does not. One that comes late on its way, and is over, has passed that age too."""

    def asked(wait: float) -> Play[Sample]:
        fate, early, late = yield from _aged(bench, wait)
        if fate == "over" and late < high - 1:
            raise TroubleError(f"a refresh token was over after {late:.1f} s, and older ones were not")
        return fate in ("new", "over"), early, late

    bounds = yield from narrowed(asked, low, high, beside=bench.fresh_users)
    return None if bounds is None else bounds.whole


def late_rotation(bench: Bench) -> Play[Values]:
    """Refresh a token shortly before it ends; where that rotates, find from what age on, and whether the new one has a
    whole life before it."""
    told = "fact.late_rotation"
    if bench.found.get("refresh.rotation") != "never":
        raise NeedlessError("refresh tokens are rotated before they are old")
    life = bench.found.get("refresh.inactivity_ttl") or bench.found.get("refresh.absolute_ttl")
    if life is None:
        why = bench.found.get("fact.refresh_token_life", "how long they live is not known (--lives SECONDS)")
        return {told: f"not measured: {why}"}
    low = max((wait for wait in bench.waits if wait < life - LATEST), default=0.0)
    fate, _, latest = yield from _aged(bench, life - LATEST)
    if fate == "over":
        return {told: f"not measured: a token of {latest:.1f} s was over, of {life} s that others live"}
    if fate != "new":
        return {told: f"never, as far as {life - LATEST:g} of {life} s"}
    age = yield from _age_that_rotates(bench, low, latest)
    if age is None:
        raise TroubleError("an older refresh token was rotated where a younger one was not")
    values = {told: f"from {age} of {life} s on", "refresh.rotation": "near_expiry", "refresh.rotate_every": life - age}
    grant = yield from held(bench)
    yield from pause(bench, age + A_SECOND)
    newer = needed((yield from refreshed(bench, grant.refresh_token)), f"a refresh after {age} s")
    yield from pause(bench, life - age)
    if (yield from works(bench, newer.refresh_token)):
        values |= {"refresh.inactivity_ttl": life, "refresh.absolute_ttl": None}
    return values


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
        id="late-rotation", asks="Does a refresh token rotate late in its life?", requests=30, logins=14,
        play=late_rotation,
    ),
    Probe(
        id="access-tokens", asks="Is the access token a new one, and does the one before live on?", requests=7,
        logins=1, play=access_tokens, settles=("refresh.access_token_on_refresh", "refresh.previous_access_token"),
        for_start_token=True,
    ),
)  # fmt: skip
