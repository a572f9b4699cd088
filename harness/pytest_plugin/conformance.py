"""Conformance as pytest items: one test for every vendor and requirement that applies, for a client of the reader's
own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from refreshproof.harness.run.cells import Cell, describe, judge
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.evidence.findings import numbered
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import Description, SubjectFactory


class ConformanceWarning(UserWarning):
    """The client does what is allowed but not good: a SHOULD is violated, or the second best way was taken."""


def conformance(
    factory: SubjectFactory,
    *,
    providers: Iterable[str] = (),
    requirements: Iterable[str] = (),
) -> Callable[..., None]:
    """Return a test function for a module: `test_my_client = conformance(MyClient, providers=["google"])`.

    Every vendor and requirement is an item of its own, so `-k`, `-n`, `--lf` and `--junitxml` work. A violated MUST,
    MUST NOT or VENDOR rule fails with its shortest story; a violated SHOULD is a ConformanceWarning; what the client
    cannot be asked is skipped. Raises ValueError for a name that there is not.
    """
    import pytest

    factory = guarded(factory)
    vendors = [VENDORS[_known(name, VENDORS, "provider")] for name in providers] or list(CORE)
    chosen = [CATALOGUE[_known(name, CATALOGUE, "requirement")] for name in requirements] or list(CATALOGUE.values())
    described: dict[str, Description] = {}

    @pytest.mark.parametrize(
        ("vendor", "requirement"),
        [
            pytest.param(vendor, one, id=f"{vendor.name}-{one.id}")
            for vendor in vendors
            for one in chosen
            if one.applies(vendor)
        ],
    )
    def test_conformance(vendor: object, requirement: Requirement) -> None:
        found = VENDORS[vendor.name]  # type: ignore[attr-defined]
        about = described.get(found.name) or described.setdefault(found.name, describe(factory, found))
        if about.unsuited is not None:
            pytest.skip(about.unsuited)
        cell = judge(requirement, found, factory, about.capabilities)
        if cell.outcome == "unsupported":
            pytest.skip(cell.why)
        message = explanation(requirement, cell)
        if fails(requirement, cell):
            pytest.fail(message, pytrace=False)
        if cell.outcome in ("violated", "alternative", "not_exercised"):
            warnings.warn(ConformanceWarning(message), stacklevel=1)

    return test_conformance


def fails(requirement: Requirement, cell: Cell) -> bool:
    """Tell whether a cell fails its test: a binding rule that was violated or never exercised."""
    return requirement.binding and cell.outcome in ("violated", "not_exercised")


def explanation(requirement: Requirement, cell: Cell) -> str:
    """Return the failure message: rule, source, what was expected and what happened, the shortest story, the fix."""
    lines = [
        f"{requirement.id} ({requirement.keyword}) at {cell.vendor}: {cell.outcome.replace('_', ' ')}",
        requirement.statement,
        f"source:   {requirement.source}",
        f"happened: {cell.why}",
    ]
    if cell.expected:
        lines.append(f"expected: {cell.expected}")
    if cell.scenario is not None:
        lines += ["shortest story:", numbered(cell.scenario)]
    return "\n".join((*lines, f"fix:      {requirement.fix}"))


def _known(name: str, registry: object, kind: str) -> str:
    if name not in registry:  # type: ignore[operator]
        raise ValueError(f"conformance: there is no {kind} {name!r}; `refreshproof list {kind}s` names them")
    return name
