"""The survey says of the small client and of the reference engine what is written in their code, and every value moves
when the habit behind it changes."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from kit.survey_clients import (
    Alone,
    Always,
    AsksTheUser,
    AssumesAnHour,
    Eager,
    FollowsTheDate,
    JustAfterTheLead,
    LateByAMinute,
    NeedsARefreshToken,
    NeverDead,
    NeverStores,
    NeverUnasked,
    NoSecondTry,
    NotAtExpiry,
    OnceOnly,
    OwnClock,
    Patient,
    PatientForAnHour,
    Refreshes403,
    RepeatsTheScope,
    ShortLead,
    SmallBuffer,
    Stampede,
    StoresAtTheEnd,
    TenMinutes,
    TenSeconds,
    ThinksFirst,
    WaitsForReplicas,
    Whimsical,
    Wordy,
)
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import describe
from refreshproof.harness.subjects.miniatures.failure.failure import OneRequestPerCall
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.excluded import EXCLUDED
from refreshproof.scenarios.steps.subject import SubjectFactory
from refreshproof.scenarios.survey import SURVEY, Prober, Reading

UNMOVED = ("sv-background",)
"""What a client in process cannot do otherwise: there is nobody to wake it between two calls."""


def reading(item: str, client: SubjectFactory, vendor: str = "generic") -> Reading:
    """Measure one value of a client."""
    described = describe(client, VENDORS[vendor])
    return Prober(vendor=VENDORS[vendor], factory=client).read(SURVEY[item], described.capabilities)


TINY: Mapping[str, object] = {
    "sv-lead": 120,
    "sv-lead-curve": "15 of 30, 30 of 60, 60 of 120, 120 of 300, 120 of 600, 120 of 3600, 120 of 86400",
    "sv-lead-equality": "refreshes with exactly 120 s left",
    "sv-background": 0,
    "sv-default-lifetime": "none: waits until it is refused",
    "sv-no-rt-no-lifetime": "the login is accepted and the token used",
    "sv-clock-source": "the wall clock",
    "sv-date-use": False,
    "sv-requests-per-401": (
        "1 to the token endpoint, 2 to the resource; "
        "1 to the token endpoint, 2 to the resource where every request is refused"
    ),
    "sv-401-cooldown": 300,
    "sv-expiry-signals": "401",
    "sv-propagation-retry": "another new token is sent 0 s later; accepted 5 s after the first refusal",
    "sv-retry-429": "0, 30, 90, 210, 450, 750, 1050, 1350, 1650, 1950, 2250, 2550 and 3 more",
    "sv-retry-after-cap": 86_400,
    "sv-token-deadline": 30,
    "sv-reauth-latency": 0,
    "sv-recovery-time": "30 s after 1 min, 150 s after 10 min, 180 s after 60 min",
    "sv-parallel-refresh": "1 for 2, 1 for 8, 1 for 64, 1 for 200",
    "sv-process-refresh": "1 for 2, 1 for 4",
    "sv-persist-point": "before the first resource request",
    "sv-state-lifetime": "604800 or more",
    "sv-exchange-delay": 0,
    "sv-authorize-params": (
        "response_type=code, client_id, redirect_uri, scope=read, state (43 characters), prompt=select_account, "
        "code_challenge, code_challenge_method=S256; a well-formed verifier"
    ),
    "sv-token-request-shape": (
        "client_secret_post, Content-Type application/x-www-form-urlencoded, Accept application/json, "
        "User-Agent absent; refresh: the same, without scope; Basic credentials form-encoded"
    ),
    "sv-size-limits": (
        "access token 64 KiB or more, refresh token 64 KiB or more, code 64 KiB or more, body 2048 KiB or more"
    ),
}
"""What the small client's code says: LEAD, HOPELESS, DEADLINE, the doubling pauses and the day's cap of `pause`."""

ENGINE: Mapping[str, object] = {
    "sv-lead": 120,  # skew and client delay of the settings
    "sv-lead-equality": "refreshes with exactly 120 s left",
    "sv-no-rt-no-lifetime": "the login is refused",  # TOK-07
    "sv-401-cooldown": 60,  # REJECTION_PAUSE
    "sv-retry-after-cap": 86_400,  # LONGEST_RETRY_AFTER
    "sv-token-deadline": 120,  # the server delay of the settings
    "sv-process-refresh": "1 for 2, 1 for 4",
    "sv-persist-point": "before the first resource request",
    "sv-state-lifetime": 120,  # FLOW-05
}


@pytest.mark.parametrize(("item", "value"), TINY.items())
def test_the_small_client_is_measured_as_its_code_says(item: str, value: object) -> None:
    assert reading(item, TinyClient) == Reading(item=item, vendor="generic", value=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(("item", "value"), ENGINE.items())
def test_the_engine_is_measured_as_its_settings_say(item: str, value: object) -> None:
    assert reading(item, subject_factory("engine")).value == value


@pytest.mark.parametrize("vendor", CORE, ids=lambda vendor: vendor.name)
def test_the_lead_is_the_same_at_every_vendor_faults_or_not(vendor: Any) -> None:
    assert reading("sv-lead", TinyClient, vendor.name).value == 120


MOVED: Mapping[str, tuple[type[TinyClient], object]] = {
    "sv-lead": (ShortLead, 45),
    "sv-lead-curve": (ShortLead, "29 of 30, 45 of 60, 45 of 120, 45 of 300, 45 of 600, 45 of 3600, 45 of 86400"),
    "sv-lead-equality": (JustAfterTheLead, "uses the token with exactly 120 s left"),
    "sv-default-lifetime": (AssumesAnHour, 3480),
    "sv-clock-source": (OwnClock, "none that a step moves"),
    "sv-no-rt-no-lifetime": (NeedsARefreshToken, "the login is refused"),
    "sv-date-use": (FollowsTheDate, True),
    "sv-requests-per-401": (
        NoSecondTry,
        "0 to the token endpoint, 1 to the resource; "
        "0 to the token endpoint, 1 to the resource where every request is refused",
    ),
    "sv-401-cooldown": (Eager, 0),
    "sv-expiry-signals": (Refreshes403, "401, 403"),
    "sv-propagation-retry": (
        WaitsForReplicas, "the same token is sent 2 s later; accepted 6 s after the first refusal"
    ),
    "sv-retry-429": (TenSeconds, "0, 10, 20, 30, 40, 50, 60, 75, 90, 105, 120, 135 and 231 more"),
    "sv-retry-after-cap": (PatientForAnHour, 3600),
    "sv-reauth-latency": (NeverDead, 480),
    "sv-recovery-time": (TenSeconds, "10 s after 1 min, 10 s after 10 min, 10 s after 60 min"),
    "sv-parallel-refresh": (Stampede, "3 for 2, 9 for 8, 65 for 64, 201 for 200"),
    "sv-process-refresh": (Stampede, "3 for 2, 5 for 4"),
    "sv-persist-point": (StoresAtTheEnd, "between the first resource request and the end of the call"),
    "sv-state-lifetime": (TenMinutes, 600),
    "sv-exchange-delay": (ThinksFirst, 3),
}  # fmt: skip


@pytest.mark.parametrize("item", MOVED)
def test_a_value_moves_with_the_habit_behind_it(item: str) -> None:
    client, value = MOVED[item]
    assert reading(item, client).value == value
    assert value != TINY[item]


CONTAINED: Mapping[str, tuple[type[TinyClient], str]] = {
    "sv-expires-forms": (AssumesAnHour, '"3.6e3", 0, -1, null, ""'),
    "sv-retry-5xx": (TenSeconds, "0, 10, 20, 30, 40, 50, 60, 75"),
    "sv-replay": (OnceOnly, "answer cut off, request cut off: 25 times, 30, 120, 5400"),
    "sv-terminal-set": (NeverDead, "consent_required, 400 invalid_request: the end after five"),
    "sv-authorize-params": (Wordy, "code_challenge_method=S256, nonce; a well-formed verifier"),
    "sv-token-request-shape": (RepeatsTheScope, "refresh: the same, with scope"),
    "sv-size-limits": (SmallBuffer, "body 192 KiB"),
}
"""Long values: a part that only the changed client has."""


@pytest.mark.parametrize("item", CONTAINED)
def test_a_long_value_moves_with_the_habit_behind_it(item: str) -> None:
    client, part = CONTAINED[item]
    changed, plain = (str(reading(item, one).value) for one in (client, TinyClient))
    assert part in changed
    assert part not in plain


def test_every_value_has_a_test_in_which_it_moves() -> None:
    by_hand = {"sv-claims-challenge", "sv-token-deadline"}
    assert set(SURVEY) == {*MOVED, *CONTAINED, *UNMOVED, *by_hand}


def test_a_lead_after_the_end_is_negative() -> None:
    assert reading("sv-lead", LateByAMinute).value == -60


def test_a_lead_that_is_not_monotonic_is_told_stretch_by_stretch() -> None:
    assert reading("sv-lead", Whimsical).value == "400 to 200, 100 and less"


def test_a_hole_in_the_lead_exactly_at_expiry_is_seen() -> None:
    assert reading("sv-lead", NotAtExpiry).value == "120 to 1, -1 and less"


def test_a_client_that_refreshes_at_every_call_has_the_whole_lifetime_as_its_lead() -> None:
    assert reading("sv-lead", Always).value == 3599


def test_a_client_that_never_refreshes_unasked_has_no_lead_and_the_reason_is_told() -> None:
    found = reading("sv-lead", NeverUnasked)
    assert (found.value, found.why) == (None, "The client never refreshes before it was refused.")


def test_a_pair_that_is_never_stored_is_told() -> None:
    assert reading("sv-persist-point", NeverStores).value == "not by the end of the call"


def test_the_reaction_to_a_claims_challenge_is_seen() -> None:
    clients = (TinyClient, AsksTheUser)
    assert [reading("sv-claims-challenge", client, "microsoft").value for client in clients] == [
        "a refresh; the caller is told: ok",
        "no refresh; the caller is told: reauthorization required",
    ]


def test_what_a_client_cannot_be_asked_is_none_with_the_reason() -> None:
    found = reading("sv-process-refresh", Alone)
    assert (found.value, found.why) == (None, "The client under test cannot: shared_store.")


def test_a_client_that_waits_for_ever_has_no_deadline() -> None:
    assert reading("sv-token-deadline", Patient).value == "none"


def test_equal_scenarios_are_played_once() -> None:
    prober = Prober(vendor=VENDORS["generic"], factory=TinyClient)
    first = prober.read(SURVEY["sv-lead"], frozenset())
    played = prober.probes
    assert prober.read(SURVEY["sv-lead"], frozenset()) == first
    assert prober.probes == played
    assert 0 < played <= 12


def test_the_survey_of_the_engine_is_frugal_enough_for_every_run() -> None:
    """No timed assertion: a probe takes milliseconds, so their number is what counts."""
    prober = Prober(vendor=VENDORS["generic"], factory=subject_factory("engine"))
    for item in SURVEY.values():
        prober.read(item, frozenset({"clock", "restart"}))
    assert prober.probes <= 280


@pytest.mark.parametrize("item", SURVEY.values(), ids=lambda item: item.id)
def test_an_entry_says_what_is_measured_how_and_what_it_explains(item: Any) -> None:
    assert re.fullmatch(r"sv(-[a-z0-9]+)+", item.id)
    assert item.statement.endswith(".")
    assert len(item.how) > 60
    assert item.related
    assert set(item.related) <= {*CATALOGUE, *EXCLUDED}
    assert "_" not in json.dumps(item.unit)


def test_there_are_the_thirty_values_of_the_catalogue() -> None:
    assert len(SURVEY) == 30
    assert set(TINY) | set(CONTAINED) | {"sv-claims-challenge"} == set(SURVEY)


def test_a_client_that_fills_a_list_in_a_minute_is_not_watched_for_an_hour() -> None:
    prober = Prober(vendor=VENDORS["generic"], factory=OneRequestPerCall)
    found = prober.read(SURVEY["sv-retry-429"], frozenset())
    assert found.value == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 49 more in the first 61 calls"
    assert prober.probes == 1


def test_the_first_retry_is_looked_for_with_as_many_calls_as_it_takes() -> None:
    prober = Prober(vendor=VENDORS["generic"], factory=TenSeconds)
    prober.read(SURVEY["sv-retry-5xx"], frozenset())
    others = [evidence for key, evidence in prober._known.items() if '"seed": 0' not in key]
    assert len(others) == 19
    assert {len(evidence.outcomes("call")) for evidence in others} == {11}
