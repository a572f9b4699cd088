"""Expiry, continued: an operation that lasts longer than an access token."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refused_access_token
from refreshproof.scenarios.evidence.lives import Life, lives
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import renews_late_and_serves_well
from refreshproof.scenarios.requirements.refresh.refresh import renews_by_lifetime
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Pages, Until


def decides_for_each_request(evidence: Evidence) -> Verdict:
    """No request of an operation carries an access token that ended while the operation lasted."""
    tested = False
    mended: Verdict | None = None
    brought = {life.access_token: life for life in lives(evidence)}
    for operation in evidence.outcomes("pages"):
        pages = [one for one in evidence.resource_calls if operation.made(one)]
        for page, one in enumerate(pages, 1):
            life = brought.get(one.presented or "")
            if life is not None and operation.began_at < _end(life) <= one.sent_at and refused_access_token(one):
                what = (
                    f"Request {page} of the operation carried {one.presented}"
                    f" {in_seconds(one.sent_at - _end(life)):g} s after its end"
                )
                if operation.kind == "ok":
                    mended = mended or alternative(f"{what}; it was repeated, and all ended well.", one.number)
                    continue
                return violated(
                    f"{what}, and the operation ended with {operation.kind.replace('_', ' ')}.",
                    life.exchange.number,
                    one.number,
                    expected="Each request of an operation carries a token that is good when it is sent.",
                )
        first = brought.get(pages[0].presented or "") if pages else None
        tested = tested or (first is not None and operation.began_at < _end(first) <= pages[-1].sent_at)
    return mended or exercised(tested, "No operation lasted longer than its access token.")


def renews_undisturbed(vendor: Vendor) -> bool:
    """Apply where lifetimes are told and no fault of the vendor's own ends an operation early."""
    return renews_by_lifetime(vendor) and renews_late_and_serves_well(vendor)


def _end(life: Life) -> Instant:
    """Return when an access token ends by what its answer told."""
    return (life.exchange.arrived_at or life.exchange.sent_at) + seconds(life.lifetime or 0)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="expiry-mid-operation",
        keyword="SHOULD",
        statement="Whether an access token is still good is decided for each request, not once for an operation.",
        source="RFC 6750 s3.1; misb clk-expiry-mid-operation",
        effect="Long jobs fail in the middle, at the same page every night, and begin again from the start.",
        fix="Ask for the access token before every request; do not hand one to a job.",
        anomaly="A4",
        check=decides_for_each_request,
        scenarios=(
            flow(Pages(pages=5, every=900), name="five pages, the last at the end of the first token"),
            flow(
                Until(limit="access_token_expiry", offset=-1800), Pages(pages=4, every=1200),
                name="begun half an hour before the end",
            ),
        ),
        applies=renews_undisturbed,
        needs=frozenset({"pages"}),
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
