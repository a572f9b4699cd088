"""Every kind of step is carried out, only what a client can is asked of it, and what it hides is told."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import PERFORMANCES, play
from refreshproof.scenarios.steps.processes import Crash, During, Node
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import (
    STEPS,
    AuthorizeAtSecond,
    Call,
    DeviceLogin,
    Disconnect,
    EndAccessTokens,
    Pages,
    Parallel,
    Refresh,
    Restart,
    Step,
    Until,
)
from refreshproof.scenarios.steps.subject import Capability, Description, Outcome

EXPIRED = Until(limit="access_token_expiry", offset=1)
ASKING: dict[str, Step] = {
    "authorize": AuthorizeAtSecond(),
    "call": Parallel(callers=2),
    "device_login": DeviceLogin(),
    "disconnect": Disconnect(),
    "node": Node(number=2),
    "pages": Pages(),
    "refresh": Refresh(),
    "restart": Restart(),
}


class Unable(TinyClient):
    """Says that it can do nothing besides."""

    def describe(self) -> Description:
        """Claim nothing."""
        return Description(name="unable", version="1")


class Boastful(TinyClient):
    """Claims what it has no method for."""

    extra_capabilities: ClassVar[frozenset[Capability]] = frozenset({"device", "two_servers"})


class Odd(TinyClient):
    """Returns what is no outcome."""

    def call(self) -> Outcome:
        """Forget the outcome."""
        return None  # type: ignore[return-value]


class Lost(TinyClient):
    """Returns no address."""

    def authorize(self) -> str:
        """Forget the address."""
        return None  # type: ignore[return-value]


def played(client: type[TinyClient], *steps: Step) -> Journal:
    return play(VENDORS["generic"], client, flow(*steps))


def test_every_kind_of_step_is_carried_out() -> None:
    assert set(PERFORMANCES) == set(STEPS.values())


@pytest.mark.parametrize(("operation", "step"), ASKING.items())
def test_what_a_client_cannot_is_not_asked_of_it_and_recorded(operation: str, step: Step) -> None:
    last = played(Unable, step).outcomes()[-1]
    assert (last.operation, last.kind) == (operation, "unsupported")


@pytest.mark.parametrize("step", [Call(margin=60), During(happens="call"), Parallel(callers=2, nodes=2)])
def test_a_call_that_a_client_cannot_make_is_recorded_too(step: Step) -> None:
    last = played(Unable, step).outcomes("call")[-1]
    assert last.kind == "unsupported"


@pytest.mark.parametrize(
    ("step", "missing"), [(DeviceLogin(), "device.*log_in_by_device"), (AuthorizeAtSecond(), "two_servers.*second")]
)
def test_a_capability_without_its_method_is_a_crash_that_names_both(step: Step, missing: str) -> None:
    last = played(Boastful, step).outcomes()[-1]
    assert last.kind == "crash"
    assert re.search(missing, last.detail or "")


def test_what_is_no_outcome_is_a_crash_that_says_what_was_returned() -> None:
    last = played(Odd, Call()).outcomes("call")[-1]
    assert (last.kind, last.detail) == ("crash", "TypeError: call returned NoneType, expected an Outcome")


def test_what_is_no_address_is_a_crash_that_says_what_was_returned() -> None:
    first = played(Lost).outcomes("authorize")[0]
    assert (first.kind, first.detail) == ("crash", "TypeError: authorize returned NoneType, expected the URL as str")


def test_access_tokens_that_end_before_their_time_are_refused_and_renewed() -> None:
    told = played(TinyClient, Call(), EndAccessTokens(), Call(), Call())
    assert [one.cause for one in told.exchanges("resource")] == [None, Cause.ACCESS_TOKEN_REVOKED, None, None]
    assert [one.kind for one in told.outcomes("call")] == ["ok"] * 3
    assert len(told.exchanges("token", "refresh_token")) == 1


def test_callers_at_once_after_the_end_of_a_living_token_renew_it_once() -> None:
    told = played(TinyClient, Call(), EndAccessTokens(), Parallel(callers=3), Call())
    assert len(told.exchanges("token", "refresh_token")) == 1
    assert {one.kind for one in told.outcomes("call")} == {"ok"}


def test_a_process_that_died_begins_anew_at_its_next_call_without_a_restart() -> None:
    told = played(TinyClient, EXPIRED, Crash(moment="answered"), Call(), Call())
    assert [one.what for one in told.actions("process_died")] == ["process_died"]
    assert len(told.outcomes("call")) == 1
    assert not told.outcomes("restart")
