"""Names in the place of secrets, and the journal of what was asked, which holds nothing but names."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.mock_servers.wire import Instant, WireRequest
from refreshproof.reports.formats.words.text import one_line

KINDS: Mapping[str, str] = {
    "access_token": "AT", "refresh_token": "RT", "token": "TOKEN", "code": "CODE", "id_token": "ID",
    "client_secret": "SECRET", "code_verifier": "VERIFIER", "state": "STATE",
}  # fmt: skip
"""Members and parameters whose values are secret, and how their names begin."""
PLAIN = (
    "grant_type", "scope", "token_type", "expires_in", "error", "token_type_hint", "redirect_uri", "client_id",
    "response_type", "prompt", "access_type", "refresh_token_expires_in", "active",
)  # fmt: skip
"""Members and parameters that are shown as they are; of any other only the name is."""
SHORTEST = 8
"""Characters from which on a secret is found within other text; what is shorter could stand there by chance."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One request by names, and what was answered; `at` is in microseconds since the check began."""

    number: int
    probe: str
    at: Instant
    method: str
    path: str
    asked: Mapping[str, str]
    answered: str
    members: Mapping[str, str]


class Aliases:
    """A name for every secret, in the order in which they were met."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def of(self, kind: str, secret: str) -> str:
        """Return the name of a secret."""
        if secret not in self._names:
            self._counts[kind] += 1
            self._names[secret] = f"{kind}{self._counts[kind]}"
        return self._names[secret]

    def shown(self, pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
        """Return parameters or members by name, each value in the form in which it may be kept."""
        return {self.cleaned(name): self._value(name, value) for name, value in pairs}

    def cleaned(self, told: Any) -> Any:
        """Return what a server said, at any depth, with names in the place of secrets that were met and nothing that a
        file or a terminal would obey."""
        if isinstance(told, dict):
            return {self.cleaned(name): self.cleaned(value) for name, value in told.items()}
        if isinstance(told, list | tuple):
            return [self.cleaned(one) for one in told]
        if not isinstance(told, str):
            return told
        held = [one for one in self._names if len(told) >= len(one) >= SHORTEST and one in told]
        for secret in sorted(held, key=len, reverse=True):
            told = told.replace(secret, self._names[secret])
        return one_line(told)

    def _value(self, name: str, value: Any) -> str:
        if name in PLAIN:
            return self._names.get(str(value)) or str(self.cleaned(str(value)))[:200]
        known = self._names.get(str(value))
        if known is not None:
            return known
        if name in KINDS and isinstance(value, str):
            return self.of(KINDS[name], value) if value else "empty"
        return "null" if value is None else "…"


def entry_of(aliases: Aliases, probe: str, number: int, began: Instant, request: WireRequest, reply: Reply) -> Entry:
    """Return the line of the journal for one request."""
    split = urlsplit(request.url)
    asked = aliases.shown([*parse_qsl(split.query, keep_blank_values=True), *request.form])
    members = aliases.shown(reply.members.items())
    return Entry(
        number=number,
        probe=probe,
        at=reply.sent_at - began,
        method=request.method,
        path=split.path or "/",
        asked=asked | _authorization(aliases, request),
        answered=aliases.cleaned(reply.words),
        members=members,
    )


def _authorization(aliases: Aliases, request: WireRequest) -> dict[str, str]:
    scheme, _, rest = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return {"Authorization": f"Bearer {aliases.of('AT', rest)}"}
    if scheme.lower() == "basic":
        return {"Authorization": f"Basic {_user_of(rest)}"}
    return {}


def _user_of(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return "…"
