"""A superseded refresh token, presented again: at once, later, two generations back; and who lives afterwards.

Every replay has a grant of its own, and a user of its own where there are several: a replay may end whatever the user
has at this client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from refreshproof.harness.vendor_check.asking.asks import Branch, Play
from refreshproof.harness.vendor_check.asking.reply import Reply, ages
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError
from refreshproof.harness.vendor_check.probes.moves import (
    authorize,
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

FARTHEST = 4
"""Generations back that are tried where two are accepted; a server that takes this one is said to take all."""
MOST_REUSES = 4

KINDS: Mapping[str, str] = {
    "omitted": "access_token_only", "null": "access_token_only", "empty": "access_token_only", "presented": "presented",
    "successor": "same_successor", "successor, same access token": "same_pair", "another": "new_pair",
}  # fmt: skip
"""What the profile calls an answer to a replay, by what it holds."""
WORDS: Mapping[str, str] = {
    "reject": "refused", "access_token_only": "an access token and no refresh token",
    "presented": "the same token back",
    "same_successor": "same refresh token as the first answer", "same_pair": "the first answer once more",
    "new_pair": "a new refresh token", "last_replay_wins": "a new refresh token, which ends the one before",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """One replay: what it was answered, what was held before, and how old the refresh was then, in seconds."""

    kind: str
    presented: str = field(repr=False)
    successor: str = field(repr=False)
    successor_access: str = field(repr=False)
    reply: Reply
    earliest: float
    latest: float

    @property
    def refused(self) -> bool:
        """Whether the token was refused."""
        return self.kind == "reject"


def replayed(bench: Bench, wait: float, *, steps: int = 1, user: str | None = None) -> Play[Replayed]:
    """Log in, refresh `steps` times, wait, and present the first refresh token again."""
    start = yield from held(bench, user=user)
    tokens, answers = [start.refresh_token], []
    for number in range(steps):
        reply = needed((yield from refreshed(bench, tokens[-1])), f"refresh {number + 1}")
        if reply.refresh_token in (None, tokens[-1]):
            raise NeedlessError("refresh tokens are not rotated")
        answers.append(reply)
        tokens.append(str(reply.refresh_token))
    if wait:
        yield from pause(bench, wait)
    again = yield from refreshed(bench, tokens[0])
    first, last = answers[0], answers[-1]
    early, late = ages(first, again)
    return Replayed(
        kind=_kind(bench, again, tokens[0], first, early),
        presented=tokens[0],
        successor=tokens[-1],
        successor_access=last.access_token,
        reply=again,
        earliest=max(early, 0.0),
        latest=late,
    )


def _kind(bench: Bench, again: Reply, presented: str, first: Reply, apart: float) -> str:
    if not again.granted:
        return "reject"
    found = again.members.get("refresh_token", "omitted")
    if found in (None, "", "omitted"):
        return "access_token_only"
    if found == presented:
        return "presented"
    if found == first.refresh_token:
        same = same_text(bench, again.access_token, first.access_token, apart)
        return KINDS["successor, same access token" if same else "successor"]
    return "new_pair"


def replay(bench: Bench) -> Play[Values]:
    """Replay at each wait; find the window to the second; see who lives afterwards; go further back; replay often."""
    if bench.found.get("refresh.rotation") not in ("always", None):
        raise NeedlessError("refresh tokens are not rotated at every refresh")
    tries: list[Replayed] = yield Branch(plays=tuple(replayed(bench, wait) for wait in bench.waits))
    facts = {
        f"fact.replay_after_{wait:g}_s": _words(one) for wait, one in zip(bench.waits, tries, strict=True)
    }  # fmt: skip
    taken = [one for one in tries if not one.refused]
    if not taken:
        return facts | {"refresh.on_replay": "reject"}
    facts |= yield from _survivors(bench, taken[0])
    kind = taken[0].kind if facts["fact.replay_lets_live"] != "only the last" else "last_replay_wins"
    return facts | {"refresh.on_replay": kind} | (yield from _window(bench, tries))


def _words(one: Replayed) -> str:
    return one.reply.words if one.refused else f"200, {WORDS[one.kind]}"


def _survivors(bench: Bench, sample: Replayed) -> Play[dict[str, Any]]:
    """See on two more grants, for the first use may change the second, whether successor and replay's token work."""
    one = yield from replayed(bench, 0)
    first = yield from works(bench, one.successor)
    other = yield from replayed(bench, 0)
    brought = other.reply.refresh_token
    second = yield from works(bench, brought)
    words = {
        (True, True): "both",
        (True, False): "the successor",
        (False, True): "only the last",
        (False, False): "none",
    }
    if brought in (None, other.successor):
        return {"fact.replay_lets_live": "the successor" if first else "none"}
    return {"fact.replay_lets_live": words[first, second]}


def _window(bench: Bench, tries: list[Replayed]) -> Play[dict[str, Any]]:
    def asked(wait: float) -> Play[Sample]:
        one = yield from replayed(bench, wait)
        return one.refused, one.earliest, one.latest

    low = max(one.earliest for one in tries if not one.refused)
    late = [one.latest for one in tries if one.refused]
    if not late:
        return {"fact.window": f"at least {low:.0f} s, the longest that was tried"}
    if min(late) < low:
        return {"fact.window": "not by time: an older token was taken where a younger one was refused"}
    bounds = yield from narrowed(asked, low, min(late), beside=bench.fresh_users)
    if bounds is None:
        return {"fact.window": "not by time: an older token was taken where a younger one was refused"}
    return {"refresh.window": bounds.whole, "fact.window": f"{bounds.whole} s"}


