"""What an operation of the control API is, what it is given, and what several of them begin with.

An operation is given a call and returns a JSON value; ValueError is for what the caller got wrong, `Problem` for what
is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.serving.control.schemas import TEXT, Schema
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.served.witness import Witness
from refreshproof.mock_servers.serving.sockets.clock import ServerClock

CONSOLE_PATH = "/console"
"""Where the console begins, which is for people; all else is for programs."""

AT = "/v1/providers/{provider}"
"""Where the operations on one provider begin."""


class Problem(Exception):
    """What the control API answers in an operation's stead: a status, what is wrong, and headers.

    A text that quotes what was given ends where the API's own texts do.
    """

    def __init__(self, status: int, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text[: TEXT["maxLength"]])
        self.status = status
        self.headers = headers


class Instances(Protocol):
    """Makes providers while the server runs: each one of a served vendor, at a port and with a time of its own."""

    def make(self, name: str, vendor: str) -> Served:
        """Begin a provider; raises ValueError that names what is wrong and what is allowed."""

    def end(self, name: str) -> None:
        """End a provider that was made, and close its port; raises ValueError for one that was there at the start."""

    def clock_of(self, name: str) -> ServerClock | None:
        """Return the time of a provider that was made, None for one that has the server's."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the control API; `served` is the provider that the path names, `path` what else it does; `clock` is
    that provider's time or else the server's; `body` and `query` are checked; `witness` judges, where the server has
    one, and `instances` makes providers, where there are ports to be had."""

    clock: ServerClock
    vendors: Mapping[str, Served]
    served: Served | None
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    witness: Witness | None = None
    instances: Instances | None = None

    @property
    def provider(self) -> Served:
        """The provider that the path names."""
        if self.served is None:
            raise LookupError("the operation's path names no provider")
        return self.served

    @property
    def makes(self) -> Instances:
        """What makes providers; raises ValueError where none can be made."""
        if self.instances is None:
            raise ValueError("no provider can be made or ended here: only a server with ports of its own does that")
        return self.instances

    def is_made(self, name: str) -> bool:
        """Tell whether a provider was made since the start: it belongs to whoever made it."""
        return self.instances is not None and self.instances.clock_of(name) is not None


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: its name, where it stands, what it takes and what it answers."""

    name: str
    method: str
    path: str
    summary: str
    act: Callable[[Call], Any]
    answer: Schema
    body: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    status: int = 200


def provider_now(call: Call) -> Provider:
    """Return the provider, told the time: what the user does happens now and not at the last request."""
    provider = call.provider.provider
    provider.latest = max(provider.latest, call.clock.now())
    return provider


def account_of(call: Call) -> str:
    """Return the account that a body names; raises ValueError that names those there are."""
    known, account = call.provider.provider.state.accounts, str(call.body["account"])
    if account not in known:
        raise ValueError(f"account is {account!r}; there are {', '.join(known)}")
    return account
