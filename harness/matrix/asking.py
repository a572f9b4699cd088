"""Which subjects the matrix has, and what each says of itself before anything is played: its version, where it can
work, or why it cannot be had here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from refreshproof.harness.adapters.errors import SubjectError
from refreshproof.harness.run.cells import describe
from refreshproof.harness.run.under_test import SubjectFaultError, client_named
from refreshproof.harness.subjects.programs.catalogue import PROGRAMS
from refreshproof.harness.subjects.registry import SUBJECTS
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports.version import VERSION

OWN = ("engine", "engine-sqlite", "tiny")
"""Subjects of the harness's own, which are nobody's library."""
USUAL_VENDORS = ("atlassian", "microsoft", "google", "generic")
"""Where subjects are played if nothing else is said: first where most rules apply."""
JUDGING = (
    ("mock_servers",),
    ("scenarios",),
    ("harness", "adapters"),
    ("harness", "matrix", "playing.py"),
    ("harness", "run"),
    ("harness", "subjects", "exec"),
    ("harness", "subjects", "guarded.py"),
    ("harness", "subjects", "third_party"),
    ("harness", "subjects", "programs"),
)
"""The sources on which a verdict depends, by package and path: the glue of the libraries too."""


def third_party() -> tuple[str, ...]:
    """Name the subjects that are somebody else's, in the order of the alphabet."""
    return tuple(sorted(name for name in SUBJECTS if name not in OWN and not name.startswith("miniature:")))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a subject says of itself: `missing` why it cannot be had, `unsuited` why it cannot work with a vendor, by
    name; the vendors at which it is to be played stand in `vendors`. `served` says that it is a program of its own, and
    its requests cross sockets anyway."""

    name: str
    version: str = ""
    library: str = ""
    missing: str = ""
    served: bool = False
    vendors: tuple[Vendor, ...] = ()
    unsuited: Mapping[str, str] = field(default_factory=dict)


def asked(name: str, vendors: Sequence[Vendor], *, elsewhere: bool = False) -> Asked:
    """Ask a subject at some vendors; one that can work with none of them is asked at all others too where `elsewhere`
    says so, and played at the first that it can."""
    try:
        factory = client_named(name)
        about = {vendor.name: describe(factory, vendor) for vendor in vendors}
    except SubjectError as error:
        return Asked(name=name, missing=error.what)
    except SubjectFaultError as error:
        if isinstance(error.__cause__, SubjectError):
            return Asked(name=name, missing=error.trouble.what, vendors=())
        return Asked(name=name, vendors=tuple(vendors))  # playing it tells how it fails
    unsuited = {at: one.unsuited for at, one in about.items() if one.unsuited is not None}
    played = tuple(vendors)
    if elsewhere and len(unsuited) == len(vendors):
        others = (vendor for vendor in VENDORS.values() if vendor not in vendors)
        played += next(((vendor,) for vendor in others if describe(factory, vendor).unsuited is None), ())
    first = next(iter(about.values()))
    return Asked(
        name=name,
        version=first.version,
        library=first.name,
        served=name in PROGRAMS,
        vendors=played,
        unsuited=unsuited,
    )


@cache
def judge_of() -> str:
    """Return the version of Refreshproof with a digest of the sources that a verdict depends on."""
    digest = sha256()
    for place in JUDGING:
        for text in _sources(files(f"refreshproof.{place[0]}").joinpath(*place[1:])):
            digest.update(text.encode())
    return f"{VERSION}+{digest.hexdigest()[:10]}"


def _sources(place: Traversable) -> list[str]:
    if place.is_file():
        return [place.read_text(encoding="utf-8")] if place.name.endswith((".py", ".json")) else []
    inside = sorted(place.iterdir(), key=lambda one: one.name)
    return [text for one in inside if not one.name.startswith("__pycache__") for text in _sources(one)]
