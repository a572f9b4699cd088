"""Members, types and headers of the answers to a code and to a refresh; scopes that a refresh asks for.

Sources: RFC 6749 s3.3, s5.1, s6.
"""

from __future__ import annotations

from typing import Any, get_args

from refreshproof.harness.vendor_check.asking.asks import Play
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.probes.moves import held, needed, refreshed, works
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values
from refreshproof.mock_servers.profile.flow_rules import Member

KNOWN = get_args(Member)
SECONDS_OFF = 2
"""Seconds by which two lifetimes that are meant to be equal may differ."""
HEADERS = ("Cache-Control", "Pragma")
OUTSIDE = "refreshproof_unknown_scope"
"""A scope that no server knows."""


def shape(bench: Bench) -> Play[Values]:
    """Look at the answer to a code and at the one to a refresh."""
    grant = yield from held(bench)
    second = needed((yield from refreshed(bench, grant.refresh_token)), "a refresh")
    values = _refresh_shape(second)
    if bench.start is not None:
        return values
    first = grant.first
    only = [name for name in first.members if name not in second.members and name in KNOWN]
    lives = first.members.get("expires_in")
    values |= {
        "response.members": [name for name in first.members if name in KNOWN],
        "response.only_on_code": [name for name in only if name != "refresh_token"],
        "fact.exchange_members": _members(first),
        "fact.lifetime_at_exchange": lives,
    }
    if set(str(first.members.get("scope", "")).split()) == set(grant.scopes):
        values["response.scope"] = "always"
    later = second.members.get("expires_in")
    if str(lives).isdecimal() and str(later).isdecimal():
        values["lifetimes.access_token"] = int(str(lives))
        differs = abs(int(str(later)) - int(str(lives))) > SECONDS_OFF
        values["lifetimes.refreshed_access_token"] = int(str(later)) if differs else None
    return values


def _refresh_shape(reply: Reply) -> dict[str, Any]:
    lives, kind = reply.members.get("expires_in"), reply.members.get("token_type")
    headers = [[name, value] for name in HEADERS if (value := reply.header(name)) is not None]
    form = "omitted" if lives is None else "string" if isinstance(lives, str) else "number"
    return {
        **({"response.token_type": kind} if isinstance(kind, str | None) else {}),
        "response.expires_in": form,
        "response.headers": headers,
        "fact.refresh_members": _members(reply),
        "fact.lifetime_at_refresh": lives,
        "fact.content_type": reply.media_type,
    }


def _members(reply: Reply) -> dict[str, str]:
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
    return {name: kinds.get(type(value), "null") for name, value in reply.members.items()}


def scopes(bench: Bench) -> Play[Values]:
    """Ask a refresh for less, then for nothing, then for all again; on other grants for a blank scope, and for more
    than was granted, and see whether the refused request has spent the token."""
    values: dict[str, Any] = {}
    if len(bench.scopes) > 1:
        values |= yield from _narrowing(bench)
    values |= yield from _blank(bench)
    ignored = values.get("token_request.scope_on_refresh", "ignored") == "ignored"
    return values | (yield from _wider(bench, ignored))


def _narrowing(bench: Bench) -> Play[dict[str, Any]]:
    start = yield from held(bench)
    every = _told(start.first, start.scopes)
    less = " ".join(scope for scope in bench.scopes if scope != _droppable(bench))
    narrower = yield from refreshed(bench, start.refresh_token, scope=less)
    values: dict[str, Any] = {"fact.narrower_scope": _scope_words(narrower, less.split())}
    if not narrower.granted:
        return values
    if "scope" not in start.first.members:
        values["response.scope"] = "if_changed" if "scope" in narrower.members else "never"
    token = narrower.refresh_token or start.refresh_token
    omitted = yield from refreshed(bench, token)
    if not omitted.granted:
        return values | {"fact.narrowing_sticks": f"not seen: the next refresh was answered {omitted.words}"}
    if "scope" in omitted.members:
        sticks = _told(omitted, start.scopes) != every
        values |= {"fact.narrowing_sticks": "yes" if sticks else "no"}
        narrows = "narrows_for_good" if sticks else "narrows"
        ignored = _told(narrower, start.scopes) == every
        values["token_request.scope_on_refresh"] = "ignored" if ignored else narrows
    token = omitted.refresh_token or token
    again = yield from refreshed(bench, token, scope=" ".join(sorted(every)))
    if "scope" not in omitted.members and again.error == "invalid_scope":  # refused although it was granted once
        values |= {"fact.narrowing_sticks": "yes", "token_request.scope_on_refresh": "narrows_for_good"}
    return values | {"fact.full_scope_after_narrower": _scope_words(again, sorted(every))}


