"""Secrets of one provider: minting them from a seed, naming them AT1, RT1, CODE1 ..., and taking them out of any text.

Everything that leaves a provider for a journal, log or report passes `Vault.redact`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from collections import Counter, deque
from collections.abc import Container, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import unquote_plus

from refreshproof.mock_servers.profile.profile import TokenShape

Kind: TypeAlias = Literal["AT", "RT", "CODE", "SECRET", "VERIFIER", "ID", "STATE", "DEVICE"]

SECRET_PARAMETERS: dict[str, Kind] = {
    "access_token": "AT",
    "refresh_token": "RT",
    "code": "CODE",
    "token": "RT",
    "client_secret": "SECRET",
    "client_assertion": "SECRET",
    "assertion": "SECRET",
    "password": "SECRET",
    "hash": "SECRET",
    "code_verifier": "VERIFIER",
    "id_token": "ID",
    "device_code": "DEVICE",
}
"""Parameters and members whose values are secrets, with the kind of alias an unknown value gets."""

SHORTEST_SECRET = 8
PREFIX = 24
"""Characters by which a secret is found in a text that leaks it."""
_NAME = re.compile(rf"({'|'.join(get_args(Kind))})([1-9][0-9]{{0,14}})")
UNDONE = "UNDONE"
"""The alias of a secret that was made or presented after the moment a vault has returned to."""
# A run of characters that may hold a secret, percent-encoded or not; shorter runs cannot be one of ours.
_CANDIDATE = re.compile(r"[A-Za-z0-9%/+_.~=-]{12,}")
_SEPARATORS = "=/.+~"
_SEPARATOR = re.compile(f"[{_SEPARATORS}]")
_APART = ("", *_SEPARATORS)
"""What follows a secret that stands by itself: the end, or a separator."""
_SHORTEST_RUN, _SHORTEST_CREDENTIALS = 12, 7
"""Characters that a run, and a scheme with credentials behind it, has at least."""
_HARMLESS_TEXTS, _LONGEST_HARMLESS, _NEW_SECRETS = 200, 300, 20
"""How many texts without a secret are remembered, of how many characters, and for how many secrets that are new they
are looked through one by one."""
_JSON = json.JSONEncoder(ensure_ascii=False)
# The parameters of a challenge (RFC 6750 s3, RFC 9728 s5.1) are no credentials.
_CHALLENGE = r"(?!(?:realm|scope|error|error_description|error_uri|resource_metadata)=\")"
_AUTHORIZATION = re.compile(rf"\b(Basic|Bearer|JWT(?=\s+eyJ))\s+{_CHALLENGE}[^\s,;\"'<>]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a vault knew at one moment."""

    draws: Any = field(repr=False)
    aliases: Mapping[str, str] = field(repr=False)
    counts: Mapping[str, int]


