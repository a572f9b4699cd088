"""What is judged of where credentials go and of what is said about them, on both sides of every boundary."""

import base64
import logging
from typing import Any

import pytest

from kit.journal import (
    RESOURCE,
    TOKEN,
    callback,
    exchange,
    journal,
    login,
    outcome,
    redemption,
    renewal,
    use,
    verdict_on,
)
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.provider.state.vault import Vault
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Fault, LogEverything, Until
from refreshproof.scenarios.steps.subject import Outcome
from refreshproof.scenarios.world.output import Output, spilled

IDS = [one for one in CATALOGUE if one.startswith("security-")]
FOR_OTHERS = ("security-no-mix-up", "security-metadata-issuer", "security-credentials-by-issuer")
"""About clients of two servers, and those that discover theirs; each has a test of its own."""


def judged(requirement: str, journal: Journal) -> str:
    return verdict_on(requirement, journal).outcome


@pytest.mark.parametrize("requirement", [one for one in IDS if one not in FOR_OTHERS])
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nothing_happens() -> None:
    assert {judged(one, journal()) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(("leaks", "expected"), [((), "satisfied"), (("SECRET1",), "violated")])
def test_an_address_that_holds_a_secret_is_a_fault(leaks: tuple[str, ...], expected: str) -> None:
    assert judged("security-no-secret-in-url", journal(login(), callback(), redemption(leaks=leaks))) == expected


ELSEWHERE = "https://elsewhere.example.net/token"


def redirected(code: int, location: str = ELSEWHERE) -> dict[str, Any]:
    return {"status": code, "response_headers": (("location", location),)}


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", [ELSEWHERE, f"{TOKEN}/moved"])
def test_no_redirect_of_the_token_endpoint_is_followed(code: int, location: str) -> None:
    refused = renewal(**redirected(code, location))
    assert judged("security-no-token-redirects", journal(refused)) == "satisfied"
    followed = exchange(4, None, location)
    assert judged("security-no-token-redirects", journal(refused, followed)) == "violated"


def test_a_later_step_or_another_caller_at_the_same_address_follows_nothing() -> None:
    refused = renewal(**redirected(307))
    others = (exchange(4, None, ELSEWHERE, step=2), exchange(5, None, ELSEWHERE, actor="browser"))
    assert judged("security-no-token-redirects", journal(refused, *others)) == "satisfied"


def test_a_redirect_of_the_revocation_endpoint_is_not_followed() -> None:
    refused = exchange(3, "revocation", "https://auth.example.com/revoke", presented="RT1", **redirected(307))
    story = journal(refused, exchange(4, None, ELSEWHERE))
    assert judged("security-no-token-redirects", story) == "violated"


REFUSED: dict[str, Any] = {"delivered": False, "trouble": "refused", "status": None, "arrived_at": None}


@pytest.mark.parametrize(
    ("url", "changes", "expected"),
    [
        ("http://auth.example.com/token", {"presented": "RT1"}, "violated"),
        ("http://auth.example.com/token", {"client_authentication": ("client_secret_post",)}, "violated"),
        ("http://api.example.com/x", {"request_headers": (("authorization", "Bearer AT1"),)}, "violated"),
        ("http://auth.example.com/status", {}, "satisfied"),
        ("http://127.0.0.1:8080/token", {"presented": "RT1"}, "satisfied"),
        ("https://auth.example.com/token", {"presented": "RT1"}, "satisfied"),
    ],
)
def test_credentials_in_plain_text_are_a_fault_but_on_loopback(
    url: str, changes: dict[str, Any], expected: str
) -> None:
    assert judged("security-https-only", journal(renewal(**REFUSED), exchange(4, None, url, **changes))) == expected


NEIGHBOUR = "https://auth.elsewhere.example.com/token"


@pytest.mark.parametrize(
    ("url", "changes", "expected"),
    [
        (NEIGHBOUR, {"parameters": (("refresh_token", "RT1"),)}, "violated"),
        (NEIGHBOUR, {"parameters": (("values", '{"t": "RT1"}'),)}, "violated"),
        (NEIGHBOUR, {"request_headers": (("authorization", "Bearer RT1"),)}, "violated"),
        ("https://auth.example.com:8080/token", {"parameters": (("refresh_token", "RT1"),)}, "violated"),
        (NEIGHBOUR, {"parameters": (("code", "CODE9"),)}, "satisfied"),
        (NEIGHBOUR, {"parameters": (("client_secret", "SECRET2"),)}, "satisfied"),
        (NEIGHBOUR, {"client_authentication": ("client_secret_basic",)}, "satisfied"),
        ("https://api.example.com/token", {"parameters": (("refresh_token", "RT1"),)}, "violated"),
        ("https://auth.example.com/other", {"parameters": (("refresh_token", "RT1"),)}, "satisfied"),
        ("https://auth.second.example.net/token", {"parameters": (("client_secret", "SECRET2"),)}, "satisfied"),
        (NEIGHBOUR, {"request_headers": (("authorization", "Bearer AT1"),)}, "satisfied"),
        (NEIGHBOUR, {"parameters": (("refresh_token", "RT1"),), "actor": "browser"}, "satisfied"),
    ],
    ids=[
        "token",
        "nested",
        "header",
        "port",
        "number-of-its-own",
        "secret-of-its-own",
        "basic-of-its-own",
        "host-of-the-api",
        "host-that-is-named",
        "second",
        "access",
        "browser",
    ],
)
def test_what_makes_a_refresh_token_usable_goes_to_hosts_that_are_named(
    url: str, changes: dict[str, Any], expected: str
) -> None:
    shown = {"parameters": (("refresh_token", "RT1"),)}
    gained = redemption(members={"access_token": "AT1", "refresh_token": "RT1"})
    story = journal(login(), callback(), gained, renewal(3, **shown), exchange(4, None, url, **changes))
    assert judged("security-named-hosts-only", story) == expected


BEARER = (("Authorization", "Bearer AT1"),)


@pytest.mark.parametrize(
    ("url", "headers", "expected"),
    [
        ("https://elsewhere.example.net/r", BEARER, "violated"),
        ("https://elsewhere.example.net/r", (), "satisfied"),
        (f"{RESOURCE}/moved", BEARER, "satisfied"),
    ],
)
def test_the_authorization_header_stays_at_its_origin(
    url: str, headers: tuple[tuple[str, str], ...], expected: str
) -> None:
    followed = exchange(5, None, url, request_headers=headers)
    origin = {"origin": "https://api.example.com"}
    story = journal(use(4, **redirected(302, url), **origin), replace_origin(followed))
    assert judged("security-token-audience", story) == expected


def replace_origin(one: Any) -> Any:
    return exchange(
        one.number, one.view, one.url, request_headers=one.request_headers, origin="/".join(one.url.split("/")[:3])
    )


@pytest.mark.parametrize("changes", [{"presented": "RT1"}, {"parameters": (("refresh_token", "RT1"),)}])
def test_a_refresh_token_at_the_resource_is_a_fault(changes: dict[str, Any]) -> None:
    assert judged("security-token-audience", journal(use(**changes))) == "violated"


@pytest.mark.parametrize(("leaks", "expected"), [((), "satisfied"), (("RT1",), "violated")])
def test_output_that_holds_a_secret_is_a_fault(leaks: tuple[str, ...], expected: str) -> None:
    story = journal(outcome("call", "transient_error", leaks=leaks))
    assert judged("security-no-secret-in-output", story) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "satisfied"),
        ({"log": ("refused: denied 2030 INFO forged",)}, "satisfied"),
        ({"log": ("refused: denied\r\n2030 INFO forged",)}, "violated"),
        ({"log": ("refused: denied\r2030 INFO forged",)}, "violated"),
        ({"detail": "denied\n2030"}, "violated"),
        ({"error": "forged \x1b[2J"}, "violated"),
        ({"log": ("\x1b[31mrefused\x1b[0m:\n  denied 2030 INFO forged",)}, "satisfied"),
    ],
)
def test_a_provider_s_control_characters_in_output_are_a_fault(changes: dict[str, Any], expected: str) -> None:
    members = {"error_description": "denied\r\n2030 INFO forged \x1b[2J"}
    story = journal(renewal(status=400, members=members), outcome("call", "transient_error", **changes))
    assert judged("security-text-sanitised", story) == expected


