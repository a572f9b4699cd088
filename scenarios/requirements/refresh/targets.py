"""Resource indicators: a refresh says which resource its access token is for, as the login did."""

from __future__ import annotations

from refreshproof.mock_servers.provider.http.targets import canonical
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Restart, Until


def wants_a_resource(vendor: Vendor) -> bool:
    """Apply where a refresh has to name its resource."""
    rules = vendor.profile.resource_indicators
    return vendor.profile.issuance.ever and rules is not None and "refresh_token" in rules.required


def names_its_resource(evidence: Evidence) -> Verdict:
    """Every refresh names one of the resources that the server knows."""
    rules = evidence.profile.resource_indicators
    known = () if rules is None else rules.resources
    for one in evidence.refreshes:
        named = one.values.get("resource", "")
        if canonical(named) not in map(canonical, known):
            what = f"named the resource {named}" if named else "named no resource"
            return violated(
                f"The refresh of {one.presented} {what}.", one.number, expected=f"resource={' or '.join(known)}."
            )
    return exercised(bool(evidence.refreshes), "No refresh was sent.")


_EXPIRED = Until(limit="access_token_expiry", offset=1)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="refresh-names-resource",
        keyword="MUST",
        statement="Where resource is required of a login, each refresh names the same resource.",
        source=(
            "RFC 8707 s2.2; MCP 2026-07-28, Resource Parameter Implementation: https://modelcontextprotocol.io/"
            "specification/2026-07-28/basic/authorization#resource-parameter-implementation"
        ),
        effect="All goes well for one lifetime; then the refresh is refused with invalid_target, or brings a token for "
        "no resource or another one.",
        fix="Store the resource with the tokens and send it with every token request, after a restart too.",
        anomaly="A15",
        check=names_its_resource,
        recorded="grant",
        scenarios=(
            flow(*(Call(), _EXPIRED, Call(), Restart(), _EXPIRED, Call()), name="two lifetimes, one after a restart"),
        ),
        applies=wants_a_resource,
        invariant=True,
    ),
)
"""The family's requirement on the resource that a refresh is for."""
