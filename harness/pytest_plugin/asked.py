"""What a call of `conformance` asks for, read as a command line is, with what the settings file says besides."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refreshproof.harness.baseline.known import Known, read_known
from refreshproof.harness.settings.choosing import chosen
from refreshproof.harness.settings.settings import found, read_settings
from refreshproof.harness.vendor_check.recording.needs import refusal_to_judge
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.dated import as_dated
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Vendors and rules, the seed of all stories, and the file of what is known with what it allows."""

    vendors: tuple[Vendor, ...]
    requirements: tuple[Requirement, ...]
    seed: int
    baseline: Path | None
    allowed: tuple[Known, ...]


def asked_for(
    module: str | None,
    providers: Iterable[str],
    requirements: Iterable[str],
    profiles: Iterable[str | os.PathLike[str]],
    seed: int | None,
    baseline: str | os.PathLike[str] | None,
    at: str | None,
) -> Asked:
    """Return what a module asks for; raises ValueError that names the argument, what was found and what is allowed."""
    settings = _settings(module)
    own = [_own(Path(path)) for path in tuple(profiles) or settings.get("profiles", ())]
    known = {**VENDORS, **{vendor.name: vendor for vendor in own}}
    usual = (*(vendor.name for vendor in CORE), *(vendor.name for vendor in own))
    date = settings.get("at") if at is None else at
    vendors = tuple(as_dated(known[name], date, None) for name in _chosen("provider", providers, known, usual))
    rules = tuple(CATALOGUE[name] for name in _chosen("requirement", requirements, CATALOGUE, CATALOGUE))
    for vendor in vendors:
        refusal = refusal_to_judge(vendor, rules)
        if refusal:
            raise ValueError(refusal)
    before = settings.get("baseline") if baseline is None else baseline
    file = None if before is None else Path(before)
    return Asked(
        vendors=vendors,
        requirements=rules,
        seed=settings.get("seed", 0) if seed is None else seed,
        baseline=file,
        allowed=() if file is None else tuple(read_known(file)),
    )


def _chosen(kind: str, given: Iterable[str], names: Iterable[str], default: Iterable[str]) -> tuple[str, ...]:
    patterns = (given,) if isinstance(given, str) else tuple(given)
    odd = next((one for one in patterns if not isinstance(one, str)), None)
    if odd is not None:
        raise ValueError(f"{kind}s: found {odd!r}; allowed: names and globs, `refreshproof list {kind}s` names them")
    return chosen(patterns, names, default, option=f"{kind}s", listing=f"refreshproof list {kind}s")


def _settings(module: str | None) -> Mapping[str, Any]:
    """Return the settings that hold for a module; paths become such as are right in the present folder."""
    present = Path.cwd()
    file = found(present if module is None else Path(module).resolve().parent)
    return {} if file is None else read_settings(file, present).values


def _own(path: Path) -> Vendor:
    from refreshproof.mock_servers.profile_files.file import read_vendor  # pydantic takes time to import

    return read_vendor(path)
