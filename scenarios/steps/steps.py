"""What can happen in a scenario, as frozen values: each step is data and reads as one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.scenarios.steps.conditions import Leg
from refreshproof.scenarios.steps.logins import DeviceLogin
from refreshproof.scenarios.steps.processes import Crash, During, Node, Zone
from refreshproof.scenarios.steps.wording import span, which

Tamper: TypeAlias = Literal[
    "none", "twice", "twice_at_once", "state_missing", "state_unknown", "state_of_other_user", "forged_first",
    "iss_wrong", "iss_missing", "iss_with_slash", "iss_in_upper_case", "iss_twice", "code_unknown",
    "error_server_error", "error_temporarily_unavailable", "error_invalid_request", "error_unheard_of",
    "error_with_forged_text", "error_and_code", "error_of_other_flow_first",
]  # fmt: skip

LostLeg: TypeAlias = Literal["request", "response"]
Limit: TypeAlias = Literal[
    "access_token_expiry", "inactivity_expiry", "absolute_expiry", "end_of_window", "rotation_due"
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Authorize:
    """The user goes through the flow; durations in seconds.

    `think` passes between leaving for the provider and coming back. `tamper` changes the callback on its way.
    `consents_to` fewer scopes is all but the first of those asked for, another site the last of the vendor's; where the
    vendor does not let the user choose it is everything. `back_at` is the process of the client that gets the callback.
    """

    answer: Literal["consent", "deny"] = "consent"
    consents_to: Literal["everything", "fewer_scopes", "another_site"] = "everything"
    account: str = "alice"
    think: float = 0.0
    tamper: Tamper = "none"
    back_at: int | None = None

    def prose(self) -> str:
        """Say what happens."""
        extent = {"everything": "", "fewer_scopes": " to fewer scopes", "another_site": " for another site"}
        verbs = {"consent": f"logs in and consents{extent[self.consents_to]}", "deny": "denies the request"}
        pause = f" {span(self.think)} after leaving for the provider" if self.think else ""
        changed = "" if self.tamper == "none" else f"; the callback arrives changed: {self.tamper.replace('_', ' ')}"
        where = f", coming back to process {self.back_at}" if self.back_at else ""
        return f"{self.account.capitalize()} {verbs[self.answer]}{pause}{where}{changed}."


@dataclass(frozen=True, kw_only=True)
class Reload:
    """The user's browser loads the last callback again."""

    def prose(self) -> str:
        """Say what happens."""
        return "The browser loads the last callback again."


@dataclass(frozen=True, kw_only=True)
class AuthorizeAtSecond:
    """The user goes through a flow at a second server; with `mix_up` that server sends the browser on to the first.

    Then the first server's code comes back to the client with the state of the flow at the second one.
    """

    mix_up: bool = False

    def prose(self) -> str:
        """Say what happens."""
        if self.mix_up:
            return "Alice begins a login at a second server, which sends her browser on to this one with its own state."
        return "Alice logs in at a second server that the client knows."


