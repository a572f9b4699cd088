"""What the tests of the vendor profiles share: forms to any address, refreshes after an event, and whether every field
that differs from the defaults names its source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlencode

from kit.provider import Bench
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.wire import WireResponse

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
Exchange: TypeAlias = Callable[[Bench], WireResponse]

_NAMES_ONLY = {"name", "title", "issuer", "provider_type", "sources", "announced"}


def post(bench: Bench, url: str, *headers: tuple[str, str], **parameters: str) -> WireResponse:
    """Send a form to an address."""
    return bench.send("POST", url, (*FORM, *headers), urlencode(parameters).encode())


def refresh_after(event: Callable[[Bench], object], seconds: float = 0, **login: str) -> Exchange:
    """Return an exchange: log in, let something happen, wait, refresh."""

    def refresh(bench: Bench) -> WireResponse:
        refresh_token = bench.login(**login)["refresh_token"]
        event(bench)
        bench.advance(seconds)
        return bench.refresh(refresh_token)

    return refresh


def unsourced(profile: Profile) -> list[str]:
    """Return the dotted names of fields that differ from their defaults and that no source covers, nor a part."""
    return [name for name in _set_fields(profile) if not _covered(name, profile)]


def _covered(name: str, profile: Profile) -> bool:
    """A field is covered by a source of its own or of the value it belongs to."""
    return name in profile.sources or name.partition(".")[0] in profile.sources or _has_parts(name, profile)


def _has_parts(name: str, profile: Profile) -> bool:
    return "." not in name and any(key.startswith(f"{name}.") for key in profile.sources)


def _set_fields(profile: Profile) -> list[str]:
    names: list[str] = []
    for field in dataclasses.fields(profile):
        value = getattr(profile, field.name)
        if field.name in _NAMES_ONLY or value == _default(field):
            continue
        nested = dataclasses.is_dataclass(value) and field.default_factory is not dataclasses.MISSING
        names += [f"{field.name}.{part}" for part in _differing(value)] if nested else [field.name]
    return names + [f"errors.{cause.value}" for cause in profile.errors]


def _differing(value: Any) -> list[str]:
    return [one.name for one in dataclasses.fields(value) if getattr(value, one.name) != _default(one)]


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
