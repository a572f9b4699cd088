"""What a server is told: one value that goes from the command line to everything that needs it."""

from __future__ import annotations

import contextlib
import difflib
import ipaddress
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.serving.served.witness import Witness
from refreshproof.mock_servers.serving.sockets.clock import LATEST, TimeMode
from refreshproof.mock_servers.serving.sockets.limits import USUAL, Limits
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant

NAME = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
"""What a host may be called, as a pattern."""

UserMode: TypeAlias = Literal["pages", "auto"]
IssuerMode: TypeAlias = Literal["local", "host", "real"]
CorsMode: TypeAlias = Literal["vendor", "all"]

LOOPBACK_APPLICATION = Application(
    client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=(REDIRECT_URI,), any_loopback=True
)
"""The application of every vendor that is served: the documented redirect URI, and any address on loopback."""


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Which vendors to serve, and how.

    With `port` 0 every port is free choice, else the vendors' ports follow one another and the control API's is the
    last. `names` are what other machines call this one: the first stands in every address, all in https's certificate.
    The control API is bound to `control_host`. `user` shows pages to a person, or consents at once. `issuer` is what
    metadata, callbacks and id_tokens call the server: its local origin, whatever the client that asks calls it, or
    the vendor's own name for clients that have it built in. `cors` is who lets browsers' pages ask from elsewhere:
    vendors that do so, or all. `at` is when the server's time begins, at the vendors of that date; None is the
    machine's date, and the vendors as they were last looked at. `token` is the control API's; None makes one.
    `ca_file` is where https's throw-away CA is written; None makes a temporary file. `journal` is how many exchanges
    per vendor are kept, `ledger_keep` how many ledger entries and tokens that are over (None for all). `limits` is
    what the clients of one port may hold. `log` gets a line per request, without secrets. `witness` is told of every
    exchange.
    """

    vendors: tuple[Vendor, ...]
    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    control_host: str = "127.0.0.1"
    port: int = 0
    https: bool = False
    time: TimeMode = "real"
    at: Instant | None = None
    user: UserMode = "pages"
    issuer: IssuerMode = "local"
    cors: CorsMode = "vendor"
    seed: int = 0
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    journal: int = 1000
    applications: tuple[Application, ...] = (LOOPBACK_APPLICATION,)
    accounts: tuple[Account, ...] = (Account(name="alice"), Account(name="bob"))
    ledger_keep: int | None = None
    limits: Limits = USUAL
    log: Callable[[str], None] | None = None
    witness: Witness | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        names = [vendor.name for vendor in self.vendors]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated or not names:
            raise ValueError(f"each provider once, at least one; found {', '.join(repeated) or 'none'} repeated")
        last = self.port + len(names)
        if self.port and not 1 <= self.port <= last <= 65_535:
            raise ValueError(f"port is {self.port}; {len(names) + 1} ports from there must lie within 1 and 65535")
        if self.at is not None and not 0 <= self.at < LATEST:
            raise ValueError("at is a date before 1970, or more than a hundred years ahead")
        for name in self.names:
            if not re.fullmatch(NAME, name):
                raise ValueError(f"name is {name!r}; expected a host's name or IPv4 address, without scheme and port")
        if self.ledger_keep is not None and self.ledger_keep < 1:
            raise ValueError(f"ledger_keep is {self.ledger_keep}; expected at least 1")
        if self.token is not None and len(self.token) < 16:
            raise ValueError("token has fewer than 16 characters")

    def tell(self, line: str) -> None:
        """Write a line to the log, or to standard error where there is none; nobody there to read it is no trouble."""
        with contextlib.suppress(OSError):
            if self.log is not None:
                self.log(line)
            else:
                sys.stderr.write(f"{line}\n")

    @property
    def scheme(self) -> str:
        """The scheme of the addresses that clients are given."""
        return "https" if self.https else "http"

    @property
    def beyond_loopback(self) -> bool:
        """Whether other machines may reach the vendors."""
        return not _is_loopback(self.host)

    @property
    def control_beyond_loopback(self) -> bool:
        """Whether other machines may reach the control API."""
        return not _is_loopback(self.control_host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def vendors_named(names: Iterable[str], known: Mapping[str, Vendor]) -> tuple[Vendor, ...]:
    """Return vendors by name; raises ValueError that names an unknown one and those there are."""
    asked = tuple(names)
    unknown = [name for name in asked if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=2)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(f"unknown provider {unknown[0]!r}; {meant}known are {', '.join(known)}")
    return tuple(known[name] for name in asked)
