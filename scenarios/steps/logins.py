"""Steps about logins: the user goes through a flow in a browser, at a second server, or on another device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.scenarios.steps.wording import span

Tamper: TypeAlias = Literal[
    "none", "twice", "twice_at_once", "state_missing", "state_unknown", "state_of_other_user", "forged_first",
    "iss_wrong", "iss_missing", "iss_with_slash", "iss_in_upper_case", "iss_twice", "code_unknown",
    "error_server_error", "error_temporarily_unavailable", "error_invalid_request", "error_unheard_of",
    "error_with_forged_text", "error_and_code", "error_of_other_flow_first", "error_of_other_server",
]  # fmt: skip


FOREIGN_ERROR, FOREIGN_TEXT = "error_of_another_server", "Call 555-0100 to unlock your account."
"""What another server says in an error callback that it forges."""


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
class AuthorizeByDiscovery:
    """The user goes through a flow at the server that the client finds out about by itself, from the resource's
    address."""

    def prose(self) -> str:
        """Say what happens."""
        return "Given nothing but the address of the API, the client finds out where to log in; Alice consents there."


@dataclass(frozen=True, kw_only=True)
class DeviceLogin:
    """The client shows a code and polls for the tokens (RFC 8628); the user answers so many seconds later, or never."""

    answer: Literal["consent", "deny", "nothing"] = "consent"
    after: float = 60.0
    account: str = "alice"

    def prose(self) -> str:
        """Say what happens."""
        begun = f"The client shows {self.account.capitalize()} a code"
        if self.answer == "nothing":
            return f"{begun}, and nobody does anything about it."
        done = {"consent": "consents", "deny": "refuses"}[self.answer]
        return f"{begun}; {self.account.capitalize()} enters it elsewhere {span(self.after)} later and {done}."