class Vault:
    """Mints secrets and remembers their aliases; equal seeds mint equal secrets in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - secrets of a mock: reproducible on purpose
        self._aliases: dict[str, str] = {}
        self._lengths: tuple[int, ...] = ()
        self._shown = 2
        self._beginnings: set[str] = set()
        self._heads: dict[int, dict[str, str]] = {}
        self._counts: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        self._returns = 0
        self._known = 0
        self._past: Vault | None = None  # what was asked for last: exchanges that follow one another know the same
        self._newest: deque[str] = deque(maxlen=_NEW_SECRETS)
        self._harmless: dict[str, int] = {}
        self._tight: dict[str, int] = {}

    @property
    def known(self) -> int:
        """How many secrets have been named."""
        return self._known

    def as_of(self, known: int) -> Vault:
        """Return the vault as it was when it knew so many secrets, of which none has been undone or forgotten since: to
        redact with and nothing else."""
        since = self._known - known
        if not since:
            return self
        if self._past is not None and self._past.known == known:
            return self._past
        past = self._past = copy(self)
        past._known, past._past, past._aliases = known, None, dict(islice(self._aliases.items(), known))
        past._newest = deque(islice(self._newest, max(len(self._newest) - since, 0)))
        return past

    def mint(self, kind: Kind, shape: TokenShape) -> tuple[str, str]:
        """Make a new secret of a shape; returns (value, alias)."""
        value = self._shaped(shape, shape.length + shape.growth * self._counts[kind])
        return value, self.name(kind, value)

    def name(self, kind: Kind, value: str) -> str:
        """Return the alias of a value, giving it one of `kind` if it has none yet."""
        alias = self._aliases.get(value)
        if alias in (None, UNDONE):
            self._counts[kind] += 1
            alias = self._aliases[value] = f"{kind}{self._counts[kind]}"
            self._learn(value)
            for prefix in self._heads:
                self._add_head(prefix, value, alias)
        return alias

    def alias(self, value: str) -> str | None:
        """Return the alias of a known secret."""
        return self._aliases.get(value)

    def between(self, low: int, high: int) -> int:
        """Draw an integer from both bounds inclusive, from the seed."""
        return self._random.randint(low, high)

    def identifier(self, length: int = 16) -> str:
        """Draw lower-case hexadecimal digits that are no secret, such as a trace id."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def redact(self, text: str) -> str:
        """Replace every known secret in a text by its alias, and the credentials of any Authorization value."""
        if len(text) < _SHORTEST_CREDENTIALS or self._is_harmless(text, self._harmless):
            return text
        redacted = text if len(text) < _SHORTEST_RUN else _CANDIDATE.sub(self._candidate, text)
        lowered = redacted.lower()
        # Few texts hold one of the words, and to look for them is ten times as fast as the pattern.
        if "bearer" in lowered or "basic" in lowered or "jwt" in lowered:
            return _AUTHORIZATION.sub(self._credentials, redacted)
        # Encoded characters may stand for a secret that the text itself does not hold.
        if redacted == text and "%" not in text and len(text) <= _LONGEST_HARMLESS:
            self._remember(text, self._harmless)
        return redacted

    def redact_parameters(self, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Redact parameters by name as well as by value: an unknown token gets an alias of its own."""
        return tuple((name, self._parameter(name, value)) for name, value in pairs)

    def mark(self) -> Mark:
        """Return what the vault knows, for `return_to`."""
        return Mark(draws=self._random.getstate(), aliases=dict(self._aliases), counts=dict(self._counts))

    def return_to(self, mark: Mark) -> None:
        """Count aliases and draw numbers again as from a mark on; secrets made since stay secret, and none is made
        twice."""
        self._returns += 1
        self._random.setstate(mark.draws)
        self._most |= self._counts
        self._counts = Counter(mark.counts)
        forgotten = [value for value in mark.aliases if value not in self._aliases]
        self._aliases = {**dict.fromkeys(self._aliases, UNDONE), **mark.aliases}
        self._heads.clear()
        for value in forgotten:
            self._learn(value)

    def forget(self, wanted: Container[str], newest: int) -> None:
        """Forget all secrets but those that are wanted and the newest so many; no alias is given twice."""
        beyond = len(self._aliases) - newest
        self._aliases = {
            value: alias
            for index, (value, alias) in enumerate(self._aliases.items())
            if index >= beyond or value in wanted
        }
        self._lengths = _longest_first({len(value) for value in self._aliases})
        self._beginnings = {value[: self._shown] for value in self._aliases}
        self._heads.clear()
        self._harmless.clear()
        self._tight.clear()

    def leaks(self, text: str, *, prefix: int = PREFIX) -> list[str]:
        """Return the aliases of the secrets that a text holds in clear, percent-encoded, or by their first
        characters."""
        if prefix not in self._heads:
            self._heads[prefix] = {}
            for value, alias in self._aliases.items():
                self._add_head(prefix, value, alias)
        if prefix == PREFIX and self._is_harmless(text, self._tight, prefix):
            return []
        plain, heads = unquote_plus(text), self._heads[prefix]
        haystack = text if plain == text else f"{text}\n{plain}"
        if len(heads) < len(haystack):
            found = {alias for head, alias in heads.items() if head in haystack}
        else:
            # A window is slid along the text: secrets are many, and the text is short.
            found = {
                heads[window]
                for length in self._head_lengths(prefix)
                for start in range(len(haystack) - length + 1)
                if (window := haystack[start : start + length]) in heads
            }
        if not found and prefix == PREFIX and plain == text:
            self._remember(text, self._tight)
        return sorted(found)

    def _head_lengths(self, prefix: int) -> set[int]:
        return {min(length, prefix) for length in self._lengths if length >= SHORTEST_SECRET}

    def _add_head(self, prefix: int, value: str, alias: str) -> None:
        """Index a secret by its first characters; texts shorter than 8 characters are no secrets to look for."""
        if len(value) >= SHORTEST_SECRET:
            self._heads[prefix][value[:prefix]] = alias

    def _learn(self, value: str) -> None:
        """Count a secret, and index it by its length and its first two characters, which many share; by one, where it
        has no more."""
        self._known += 1
        self._newest.append(value)
        if len(value) not in self._lengths:
            self._lengths = _longest_first({*self._lengths, len(value)})
        if len(value) < self._shown:
            self._shown = len(value)
            self._beginnings = {known[: self._shown] for known in self._aliases}
        self._beginnings.add(value[: self._shown])

    def _remember(self, text: str, harmless: dict[str, int]) -> None:
        """Remember that a text holds none of the secrets that are known."""
        if len(harmless) >= _HARMLESS_TEXTS:
            harmless.clear()
        harmless[text] = self._known

    def _is_harmless(self, text: str, harmless: dict[str, int], prefix: int | None = None) -> bool:
        """Tell whether a text held no secret, nor the beginning of one, when it was last looked through, and holds none
        of those since: headers and addresses are the same in most exchanges."""
        looked = harmless.get(text)
        if looked is None:
            return False
        new = self._known - looked
        if new <= 0:
            return True
        if new > len(self._newest) or any(value[:prefix] in text for value in islice(reversed(self._newest), new)):
            return False
        harmless[text] = self._known
        return True

    def _parameter(self, name: str, value: str) -> str:
        kind = SECRET_PARAMETERS.get(name)
        if kind is None or value in ("", "null"):
            return self.redact(value)
        return self.name(kind, value)

    def _candidate(self, match: re.Match[str]) -> str:
        run = match.group()
        found = self._aliases.get(run) or self._pieces(run)
        plain = unquote_plus(found) if "%" in found else found
        return found if plain == found else self._aliases.get(plain) or self.redact(plain)

    def _pieces(self, run: str) -> str:
        """Replace secrets that are part of a longer run, as in `code=...` of a query, a path or a dotted sentence; one
        that is too short to be looked for only where it stands by itself there."""
        for start in (0, *[match.end() for match in _SEPARATOR.finditer(run)]):
            if run[start : start + self._shown] not in self._beginnings:
                continue
            for length in self._lengths:
                alias = self._aliases.get(run[start : start + length])
                whole = length >= SHORTEST_SECRET or run[start + length : start + length + 1] in _APART
                if alias and whole:
                    return run[:start] + alias + self._pieces(run[start + length :])
        return run

    def _credentials(self, match: re.Match[str]) -> str:
        scheme, _, rest = match.group().partition(" ")
        rest = rest.strip()
        return f"{scheme} {rest if self._is_name(rest) else self._aliases.get(rest, '…')}"

    def _is_name(self, text: str) -> bool:
        """Tell whether a text is an alias that was given to a secret."""
        found = _NAME.fullmatch(text)
        if found is None:
            return text == UNDONE and self._returns > 0
        return int(found[2]) <= max(self._counts[found[1]], self._most[found[1]])

    def _shaped(self, shape: TokenShape, whole: int) -> str:
        length = max(whole - len(shape.prefix), 16)
        drawn = self._random.randbytes(length)
        if self._returns:
            # Equal draws make other secrets after a return, lest one that was undone open what it never opened.
            drawn = hashlib.shake_256(drawn + self._returns.to_bytes(8, "big")).digest(length)
        body = base64.urlsafe_b64encode(drawn).decode()[:length]
        if shape.jwt_shaped:
            third = length // 3
            body = f"eyJ{body[:third]}.eyJ{body[third : 2 * third]}.{body[2 * third :]}"
        return shape.prefix + body


def _longest_first(lengths: set[int]) -> tuple[int, ...]:
    """Return lengths in the order in which secrets are looked for: of two that begin alike nothing of the longer one is
    to be left."""
    return tuple(sorted(lengths, reverse=True))


def redact_document(vault: Vault, document: object) -> object:
    """Redact a JSON document by member name and by value, to any depth."""
    if isinstance(document, dict):
        return {key: _redact_member(vault, key, value) for key, value in document.items()}
    if isinstance(document, list):
        return [redact_document(vault, item) for item in document]
    return vault.redact(document) if isinstance(document, str) else document


def _redact_member(vault: Vault, name: str, value: object) -> object:
    if name in SECRET_PARAMETERS and isinstance(value, str) and value and name != "code":
        return vault.name(SECRET_PARAMETERS[name], value)
    return redact_document(vault, value)


def name_secrets(vault: Vault, document: object) -> None:
    """Give the secrets of a JSON document their aliases, by member name and to any depth, as `redact_document` does."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in SECRET_PARAMETERS and isinstance(value, str) and value and name != "code":
                vault.name(SECRET_PARAMETERS[name], value)
            elif not isinstance(value, str):
                name_secrets(vault, value)
    elif isinstance(document, list):
        for item in document:
            name_secrets(vault, item)


def redact_body(vault: Vault, body: bytes) -> str:
    """Redact a body of any kind; JSON is redacted by member and printed compactly, long bodies are cut at 2,000
    characters."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        redacted = vault.redact(text)
    else:
        redacted = _JSON.encode(redact_document(vault, document))
    return redacted if len(redacted) <= 2000 else f"{redacted[:2000]}… ({len(body)} bytes)"
