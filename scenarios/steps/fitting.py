"""A requirement's scenario as it can be lived at a vendor that refreshes only while the access token lives.

Most scenarios let an access token expire, and then call: there nobody could renew any more. What is played, told and
saved is the fitted scenario.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Step
from refreshproof.scenarios.steps.times import Until

LAST_MOMENT = 15
"""Seconds before an access token's end at which a call comes that would come after it elsewhere."""


def fitted(scenario: Scenario, profile: Profile) -> Scenario:
    """Return the scenario with calls before the end of access tokens where a vendor takes no refresh after it."""
    if not profile.refresh.while_access_token_lives:
        return scenario
    return replace(scenario, steps=tuple(map(_before_the_end, scenario.steps)))


def _before_the_end(step: Step) -> Step:
    if isinstance(step, Until) and step.limit == "access_token_expiry" and step.offset > -LAST_MOMENT:
        return replace(step, offset=-LAST_MOMENT)
    return step