def test_the_echo_repeats_what_was_sent() -> None:
    story = play(
        VENDORS["generic"],
        TinyClient,
        flow(
            Until(limit="access_token_expiry"), Fault(fault="echo", parameters={"code": 400}), Call(),
            Fault(fault="echo", view="resource", grant_type=None), Call(),
        ),
    )  # fmt: skip
    refusal = story.exchanges("token", "refresh_token")[0]
    assert (refusal.status, refusal.committed) == (400, False)
    assert "RT1" in refusal.response_body
    assert "SECRET1" in refusal.response_body


class Talker(TinyClient):
    """Logs at two levels what it was told to say."""

    says = "nothing"

    def call(self) -> Outcome:
        """Speak."""
        logging.getLogger("talker").debug("in confidence: %s", self.says_with_token())
        logging.getLogger("talker").warning("loud:\n%s", self.says_with_token())
        return super().call()

    def says_with_token(self) -> str:
        """Return a text with half of the access token."""
        return f"token {self.known_grant().access_token[:12]}..."


class Whisperer(Talker):
    """Logs only at the lowest level."""

    def call(self) -> Outcome:
        """Whisper."""
        logging.getLogger("talker").debug("in confidence: %s", self.says_with_token())
        return TinyClient.call(self)


def heard(client: type[TinyClient], *steps: Any) -> Any:
    return play(VENDORS["generic"], client, flow(*steps, Call())).outcomes("call")[-1]