@dataclass(frozen=True, kw_only=True)
class LogEverything:
    """The client's log is set to its most talkative level."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client's log is set to its most talkative level."


@dataclass(frozen=True, kw_only=True)
class Call:
    """The client uses the protected resource, `times` times, `every` seconds apart.

    With a `margin` (seconds) the caller asks for an access token that is good for that much longer.
    """

    times: int = 1
    every: float = 0.0
    margin: float = 0.0

    def prose(self) -> str:
        """Say what happens."""
        often = "" if self.times == 1 else f" {self.times} times, {span(self.every)} apart"
        asked = f", with a token that is good for {span(self.margin)} more" if self.margin else ""
        return f"The client calls the API{often}{asked}."


@dataclass(frozen=True, kw_only=True)
class Pages:
    """One operation of the client that reads so many pages of the protected resource, `every` seconds apart."""

    pages: int = 5
    every: float = 900.0

    def prose(self) -> str:
        """Say what happens."""
        return f"The client reads {self.pages} pages of the API in one operation, {span(self.every)} apart."


@dataclass(frozen=True, kw_only=True)
class Parallel:
    """So many callers use the protected resource at the same moment, spread over so many processes of the client.

    `schedule` holds a digit for every moment at which more than one of them could go on: which of them does, counted in
    the order in which they came to wait; where it ends, the first. With `every_touch` each touch of clock, network,
    store or lock is such a moment, and who went on last is counted before the others.
    """

    callers: int = 4
    nodes: int = 1
    schedule: str = ""
    every_touch: bool = False

    def prose(self) -> str:
        """Say what happens."""
        where = f" in {self.nodes} processes" if self.nodes > 1 else ""
        return f"{self.callers} callers of the client{where} call the API at once{self._order()}."

    def _order(self) -> str:
        if not self.every_touch:
            return f", taking turns in the order {self.schedule}" if self.schedule.strip("0") else ""
        turns = [str(number) for number, digit in enumerate(self.schedule, 1) if digit != "0"]
        return f", another one going on at touch {' and '.join(turns)}" if turns else ", one after the other"


@dataclass(frozen=True, kw_only=True)
class Advance:
    """Time passes for everyone."""

    seconds: float

    def prose(self) -> str:
        """Say what happens."""
        return f"{span(self.seconds).capitalize()} pass."


@dataclass(frozen=True, kw_only=True)
class Until:
    """Time passes until so many seconds after (negative: before) a limit of the newest tokens.

    The limits are the access token's expiry, the refresh token's inactivity and absolute expiry, the end of the replay
    window, and when a vendor that does not rotate every time does so next. Where there is none nothing happens.
    """

    limit: Limit
    offset: float = 0.0

    def prose(self) -> str:
        """Say what happens."""
        name = self.limit.replace("_", " ")
        if self.offset == 0:
            return f"Time passes until the {name}."
        side = "after" if self.offset > 0 else "before"
        return f"Time passes until {span(abs(self.offset))} {side} the {name}."


@dataclass(frozen=True, kw_only=True)
class Skew:
    """The client's clock is set ahead of (positive) or behind true time."""

    seconds: float

    def prose(self) -> str:
        """Say what happens."""
        if self.seconds == 0:
            return "The client's clock is set right."
        side = "ahead" if self.seconds > 0 else "behind"
        return f"The client's clock is set {span(abs(self.seconds))} {side}."


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The client's clock runs fast (positive) or slow, in parts per million."""

    parts_per_million: float

    def prose(self) -> str:
        """Say what happens."""
        return f"The client's clock drifts by {self.parts_per_million:g} parts per million from now on."


@dataclass(frozen=True, kw_only=True)
class ClockStep:
    """A time service moves the client's clock, now or in the middle of what happens so many seconds later."""

    seconds: float
    after: float = 0.0

    def prose(self) -> str:
        """Say what happens."""
        when = f"{span(self.after).capitalize()} later a" if self.after else "A"
        return f"{when} time service moves the client's clock by {self.seconds:+g} s."


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Requests of one kind take longer on one leg."""

    leg: Leg
    seconds: float
    view: str | None = "token"
    grant_type: str | None = None
    times: int | None = 1

    def prose(self) -> str:
        """Say what happens."""
        where = {"request": "on its way there", "server": "at the server", "response": "on its way back"}[self.leg]
        return f"{which(self.view, self.grant_type, self.times)} will take {span(self.seconds)} {where}."


@dataclass(frozen=True, kw_only=True)
class Lose:
    """Requests of one kind, or their answers, are lost; `silent` leaves the client waiting for its timeout."""

    leg: LostLeg
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    times: int | None = 1
    silent: bool = False

    def prose(self) -> str:
        """Say what happens."""
        what = which(self.view, self.grant_type, self.times)
        if self.leg == "request":
            return f"{what} will be lost before it reaches the server."
        return f"{what} will be carried out, and its answer lost."


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The provider misbehaves towards requests of one kind, `times` times after `skip` of them: mock_servers.faults."""

    fault: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    times: int | None = 1
    skip: int = 0

    @property
    def spec(self) -> FaultSpec:
        """The fault as the provider takes it."""
        return FaultSpec(**vars(self))

    def prose(self) -> str:
        """Say what happens."""
        details = ", ".join(f"{key} {value!r}" for key, value in self.parameters.items())
        what = which(self.view, self.grant_type, self.times, self.skip)
        return f"{what} meets the fault {self.fault}{f' ({details})' if details else ''}."