def generations(bench: Bench) -> Play[Values]:
    """Replay the token of two generations back, then of three and more, at once."""
    two = yield from replayed(bench, 0, steps=2)
    facts: dict[str, Any] = {"fact.two_generations_back": _words(two)}
    if bench.found.get("refresh.on_replay") == "reject":
        return facts
    if two.refused:
        return facts | {"refresh.generations": 1}
    for steps in range(3, FARTHEST + 1):
        if (yield from replayed(bench, 0, steps=steps)).refused:
            return facts | {"refresh.generations": steps - 1}
    return facts | {"refresh.generations": None, "fact.farthest_generation": f"{FARTHEST} back is taken"}


def reuses(bench: Bench) -> Play[Values]:
    """Present one superseded token again and again, at once."""
    if bench.found.get("refresh.on_replay") in ("reject", None):
        raise NeedlessError("no replay is answered")
    if bench.found["refresh.on_replay"] in ("new_pair", "last_replay_wins") and bench.found.get("refresh.generations"):
        raise NeedlessError("each replay begins a new generation, which is what bounds the next one")
    one, often = (yield from replayed(bench, 0)), 1
    if one.refused:
        return {}
    while often < MOST_REUSES and (yield from works(bench, one.presented)):
        often += 1
    most = None if often == MOST_REUSES else often
    return {"refresh.max_reuses": most, "fact.replays_taken": f"{often} or more" if most is None else str(often)}


def breach(bench: Bench) -> Play[Values]:
    """Replay what is refused, and see what it ends: the chain, its access tokens, the user's other login, the
    consent."""
    wait, steps, times = _refused_at(bench)
    user = bench.new_user()
    other = yield from held(bench, user=user)
    one = yield from replayed(bench, wait, steps=steps, user=user)
    for _ in range(times - 1):
        one = replace(one, kind=_kind_again((yield from refreshed(bench, one.presented))))
    if not one.refused:
        raise NeedlessError("the replay was not refused this time")
    access = (yield from lives(bench, one.successor_access)) if bench.target.tells_liveness else None
    chain = yield from works(bench, one.successor)
    theirs = yield from works(bench, other.refresh_token)
    lone = bench.found.get("fact.second_login") == "ends the first"
    ends = bench.found.get("refresh.ends_other_families") or lone
    values: dict[str, Any] = {
        "fact.after_refused_replay": f"the chain {_fate(chain)}",
        "fact.other_login_after_replay": f"{_fate(theirs)}" if not ends else "is over before",
        **({} if access is None else {"fact.access_token_after_replay": _fate(access)}),
    }
    if chain:
        return values | {"refresh.on_breach": "nothing"}
    if access is not None:
        values |= {"refresh.breach_ends_access_tokens": not access}
    if theirs or ends:
        return values | {"refresh.on_breach": "revoke_family"}
    consent = yield from _consent_ended(bench, user)
    return values | {"refresh.on_breach": "revoke_grant" if consent else "revoke_client_and_user"}


def _kind_again(reply: Reply) -> str:
    return "new_pair" if reply.granted else "reject"


def _consent_ended(bench: Bench, user: str) -> Play[bool]:
    """Tell whether a user must be asked again, where another who has consented needs not."""
    other = bench.new_user()
    yield from held(bench, user=other)
    return (yield from _silent(bench, other)) and not (yield from _silent(bench, user))


def _silent(bench: Bench, user: str) -> Play[bool]:
    plain = {name: value for name, value in bench.parameters.items() if name != "prompt"}
    callback, _ = yield from authorize(bench, user=user, parameters={**plain, "prompt": "none"})
    return "code" in callback


def _fate(living: bool) -> str:
    return "lives" if living else "dies"


def _refused_at(bench: Bench) -> tuple[float, int, int]:
    """Return after which wait, how many generations back and for the how manieth time a replay is refused, as the
    probes before found."""
    for wait in bench.waits:
        told = str(bench.found.get(f"fact.replay_after_{wait:g}_s", "200"))
        if not told.startswith("200"):
            return wait, 1, 1
    if not str(bench.found.get("fact.two_generations_back", "200")).startswith("200"):
        return 0, 2, 1
    most = bench.found.get("refresh.generations")
    if isinstance(most, int):
        return 0, most + 1, 1
    reused = bench.found.get("refresh.max_reuses")
    if isinstance(reused, int):
        return 0, 1, reused + 1
    raise NeedlessError("no replay was refused, as long and as far back as was tried")


PROBES = (
    Probe(
        id="replay", asks="Is the previous refresh token taken at once, later, and until when? Who lives then?",
        requests=60, logins=25, play=replay, destructive=True, settles=("refresh.on_replay", "refresh.window"),
    ),
    Probe(
        id="generations", asks="Is the token of two generations back taken?", requests=9, logins=2, play=generations,
        destructive=True, settles=("refresh.generations",),
    ),
    Probe(
        id="reuses", asks="How often is one superseded token taken?", requests=6, logins=1, play=reuses,
        destructive=True, settles=("refresh.max_reuses",),
    ),
    Probe(
        id="breach", asks="What does a refused replay end: the chain, access tokens, the user's other logins?",
        requests=8, logins=4, play=breach, destructive=True,
        settles=("refresh.on_breach", "refresh.breach_ends_access_tokens"),
    ),
)  # fmt: skip
