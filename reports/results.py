"""What a run found, as plain frozen values: outcomes, grades, results, stories and the report that holds them.

This module judges nothing and knows no client, no provider and no file format. Texts arrive
redacted: tokens, codes and secrets are aliases (AT1, RT1) before they get here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

from refreshproof.reports.baseline import Baseline
from refreshproof.reports.coverage import Coverage, Explored
from refreshproof.reports.proof import Proof
from refreshproof.reports.story import Story
from refreshproof.reports.troubles import Trouble


class Outcome(StrEnum):
    """What a check saw for one requirement at one provider."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    ALTERNATIVE = "alternative"
    NOT_EXERCISED = "not_exercised"
    UNSUPPORTED = "unsupported"
    NOT_APPLICABLE = "not_applicable"
    NOT_OBSERVABLE = "not_observable"
    BLOCKED = "blocked"
    SUBJECT_ERROR = "subject_error"
    HARNESS_ERROR = "harness_error"


class Keyword(StrEnum):
    """How binding a requirement is: RFC 2119's words, a vendor's own rule, or good practice that never gates."""

    MUST = "MUST"
    MUST_NOT = "MUST NOT"
    SHOULD = "SHOULD"
    VENDOR = "VENDOR"
    ADVICE = "ADVICE"


class Harm(StrEnum):
    """What a violation did in its own story, most severe first; taken from the journal, not from the catalogue.

    A lost grant is one that only a new login brings back; a failed call failed although vendor and network were well.
    """

    GRANT_LOST = "grant_lost"
    CALL_FAILED = "call_failed"
    USER_ASKED_IN_VAIN = "user_asked_in_vain"
    NEEDLESS_REQUESTS = "needless_requests"
    NONE_YET = "none_yet"


Grading: TypeAlias = Literal["default", "strict", "lenient", "recorded"]
"""Where the line between FAIL and WARN runs; `verdict` draws it."""


class Grade(StrEnum):
    """What an outcome is worth to the reader, most urgent first."""

    FAIL = "FAIL"
    BROKEN = "BROKEN"
    WARN = "WARN"
    UNTESTED = "UNTESTED"
    BLOCKED = "BLOCKED"
    INFO = "INFO"
    PASS = "PASS"
    NA = "NA"


Trust: TypeAlias = Literal["documented", "observed", "unverified", "default"]
"""How far a value can be trusted. A `default` is what Refreshproof has where nothing is said of the vendor."""


class Identity(NamedTuple):
    """What makes two findings the same finding; free text plays no part in it."""

    requirement: str
    provider: str
    anomaly: str | None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The client under test: what it calls itself and which of its versions was tried."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One value of a vendor's profile.

    `field` is its dotted name, `value` the value in words, `where` the source and `seen` the day it was read, both
    empty for a default. `links` are https addresses of the source. A fact has a `topic` if a client's author ought to
    know it ("rotation", "errors"), and then a `label` that says in words what it is.
    """

    field: str
    value: str
    trust: Trust
    where: str = ""
    seen: str = ""
    links: tuple[str, ...] = ()
    topic: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse addresses that a reader could not safely follow."""
        for link in self.links:
            if not link.startswith("https://"):
                raise ValueError(f"fact {self.field!r}: links: found {link!r}, allowed are https:// addresses")


