"""Steps about logins that need no browser at the client: the user answers on another device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from refreshproof.scenarios.steps.wording import span


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
