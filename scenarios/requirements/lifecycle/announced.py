"""Lifecycle: what a vendor has announced for a day comes into force in the middle of a client's life."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, refused_access_token
from refreshproof.scenarios.evidence.harm import severe_harm
from refreshproof.scenarios.evidence.journal import Exchange, UserAction
from refreshproof.scenarios.evidence.operations import Operation, operations
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Authorize, Call, Until

_EXPECTED = "Calls go on, or say that the user is needed where the vendor has ended what the client held."


def lives_through(evidence: Evidence) -> Verdict:
    """After the day of a change calls succeed, or send for the user when nothing else helps.

    What did not work before the day tells nothing of the day.
    """
    calls, changes = operations(evidence, "call"), evidence.actions("announced_change")
    if not changes:
        return exercised(False, "No announced change came into force.")
    before = [one for one in calls if one.outcome.began_at < changes[0].at]
    later = [one for one in calls if one.outcome.began_at >= changes[0].at]
    if any(one.outcome.kind != "ok" or _ended_badly(one) for one in before):
        return exercised(False, f"A call failed before {changes[0].about['effective']} came.")
    for ask in false_asks(evidence):
        why = f"{_on(changes[0])} A caller was sent for the user; {ask.circumstances}."
        return violated(why, expected=_EXPECTED)
    damage = severe_harm(evidence)
    if damage is not None:
        return violated(f"{_on(changes[0])} {damage.told}", *damage.witness, expected=_EXPECTED)
    gone: list[Exchange] = []
    for one in later:
        gone += [sent for sent in one.exchanges if sent.cause is Cause.UNKNOWN_RESOURCE]
        if _ended_badly(one) and not gone:
            return violated(
                f"{_on(changes[0])} {_what(one)}", *(sent.number for sent in one.exchanges[-1:]), expected=_EXPECTED
            )
    if gone:
        return alternative(
            f"{_on(changes[0])} The address {gone[0].url.partition('?')[0]}, which the client is set up with, is gone.",
            gone[0].number,
        )
    return exercised(bool(later), "Nobody called after the day of an announced change.")


def _ended_badly(one: Operation) -> bool:
    """Tell whether a caller has neither got what it wanted nor learned that the user is needed."""
    unrepaired = one.last is not None and refused_access_token(one.last)
    return one.outcome.kind not in ("ok", "reauthorization_required") or (one.outcome.kind == "ok" and unrepaired)


def _what(one: Operation) -> str:
    if one.outcome.kind == "ok":
        return "A call came back with the refusal of its access token, as if it had succeeded."
    detail = f" ({one.outcome.detail})" if one.outcome.detail else ""
    return f"A call ended with {one.outcome.kind.replace('_', ' ')}{detail}; nobody was told that the user is needed."


def _on(change: UserAction) -> str:
    return f"{change.about['effective']} came. ({change.about['changes']})"


def has_announced(vendor: Vendor) -> bool:
    """Apply where the vendor has announced a change."""
    return bool(vendor.profile.announced)


_EXPIRED = Until(limit="access_token_expiry", offset=1)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="lifecycle-announced-change",
        keyword="VENDOR",
        statement=(
            "A change that the vendor has announced for a day costs one login at most: calls go on, or say that the "
            "user is needed, and a new login works from then on."
        ),
        source=(
            "https://support.zendesk.com/hc/en-us/articles/9182123625370; "
            "https://developers.hubspot.com/changelog/v1-oauth-api-deprecation"
        ),
        effect="On the vendor's day every integration stops at once, and its callers are told of an outage.",
        fix=(
            "Take the refusal of an access token as its end whether or not one was told, refresh if there is a refresh "
            "token and ask for the user if there is none; store whatever refresh token an answer brings."
        ),
        anomaly="A14",
        check=lives_through,
        scenarios=(
            flow(
                Call(times=4, every=18_000), Until(limit="announced_change", offset=1), Call(times=2, every=60),
                _EXPIRED, Call(), _EXPIRED, Call(), Authorize(), Call(), _EXPIRED, Call(times=2, every=60),
                begins="before_the_next_change", name="the day of the next change",
            ),
        ),
        applies=has_announced,
        depends=("refresh-request-shape", "rotation-replace"),
    ),
)  # fmt: skip
