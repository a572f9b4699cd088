"""Expiry, continued: when a refresh is due, and how much of a short lifetime may be spent on that."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.lives import (
    DELAY,
    GENEROUS,
    SKEW,
    Life,
    lives,
    tried_to_refresh,
    unforced_refreshes,
)
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import renews_by_lifetime
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Until

LEAD = SKEW + DELAY
"""The lead in seconds of a client that promises the bounds, with no margin of the caller's."""


def lead_capped(evidence: Evidence) -> Verdict:
    """At most two refreshes in any short lifetime, counting answers."""
    brought = [one for one in lives(evidence) if one.lifetime is not None and one.lifetime <= GENEROUS]
    calls = [one for one in evidence.resource_calls if brought and one.follows(brought[0].exchange)]
    if not brought or not calls:
        return exercised(False, "No short-lived access token was used.")
    first, last = brought[0], calls[-1]
    lifetime = max(one.lifetime or 0 for one in brought)
    spent = in_seconds(last.sent_at - first.exchange.sent_at)
    refreshed = [one for one in brought if one.exchange.grant_type == "refresh_token"]
    most = 2 * spent / lifetime + 1
    if len(refreshed) > most:
        return violated(
            f"{len(refreshed)} refreshes in {spent:g} s, with access tokens that live {lifetime:g} s.",
            *(one.exchange.number for one in refreshed),
            expected=f"At most two refreshes in a lifetime, {int(most)} in all.",
        )
    return exercised(spent >= 2 * lifetime, "The access tokens were not used for two lifetimes.")


def at_the_lead(evidence: Evidence) -> Verdict:
    """With more than the lead left no refresh is sent, with less no call goes out before one was tried."""
    margins = {record.number: float(record.step.get("margin", 0)) for record in evidence.steps}
    for one, life in unforced_refreshes(evidence):
        lead = LEAD + margins.get(one.step, 0)
        if _left(life, one) > lead and _is_long(life, lead):
            return violated(
                f"{life.access_token} was refreshed with {_left(life, one):g} s left.",
                life.exchange.number,
                one.number,
                expected=f"A refresh is due when at most {lead:g} s are left.",
            )
    brought = {one.access_token: one for one in lives(evidence)}
    tested = False
    for one in evidence.resource_calls:
        used, lead = brought.get(one.presented or ""), LEAD + margins.get(one.step, 0)
        if used is None or not _is_long(used, lead):
            continue
        if _left(used, one) < lead and not tried_to_refresh(evidence, used, one):
            return violated(
                f"{one.presented} was used with {_left(used, one):g} s left, and no refresh had been tried.",
                used.exchange.number,
                one.number,
                expected=f"A refresh is due when at most {lead:g} s are left.",
            )
        tested = tested or lead < _left(used, one) <= 2 * lead
    return exercised(tested and bool(evidence.refreshes), "No call was made shortly before the lead.")


def _is_long(life: Life, lead: float) -> bool:
    """Tell whether the whole lead fits into a lifetime, of which it is half at most."""
    return (life.lifetime or 0) >= 2 * lead


def _left(life: Life, one: Exchange) -> float:
    """Return how many seconds of a life were left, by the client's clock, when a request was sent."""
    return (life.lifetime or 0) - life.age(one)


def sets_lifetimes(vendor: Vendor) -> bool:
    """Apply where lifetimes are told and the vendor decides on them, not the client that asks."""
    return renews_by_lifetime(vendor) and vendor.profile.issuance.lifetime_parameter is None


def _short(lifetime: int) -> Scenario:
    return flow(
        Call(times=9, every=lifetime / 4),
        name=f"lifetime {lifetime} s",
        profile={"lifetimes.access_token": lifetime, "lifetimes.access_token_longest": None},
    )


def _around(lifetime: int, before: int, after: int, margin: int = 0) -> Scenario:
    """Call with so many seconds left, and again with fewer."""
    asked = f", with a margin of {margin} s" if margin else ""
    return flow(
        Call(),
        Until(limit="access_token_expiry", offset=-before),
        Call(margin=margin),
        Until(limit="access_token_expiry", offset=-after),
        Call(times=3, every=60, margin=margin),
        name=f"lifetime {lifetime} s, called with {before} and {after} s left{asked}",
        profile={"lifetimes.access_token": lifetime, "lifetimes.access_token_longest": None},
    )


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="expiry-lead-capped",
        keyword="SHOULD",
        statement=(
            "The refresh lead is limited to a fraction of the lifetime, so short lifetimes are not refreshed on every "
            "call."
        ),
        source="misb clk-short-life-vs-margin, exp-remaining-of-cached",
        effect="At a vendor with short lifetimes every call refreshes, until the vendor's rate limit stops it.",
        fix="Use the smaller of your lead and half the lifetime.",
        anomaly="A8",
        check=lead_capped,
        scenarios=tuple(_short(lifetime) for lifetime in (10, 30, 59, 60, 61, 119, 120, 121, 300, 600)),
        applies=sets_lifetimes,
    ),
    Requirement(
        id="expiry-lead-boundary",
        keyword="VENDOR",
        statement=(
            "The refresh decision flips once, at remaining = lead (allowances plus the caller's margin); equality is "
            "recorded, not judged."
        ),
        source="seed 002 (60 s sample), 003 (margin)",
        effect="Read the wrong way round, the rule refreshes every fresh token and none that is about to expire.",
        fix="A refresh is needed when now + skew + delay + margin has reached the expiry.",
        anomaly="A8",
        check=at_the_lead,
        scenarios=(
            _around(259_200, LEAD + 1, LEAD - 1),
            _around(259_200, LEAD + 1, LEAD),
            _around(2 * LEAD, LEAD + 1, LEAD - 1),
            _around(259_200, LEAD + 61, LEAD + 59, margin=60),
            _around(259_200, LEAD + 86_401, LEAD + 86_399, margin=86_400),
        ),
        applies=renews_by_lifetime,
        needs=frozenset({"tolerates_a_minute"}),
    ),
)