def _droppable(bench: Bench) -> str:
    """Return the scope that a narrower request leaves out: not one that refresh tokens or the resource hang on."""
    kept = ("openid", "offline_access")
    return next((scope for scope in reversed(bench.scopes) if scope not in kept), bench.scopes[-1])


def _told(reply: Reply, asked: tuple[str, ...]) -> set[str]:
    told = reply.members.get("scope")
    return set(asked) if told is None else set(str(told).split())


def _scope_words(reply: Reply, asked: list[str]) -> str:
    if not reply.granted:
        return reply.words
    told = reply.members.get("scope")
    if told is None:
        return "200, scope not told"
    return "200, as asked" if set(str(told).split()) == set(asked) else "200, another scope"


def _blank(bench: Bench) -> Play[dict[str, Any]]:
    start = yield from held(bench)
    reply = yield from refreshed(bench, start.refresh_token, scope="")
    if reply.granted and "scope" in reply.members:
        every = _told(start.first, start.scopes)
        told = _told(reply, start.scopes)
        if told and told != every:
            return {"fact.blank_scope": "another scope"}
        words, field = ("as omitted", "omitted") if told else ("no scope", "empty")
        return {"fact.blank_scope": words, "token_request.blank_scope": field}
    if reply.granted:
        return {"fact.blank_scope": "taken, scope not told"}
    return {"fact.blank_scope": reply.words, "token_request.blank_scope": "refused"}


def _wider(bench: Bench, ignored: bool) -> Play[dict[str, Any]]:
    start = yield from held(bench)
    more = " ".join((*start.scopes, OUTSIDE))
    reply = yield from refreshed(bench, start.refresh_token, scope=more)
    if reply.granted:
        told = reply.members.get("scope")
        kept = told is None or OUTSIDE not in str(told).split()
        cut = {"token_request.wider_scope": "cut"} if kept and told is not None and not ignored else {}
        return {"fact.wider_scope": "200, the granted scope" if kept else "200, as asked", **cut}
    living = yield from works(bench, start.refresh_token)
    values: dict[str, Any] = {"fact.wider_scope": reply.words, "errors.invalid_scope": refusal(reply)}
    values["token_request.wider_scope"] = "refused"
    values["fact.refused_scope_spends"] = "no" if living else "yes"
    return values | {"refresh.spent_before": "answer" if living else "scope"}


def refusal(reply: Reply) -> dict[str, Any]:
    """Return a refusal as a profile has it: status, error and the headers that tell how to authenticate."""
    challenge = reply.header("www-authenticate")
    headers = [] if challenge is None else [["WWW-Authenticate", challenge.partition(" ")[0]]]
    status = reply.status if 200 <= reply.status <= 599 else 500
    return {"status": status, "error": reply.error, "headers": headers}


PROBES = (
    Probe(
        id="answers", asks="Which members, types and headers do answers have?", requests=2, logins=1, play=shape,
        settles=(
            "response.members", "response.only_on_code", "response.scope", "response.token_type", "response.expires_in",
            "response.headers", "lifetimes.access_token", "lifetimes.refreshed_access_token",
        ),
        for_start_token=True,
    ),
    Probe(
        id="scopes", asks="May a refresh ask for less, for more, for a blank scope? Does narrowing stick?", requests=9,
        logins=3, play=scopes, destructive=True,
        settles=(
            "refresh.spent_before", "errors.invalid_scope", "token_request.scope_on_refresh",
            "token_request.wider_scope", "token_request.blank_scope",
        ),
    ),
)  # fmt: skip
