"""What polling by a code shown to the user is judged by, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import exchange, journal, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.subjects.miniatures.authorization.device import ByDevice
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import Exchange, Record
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.authorization.device import DEVICE_CODE
from refreshproof.scenarios.steps.logins import DeviceLogin
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Call

POLLING = CATALOGUE["device-polling"]
GOOGLE = VENDORS["google"]
TOKEN = "https://oauth2.googleapis.com/token"


def judged(*records: Record) -> str:
    return verdict_on(POLLING.id, journal(list(records)), GOOGLE.name).outcome


def shown(**members: Any) -> Exchange:
    """Write down that a code was shown."""
    plain = {"device_code": "DEVICE1", "user_code": "ABC", "interval": 5, "expires_in": 1800}
    return exchange(1, "device_authorization", f"{TOKEN}/device", members=plain | members)


def poll(number: int, at: float, error: str | None = "authorization_pending", **changes: Any) -> Exchange:
    """Write down a poll; without an error it brought tokens."""
    members = {"error": error} if error else {"access_token": "AT1"}
    plain: dict[str, Any] = {"grant_type": DEVICE_CODE, "members": members, "status": 428 if error else 200}
    return exchange(number, "token", TOKEN, at=at, **(plain | changes))


def test_a_correct_client_satisfies_it_wherever_it_applies() -> None:
    assert satisfied("device-polling", ByDevice)


def test_its_miniature_is_caught() -> None:
    assert caught("device-polling")


def test_one_poll_shows_nothing() -> None:
    assert judged(shown(), poll(2, 5)) == "not_exercised"
    assert judged() == "not_exercised"


@pytest.mark.parametrize(
    ("told", "gap", "expected"),
    [(5, 5, "satisfied"), (5, 4.9, "violated"), (10, 10, "satisfied"), (10, 9.9, "violated"), ("7", 6.9, "violated")],
)
def test_polls_keep_the_interval_that_was_told(told: Any, gap: float, expected: str) -> None:
    assert judged(shown(interval=told), poll(2, 5), poll(3, 5 + gap)) == expected


@pytest.mark.parametrize(("gap", "expected"), [(5, "satisfied"), (4.9, "violated")])
def test_without_an_interval_five_seconds_are_kept(gap: float, expected: str) -> None:
    assert judged(shown(interval=None), poll(2, 5), poll(3, 5 + gap)) == expected


@pytest.mark.parametrize(("gaps", "expected"), [((10, 10), "satisfied"), ((9, 10), "violated"), ((10, 5), "violated")])
def test_slow_down_counts_for_this_and_every_later_poll(gaps: tuple[float, float], expected: str) -> None:
    second, third = 5 + gaps[0], 5 + sum(gaps)
    assert judged(shown(), poll(2, 5, "slow_down"), poll(3, second), poll(4, third)) == expected


@pytest.mark.parametrize(("gap", "expected"), [(5.1, "satisfied"), (5, "violated")])
def test_after_a_poll_without_answer_the_client_slows_down(gap: float, expected: str) -> None:
    lost = poll(2, 5, None, status=None, delivered=False, trouble="time-out", members={})
    assert judged(shown(), lost, poll(3, 5 + gap)) == expected


@pytest.mark.parametrize("error", [None, "access_denied", "expired_token", "invalid_grant"])
def test_tokens_and_every_other_error_end_the_flow(error: str | None) -> None:
    assert judged(shown(), poll(2, 5), poll(3, 10, error)) == "satisfied"
    assert judged(shown(), poll(2, 5), poll(3, 10, error), poll(4, 30)) == "violated"


@pytest.mark.parametrize(("at", "expected"), [(119, "satisfied"), (120, "violated")])
def test_no_poll_follows_the_end_of_the_code(at: float, expected: str) -> None:
    assert judged(shown(expires_in=120), poll(2, 5), poll(3, at)) == expected


def test_what_a_device_login_brings_opens_the_api() -> None:
    written = play(VENDORS["microsoft"], ByDevice, Scenario(steps=(DeviceLogin(after=60), Call())))
    assert [one.kind for one in written.outcomes()] == ["ok", "ok"]
    assert {one.presented for one in written.exchanges("resource")} == {"AT1"}
