"""What cannot be said about a client at a recorded vendor of which something is not known.

A table: fields by how their names begin, and the requirements whose stories come to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.vendor import Vendor

if TYPE_CHECKING:
    from refreshproof.scenarios.evidence.requirement import Requirement  # Hypothesis comes with it

EVERY = ("*",)
REPLAYS = ("rotation-*", "concurrency-*", "failure-*", "lifecycle-*", "refresh-*", "outcome-*", "expiry-*")
"""Families in whose stories answers are lost, several refresh at once, or a grant ends."""

NEEDED_BY: Mapping[str, tuple[str, ...]] = {
    "issuance": EVERY,
    "issuance.used_code": ("callback-*", "exchange-*"),
    "token_request": EVERY,
    "token_request.scope_on_refresh": (),
    "token_request.wider_scope": (),
    "token_request.blank_scope": (),
    "token_request.repeated_parameters": (),
    "token_request.basic_encoding": ("exchange-client-auth",),
    "revocation": ("lifecycle-*",),
    "revocation.other_clients_tokens": (),
    "response": EVERY,
    "lifetimes": EVERY,
    "lifetimes.refreshed_access_token": ("expiry-*", "refresh-*", "accept-*"),
    "refresh.rotation": EVERY,
    "refresh.refresh_token_on_refresh": EVERY,
    "refresh.rotate_every": EVERY,
    "refresh.access_token_on_refresh": (*REPLAYS, "resource-*"),
    "refresh.inactivity_ttl": ("lifecycle-inactivity", "accept-rt-lifetime-recorded"),
    "refresh.absolute_ttl": ("lifecycle-absolute", "accept-rt-lifetime-recorded"),
    "refresh.of_any_client": (),
    "refresh.previous_access_token": ("expiry-mid-operation", "resource-*", "concurrency-*"),
    "refresh": REPLAYS,
    "accounts": ("lifecycle-*",),
    "errors.unknown_refresh_token": ("failure-*", "lifecycle-*", "rotation-*", "concurrency-*"),
    "errors.refresh_token_revoked": ("failure-*", "lifecycle-*"),
    "errors.wrong_secret": ("failure-invalid-client-is-config",),
    "metadata": ("callback-iss-checked",),
    "errors": (),
}
"""The longest beginning counts."""


def unknown_for(profile: Profile, requirements: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the fields that are not measured and that requirements need, with those requirements."""
    asked = tuple(requirements)
    needed = {field: _needing(field, asked) for field in profile.not_measured}
    return {field: those for field, those in needed.items() if those}


def unknown_to_serve(profile: Profile) -> tuple[str, ...]:
    """Return the fields that are not measured and that the answer to any client hangs on."""
    return tuple(field for field in profile.not_measured if _globs(field) == EVERY)


def refusal_to_judge(vendor: Vendor, requirements: Iterable[Requirement]) -> str:
    """Say which fields of a recording requirements need that are not measured; empty where there are none."""
    if not vendor.profile.not_measured:
        return ""
    unknown = unknown_for(vendor.profile, (one.id for one in requirements if one.applies(vendor)))
    return _refusal(vendor, {field: f"needed by {_some(those)}" for field, those in unknown.items()})


def refusal_to_serve(vendor: Vendor) -> str:
    """Say which fields of a recording the plainest flow needs that are not measured; empty where there are none."""
    return _refusal(vendor, dict.fromkeys(unknown_to_serve(vendor.profile), "needed to answer any client"))


def _refusal(vendor: Vendor, unknown: Mapping[str, str]) -> str:
    if not unknown:
        return ""
    lines = "\n".join(f"  {name}: {why}" for name, why in unknown.items())
    way = "measure them (`refreshproof vendor check`), or set them in the file and take them out of not_measured"
    return f"{vendor.name}: the recording leaves open what is asked for:\n{lines}\n{way}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


def _needing(field: str, requirements: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in requirements if any(fnmatchcase(one, glob) for glob in _globs(field)))


def _globs(field: str) -> tuple[str, ...]:
    beginnings = [one for one in NEEDED_BY if field == one or field.startswith(f"{one}.")]
    return NEEDED_BY[max(beginnings, key=len)] if beginnings else EVERY
