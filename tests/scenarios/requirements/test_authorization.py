"""What the authorization request is judged by, on both sides of every boundary."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kit.journal import AUTHORIZE, REDIRECT, callback, exchange, journal, login, redemption, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.requirements import CATALOGUE

IDS = [one for one in CATALOGUE if one.startswith("authz-")]


def judged(requirement: str, journal: Journal, vendor: str = "generic") -> str:
    return verdict_on(requirement, journal, vendor).outcome


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nobody_logs_in() -> None:
    assert {judged(one, journal()) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "satisfied"),
        ({"redirect_uri": f"{REDIRECT}/"}, "violated"),
        ({"redirect_uri": "https://APP.example.com/callback"}, "violated"),
        ({"redirect_uri": "https://app.example.com/Callback"}, "violated"),
        ({"redirect_uri": f"{REDIRECT}#part"}, "violated"),
        ({"redirect_uri": None}, "alternative"),
        ({"response_type": "token"}, "violated"),
        ({"client_id": None}, "violated"),
        ({"scope": None}, "violated"),
        ({"scope": ""}, "violated"),
    ],
)
def test_the_request_is_complete_and_names_the_registered_redirect_uri(changes: dict[str, Any], expected: str) -> None:
    assert judged("authz-code-request", journal(login(**changes))) == expected


@pytest.mark.parametrize(
    ("registered", "given", "expected"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1:51004/back", "satisfied"),
        ("http://127.0.0.1/back", "http://127.0.0.1:51004/other", "violated"),
        ("http://localhost/back", "http://localhost:51004/back", "alternative"),
        (REDIRECT, "https://app.example.com:8443/callback", "violated"),
    ],
)
def test_only_on_loopback_the_port_is_free(registered: str, given: str, expected: str) -> None:
    assert judged("authz-code-request", journal(login(redirect_uri=given), redirect_uri=registered)) == expected


def test_a_parameter_that_comes_twice_is_a_fault() -> None:
    story = login()
    twice = exchange(
        1, "authorization", AUTHORIZE, actor="browser",
        parameters=(("response_type", "code"), ("client_id", "c"), ("scope", "read"), ("scope", "read")),
    )  # fmt: skip
    assert judged("authz-code-request", journal(story[0], twice)) == "violated"


def test_a_browser_sent_past_the_provider_is_a_fault() -> None:
    lost = exchange(1, None, "https://auth.example.com/wrong", actor="browser", cause=Cause.UNKNOWN_RESOURCE)
    assert judged("authz-code-request", journal(login()[0], lost)) == "violated"


@pytest.mark.parametrize(
    ("prompt", "access_type", "expected"),
    [
        ("consent", "offline", "satisfied"),
        ("consent select_account", "offline", "satisfied"),
        ("select_account", "offline", "violated"),
        ("none consent", "offline", "violated"),
        (None, "offline", "violated"),
        ("consent", "online", "violated"),
        ("consent", None, "violated"),
    ],
)
def test_google_needs_offline_and_a_prompt_that_holds_consent(
    prompt: str | None, access_type: str | None, expected: str
) -> None:
    story = journal(login(prompt=prompt, access_type=access_type), callback(), redemption())
    assert judged("authz-google-offline", story, "google") == expected


@pytest.mark.parametrize("requirement", ["authz-google-offline", "authz-microsoft-offline"])
def test_a_login_that_brings_no_refresh_token_fails_the_row(requirement: str) -> None:
    asked = login(prompt="consent", access_type="offline", scope="User.Read offline_access")
    story = journal(asked, callback(), redemption(members={"access_token": "AT1"}))
    assert judged(requirement, story, requirement.split("-")[1]) == "violated"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("User.Read", "violated"),
        ("User.Read offline_access", "satisfied"),
        ("offline_access User.Read offline_access", "violated"),
    ],
)
def test_microsoft_needs_the_offline_scope_exactly_once(scope: str, expected: str) -> None:
    story = journal(login(scope=scope), callback(), redemption())
    assert judged("authz-microsoft-offline", story, "microsoft") == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "satisfied"),
        ({"audience": None}, "violated"),
        ({"audience": "elsewhere.example"}, "violated"),
        ({"prompt": None}, "violated"),
        ({"prompt": "select_account"}, "violated"),
        ({"scope": "read:me"}, "violated"),
    ],
)
def test_atlassian_needs_audience_prompt_and_the_configured_offline_scope(
    changes: dict[str, Any], expected: str
) -> None:
    right = {"audience": "api.atlassian.com", "prompt": "consent", "scope": "read:me offline_access"}
    story = journal(login(**(right | changes)), scopes=("read:me", "offline_access"))
    assert judged("authz-atlassian-params", story, "atlassian") == expected


@pytest.mark.parametrize(
    ("parameters", "by_hand", "expected"),
    [
        ({"prompt": "select_account"}, {}, "satisfied"),
        ({"prompt": None}, {}, "violated"),
        ({"prompt": "consent"}, {}, "violated"),
        ({"prompt": "consent"}, {"prompt": "consent"}, "satisfied"),
        ({"prompt": "select_account", "access_type": "offline"}, {}, "violated"),
        ({"prompt": "select_account", "access_type": "offline"}, {"access_type": "offline"}, "satisfied"),
    ],
)
def test_the_custom_type_sends_its_default_and_what_was_set_by_hand(
    parameters: dict[str, Any], by_hand: dict[str, str], expected: str
) -> None:
    story = journal(login(**parameters), authorization_parameters=by_hand)
    assert judged("authz-generic-defaults", story) == expected


def states(*values: str | None) -> Journal:
    return journal(*(login(number, step=number, state=value) for number, value in enumerate(values, 1)))


def varied(length: int) -> tuple[str, str]:
    """Return two states of which so many characters differ between a head and a tail that they share."""
    return f"head-{'a' * length}-tail", f"head-{'b' * length}-tail"


@pytest.mark.parametrize(("length", "expected"), [(21, "violated"), (22, "satisfied")])
def test_the_part_of_the_state_that_differs_holds_128_bits(length: int, expected: str) -> None:
    assert judged("authz-state-unguessable", states(*varied(length))) == expected


LONG = "x" * 30


@pytest.mark.parametrize(
    "state",
    [
        "alice-" + LONG,
        base64.urlsafe_b64encode(b'{"user":"alice"}').decode().rstrip("=") + "." + LONG,
    ],
)
def test_a_state_that_names_the_user_is_a_fault_in_clear_and_in_base64(state: str) -> None:
    assert judged("authz-state-unguessable", states(state, f"{state[::-1]}{state}")) == "violated"


def test_a_name_that_stands_in_one_state_of_several_is_there_by_chance() -> None:
    assert judged("authz-state-unguessable", states("alice-" + LONG, "y" * 43)) == "satisfied"


def test_a_state_that_comes_again_or_counts_is_a_fault() -> None:
    assert judged("authz-state-unguessable", states("x" * 43, "y" * 43, "x" * 43)) == "violated"
    assert judged("authz-state-unguessable", states(f"{1:043d}", f"{2:043d}")) == "violated"


def test_one_login_says_nothing_about_guessing() -> None:
    assert judged("authz-state-unguessable", states("x" * 43)) == "not_exercised"


@pytest.mark.parametrize(("method", "expected"), [("S256", "alternative"), ("plain", "violated")])
def test_without_state_only_pkce_by_s256_is_another_way(method: str, expected: str) -> None:
    story = journal(*(login(n, step=n, state=None, code_challenge_method=method) for n in (1, 2)))
    assert judged("authz-state-unguessable", story) == expected


def challenged(*changes: dict[str, Any], **configured: object) -> Journal:
    return journal(
        *(
            login(number, step=number, **({"code_challenge": f"{number}{'c' * 42}"} | change))
            for number, change in enumerate(changes, 1)
        ),
        **configured,
    )


NO_CHALLENGE: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (lambda: challenged({}, {}), "satisfied"),
        (lambda: challenged({}), "not_exercised"),
        (lambda: challenged({"code_challenge_method": "plain"}, {}), "violated"),
        (lambda: challenged({"code_challenge_method": None}, {}), "violated"),
        (lambda: challenged({"code_challenge": "c" * 43}, {"code_challenge": "c" * 43}), "violated"),
        (lambda: challenged(NO_CHALLENGE, NO_CHALLENGE), "alternative"),
        (lambda: challenged(NO_CHALLENGE, NO_CHALLENGE, secret=False), "violated"),
        (lambda: challenged(NO_CHALLENGE, pkce=False), "satisfied"),
        (lambda: challenged({}, pkce=False), "satisfied"),
    ],
)
def test_pkce_is_by_s256_new_each_time_and_never_a_fault_where_the_provider_takes_it(
    story: Callable[[], Journal], expected: str
) -> None:
    assert judged("authz-pkce-s256", story()) == expected


@pytest.mark.parametrize(("sent", "expected"), [({}, "violated"), (NO_CHALLENGE, "satisfied")])
def test_a_challenge_is_a_fault_only_where_the_provider_really_refuses_it(sent: dict[str, Any], expected: str) -> None:
    generic = VENDORS["generic"].profile
    refusing = replace(generic, authorization=replace(generic.authorization, pkce="refused"))
    evidence = Evidence(journal=challenged(sent), profile=refusing)
    assert CATALOGUE["authz-pkce-s256"].check(evidence).outcome == expected


@pytest.mark.parametrize("challenge", [None, "", "d" * 43])
def test_a_verifier_that_is_missing_malformed_or_of_another_login_is_a_fault(challenge: str | None) -> None:
    story = journal(login(), callback(), redemption(challenge=challenge))
    assert judged("authz-pkce-s256", story) == "violated"


@pytest.mark.parametrize(
    ("asked", "configured", "expected"),
    [
        ("read", ("read",), "satisfied"),
        ("write read", ("read", "write"), "satisfied"),
        ("read", ("read", "write"), "violated"),
        ("read openid", ("read",), "violated"),
        ("read,write", ("read", "write"), "violated"),
        ("read offline_access", ("read",), "satisfied"),
        ("read", ("read", "offline_access"), "violated"),
        ("read read", ("read",), "satisfied"),
    ],
)
def test_exactly_the_configured_scopes_and_the_offline_scope_may_be_asked_for(
    asked: str, configured: tuple[str, ...], expected: str
) -> None:
    assert judged("authz-scope-as-configured", journal(login(scope=asked), scopes=configured)) == expected
