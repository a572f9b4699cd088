"""For every skew of up to 60 s either way and every request delay of up to 60 s no expired token is presented.

The bound is tight: one microsecond beyond it, or taken off the lead, an expired access token reaches the resource.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, example, find, given, settings
from hypothesis import strategies as st

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import LEAD, TinyClient
from refreshproof.harness.client import MemoryStorage
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.lives import DELAY, SKEW
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, ClockStep, Delay, Until
from refreshproof.scenarios.steps.subject import SubjectFactory

WELL_BEHAVED = ("google", "microsoft", "atlassian", "generic")
MICROSECOND = 1 / SECOND
SHORTEST = 2 * LEAD + 1  # a lead is at most half a lifetime, so that shorter tokens are not covered
SUBJECTS: dict[str, SubjectFactory] = {
    "tiny client": TinyClient,
    "reference engine": partial(EngineSubject, storage=MemoryStorage),
}


def within(low: float, high: float) -> st.SearchStrategy[float]:
    """Seconds between two bounds inclusive: whole ones, and any number of microseconds."""
    fractions = st.integers(round(low * SECOND), round(high * SECOND)).map(lambda value: value / SECOND)
    return st.integers(round(low), round(high)).map(float) | fractions


def lived(
    factory: SubjectFactory, skew: float, delay: float, *, begin: float, lifetime: int = 3600, vendor: str = "generic"
) -> Journal:
    """Log in, move the client's clock, and call so many seconds before expiry by a request that takes its time."""
    scenario = flow(
        Call(),
        ClockStep(seconds=skew),
        Delay(leg="request", seconds=delay, view="resource", times=None),
        Until(limit="access_token_expiry", offset=-begin),
        Call(),
        profile={"lifetimes.access_token": lifetime, "lifetimes.access_token_longest": None},
    )
    chosen: Vendor = VENDORS[vendor]
    return play(chosen, factory, scenario)


def presented_expired(journal: Journal) -> bool:
    """Tell whether the provider saw an access token after its end; both calls have to have come to an end there."""
    assert [call.kind for call in journal.outcomes("call")] == ["ok", "ok"]
    return any(one.cause is Cause.ACCESS_TOKEN_EXPIRED for one in journal.exchanges("resource"))


@pytest.mark.parametrize("subject", SUBJECTS)
@given(
    skew=within(-SKEW, SKEW),
    delay=within(0, DELAY),
    begin=within(0, 2 * LEAD),
    lifetime=st.integers(SHORTEST, 100_000) | st.just(SHORTEST),
    vendor=st.sampled_from(WELL_BEHAVED),
)
@example(skew=-60.0, delay=60.0, begin=60.0, lifetime=3600, vendor="generic")
@example(skew=-60.0, delay=60.0, begin=60 + MICROSECOND, lifetime=3600, vendor="generic")
@example(skew=-60.0, delay=60.0, begin=60 + MICROSECOND, lifetime=SHORTEST, vendor="generic")
@example(skew=-60.0, delay=0.0, begin=0.0, lifetime=3600, vendor="atlassian")
@example(skew=-60.0, delay=0.0, begin=MICROSECOND, lifetime=3600, vendor="google")
@example(skew=0.0, delay=60.0, begin=120 + MICROSECOND, lifetime=3600, vendor="microsoft")
@example(skew=60.0, delay=60.0, begin=180 + MICROSECOND, lifetime=3600, vendor="generic")
@example(skew=60.0, delay=0.0, begin=0.0, lifetime=SHORTEST, vendor="generic")
@example(skew=0.0, delay=0.0, begin=0.0, lifetime=3600, vendor="generic")
@settings(max_examples=150)
def test_no_expired_access_token_reaches_the_resource_within_the_bounds(
    subject: str, skew: float, delay: float, begin: float, lifetime: int, vendor: str
) -> None:
    """Skew from -60 to 60 s, delay from 0 to 60 s, any lifetime over twice the lead, a call at any moment."""
    assume(begin < lifetime)
    journal = lived(SUBJECTS[subject], skew, delay, begin=begin, lifetime=lifetime, vendor=vendor)
    assert not presented_expired(journal)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(
    ("skew", "delay"),
    [(-60 - MICROSECOND, 60), (-60, 60 + MICROSECOND), (-61, 60), (-60, 61), (-121, 0), (-2, 119)],
)
def test_one_microsecond_beyond_the_bounds_an_expired_token_is_presented(
    subject: str, skew: float, delay: float
) -> None:
    """The call begins at the last moment at which no refresh is due: a microsecond more than the lead, as believed."""
    begin = LEAD + skew + MICROSECOND
    assert presented_expired(lived(SUBJECTS[subject], skew, delay, begin=begin))


def test_beyond_the_bounds_a_violation_is_found_without_being_told_where() -> None:
    """Drawn from what lies up to two seconds outside, an expired presentation is found and shrunk."""
    outside = st.tuples(within(-62, -60 - MICROSECOND), within(60, 62), within(50, 70))

    def violates(drawn: tuple[float, float, float]) -> bool:
        skew, delay, begin = drawn
        return presented_expired(lived(TinyClient, skew, delay, begin=begin))

    find_any: Callable[..., Any] = find
    skew, delay, begin = find_any(outside, violates, settings=settings(max_examples=2000))
    assert begin - delay <= 0 < begin + (-SKEW - skew)


class ShorterLead(TinyClient):
    """A client whose lead lacks one microsecond of skew and delay together."""

    def lead(self, grant: Grant) -> float:
        """Refresh a microsecond too late."""
        return LEAD - MICROSECOND


def test_a_lead_a_microsecond_below_skew_and_delay_is_too_short() -> None:
    """At the corner of the bounds that client presents an expired token, and the correct one does not."""
    assert presented_expired(lived(ShorterLead, -60, 60, begin=60))
    assert not presented_expired(lived(TinyClient, -60, 60, begin=60))


def test_a_token_that_lives_for_less_than_twice_the_lead_is_not_covered() -> None:
    """With 119 s of life the lead is 59.5 s: the whole bounds cannot be kept without refreshing on every call."""
    assert presented_expired(lived(TinyClient, -60.0, 60.0, begin=0.5, lifetime=119))
