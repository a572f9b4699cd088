"""What is judged of a client with two servers, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import callback, exchange, journal, login, redemption, renewal, use, verdict_on
from kit.requirement import caught, outcomes, satisfied
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.harness.subjects.miniatures.able.flows import TwoServers
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import AuthorizeAtSecond, Call
from refreshproof.scenarios.world.second_server import ISSUER

IDS = ("callback-code-to-right-issuer", "security-no-mix-up")
THERE = f"{ISSUER}/token"


def judged(requirement: str, journal: Journal) -> str:
    return verdict_on(requirement, journal).outcome


@pytest.mark.parametrize("requirement", IDS)
@pytest.mark.parametrize("client", [TwoServers, EngineSubject])
def test_a_correct_client_satisfies_it_everywhere(requirement: str, client: Any) -> None:
    assert satisfied(requirement, client)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_a_client_of_one_server_is_not_asked(requirement: str) -> None:
    assert set(outcomes(requirement).values()) == {"unsupported"}


def there(number: int, **changes: Any) -> Any:
    return exchange(number, "token", THERE, grant_type="authorization_code", **changes)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"presented": "CODE1"}, "violated"),
        ({"parameters": (("client_secret", "SECRET1"),)}, "violated"),
        ({"parameters": (("client_secret", "SECRET2"),)}, "satisfied"),
        ({"presented": "CODE9"}, "satisfied"),
    ],
)
def test_after_a_mix_up_code_and_secret_stay_with_their_server(sent: dict[str, Any], expected: str) -> None:
    story = journal(login(), callback(tamper="mix_up"), there(2, **sent))
    assert judged("callback-code-to-right-issuer", story) == expected


def test_without_a_mix_up_there_is_nothing_to_tell() -> None:
    assert judged("callback-code-to-right-issuer", journal(login(), callback(), redemption())) == "not_exercised"


LOGINS = (login(), callback(), redemption(issued=("AT1", "RT1")), there(3, issued=("AT2", "RT2")))


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (use(4), "satisfied"),
        (use(4, presented="AT2"), "violated"),
        (renewal(4), "satisfied"),
        (renewal(4, presented="RT2"), "violated"),
        (there(4, presented="RT1"), "violated"),
        (there(4, presented="RT2"), "not_exercised"),
    ],
)
def test_tokens_go_to_the_server_that_issued_them(later: Any, expected: str) -> None:
    assert judged("security-no-mix-up", journal(*LOGINS, later)) == expected


@pytest.mark.parametrize("vendor", CORE, ids=lambda vendor: vendor.name)
def test_in_a_mix_up_the_code_of_the_first_server_comes_back_with_the_state_of_the_second(vendor: Any) -> None:
    story = play(vendor, TwoServers, Scenario(steps=(AuthorizeAtSecond(mix_up=True), Call())))
    bounced = story.exchanges("authorization")[0]
    assert bounced.origin != ISSUER
    assert [action.about["code"] for action in story.actions("callback")] == list(bounced.issued)
    assert [one.kind for one in story.outcomes("callback")] == ["permanent_error"]


def test_a_login_at_the_second_server_is_one_of_its_own() -> None:
    story = play(VENDORS["generic"], TwoServers, Scenario(steps=(AuthorizeAtSecond(), Call())))
    assert [one.origin for one in story.exchanges()] == [ISSUER, ISSUER]
    assert [one.kind for one in story.outcomes()] == ["ok", "ok", "reauthorization_required"]
    assert story.exchanges("token")[0].committed
