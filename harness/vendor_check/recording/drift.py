"""What a server does otherwise than a profile or an earlier recording says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from refreshproof.harness.vendor_check.recording.recorded import FORMAT, Recorded
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.changes import value_at
from refreshproof.mock_servers.profile.profile import Profile

VARYING = ("fact.parallel", "fact.parallel_exchanges", "fact.met_once")
"""Facts that differ from run to run at one server."""
UNORDERED = ("token_request.authentication", "token_request.bodies")
"""Fields whose order says nothing."""
ALIKE: Mapping[str, str] = {"accept_until_expiry": "new_pair", "raw_to_colon": "raw"}
"""Values that nobody who asks can tell from others."""
SECONDS_OFF = 2
"""Seconds by which a lifetime may be told otherwise without being another."""
OPENID = "openid"
ID_TOKEN = "id_token"
"""A member that comes with a scope alone (OpenID Connect Core 1.0 s3.1.2.1, s3.1.3.3)."""
LATE = ("near_expiry", "sometimes")
"""Rotations that look like none until a token is old."""
OF_THE_SERVER = ("metadata",)
"""Fields that hold addresses: they are compared between recordings, not with a built-in vendor."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A value that is no longer what it was."""

    name: str
    was: Any
    now: Any


def drift_from_recording(recorded: Recorded, earlier: Mapping[str, Any]) -> list[Drift]:
    """Return what has changed since an earlier recording; only what both have measured is compared."""
    was = earlier["values"]
    now = json.loads(json.dumps(dict(recorded.values)))
    if OPENID not in earlier.get("scopes", ()) or OPENID not in recorded.scopes:
        was, now = _without_id_token(was), _without_id_token(now)
    both = [name for name in now if name in was and name not in VARYING]
    return [Drift(name=name, was=was[name], now=now[name]) for name in both if not _equal(was[name], now[name])]


def _without_id_token(value: Any) -> Any:
    """Return values without the member that is there only for those who ask for its scope, at any depth."""
    if isinstance(value, dict):
        return {name: _without_id_token(one) for name, one in value.items() if name != ID_TOKEN}
    return [_without_id_token(one) for one in value if one != ID_TOKEN] if isinstance(value, list) else value


def _equal(was: Any, now: Any) -> bool:
    """Tell whether two values are one; numbers here are seconds."""
    numbers = isinstance(was, int | float) and isinstance(now, int | float) and not isinstance(was, bool)
    return abs(was - now) <= SECONDS_OFF if numbers else bool(was == now)


def drift_from_profile(recorded: Recorded, profile: Profile) -> list[Drift]:
    """Return the measured fields that a profile has otherwise; what the profile itself leaves open is passed over."""
    return list(_differing(recorded, profile))


def _differing(recorded: Recorded, profile: Profile) -> Iterator[Drift]:
    for name, now in recorded.fields.items():
        if name in OF_THE_SERVER or name in profile.not_measured:
            continue
        was = _reply(profile, name, now) if name.startswith("errors.") else at(profile, name)
        found = {key: now[key] for key in was} if name.startswith("errors.") else now
        if name.startswith("lifetimes.") and isinstance(was, int) and isinstance(now, int):
            was = now if abs(was - now) <= SECONDS_OFF else was
        if name.startswith("response.") and OPENID not in recorded.scopes:
            was, found = _without_id_token(was), _without_id_token(found)
        if name in UNORDERED:
            was, found = sorted(was), sorted(found)
        if (ALIKE.get(str(was), was) != found) and not (was in LATE and found == "never"):
            yield Drift(name=name, was=was, now=found)


def _reply(profile: Profile, name: str, now: Mapping[str, Any]) -> dict[str, Any]:
    """Return status and error of a refusal; a client that has no header to send is answered the status by post."""
    reply = profile.reply(Cause(name.partition(".")[2]))
    by_post = now["status"] == reply.status_by_post and "status_by_post" not in now
    return {"status": reply.status_by_post if by_post else reply.status, "error": reply.error}


def at(profile: Profile, name: str) -> Any:
    """Return the value of a field by its dotted name, as JSON has it."""
    return to_jsonable_python(value_at(profile, name))


def read_recording(path: Path) -> Mapping[str, Any] | None:
    """Return a recording in JSON, None for a file that is none; raises OSError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    fit = isinstance(document, dict) and document.get("format") == FORMAT and isinstance(document.get("values"), dict)
    return document if fit else None
