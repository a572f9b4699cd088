"""Clients with one flaw each, most of which were once seen passing; the table names the requirement that each breaks.

They stand beside the miniatures, of which there is one for each requirement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kit.innocents import TIMEOUT, Failed, Minimal
from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import SECOND, Instant, WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Capability, Outcome, Surroundings


class AnswersRefusalWithMetadata(Minimal):
    """Reads the server's metadata when it is refused, and leaves it at that."""

    def use(self) -> Outcome:
        """Call once."""
        response = self.get(self.fresh())
        if response.status == 401:
            address = f"{self.registration.issuer}/.well-known/oauth-authorization-server"
            self.send(WireRequest(method="GET", url=address), TIMEOUT)
            raise Failed("permanent_error", response.status)
        return Outcome(kind="ok", status=response.status)


class AnswersRefusalWithLogin(Minimal):
    """Begins a login when it is refused, although its refresh token is good."""

    def use(self) -> Outcome:
        """Call once."""
        response = self.get(self.fresh())
        if response.status == 401:
            self.send(WireRequest(method="GET", url=self.authorize()), TIMEOUT)
            raise Failed("reauthorization_required", response.status)
        return Outcome(kind="ok", status=response.status)


class RepeatsWithOldToken(Minimal):
    """Refreshes after a refusal, and repeats the call with the token that was refused."""

    def use(self) -> Outcome:
        """Forget to read the new one."""
        used = self.fresh()
        response = self.get(used)
        if response.status == 401:
            self.renew(used)
            response = self.get(used)
        return Outcome(kind="ok" if response.status == 200 else "permanent_error", status=response.status)


class CountsInWholeNumbers(Minimal):
    """Reads expires_in with `int` before it stores the pair."""

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Calculate first."""
        int(members.get("expires_in") or 0)
        super().keep(members, sent_at)


class ExpectsRefreshToken(Minimal):
    """Reads the member refresh_token of each answer, and raises where there is none."""

    def ask(self) -> None:
        """Insist on it."""
        super().ask()
        if not self.told_refresh_token:
            raise KeyError("refresh_token")

    told_refresh_token = True

    def read(self, response: WireResponse) -> Mapping[str, Any]:
        """Look at it."""
        members = super().read(response)
        self.told_refresh_token = "refresh_token" in members
        return members


class SavesAfterTheCall(TinyClient):
    """Writes a new pair when the call is over, and when it is told to restart; a death loses it."""

    unwritten: Grant | None = None
    ending = False

    def start(self) -> None:
        """Write what is left if there was time to."""
        if self.ending and self.unwritten is not None:
            self.disk.grant = self.unwritten
        self.unwritten, self.ending = None, False
        super().start()

    def save(self, grant: Grant) -> None:
        """Write later."""
        self.unwritten = grant

    def load(self) -> Grant | None:
        """Prefer what was not written yet."""
        return self.unwritten or super().load()

    def attempt(self, work: Any) -> Outcome:
        """Write at the end."""
        self.ending = False
        outcome = super().attempt(work)
        if self.unwritten is not None:
            self.disk.grant = self.unwritten
        self.ending = True
        return outcome


class RepeatsTimeouts(Minimal):
    """Repeats a refresh whose answer never comes three times; a connection that is reset it leaves alone."""

    def twice_if_lost(self, form: dict[str, str]) -> Mapping[str, Any]:
        """Repeat after a time-out only."""
        for _ in range(3):
            try:
                return self.counted(form)
            except Trouble as trouble:
                if trouble.kind != "timeout":
                    raise
        return self.counted(form)


class ForgetsLifetime(Minimal):
    """Keeps the lifetime in memory: after a restart each token seems to be over."""

    def start(self) -> None:
        """Have lost it."""
        super().start()
        if self.store.access_token:
            self.store.ends_at = 0


class CountsFromReceipt(TinyClient):
    """Counts from the receipt of a slow answer, and waits as long for it as the declared server delay allows."""

    def __init__(self, surroundings: Surroundings) -> None:
        carry = surroundings.carrier
        super().__init__(replace(surroundings, carrier=lambda request, timeout: carry(request, 150.0)))

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Count from now."""
        return super().merged(old, members, self.now())

    def lead(self, grant: Grant) -> float:
        """Leave room for half a minute, which is more than a slow answer of 29 s."""
        return min(40, (grant.lifetime or 0) / 2)