@dataclass(frozen=True, kw_only=True)
class Mend:
    """The provider behaves again and the weather clears."""

    def prose(self) -> str:
        """Say what happens."""
        return "The provider and the network are well again."


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """The client is told to refresh now."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client is told to refresh."


@dataclass(frozen=True, kw_only=True)
class Restart:
    """The client's process ends and a new one begins on the same store."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client restarts."


@dataclass(frozen=True, kw_only=True)
class Revoke:
    """The user withdraws the grant at the provider."""

    account: str = "alice"

    def prose(self) -> str:
        """Say what happens."""
        return f"{self.account.capitalize()} revokes the grant at the provider."


@dataclass(frozen=True, kw_only=True)
class ChangePassword:
    """The user changes the password, or changes it back."""

    account: str = "alice"
    back: bool = False

    def prose(self) -> str:
        """Say what happens."""
        return f"{self.account.capitalize()} changes the password{' back' if self.back else ''}."


@dataclass(frozen=True, kw_only=True)
class OtherLogins:
    """The same user logs in so many times with other installations of the same client."""

    times: int = 1
    account: str = "alice"

    def prose(self) -> str:
        """Say what happens."""
        return f"{self.account.capitalize()} logs in {self.times} times with other installations of the client."


@dataclass(frozen=True, kw_only=True)
class ChangeSecret:
    """The client's secret is changed at the provider, or changed back; the client knows only the first one."""

    back: bool = False

    def prose(self) -> str:
        """Say what happens."""
        return f"The client's secret is changed{' back' if self.back else ''} at the provider."


@dataclass(frozen=True, kw_only=True)
class ProviderChanges:
    """The provider behaves in another way from now on: fields of its profile by dotted name."""

    changes: Mapping[str, Any]

    def prose(self) -> str:
        """Say what happens."""
        return f"From now on the provider has {', '.join(f'{key} = {value}' for key, value in self.changes.items())}."


@dataclass(frozen=True, kw_only=True)
class Disconnect:
    """The user logs out of the client."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client is told to log out."


Step: TypeAlias = (
    Authorize | AuthorizeAtSecond | Reload | Call | Pages | Parallel | Advance | Until | Skew | Drift | ClockStep
    | Delay | Lose | DeviceLogin | Fault | Mend | LogEverything | Refresh | Restart | Crash | Node | During | Revoke
    | ChangePassword | ChangeSecret | OtherLogins | ProviderChanges | Disconnect | Zone
)  # fmt: skip

STEPS: Mapping[str, type[Step]] = {
    "advance": Advance,
    "authorize": Authorize,
    "authorize_at_second": AuthorizeAtSecond,
    "call": Call,
    "change_password": ChangePassword,
    "change_secret": ChangeSecret,
    "clock_step": ClockStep,
    "crash": Crash,
    "delay": Delay,
    "device_login": DeviceLogin,
    "disconnect": Disconnect,
    "drift": Drift,
    "during": During,
    "fault": Fault,
    "log_everything": LogEverything,
    "lose": Lose,
    "mend": Mend,
    "node": Node,
    "other_logins": OtherLogins,
    "pages": Pages,
    "parallel": Parallel,
    "provider_changes": ProviderChanges,
    "refresh": Refresh,
    "reload": Reload,
    "restart": Restart,
    "revoke": Revoke,
    "skew": Skew,
    "until": Until,
    "zone": Zone,
}
"""Every kind of step by its name in a scenario file."""
