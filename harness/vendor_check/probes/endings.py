"""What ends grants on purpose: revocation, a code that is used twice, time. Sources: RFC 7009, RFC 6749 s4.1.2."""

from __future__ import annotations

from typing import Any

from refreshproof.harness.vendor_check.asking.asks import Branch, Play, Send
from refreshproof.harness.vendor_check.asking.reply import Reply, ages
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError, TroubleError
from refreshproof.harness.vendor_check.probes.answers import refusal
from refreshproof.harness.vendor_check.probes.moves import (
    authorize,
    came_back,
    code_form,
    held,
    lives,
    needed,
    pause,
    posted,
    refreshed,
    steady,
    token_request,
    works,
)
from refreshproof.harness.vendor_check.probes.narrowing import Sample, narrowed
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values
from refreshproof.harness.vendor_check.probes.refusals import UNKNOWN


def revocation(bench: Bench) -> Play[Values]:
    """Revoke the refresh token, on another grant the access token, a token nobody knows, one under a wrong hint."""
    if bench.target.revocation_endpoint is None:
        raise NeedlessError("no revocation endpoint is known (--revocation-endpoint)")
    values: dict[str, Any] = {}
    reply = yield from _revoke(bench, UNKNOWN)
    values["fact.revocation_of_unknown"] = reply.words
    values["errors.unknown_token"] = refusal(reply)
    values |= yield from _of_refresh_token(bench)
    values |= yield from _of_access_token(bench)
    values |= yield from _hints(bench, values["fact.revoked_refresh_token"])
    return values | (yield from _by_another_client(bench, values["fact.revoked_refresh_token"] != "lives"))


def _hints(bench: Bench, unhinted: str) -> Play[dict[str, Any]]:
    """Revoke a refresh token under the wrong hint; where it lived without one, under the right hint."""
    if unhinted == "lives":
        grant = yield from held(bench)
        yield from _revoke(bench, grant.refresh_token, "refresh_token")
        dies = not (yield from works(bench, grant.refresh_token))
        return {"revocation.hint": "access_token_unless_told"} if dies else {}
    grant = yield from held(bench)
    yield from _revoke(bench, grant.refresh_token, "access_token")
    living = yield from works(bench, grant.refresh_token)
    told, rule = ("nothing happens", "obeyed") if living else ("revoked", "ignored")
    return {"fact.revocation_under_wrong_hint": told, "revocation.hint": rule}


def _by_another_client(bench: Bench, can_be_revoked: bool) -> Play[dict[str, Any]]:
    """Revoke a refresh token as another client, and see whether it lives (RFC 7009 s2.1)."""
    target, told = bench.target, "fact.revocation_by_another_client"
    if target.second is None:
        return {told: "not asked: no second client was named (--second-client)"}
    grant = yield from held(bench)
    form = {"token": grant.refresh_token}
    reply: Reply = yield Send(request=posted(target.revocation_endpoint or "", target.second, form))
    living = yield from works(bench, grant.refresh_token)
    values = {told: f"{reply.words}, the token {'lives' if living else 'dies'}"}
    if not can_be_revoked:
        return values
    rule = "revoked" if not living else "refused" if reply.status >= 400 else "ignored"
    return values | {"revocation.other_clients_tokens": rule}


def _of_refresh_token(bench: Bench) -> Play[dict[str, Any]]:
    """Revoke the newest refresh token, and look at the access tokens of both answers."""
    grant = yield from held(bench)
    later = needed((yield from refreshed(bench, grant.refresh_token)), "a refresh")
    if later.refresh_token is None:
        grant = yield from held(bench)
        later = grant.first
    token = later.refresh_token or grant.refresh_token
    before = later is not grant.first and bench.target.tells_liveness and (yield from lives(bench, grant.access_token))
    reply = yield from _revoke(bench, token)
    dead = yield from refreshed(bench, token)
    values: dict[str, Any] = {"fact.revocation_of_refresh_token": reply.words}
    if dead.granted:
        return values | {"fact.revoked_refresh_token": "lives"}
    values |= {"fact.revoked_refresh_token": dead.words, "errors.refresh_token_revoked": refusal(dead)}
    if not bench.target.tells_liveness:
        return values
    own = yield from lives(bench, later.access_token)
    values["fact.access_token_after_revocation"] = "lives" if own else "dies"
    if own:
        return values | {"revocation.refresh_token_ends": "refresh_tokens"}
    if not before:
        return values
    other = yield from lives(bench, grant.access_token)
    values["fact.earlier_access_token_after_revocation"] = "lives" if other else "dies"
    return values | {"revocation.refresh_token_ends": "own_access_token" if other else "family"}


