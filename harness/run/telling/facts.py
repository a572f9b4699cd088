"""What a vendor is built of, as reports show it: values in words, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from refreshproof.harness.run.telling.sources import in_words
from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.profile import Cause, ErrorReply, Profile, Source
from refreshproof.reports import Fact
from refreshproof.scenarios.evidence.links import links_of
from refreshproof.scenarios.steps.wording import span

TOPICS: Mapping[str, Mapping[str, str]] = {
    "lifetimes": {
        "lifetimes.access_token": "An access token lives",
        "lifetimes.access_token_longest": "or up to",
        "lifetimes.code": "A code lives",
        "response.expires_in": "expires_in is told as",
        "refresh.inactivity_ttl": "An unused refresh token lives",
        "refresh.absolute_ttl": "A refresh token lives at most",
        "refresh.cap_per_user": "Grants of a user to one client",
        "refresh.cap_per_account": "Grants of a user to all clients",
    },
    "rotation": {
        "refresh.rotation": "A refresh brings a new refresh token",
        "refresh.refresh_token_on_refresh": "An answer that brings none has it",
        "refresh.rotate_every": "Least age of a token that is rotated now and then",
        "refresh.previous_access_token": "The access token before",
    },
    "replay window": {
        "refresh.on_replay": "A replaced refresh token that comes again",
        "refresh.window": "for so long after it was replaced",
        "refresh.generations": "so many generations back",
        "refresh.max_reuses": "so often",
        "refresh.on_breach": "Beyond that",
        "refresh.breach_ends_access_tokens": "and access tokens end too",
    },
    "scopes and refresh tokens": {
        "scopes": "Scopes",
        "issuance.ever": "There are refresh tokens",
        "issuance.scope": "if this scope is granted",
        "issuance.parameter": "if the login carries",
        "issuance.consent_shown": "if the user saw the consent screen",
        "issuance.application_switch": "if the application's switch is on",
        "authorization.scope_separator": "Scopes are separated by",
        "response.scope": "Answers tell the scope",
    },
    "requests": {
        "client_parameters": "A login carries besides",
        "token_parameters": "A token request carries besides",
        "token_request.authentication": "The client authenticates by",
        "token_request.bodies": "Bodies of token requests",
        "authorization.pkce": "PKCE is",
    },
}
"""What the author of a client ought to know of a vendor besides its errors: fields by topic, each in words."""
ERRORS, ANNOUNCED = "errors", "announced"
NO_LIMIT = {"refresh.window", "refresh.generations", "refresh.max_reuses"}
"""Fields whose None is "without limit"; of every other it is "none"."""
_DEFAULT = Source(where="", seen="")
_FILE = re.compile(r"\b(00\d)_[0-9a-f]+\.txt")
"""How profiles name the documents that the catalogue numbers."""
_REPORT = re.compile(r"(?<![\w/.-])(?P<repository>[\w.-]+/[\w.-]+)#(?P<number>\d+)")


def facts_of(profile: Profile, decided: Iterable[str] = ()) -> tuple[Fact, ...]:
    """Return what a client's author ought to know of a vendor, and the fields that decided something, each once."""
    known = {name: (topic, label) for topic, names in TOPICS.items() for name, label in names.items()}
    known |= {f"{ERRORS}.{cause}": (ERRORS, str(cause).replace("_", " ")) for cause in profile.errors}
    names = dict.fromkeys((*known, *sorted(name for name in decided if name != ANNOUNCED)))
    return (
        *(fact_of(profile, name, *known.get(name, ("", ""))) for name in names),
        *(_announced(number, one) for number, one in enumerate(profile.announced)),
    )


def _announced(number: int, one: Announcement) -> Fact:
    """Return what a vendor has announced as a fact."""
    return Fact(
        field=f"{ANNOUNCED}.{number}",
        value=one.what,
        trust=one.source.evidence,
        where=in_words(one.source.where),
        seen=one.source.seen,
        links=_links(one.source.where),
        topic="announced changes",
        label=f"From {one.effective} on",
    )


def fact_of(profile: Profile, name: str, topic: str = "", label: str = "") -> Fact:
    """Return one field with its value and its source: its own, or that of what it is part of."""
    source = next((profile.sources[part] for part in _upwards(name) if part in profile.sources), _DEFAULT)
    where = _FILE.sub(r"seed \1", source.where)
    return Fact(
        field=name,
        value=_value_in_words(profile, name),
        trust=source.evidence if source.where else "default",
        where=in_words(where),
        seen=source.seen,
        links=_links(where),
        topic=topic,
        label=label,
    )


def _upwards(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
    yield ""


def _links(where: str) -> tuple[str, ...]:
    reports = (f"https://github.com/{one['repository']}/issues/{one['number']}" for one in _REPORT.finditer(where))
    return tuple(dict.fromkeys((*links_of(where), *reports)))


def _value_in_words(profile: Profile, name: str) -> str:
    owner: Any = profile
    *path, last = name.split(".", 1) if name.startswith(f"{ERRORS}.") else name.split(".")
    if path == [ERRORS]:
        return _reply(profile.reply(Cause(last))) if last in set(Cause) else "none"
    for part in path:
        owner = getattr(owner, part)
    value = getattr(owner, last)
    if value == " ":
        return "a blank"
    if value is None:
        return "without limit" if name in NO_LIMIT or last.endswith("_ttl") else "none"
    kind = next((str(one.type) for one in fields(owner) if one.name == last), "")
    return span(value) if kind.startswith("Seconds") else _words(value)


def _reply(reply: ErrorReply) -> str:
    told = f": {reply.description}" if reply.description else ""
    return f"{reply.status} {reply.error or 'without a code'}{told}" + (
        ", on a page for the user" if reply.page else ""
    )


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_words(one)}" for key, one in value.items()) or "none"
    if isinstance(value, tuple | list | frozenset | set):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        told = ((one.name, getattr(value, one.name)) for one in fields(value))
        return "; ".join(f"{name} {_words(one)}" for name, one in told if one not in (None, (), {}, ""))
    return str(value)
