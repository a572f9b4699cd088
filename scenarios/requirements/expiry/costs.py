"""What expired access tokens cost a client that waits to be refused: a request each, where its calls end well."""

from __future__ import annotations

from collections.abc import Sequence

from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.lives import Lapse, promises, told, tried_to_refresh, waits_to_be_refused
from refreshproof.scenarios.evidence.refusals import told as ending
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, violated

FRESH = "The request arrives with an access token that has not expired."


def lapsed(evidence: Evidence, found: Sequence[Lapse], expected: str = FRESH) -> Verdict | None:
    """Judge presentations of expired access tokens: a fault of a client that goes by lifetimes or promises bounds.

    A client may wait for the resource to refuse a token instead (RFC 6750 s3.1), as long as its callers notice nothing.
    """
    by_habit = waits_to_be_refused(evidence) and not promises(evidence)
    for lapse in found:
        if not by_habit or not mended(evidence, lapse):
            return violated(f"{told(lapse)}{_in_vain(evidence, lapse)}", *_shown(lapse), expected=expected)
    return alternative(_cost(found), *_shown(found[0])) if found else None


def mended(evidence: Evidence, lapse: Lapse) -> bool:
    """Tell whether the caller noticed nothing of a refusal.

    Another matter are a refusal that never arrived, a later request of the call that went wrong, and a refresh of it,
    of another caller or of a call before it that failed: after that a client may rest.
    """
    ended = ending(evidence, lapse.exchange)
    if ended is None or ended.kind == "ok" or not lapse.exchange.delivered:
        return True
    if tried_to_refresh(evidence, lapse.life, lapse.exchange):
        return True
    since = lapse.exchange.settled_order
    later = [one for one in evidence.exchanges() if one.settled_order > since and one.finished_at <= ended.at]
    renewals = [one for one in later if one.grant_type == "refresh_token" and one.number not in evidence.answered]
    return bool(renewals) or any(ended.made(one) and not one.ok for one in later)


def _in_vain(evidence: Evidence, lapse: Lapse) -> str:
    ended = ending(evidence, lapse.exchange)
    if ended is None or ended.kind == "ok":
        return ""
    return f" The {ended.operation} ended with {ended.kind.replace('_', ' ')}."


def _cost(found: Sequence[Lapse]) -> str:
    many = f"{len(found)} requests were" if len(found) > 1 else "One request was"
    return (
        f"{many} refused because the access token had expired: the client waits for a refusal before it refreshes. No"
        " call failed for it."
    )


def _shown(lapse: Lapse) -> tuple[int, int]:
    return lapse.life.exchange.number, lapse.exchange.number
