"""The witness of served vendors: what it makes of resets, snapshots and lost answers, and how it is asked."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from kit.serving import CALLBACK, FORM, ORIGIN, TOKEN, authorization_url, options, parameters, token_form
from refreshproof.harness.judging.judging import judge
from refreshproof.harness.judging.witness import JudgingWitness
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.client import ControlClient
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import HOUR, WireRequest, WireResponse

GENERIC = VENDORS["generic"]


class Desk:
    """A served vendor without sockets, its witness, and a client with one user."""

    def __init__(self, folder: Path) -> None:
        self.witness = JudgingWitness((GENERIC,), folder)
        self.served = Served(GENERIC, options("generic", witness=self.witness), ORIGIN)
        self.now = VIRTUAL_START

    def send(self, request: WireRequest, *, arrives: bool = True) -> WireResponse:
        """Send a request; its answer may get lost."""
        answer = self.served.handle(request, self.now)
        self.served.delivered(answer, arrives)
        return answer

    def ask(self, form: dict[str, str], *, arrives: bool = True) -> dict[str, Any]:
        """Send a token request."""
        url = self.served.addresses.local_url(GENERIC.profile.url("token"))
        assert url is not None
        request = WireRequest(method="POST", url=url, headers=(FORM,), body=urlencode(form).encode())
        return dict(self.send(request, arrives=arrives).document)

    def log_in(self) -> str:
        """Log in and call; returns the refresh token."""
        asked = WireRequest(method="GET", url=authorization_url(self.served))
        code = parameters(self.send(asked).header("location"))["code"]
        return self.used(self.ask(token_form("authorization_code", code=code, redirect_uri=CALLBACK)))

    def refresh(self, refresh_token: str, *, arrives: bool = True) -> dict[str, Any]:
        """Refresh an hour later."""
        self.now += HOUR
        return self.ask(token_form("refresh_token", refresh_token=refresh_token), arrives=arrives)

    def used(self, tokens: dict[str, Any]) -> str:
        """Call the API with a new access token; returns the refresh token that came with it."""
        headers = (("Authorization", f"Bearer {tokens['access_token']}"),)
        url = self.served.addresses.local_url(GENERIC.profile.url("resource"))
        assert url is not None
        self.send(WireRequest(method="GET", url=url, headers=headers))
        return str(tokens["refresh_token"])

    @property
    def verdict(self) -> tuple[str, str]:
        """What is said of the rotation now."""
        (cell,) = judge(self.witness.recordings(), ("rotation-replace",))
        return cell.outcome, cell.why


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk of its own for each test."""
    return Desk(tmp_path)


def test_a_client_that_keeps_up_is_satisfied_and_one_that_does_not_is_not(desk: Desk) -> None:
    first = desk.log_in()
    second = desk.used(desk.refresh(first))
    desk.used(desk.refresh(second))
    assert desk.verdict == ("satisfied", "")
    desk.refresh(second)
    assert desk.verdict[0] == "violated"


def test_a_refresh_that_is_sent_again_after_its_answer_was_lost_is_no_old_token(desk: Desk) -> None:
    first = desk.log_in()
    desk.refresh(first, arrives=False)
    desk.refresh(first)
    assert desk.verdict[0] == "not_exercised"


def test_an_answer_that_nobody_has_used_may_never_have_been_read(desk: Desk) -> None:
    first = desk.log_in()
    desk.refresh(first)
    desk.refresh(first)
    outcome, why = desk.verdict
    assert (outcome, "had read an answer" in why) == ("not_observable", True)


@pytest.mark.parametrize("back", ["reset", "restore"])
def test_a_vendor_that_begins_anew_begins_a_new_story(desk: Desk, back: str) -> None:
    """A test suite that puts its database and the vendor back presents old tokens, and is right to."""
    first = desk.log_in()
    kept = desk.served.keep(desk.now)
    desk.used(desk.refresh(first))
    if back == "reset":
        desk.served.reset()
        first = desk.log_in()
    else:
        desk.served.restore(kept)
    second = desk.used(desk.refresh(first))
    desk.used(desk.refresh(second))
    assert desk.verdict == ("satisfied", "")
    desk.refresh(second)
    assert desk.verdict[0] == "violated"


def test_it_keeps_so_many_and_says_what_it_dropped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.witness._keeps = 5
    desk.used(desk.refresh(desk.log_in()))
    desk.used(desk.refresh(desk.log_in()))
    (recording,) = desk.witness.recordings()
    assert len(recording.exchanges) == 5
    assert recording.notes == ("the oldest 5 requests were dropped: the newest 5 are kept",)


@pytest.mark.sockets
def test_a_call_of_the_control_api_judges_and_writes_the_report(tmp_path: Path) -> None:
    witness = JudgingWitness((GENERIC,), tmp_path)
    with (
        Server(options("generic", witness=witness)) as server,
        ControlClient(server.control, TOKEN) as control,
    ):
        assert "POST" in server.announcement()
        before = control.judge()
        assert (before["exit_code"], before["findings"]) == (5, [])
        desk = Desk(tmp_path)
        desk.witness, desk.served = witness, server.served["generic"]
        second = desk.used(desk.refresh(desk.log_in()))
        desk.used(desk.refresh(second))
        desk.refresh(second)
        verdict = control.judge()
    assert verdict["exit_code"] == 1
    found = {one["requirement"]: one for one in verdict["findings"]}
    assert found["rotation-replace"]["replay"].endswith("recording.har -p generic -r rotation-replace")
    assert found["rotation-replace"]["grade"] == "FAIL"
    document = json.loads((tmp_path / "results.json").read_text())
    assert document["subject"]["name"] == "served client"