def _of_access_token(bench: Bench) -> Play[dict[str, Any]]:
    grant = yield from held(bench)
    reply = yield from _revoke(bench, grant.access_token)
    living = yield from works(bench, grant.refresh_token)
    return {
        "fact.revocation_of_access_token": reply.words,
        "fact.refresh_token_after_revocation_of_access_token": "lives" if living else "dies",
        "accounts.revoking_access_token_revokes_grant": not living,
    }


def _revoke(bench: Bench, token: str, hint: str | None = None) -> Play[Reply]:
    form = {"token": token} | ({} if hint is None else {"token_type_hint": hint})
    reply: Reply = yield Send(request=posted(bench.target.revocation_endpoint or "", bench.target.client, form))
    return reply if 200 <= reply.status < 500 and reply.status != 429 else steady(reply)


def code_twice(bench: Bench) -> Play[Values]:
    """Exchange a code twice, and see whether what the first exchange brought lives."""
    target, user = bench.target, bench.new_user()
    callback, verifier = yield from authorize(bench, user=user)
    if "code" not in callback:
        raise TroubleError(f"the login came back with {came_back(callback)}")
    request = token_request(target, target.client, code_form(target, callback["code"], verifier))
    first = steady((yield Send(request=request)))
    again: Reply = yield Send(request=request)
    if again.granted:
        return {"fact.code_used_twice": "taken"}
    values: dict[str, Any] = {"fact.code_used_twice": again.words, "errors.used_code": refusal(again)}
    access = (yield from lives(bench, first.access_token)) if target.tells_liveness and first.granted else None
    if access is not None:
        values["fact.access_token_after_second_use"] = "lives" if access else "dies"
    living = yield from works(bench, first.refresh_token)
    ends = "refused" if living else "ends_tokens"
    return values | {"fact.refresh_token_after_second_use": "lives" if living else "dies", "issuance.used_code": ends}


def lifetimes(bench: Bench) -> Play[Values]:
    """Leave refresh tokens alone until they end; then keep one in use for as long, to see whether use prolongs it."""
    if not bench.lives:
        raise NeedlessError("refresh tokens are not left alone to end (--lives SECONDS)")

    def asked(wait: float) -> Play[Sample]:
        grant = yield from held(bench)
        yield from pause(bench, wait)
        reply = yield from refreshed(bench, grant.refresh_token)
        return not reply.granted, *ages(grant.first, reply)

    [(over, _, latest)] = yield Branch(plays=(asked(bench.lives),))
    if not over:
        return {"fact.refresh_token_life": f"at least {bench.lives:g} s, the longest that was tried"}
    bounds = yield from narrowed(asked, 0.0, latest, beside=bench.fresh_users)
    if bounds is None:
        raise TroubleError("an older refresh token was taken where a younger one was refused")
    slides = yield from _slides(bench, bounds.whole)
    values: dict[str, Any] = {"fact.refresh_token_life": f"{bounds.whole} s, {'sliding' if slides else 'fixed'}"}
    field, other = ("inactivity_ttl", "absolute_ttl") if slides else ("absolute_ttl", "inactivity_ttl")
    return values | {f"refresh.{field}": bounds.whole, f"refresh.{other}": None}


def _slides(bench: Bench, life: int) -> Play[bool]:
    """Use a grant at 60 % of its life and again at 120 %."""
    grant = yield from held(bench)
    yield from pause(bench, life * 0.6)
    reply = yield from refreshed(bench, grant.refresh_token)
    yield from pause(bench, life * 0.6)
    return (yield from works(bench, reply.refresh_token or grant.refresh_token))


PROBES = (
    Probe(
        id="revocation", asks="What does the revocation of one token do to the other? An unknown one, a wrong hint?",
        requests=16, logins=5, play=revocation, destructive=True,
        settles=(
            "accounts.revoking_access_token_revokes_grant", "errors.unknown_token", "errors.refresh_token_revoked",
            "revocation.hint", "revocation.refresh_token_ends", "revocation.other_clients_tokens",
        ),
    ),
    Probe(
        id="code-twice", asks="What becomes of a code that is used twice, and of what it brought?", requests=4,
        logins=1, play=code_twice, destructive=True, settles=("errors.used_code", "issuance.used_code"),
    ),
    Probe(
        id="lifetimes", asks="When does a refresh token end, and does use prolong it?", requests=30, logins=14,
        play=lifetimes, settles=("refresh.inactivity_ttl", "refresh.absolute_ttl"),
    ),
)  # fmt: skip
