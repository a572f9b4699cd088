"""Rotation: of two pairs of tokens that one answer brought each is stored when it comes."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.refusals import told
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.rotation.recovery import rotates_and_behaves
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Fault, Restart, Until

LIFETIME = 43_200
"""Seconds that each of the access tokens lives, as Slack's do."""


def each_stored(evidence: Evidence) -> Verdict:
    """A rotation of one refresh token stands though a refresh of another failed in the same operation."""
    tested = False
    for change in evidence.supersessions:
        ended = told(evidence, change.exchange)
        failed = next(
            (
                one
                for one in evidence.refreshes
                if ended is not None
                and ended.made(one)
                and one.presented not in (change.old, change.new)
                and one.number not in evidence.answered
            ),
            None,
        )
        if failed is None:
            continue
        pair = (change.old, change.new)
        later = next(
            (one for one in evidence.refreshes if one.follows(change.exchange) and one.presented in pair), None
        )  # fmt: skip
        if later is not None and later.presented == change.old:
            return violated(
                f"{change.new} replaced {change.old}, and the refresh of {failed.presented} failed; the next time"
                f" {change.old} was presented again.",
                change.exchange.number,
                failed.number,
                later.number,
                expected=f"{change.new} is stored when it comes, whatever becomes of the other pair.",
            )
        tested = tested or later is not None
    return exercised(tested, "No refresh of one pair failed beside one of the other that succeeded.")


def rotates_each(vendor: Vendor) -> bool:
    """Apply where every refresh brings a new refresh token, and none idles out within the life of an access token."""
    policy = vendor.profile.refresh
    lasts = policy.inactivity_ttl is None or policy.inactivity_ttl > LIFETIME
    return rotates_and_behaves(vendor) and policy.rotation == "always" and lasts


def _fails(name: str, *trouble: Fault) -> Scenario:
    """Let one of two refreshes that are due at once fail, and live on."""
    due = Until(limit="access_token_expiry", offset=1)
    pair = {"member": "authed_user", "token_type": "user", "access_token": LIFETIME}
    changes = {"issuance.second": pair, "lifetimes.access_token": LIFETIME, "lifetimes.access_token_longest": None}
    after = (Call(times=3, every=300), Restart(), due, Call(times=2, every=60))
    return flow(Call(), due, *trouble, *after, name=name, profile=changes)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-pairs-apart",
        keyword="SHOULD",
        statement="Of two pairs of tokens each is stored when it comes, whatever becomes of the other's refresh.",
        source="RFC 6749 s6; misb exp-two-tokens-two-expiries; https://github.com/slackapi/node-slack-sdk/issues/1287",
        effect=(
            "A user's token that cannot be refreshed takes the application's own with it: the vendor has disabled the "
            "refresh token that is stored, and the new one was thrown away."
        ),
        fix="Store each answer of the token endpoint before the next request is sent.",
        anomaly="A0",
        check=each_stored,
        scenarios=(
            _fails("the second of two refreshes fails", Fault(fault="status", parameters={"code": 503}, skip=1)),
            _fails("the first of two refreshes fails", Fault(fault="status", parameters={"code": 503})),
        ),
        applies=rotates_each,
        needs=frozenset({"restart", "two_pairs"}),
        depends=("refresh-request-shape",),
    ),
)
