"""The kill matrix as plain frozen values: clients with one flaw each, and the requirements that each of them breaks."""

from dataclasses import dataclass
from enum import StrEnum

from refreshproof.reports.proof import Proof
from refreshproof.reports.results import RequirementInfo, Run


class KillKind(StrEnum):
    """What it means that a flawed client breaks a requirement, or does not."""

    UNRELATED = "unrelated"
    MISSED = "missed"
    CAUGHT = "caught"
    ALSO = "also"
    SPARED = "spared"


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A requirement that a flawed client breaks, at which provider first, and what its check said.

    A requirement that is MISSED or SPARED was broken nowhere: provider and reason are empty.
    """

    requirement: str
    kind: KillKind
    provider: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class FlawedClient:
    """A client with exactly one flaw, named after the requirement whose check must catch it."""

    name: str
    flaw: str
    kills: tuple[Kill, ...]
    virtual_seconds: float = 0.0

    @property
    def caught(self) -> bool:
        """Whether the check it is named after caught it."""
        return not self.of(KillKind.MISSED)

    @property
    def unrelated(self) -> tuple[str, ...]:
        """Requirements that failed although the flaw is none of their business."""
        return self.of(KillKind.UNRELATED)

    def of(self, kind: KillKind) -> tuple[str, ...]:
        """Return the requirements of one kind."""
        return tuple(kill.requirement for kill in self.kills if kill.kind is kind)


@dataclass(frozen=True, kw_only=True)
class KillMatrix:
    """Flawed clients against requirements, each judged at the providers named and, by its own check, at the core
    ones."""

    run: Run
    providers: tuple[str, ...]
    requirements: tuple[RequirementInfo, ...]
    clients: tuple[FlawedClient, ...]

    @property
    def wrong(self) -> tuple[FlawedClient, ...]:
        """The clients that were missed, or that fail a requirement their flaw has nothing to do with."""
        return tuple(client for client in self.clients if not client.caught or client.unrelated)

    @property
    def untried(self) -> tuple[str, ...]:
        """The requirements that no client here is named after: nothing is shown of their checks."""
        tried = {client.name for client in self.clients}
        return tuple(one.id for one in self.requirements if one.id not in tried)


def proof_of(matrix: KillMatrix, page: str = "") -> Proof:
    """Sum a matrix up."""
    return Proof(
        clients=len(matrix.clients),
        caught=sum(client.caught for client in matrix.clients),
        unrelated=sum(bool(client.unrelated) for client in matrix.clients),
        version=matrix.run.version,
        page=page,
        untried=len(matrix.untried),
    )
