"""The shortest scenario that breaks a requirement, told for people and for machines. Texts arrive redacted."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ExchangeView:
    """One exchange for display, redacted.

    `at` and `answered_at` are instants in virtual time (integer microseconds since the Unix epoch): the request leaves
    the client, the answer arrives or is lost. `summary` and `answer` are one line each ("POST /token RT1", "200 AT2,
    RT2"); `request` and `response` are the lines of both messages. `delivered` is True if the answer reached the
    client, False if the provider answered and the answer was lost, None if the request never reached the provider.
    `trouble` names what the network did, None if it did nothing. `witness` says that it shows the violation.
    """

    number: int
    at: int
    endpoint: str
    summary: str
    answer: str = ""
    request: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    status: int | None = None
    delivered: bool | None = True
    trouble: str | None = None
    answered_at: int | None = None
    witness: bool = False


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that happened outside any exchange: a restart, a clock step.

    `at` as in `ExchangeView`; `follows` is the number of the last exchange before it, 0 if there was none.
    """

    at: int
    text: str
    follows: int = 0


@dataclass(frozen=True, kw_only=True)
class Story:
    """The shortest scenario that breaks a requirement, told four ways.

    Of recorded traffic `scenario` and `pytest` are empty, and `prose` tells its requests.

    `scenario` is the scenario as JSON-able data, `prose` its steps without numbers (formats number them), `pytest` the
    text of a test function, `exchanges` and `notes` what crossed the network and what else happened. `started` is the
    instant the scenario began, in microseconds since the Unix epoch.
    """

    started: int
    scenario: dict[str, Any]
    prose: tuple[str, ...]
    expected: str
    happened: str
    pytest: str
    exchanges: tuple[ExchangeView, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def heading(self) -> str:
        """What the prose tells, in two words."""
        return "Shortest scenario" if self.scenario else "As recorded"
