"""Whether a login brings a refresh token, and what it takes: scope, parameter, a consent screen that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from refreshproof.harness.vendor_check.asking.asks import Play
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, TroubleError
from refreshproof.harness.vendor_check.probes.moves import NoCodeError, exchanged
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values

OFFLINE = "offline_access"
SWITCHES: Mapping[str, tuple[str, str]] = {
    OFFLINE: ("scope", OFFLINE),
    "prompt=consent": ("prompt", "consent"),
    "access_type=offline": ("access_type", "offline"),
}
"""What vendors ask for besides: a scope (OpenID Connect Core s11), or a parameter."""

Names: TypeAlias = frozenset[str]


def _bare(bench: Bench) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the configured scopes and parameters without any switch."""
    pairs = SWITCHES.values()
    scopes = tuple(scope for scope in bench.target.scopes if scope != OFFLINE)
    return scopes, {name: value for name, value in bench.target.parameters.items() if (name, value) not in pairs}


def _with(bench: Bench, names: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    scopes, parameters = _bare(bench)
    for name, value in (SWITCHES[one] for one in SWITCHES if one in names):
        if name == "scope":
            scopes += (value,)
        else:
            parameters |= {name: value}
    return scopes, parameters


def _try(bench: Bench, names: Iterable[str], user: str | None = None) -> Play[Reply | None]:
    """Log in with some switches; returns the answer to the code, None where the request was not taken."""
    scopes, parameters = _with(bench, names)
    try:
        return (yield from exchanged(bench, user=user, scopes=scopes, parameters=parameters))
    except NoCodeError as refused:
        bench.refused_login = bench.refused_login or str(refused)
        return None


def _brings(reply: Reply | None) -> bool:
    return reply is not None and reply.granted and reply.refresh_token is not None


def issuance(bench: Bench) -> Play[Values]:
    """Log in without anything, with everything, and with everything but one; then once more as the same user."""
    configured = frozenset(
        one for one, (name, value) in SWITCHES.items()
        if (name == "scope" and value in bench.target.scopes) or bench.target.parameters.get(name) == value
    )  # fmt: skip
    needed, user = yield from _least(bench, configured)
    if needed is None:
        return {"issuance.ever": False, "fact.refresh_token_comes": "never"}
    bench.scopes, bench.parameters = _with(bench, needed)
    rules: dict[str, Any] = {
        "issuance.ever": True,
        "issuance.scope": OFFLINE if OFFLINE in needed else None,
        "issuance.parameter": next((list(SWITCHES[one]) for one in SWITCHES if one in needed - {OFFLINE}), None),
        "fact.refresh_token_comes": " and ".join(one for one in SWITCHES if one in needed) or "always",
    }
    if "prompt=consent" not in needed:
        again = yield from _try(bench, needed, user)
        rules["issuance.consent_shown"] = not _brings(again)
        if not _brings(again):
            bench.parameters = {**bench.parameters, "prompt": "consent"}
            rules["fact.refresh_token_comes"] += ", and with prompt=consent at a second login"
    return rules


def _least(bench: Bench, configured: Names) -> Play[tuple[Names | None, str]]:
    """Return the fewest switches that bring a refresh token, None if none do, and the user who logged in with them."""
    user = bench.new_user()
    bare = yield from _try(bench, (), user)
    if _brings(bare):
        return frozenset(), user
    came = bare is not None and bare.granted
    for every in dict.fromkeys((frozenset(SWITCHES), configured, *_pairs())):
        reply = (yield from _try(bench, every)) if every else bare
        came = came or (reply is not None and reply.granted)
        if every and _brings(reply):
            break
    else:
        if not came:
            raise TroubleError(bench.refused_login or "no code was exchanged for tokens")
        return None, user
    needed = set(every)
    for one in sorted(every):
        if len(needed) > 1 and _brings((yield from _try(bench, needed - {one}))):
            needed.discard(one)
    user = bench.new_user()
    yield from _try(bench, needed, user)
    return frozenset(needed), user


def _pairs() -> tuple[Names, ...]:
    return (
        frozenset({OFFLINE, "prompt=consent"}), frozenset({"access_type=offline", "prompt=consent"}),
        frozenset({OFFLINE}), frozenset({"access_type=offline"}), frozenset({"prompt=consent"}),
    )  # fmt: skip


def public_client(bench: Bench) -> Play[Values]:
    """Log in with the client that has no secret, in the same way."""
    client = bench.target.public
    if client is None:
        raise NeedlessError("no client without a secret was named (--public-client)")
    reply = yield from exchanged(bench, scopes=bench.scopes, client=client)
    return {"fact.refresh_token_for_public_client": "comes" if _brings(reply) else f"does not come: {reply.words}"}


PROBES = (
    Probe(
        id="issuance",
        asks="Does a refresh token come, and with which scope and parameter?",
        requests=4, logins=8, play=issuance,
        settles=("issuance.ever", "issuance.scope", "issuance.parameter", "issuance.consent_shown"),
    ),
    Probe(
        id="public-client", asks="Does it come for a client without a secret?", requests=1, logins=1,
        play=public_client,
    ),
)  # fmt: skip
