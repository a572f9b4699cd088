"""The kill matrix: every miniature against every requirement. It shows that each check can fail, and fails for one
reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refreshproof.harness.run.cells import Cell, describe, judge
from refreshproof.harness.run.garbage import searched_seldom
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import FlawedClient, Kill, KillKind
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import Capability

UNLIKE = tuple(VENDORS[name] for name in ("google", "atlassian", "generic"))
"""Vendors that keep, rotate with a window, and rotate strictly: enough to show a check that fails for a wrong
reason."""


def kills(miniature: str, vendors: Sequence[Vendor], requirements: Sequence[str]) -> FlawedClient:
    """Run one miniature against requirements; a requirement has killed it if it is violated at any of the vendors.

    The check it is named after may catch it at any of the core vendors, or where it applies to none of these at any
    other: some flaws show only where a vendor is lenient, or wants more.
    """
    entry = MINIATURES[miniature]
    capabilities = describe(entry.client, vendors[0]).capabilities
    found: list[Kill] = []
    virtual_time = 0
    with searched_seldom():
        for name in requirements:
            where = home_of(name) if name == miniature else vendors
            cells = list(_until_violated(name, miniature, where, capabilities))
            virtual_time += sum(cell.virtual_time for cell in cells)
            found += [kill for kill in [_kill(name, miniature, entry, cells)] if kill is not None]
    return FlawedClient(name=miniature, flaw=entry.flaw, kills=tuple(found), virtual_seconds=virtual_time / 1_000_000)


def home_of(requirement: str) -> tuple[Vendor, ...]:
    """Return the vendors at which a requirement is at home: the core ones, or those that it applies to."""
    applies = CATALOGUE[requirement].applies
    core = tuple(vendor for vendor in CORE if applies(vendor))
    return core or tuple(vendor for vendor in VENDORS.values() if applies(vendor))


def _until_violated(
    name: str, miniature: str, vendors: Sequence[Vendor], capabilities: frozenset[Capability]
) -> Iterator[Cell]:
    """Yield the cells of a requirement at the vendors it applies to, up to the first that is violated."""
    entry = MINIATURES[miniature]
    broken = tuple(CATALOGUE[one] for one in (miniature, *entry.also))
    for vendor in vendors:
        if CATALOGUE[name].applies(vendor):
            yield (cell := judge(CATALOGUE[name], vendor, entry.client, capabilities, shorten=False, broken=broken))
            if cell.outcome == "violated":
                return


def _kill(name: str, miniature: str, entry: Miniature, cells: Sequence[Cell]) -> Kill | None:
    """Return what the cells of a requirement say of a miniature; nothing if it keeps what it has to keep."""
    foreseen = name == miniature or name in entry.also
    if not cells or cells[-1].outcome != "violated":
        unbroken = KillKind.MISSED if name == miniature else KillKind.SPARED
        return Kill(requirement=name, kind=unbroken) if foreseen else None
    broken = KillKind.CAUGHT if name == miniature else KillKind.ALSO if foreseen else KillKind.UNRELATED
    return Kill(requirement=name, kind=broken, provider=cells[-1].vendor, why=cells[-1].why)
