"""The kill matrix: every miniature against every requirement. It shows that each check can fail, and fails for one
reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from refreshproof.harness.cells import describe, judge
from refreshproof.harness.miniatures import MINIATURES
from refreshproof.mock_servers.vendor import Vendor
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.subject import Capability, SubjectFactory

UNLIKE = tuple(VENDORS[name] for name in ("google", "atlassian", "generic"))
"""Vendors that keep, rotate with a window, and rotate strictly: enough to show a check that fails for a wrong
reason."""


@dataclass(frozen=True, kw_only=True)
class Kills:
    """What one miniature breaks: `by` are the requirements whose checks caught it, `allowed` those that may."""

    miniature: str
    flaw: str
    by: tuple[str, ...]
    allowed: frozenset[str]

    @property
    def caught(self) -> bool:
        """Whether the check it is named after caught it."""
        return self.miniature in self.by

    @property
    def unrelated(self) -> tuple[str, ...]:
        """Requirements that failed although the flaw is none of their business."""
        return tuple(name for name in self.by if name not in self.allowed)


def kills(miniature: str, vendors: Sequence[Vendor], requirements: Sequence[str]) -> Kills:
    """Run one miniature against requirements; a requirement has killed it if it is violated at any of the vendors.

    The check it is named after may catch it at any of the core vendors: some flaws show only where a vendor is lenient.
    """
    entry = MINIATURES[miniature]
    capabilities = describe(entry.client, vendors[0]).capabilities
    return Kills(
        miniature=miniature,
        flaw=entry.flaw,
        by=tuple(
            name
            for name in requirements
            if _violated(name, entry.client, CORE if name == miniature else vendors, capabilities)
        ),
        allowed=frozenset((miniature, *entry.also)),
    )


def _violated(
    name: str, factory: SubjectFactory, vendors: Sequence[Vendor], capabilities: frozenset[Capability]
) -> bool:
    requirement = CATALOGUE[name]
    return any(
        judge(requirement, vendor, factory, capabilities, shorten=False).outcome == "violated"
        for vendor in vendors
        if requirement.applies(vendor)
    )