class KeepsItsOwnToken(TinyClient):
    """Keeps the access token that each process has read until it ends, whatever another one has stored since."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities - {"bounds"}
    mine: Grant | None = None

    def start(self) -> None:
        """Know none."""
        super().start()
        self.mine = None

    def newest(self) -> Grant:
        """Prefer its own."""
        if self.mine is None or self.due(self.mine):
            self.mine = super().newest()
        return self.mine

    def renew(self, seen: Grant) -> Grant:
        """Remember what came."""
        self.mine = super().renew(seen)
        return self.mine


class NaiveLocalTime(Minimal):
    """Keeps the end of a token as a naive local time, of which an hour is missing in spring and autumn has it twice."""

    ends: datetime | None = None

    def local(self) -> datetime:
        """Look at the clock on the wall."""
        return datetime.fromtimestamp(self.now() // SECOND)  # noqa: DTZ006 - the flaw

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Count from the wall clock."""
        super().keep(members, sent_at)
        lifetime = self.store.lifetime
        self.ends = None if lifetime is None else self.local() + timedelta(seconds=lifetime // SECOND)

    def is_due(self) -> bool:
        """Compare by it."""
        return self.ends is not None and self.local() + timedelta(seconds=120) >= self.ends


class ADayBehind(Minimal):
    """Compares the server's Date of issue, which is right, with a clock of its own."""

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Count from the server's time where it tells it."""
        created = members.get("created_at")
        super().keep(members, created * SECOND if isinstance(created, int) else sent_at)


class AsksForMore(Minimal):
    """Names a scope in each refresh that nobody was ever asked for."""

    def extras(self) -> Mapping[str, str]:
        """Ask for everything."""
        return {**super().extras(), "scope": " ".join((*self.scopes(), "everything"))}


class MissesTheEndByAMinute(Minimal):
    """Refreshes a minute after the end instead of two before it, and promises nothing."""

    def is_due(self) -> bool:
        """Take the minute the wrong way."""
        return self.store.ends_at is not None and self.now() >= self.store.ends_at + 60 * SECOND


class GivesUpAfterSilence(Minimal):
    """Asks for the user at the expiry that follows an answer without a refresh token."""

    silent = False

    def read(self, response: WireResponse) -> Mapping[str, Any]:
        """Take the answer for the last one."""
        members = super().read(response)
        self.silent = "refresh_token" not in json.loads(response.body)
        return members

    def renew(self, seen: str) -> None:
        """Give up."""
        if self.silent:
            raise Failed("reauthorization_required")
        super().renew(seen)


FLAWED: Mapping[type[Minimal] | type[TinyClient], str] = {
    AnswersRefusalWithMetadata: "resource-401-one-retry",
    AnswersRefusalWithLogin: "resource-401-one-retry",
    RepeatsWithOldToken: "resource-401-one-retry",
    CountsInWholeNumbers: "accept-oddity-keeps-pair",
    ExpectsRefreshToken: "rotation-keep-when-absent",
    GivesUpAfterSilence: "rotation-keep-when-absent",
    SavesAfterTheCall: "rotation-persist-before-use",
    RepeatsTimeouts: "rotation-replay-bounded",
    ForgetsLifetime: "refresh-only-when-due",
    AsksForMore: "refresh-request-shape",
    CountsFromReceipt: "expiry-leg-delays",
    KeepsItsOwnToken: "resource-newest-token",
    NaiveLocalTime: "expiry-never-present-expired",
    MissesTheEndByAMinute: "expiry-never-present-expired",
    ADayBehind: "expiry-constant-skew",
}
"""The requirement that each flawed client breaks."""
