"""Lifecycle: harm that no other rule has a name for."""

from __future__ import annotations

from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.harm import severe_harm
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Restart, Until


def harms_nobody(evidence: Evidence) -> Verdict:
    """No grant is lost and no call fails by what the client does."""
    found = severe_harm(evidence)
    if found is not None:
        return violated(
            found.told,
            *found.witness,
            expected="While user, vendor and network are well, grants live on and calls succeed.",
        )
    return exercised(bool(evidence.calls), "Nobody called.")


_LIFE = (Until(limit="access_token_expiry", offset=1), Call(times=2, every=60))

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="outcome-no-harm",
        keyword="SHOULD",
        statement=(
            "While user, vendor and network are well no grant is lost and no call fails, whatever rule that breaks or "
            "none."
        ),
        source="RFC 6749 s1.5, s6; seed 004",
        effect="The integration stops, and nothing at the vendor, in the network or with the user explains it.",
        fix="Read the story: what the client does at its last step nothing around it had asked for.",
        anomaly="A21",
        check=harms_nobody,
        scenarios=(
            flow(Call(times=40, every=60), *_LIFE, name="many calls in one lifetime"),
            flow(*_LIFE * 6, Restart(), *_LIFE * 6, name="twelve lifetimes and a restart"),
            flow(Call(), *(Advance(seconds=90_000), Call()) * 7, name="once a day for a week"),
        ),
        invariant=True,
        residual=True,
    ),
)
