"""What tests of requirements share: a correct client at every vendor, and a miniature that must be caught."""

from collections.abc import Iterator

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import Cell, describe, judge
from refreshproof.harness.run.kill_matrix import home_of
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import SubjectFactory


def outcomes(requirement: str, client: SubjectFactory = TinyClient) -> dict[str, str]:
    """Judge a client by one requirement at every vendor that it applies to."""
    return {cell.vendor: cell.outcome for cell in _cells(requirement, client)}


def _cells(requirement: str, client: SubjectFactory) -> Iterator[Cell]:
    chosen, home = CATALOGUE[requirement], home_of(requirement)
    capabilities = describe(client, home[0]).capabilities
    return (judge(chosen, vendor, client, capabilities, shorten=False) for vendor in home)


def breaks(requirement: str, client: SubjectFactory) -> bool:
    """Tell whether the client violates the requirement at one vendor or more."""
    return any(cell.outcome == "violated" for cell in _cells(requirement, client))


def satisfied(requirement: str, client: SubjectFactory = TinyClient) -> bool:
    """Tell whether the client satisfies the requirement at every vendor that it applies to, and there is one."""
    return set(outcomes(requirement, client).values()) == {"satisfied"}


def caught(requirement: str) -> bool:
    """Tell whether the requirement's own miniature is caught at one vendor or more."""
    return breaks(requirement, MINIATURES[requirement].client)
