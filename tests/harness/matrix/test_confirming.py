"""A violation is confirmed where the unmodified library, in a process of its own and over sockets, breaks the rule in
the same words; otherwise the cell says why not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kit.sample_matrix import play
from refreshproof.harness.cli.command import main
from refreshproof.harness.matrix.confirming import Tried, confirmations
from refreshproof.harness.matrix.served_process import stay_on_loopback
from refreshproof.reports import Outcome
from refreshproof.reports.formats.matrix.values import PlayedCell, PlayedStory, PlayedSubject

REQUIREMENT = "accept-token-type"
STEPS = [
    {"step": "authorize"},
    {"step": "until", "limit": "access_token_expiry", "offset": 1},
    {
        "step": "fault",
        "fault": "member",
        "parameters": {"name": "token_type", "value": "User Access Token"},
    },
    {"step": "call"},
]
STORY = PlayedStory(
    requirement=REQUIREMENT,
    providers=("generic",),
    prose=(),
    expected="A token of an unknown type is kept and not sent.",
    happened="AT2 is of the type 'User Access Token' and was sent as a bearer token.",
    scenario={"scenario": 1, "steps": STEPS},
)


def confirmed(story: PlayedStory) -> Tried:
    """Return what comes of playing httpx-oauth's violation in a story over sockets."""
    cell = PlayedCell(requirement=REQUIREMENT, outcome=Outcome.VIOLATED, anomaly="A16")
    subject = PlayedSubject(name="httpx-oauth", summary="", stories=(story,))
    return confirmations(subject, play("generic", cell))[REQUIREMENT]


@pytest.mark.slow
@pytest.mark.sockets
@pytest.mark.faketime
def test_a_violation_is_repeated_by_the_library_in_its_own_process() -> None:
    pytest.importorskip("httpx_oauth")
    assert confirmed(STORY) == Tried(confirmed=True)


@pytest.mark.slow
@pytest.mark.sockets
@pytest.mark.faketime
def test_msal_answers_from_memory_over_sockets_too() -> None:
    """Its authority is on loopback then, of which Microsoft's hosts would say that they do not know it."""
    pytest.importorskip("msal")
    words = "the same words, 'HTTP Error: 503', and nothing was sent."
    expired, pause = {"step": "until", "limit": "access_token_expiry", "offset": 1}, {"step": "advance", "seconds": 2}
    outage = {"step": "fault", "fault": "status", "parameters": {"code": 503}, "view": "token", "times": 1}
    rule, call = "failure-outage-pause-is-told", {"step": "call"}
    story = PlayedStory(
        requirement=rule,
        providers=("microsoft",),
        prose=(),
        expected="",
        happened=f"2 s after the provider had answered with status 503 a call ended with {words}",
        scenario={"scenario": 1, "steps": [STEPS[0], expired, outage, call, pause, call]},
    )
    cell = PlayedCell(requirement=rule, outcome=Outcome.VIOLATED, anomaly="A14")
    subject = PlayedSubject(name="msal", summary="", stories=(story,))
    assert confirmations(subject, play("microsoft", cell)) == {rule: Tried(confirmed=True)}


@pytest.mark.slow
@pytest.mark.sockets
@pytest.mark.faketime
def test_a_crash_is_the_same_in_a_process_that_writes_a_traceback() -> None:
    pytest.importorskip("msal")
    expired = {"step": "until", "limit": "access_token_expiry", "offset": 1}
    marked = {"step": "fault", "fault": "prefix", "parameters": {"text": "\ufeff"}, "grant_type": "refresh_token"}
    rule, call = "accept-oddity-keeps-pair", {"step": "call", "times": 2}
    words = "JSONDecodeError: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"
    story = PlayedStory(
        requirement=rule,
        providers=("microsoft",),
        prose=(),
        expected="",
        happened=f"RT2 had come, and the call ended in a crash ({words}).",
        scenario={"scenario": 1, "steps": [STEPS[0], marked, expired, call]},
    )
    cell = PlayedCell(requirement=rule, outcome=Outcome.VIOLATED, anomaly="A16")
    subject = PlayedSubject(name="msal", summary="", stories=(story,))
    assert confirmations(subject, play("microsoft", cell)) == {rule: Tried(confirmed=True)}


@pytest.mark.slow
@pytest.mark.sockets
@pytest.mark.faketime
def test_a_story_that_breaks_nothing_over_sockets_confirms_nothing() -> None:
    pytest.importorskip("httpx_oauth")
    number = replace(STORY, happened=STORY.happened.replace("AT2", "AT7"))
    assert confirmed(number) == Tried(confirmed=True, remark=f"with other numbers: {STORY.happened}")
    sound = replace(STORY, scenario={"scenario": 1, "steps": [STEPS[0], STEPS[3]]})
    assert confirmed(sound).remark.startswith("over sockets the rule was not exercised in this story")
    otherwise = replace(STORY, happened="It was sent twice.")
    assert not confirmed(otherwise).confirmed
    assert confirmed(otherwise).remark.startswith("over sockets it was broken in another way: AT2 is of the type")


def test_without_libfaketime_every_violation_says_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("refreshproof.harness.subjects.exec.home.FAKETIME", ())
    assert confirmed(STORY).remark == "libfaketime, which sets the clock of the library's process, is not installed"


@pytest.mark.parametrize(
    ("event", "arguments", "refused"),
    [
        ("socket.connect", (None, ("127.0.0.2", 1)), False),
        ("socket.connect", (None, ("192.0.2.1", 443)), True),
        ("socket.getaddrinfo", ("login.example.com", 443), True),
        ("socket.connect", (None, "/run/socket"), False),
        ("open", ("192.0.2.1",), False),
    ],
)
def test_the_library_s_process_does_not_leave_the_machine(
    event: str, arguments: tuple[object, ...], refused: bool
) -> None:
    if refused:
        with pytest.raises(ConnectionRefusedError, match="is not on this machine"):
            stay_on_loopback(event, arguments)
    else:
        stay_on_loopback(event, arguments)


@pytest.mark.slow
@pytest.mark.sockets
@pytest.mark.faketime
def test_the_command_confirms_a_cell_after_having_played_it_and_the_page_says_so(tmp_path: Path) -> None:
    """What it plays first, in this process, holds the clock still by which certificates are made afterwards."""
    pytest.importorskip("google.auth")
    arguments = ["matrix", "google-auth", "-p", "google", "-r", "rotation-keep-when-null", "--confirm", "-j", "1"]
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--out", str(tmp_path)])
    assert end.value.code in (0, None)
    [subject] = json.loads((tmp_path / "results.json").read_text())["subjects"]
    [cell] = subject["plays"][0]["cells"]
    assert (cell["outcome"], cell["confirmation"]) == ("violated", "confirmed over sockets"), cell
    assert "confirmed over sockets" in (tmp_path / "google-auth.html").read_text()