@dataclass(frozen=True, kw_only=True)
class ProviderInfo:
    """A provider the subject was run against: its registry name and one sentence on what is special about it.

    `facts` are values of its profile: those that the author of a client ought to know, and those that decided a result.
    """

    name: str
    summary: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequirementInfo:
    """One thing a client must, should or may do.

    `effect` says what a violation does to the user, `fix` how to mend the client, `family` is the group it is listed
    under, `source` names sections in words, `links` are https addresses of the same sources.
    """

    id: str
    keyword: Keyword
    statement: str
    source: str
    effect: str
    fix: str
    family: str
    links: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse addresses that a reader could not safely follow."""
        for link in self.links:
            if not link.startswith("https://"):
                raise ValueError(f"requirement {self.id!r}: links: found {link!r}, allowed are https:// addresses")


@dataclass(frozen=True, kw_only=True)
class Result:
    """The verdict on one requirement at one provider.

    `examples` counts the scenarios played, `anomaly` is the code of the violation, `why` one sentence for this cell.
    `harm` is what the violation did in its story, None if there was none. Findings with the same `cause`, a key that
    is not shown, come from one flaw. `scenario` is the file of the story, relative to the report, and `replay` the
    whole command that plays it again, to be pasted into a shell as it stands. `rests_on` names the facts of the
    provider that decided it, by field.
    """

    requirement: str
    provider: str
    outcome: Outcome
    keyword: Keyword
    examples: int = 0
    anomaly: str | None = None
    why: str = ""
    harm: Harm | None = None
    cause: str | None = None
    replay: str | None = None
    scenario: str | None = None
    story: Story | None = None
    rests_on: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """What a baseline remembers of this result."""
        return Identity(self.requirement, self.provider, self.anomaly)


@dataclass(frozen=True, kw_only=True)
class SurveyInfo:
    """A behaviour that a survey measures: what it is, how it is measured, and the requirements that it explains."""

    name: str
    statement: str
    how: str = ""
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SurveyValue:
    """A behaviour that was measured and not judged; `why` says why a value is None."""

    name: str
    provider: str
    value: float | str | bool | None
    unit: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The circumstances of a run.

    `started` is in microseconds since the Unix epoch, `duration_seconds` real time spent, `virtual_seconds` the time
    that passed in all scenarios together, `version` the version of Refreshproof. `grading` says where the line between
    FAIL and WARN ran; `troubles` are what a reader must know before any verdict; `explored` is None if no life was
    generated. `folder` is where it ran: its commands are to be pasted there. `interrupted` tells that a signal broke
    it off. `at` is the date at which time began, in ISO 8601, empty where it began at none; with `strict_future`
    everything that the vendors had announced was taken to have happened.
    """

    started: int
    seed: int
    duration_seconds: float
    virtual_seconds: float
    version: str
    python: str
    command: tuple[str, ...] = ()
    platform: str = ""
    grading: Grading = "default"
    troubles: tuple[Trouble, ...] = ()
    explored: Explored | None = None
    folder: str = ""
    interrupted: bool = False
    at: str = ""
    strict_future: bool = False

    @property
    def dates(self) -> str:
        """Say at which date the vendors were met; empty where it was at none."""
        begins = [f"from {self.at.removesuffix('T00:00:00+00:00')} on"] if self.at else []
        return " and ".join((*begins, *(["with everything announced in force"] if self.strict_future else [])))


@dataclass(frozen=True, kw_only=True)
class Apart:
    """What a run tested and did not score: the frozen set that says so, by name, and the reason for each requirement.

    It is no part of any verdict.
    """

    set: str
    requirements: tuple[RequirementInfo, ...] = ()
    results: tuple[Result, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything a run found. `complete` is False if cells that were selected are missing.

    `behaviours` explain the values of the survey, by name; a value may have no explanation. `coverage` tells how much
    of the tables of states was walked, `proof` what a kill matrix has shown of the checks, `baseline` which findings
    were known before, `apart` what was tested and not scored, `unselected` by id the rules that nobody asked for.

    Raises ValueError if a result names a requirement or provider the report does not list, contradicts the
    requirement's keyword, or if two results claim one cell.
    """

    run: Run
    subject: Subject
    providers: tuple[ProviderInfo, ...]
    requirements: tuple[RequirementInfo, ...]
    results: tuple[Result, ...]
    survey: tuple[SurveyValue, ...] = ()
    behaviours: tuple[SurveyInfo, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    proof: Proof | None = None
    complete: bool = True
    baseline: Baseline | None = None
    apart: Apart | None = None
    unselected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse results that no table of this report could show."""
        keywords = {requirement.id: requirement.keyword for requirement in self.requirements}
        providers = {provider.name for provider in self.providers}
        seen: set[tuple[str, str]] = set()
        for result in self.results:
            cell = (result.requirement, result.provider)
            if keywords.get(result.requirement) is not result.keyword or result.provider not in providers:
                raise ValueError(f"result {cell}: not a listed requirement with keyword {result.keyword} and provider")
            if cell in seen:
                raise ValueError(f"result {cell}: found twice, allowed is one result per requirement and provider")
            seen.add(cell)
