"""What a client does about an access token that the resource refuses."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.steps.steps import Advance, Call, Fault
from refreshproof.scenarios.survey.bisection import flips, listed
from refreshproof.scenarios.survey.item import Probe, SurveyItem, UnmeasurableError, Value
from refreshproof.scenarios.survey.probing import EXPIRED, after_login, in_last_step, last_outcome, refreshed

HOUR = 3600
LATE = 5
"""Seconds for which a resource does not know a new token yet."""
CLAIMS = 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
SIGNALS = (401, 400, 403, 404, 440, 498)


def _refusing(code: int, *, times: int | None = 1, challenge: str | None = None) -> Fault:
    parameters = {"code": code} | ({} if challenge is None else {"challenge": challenge})
    return Fault(fault="status", parameters=parameters, view="resource", grant_type=None, times=times)


def requests_per_401(probe: Probe, profile: Profile) -> Value:
    """Refuse one resource request with 401, then every one, and count the requests of the one call that meets it."""
    once, always = (probe(after_login(_refusing(401, times=times), Call())) for times in (1, None))
    return f"{_counted(once)}; {_counted(always)} where every request is refused"


def _counted(evidence: Evidence) -> str:
    token, resource = (len(in_last_step(evidence, view)) for view in ("token", "resource"))
    return f"{token} to the token endpoint, {resource} to the resource"


def cooldown(probe: Probe, profile: Profile) -> Value:
    """Refuse every resource request with 401, call twice, and bisect the gap, 1 s to 1 h, after which the second call
    refreshes too."""

    def again(gap: int) -> bool:
        return refreshed(probe(after_login(_refusing(401, times=None), Call(), Advance(seconds=gap), Call())))

    if not refreshed(probe(after_login(_refusing(401, times=None), Call()))):
        raise UnmeasurableError("A 401 leads to no refresh.")
    if again(1):
        return 0
    found = flips(again, (1, 30, 60, 300, 600, HOUR))
    return listed([right for _, right in found]) if found else "more than 3600"


def expiry_signals(probe: Probe, profile: Profile) -> Value:
    """Refuse one resource request with 401, 400, 403, 404, 440 and 498, without a challenge, and look for a refresh."""
    found = [str(code) for code in SIGNALS if refreshed(probe(after_login(_refusing(code), Call())))]
    return ", ".join(found) or "none"


def claims_challenge(probe: Probe, profile: Profile) -> Value:
    """Refuse one resource request with 401 and error=insufficient_claims, and look what one call does."""
    evidence = probe(after_login(_refusing(401, challenge=CLAIMS), Call()))
    asked = in_last_step(evidence, "token")
    carried = " with the claims" if any("claims" in one.values for one in asked) else ""
    told = last_outcome(evidence).kind.replace("_", " ")
    return f"{f'a refresh{carried}' if asked else 'no refresh'}; the caller is told: {told}"


def propagation_retry(probe: Probe, profile: Profile) -> Value:
    """Let the resource refuse every new token for 5 s, call once a second after a refresh, and look when the refused
    token, or another new one, is sent again."""
    late = Fault(fault="accept_late", parameters={"seconds_": LATE}, view=None, grant_type=None, times=None)
    tried = probe(after_login(EXPIRED, late, Call(times=4 * LATE, every=1))).resource_calls
    first = next((one for one in tried if one.status == 401), None)
    again = [one for one in tried if first is not None and one.follows(first)]
    if first is None or not again:
        raise UnmeasurableError("No token was refused for being new, or nothing was sent afterwards.")
    worked = next((one for one in again if one.ok), None)
    end = "never accepted" if worked is None else f"accepted {_later(worked, first):g} s after the first refusal"
    return f"{_which(first, again[0])} is sent {_later(again[0], first):g} s later; {end}"


def _which(first: Exchange, second: Exchange) -> str:
    return "the same token" if first.presented == second.presented else "another new token"


def _later(one: Exchange, other: Exchange) -> float:
    return in_seconds(one.sent_at - other.sent_at)


ITEMS: tuple[SurveyItem, ...] = (
    SurveyItem(
        id="sv-requests-per-401",
        statement="Requests that one refused resource request causes, itself included.",
        measure=requests_per_401,
        related=("resource-401-one-retry",),
    ),
    SurveyItem(
        id="sv-401-cooldown",
        statement="The shortest time between two refreshes that are caused by 401, where refreshing does not help.",
        measure=cooldown,
        unit="s",
        related=("resource-401-persistent-stops",),
    ),
    SurveyItem(
        id="sv-expiry-signals",
        statement="Statuses of a resource that lead to a refresh.",
        measure=expiry_signals,
        related=("resource-403-scope",),
    ),
    SurveyItem(
        id="sv-claims-challenge",
        statement="The reaction to a claims challenge (401 with insufficient_claims).",
        measure=claims_challenge,
        related=("resource-401-one-retry",),
        scope="every vendor",
        applies=lambda profile: profile.continuous_access is not None,
    ),
    SurveyItem(
        id="sv-propagation-retry",
        statement="What is sent after a fresh token was refused because the resource does not know it yet.",
        measure=propagation_retry,
        related=("resource-401-persistent-stops",),
    ),
)
