"""Refreshing with proof of possession (RFC 9449): the key of a refresh token is kept with it, and a nonce that has
changed is taken from the answer that tells it."""

from __future__ import annotations

from itertools import pairwise

from refreshproof.scenarios.evidence.evidence import Evidence, wants_nonce
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.proofs import key_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import renews_and_serves_well
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Restart, Until


def keeps_the_key(evidence: Evidence) -> Verdict:
    """A refresh token is presented with a proof of the key that its login had proved to hold, by every process."""
    bound: str | None = None
    bridged = 0
    for one in evidence.exchanges("token"):
        shown = key_of(one)
        if one.grant_type == "refresh_token" and bound is not None and shown != bound:
            lacking = "no key at all" if shown is None else "another key"
            return violated(
                f"{one.presented} was presented with a proof of {lacking}, and its login had proved one.",
                one.number,
                expected="The key is kept with the refresh token, for as long as that lives.",
            )
        if one.committed:
            bridged += one.grant_type == "refresh_token" and bound is not None and _restarted(evidence, one)
            bound = shown if one.grant_type == "authorization_code" else bound
    return exercised(bridged > 0, "No bound refresh token was presented after a restart.")


def _restarted(evidence: Evidence, refresh: Exchange) -> bool:
    return any(one.step["step"] == "restart" and one.number < refresh.step for one in evidence.steps)


def takes_the_new_nonce(evidence: Evidence) -> Verdict:
    """Whoever is told a nonce comes back with it in the same operation, once."""
    sent = [one for one in evidence.exchanges("token") if one.grant_type == "refresh_token"]
    asked = [one for one in sent if key_of(one) is not None]
    for first, then in pairwise(asked):
        if wants_nonce(first) and wants_nonce(then) and first.actor == then.actor and first.step == then.step:
            return violated(
                "A nonce was told, and the proof that followed did not have it: it was refused again.",
                first.number,
                then.number,
                expected="The next proof has the nonce of the newest DPoP-Nonce.",
            )
    told = [one for one in asked if wants_nonce(one)]
    for one in told:
        again = [other for other in asked if other.follows(one) and (other.step, other.actor) == (one.step, one.actor)]
        if not again:
            return violated(
                "A nonce was told, and the operation ended without another try.",
                one.number,
                expected="The request is sent again with the nonce.",
            )
    return exercised(bool(told), "No refresh was answered with a nonce.")


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_FIX = "Store the key beside the refresh token; take DPoP-Nonce from every answer, and send again once with the newest."

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="refresh-proof-key-kept",
        keyword="VENDOR",
        statement=(
            "A refresh token that the vendor has bound to a key is presented with a proof of that key, also after a "
            "restart; no new key is tried on an old token."
        ),
        source="RFC 9449 s5; https://developers.google.com/identity/protocols/oauth2/native-app (seen 2026-11-29)",
        effect="After the first restart every refresh is refused, and the user has to log in again.",
        fix=_FIX,
        anomaly="A1",
        check=keeps_the_key,
        scenarios=(
            flow(
                Call(), _EXPIRED, Call(), Restart(), _EXPIRED, Call(), name="a restart",
                profile={"proof": {"kinds": ["web"], "nonce": False}},
            ),
        ),
        applies=renews_and_serves_well,
        needs=frozenset({"dpop", "restart"}),
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="refresh-proof-newest-nonce",
        keyword="SHOULD",
        statement="A refresh that is answered with use_dpop_nonce is sent again with the nonce of that answer.",
        source=(
            "RFC 9449 s8, s8.2; misb auth-nonce-changes; https://github.com/joshlacal/Petrel/pull/23 (seen 2026-11-30)"
        ),
        effect="The login's nonce is used for ever: some minutes later no refresh succeeds any more.",
        fix=_FIX,
        anomaly="A21",
        check=takes_the_new_nonce,
        scenarios=(
            flow(
                Call(), _EXPIRED, Call(), _EXPIRED, Call(), name="the nonce changes",
                profile={"proof": {"kinds": ["web"], "nonce_lasts": 300}},
            ),
        ),
        applies=renews_and_serves_well,
        needs=frozenset({"dpop"}),
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
"""What the family has on proofs of possession."""
