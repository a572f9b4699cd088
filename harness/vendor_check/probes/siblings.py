"""Two logins of one user, and many refreshes at one time."""

from __future__ import annotations

from typing import Any

from refreshproof.harness.vendor_check.asking.asks import Play, Together
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, TroubleError
from refreshproof.harness.vendor_check.probes.moves import (
    Held,
    authorize,
    came_back,
    code_form,
    held,
    needed,
    refresh_form,
    refreshed,
    token_request,
    works,
)
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values

EXCHANGES = 4
"""How often one code is exchanged at once."""


def second_login(bench: Bench) -> Play[Values]:
    """Let a user log in twice and refresh the second, and see whether the first lives; where it does not, once more
    without that refresh."""
    first, second = yield from _two(bench)
    needed((yield from refreshed(bench, second.refresh_token)), "a refresh of the second login")
    if (yield from works(bench, first.refresh_token)):
        return {"fact.second_login": "leaves the first", "refresh.ends_other_families": False}
    first, _ = yield from _two(bench)
    if (yield from works(bench, first.refresh_token)):
        return {"fact.second_login": "leaves the first", "refresh.ends_other_families": True}
    return {"fact.second_login": "ends the first", "refresh.cap_per_user": 1}


def _two(bench: Bench) -> Play[tuple[Held, Held]]:
    user = bench.new_user()
    first = yield from held(bench, user=user)
    second = yield from held(bench, user=user)
    if first.refresh_token == second.refresh_token:
        raise NeedlessError("both logins brought the same refresh token")
    return first, second


def parallel(bench: Bench) -> Play[Values]:
    """Refresh with one token many times at once, in several rounds, each on a grant of its own."""
    rounds = []
    for _ in range(bench.rounds):
        grant = yield from held(bench)
        request = token_request(bench.target, bench.target.client, refresh_form(grant.refresh_token))
        replies: tuple[Reply, ...] = yield Together(requests=(request,) * bench.at_once)
        tokens = list(dict.fromkeys(one.refresh_token for one in replies if one.granted and one.refresh_token))
        alive = False
        for token in tokens or [grant.refresh_token]:
            alive = alive or (yield from works(bench, token))
        rounds.append(_told(replies, len(tokens), alive))
    return {"fact.parallel": rounds}


def parallel_codes(bench: Bench) -> Play[Values]:
    """Exchange one code several times at once, in several rounds, and count whose refresh tokens live afterwards."""
    rounds = []
    for _ in range(bench.rounds):
        callback, verifier = yield from authorize(bench, user=bench.new_user())
        if "code" not in callback:
            raise TroubleError(f"the login came back with {came_back(callback)}")
        request = token_request(
            bench.target, bench.target.client, code_form(bench.target, callback["code"], verifier)
        )  # fmt: skip
        replies: tuple[Reply, ...] = yield Together(requests=(request,) * EXCHANGES)
        tokens = list(dict.fromkeys(one.refresh_token for one in replies if one.granted and one.refresh_token))
        living = 0
        for token in tokens:
            living += yield from works(bench, token)
        granted = sum(one.granted for one in replies)
        rounds.append({"granted": granted, "working": living, "others": _others(replies)})
    return {"fact.parallel_exchanges": rounds}


def _others(replies: tuple[Reply, ...]) -> list[str]:
    return sorted({one.words for one in replies if not one.granted})


def _told(replies: tuple[Reply, ...], tokens: int, alive: bool) -> dict[str, Any]:
    granted = sum(one.granted for one in replies)
    return {"granted": granted, "refresh_tokens": tokens, "one_works": alive, "others": _others(replies)}


PROBES = (
    Probe(
        id="second-login", asks="Does a second login of the user, or a refresh of it, end the first?", requests=6,
        logins=2, play=second_login, settles=("refresh.ends_other_families",),
        destructive=True,
    ),
    Probe(
        id="parallel", asks="What becomes of many refreshes with one token at one time?", requests=36, logins=3,
        play=parallel, destructive=True,
    ),
    Probe(
        id="parallel-codes", asks="What becomes of several exchanges of one code at one time?", requests=21, logins=3,
        play=parallel_codes, destructive=True,
    ),
)  # fmt: skip