def test_a_warning_with_the_beginning_of_a_token_is_a_leak_and_stands_redacted_in_the_journal() -> None:
    told = heard(Talker)
    assert told.leaks == ("AT1",)
    assert len(told.log) == 1
    assert told.log[0].startswith("loud:\n")


def test_only_a_client_that_logs_everything_is_heard_at_every_level() -> None:
    assert heard(Whisperer).leaks == ()
    assert heard(Whisperer, LogEverything()).leaks == ("AT1",)
    assert heard(Whisperer, LogEverything()).log == ()


def test_listening_leaves_the_log_as_it_was() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    output = Output()
    output.talkative = True
    with output, output:
        assert root.level == logging.DEBUG
    assert (root.level, list(root.handlers)) == before


def test_a_traceback_in_the_log_is_part_of_everything() -> None:
    output = Output()
    with output:
        try:
            raise ValueError("token-in-the-exception")
        except ValueError:
            logging.getLogger("talker").exception("failed")
    said, everything = output.drain()
    assert said == ["failed"]
    assert "token-in-the-exception" in everything[0]
    assert output.drain() == ([], [])


SECRET = "s3cret-of-the-tests/with=signs"


@pytest.mark.parametrize(
    "text",
    [
        f"it is {SECRET}",
        f"it is {SECRET[:12]}...",
        "it is s3cret-of-the-tests%2Fwith%3Dsigns",
        f"Basic {base64.b64encode(f'client:{SECRET}'.encode()).decode()}",
        f"Basic {base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip('=')}",
    ],
)
def test_a_secret_is_found_in_clear_cut_off_encoded_and_in_base64(text: str) -> None:
    vault = Vault(0)
    vault.name("SECRET", SECRET)
    assert spilled(vault, text) == ("SECRET1",)


@pytest.mark.parametrize("text", ["", "nothing here", f"it is {SECRET[:11]}", "AAAAAAAAAAAAAAAAAAAA"])
def test_other_texts_hold_no_secret(text: str) -> None:
    vault = Vault(0)
    vault.name("SECRET", SECRET)
    assert spilled(vault, text) == ()


@pytest.mark.parametrize("added", ["?grant_type=refresh_token", "#moved"])
def test_a_redirect_is_followed_also_with_something_added_to_its_address(added: str) -> None:
    story = journal(renewal(**redirected(307)), exchange(4, None, f"{ELSEWHERE}{added}"))
    assert judged("security-no-token-redirects", story) == "violated"
