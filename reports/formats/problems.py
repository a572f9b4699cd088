"""What a CI system lists line by line: findings, what was owed and never came about, troubles, what is fixed and stands
in the baseline yet. The list formats show it; this module writes none of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.formats.words.text import one_line
from refreshproof.reports.results import Grade, Identity, Outcome, Report, RequirementInfo, Result
from refreshproof.reports.root_causes import causes
from refreshproof.reports.standings import Standing, against, stale, stale_in_words, standing
from refreshproof.reports.troubles import Trouble
from refreshproof.reports.verdict import findings, gates, grade, is_owed, urgency

TROUBLE = "trouble"
"""The rule of what went wrong around the client."""
SUFFIX = ".py"
EVIDENCE = "results.json"
"""The file of the report in which all of it stands."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One line of such a list.

    `rule` is a requirement's id, or TROUBLE; `broken` says that it was broken. `fails` tells that the run ends badly
    for it, `known` that the baseline allows it. `file` is the user's own where that is known, else the one in the
    report's folder that tells the story, and `evidence` says which of the two; `line` is 1 where none is known.
    `fingerprint` is the same in every run, and `cause` for all that comes from one flaw.
    """

    rule: str
    title: str
    text: str
    grade: Grade
    fails: bool
    known: bool
    file: str
    line: int
    evidence: bool
    fingerprint: str
    cause: str
    broken: bool = False


def problems(report: Report) -> tuple[Problem, ...]:
    """Return them all, what fails the run first and otherwise the most urgent; of those the worst of each flaw."""
    requirements = {requirement.id: requirement for requirement in report.requirements}
    flaws = {result.identity: cause.head[0].identity for cause in causes(report) for result in cause.results}
    listed = sorted(_listed(report), key=lambda result: flaws.get(result.identity) != result.identity)
    found = [
        *(_of_trouble(report, trouble) for trouble in report.run.troubles),
        *(
            _of_result(report, result, requirements[result.requirement], flaws.get(result.identity))
            for result in listed
        ),
        *_of_baseline(report),
    ]
    return tuple(sorted(found, key=lambda one: (not one.fails, one.known, urgency(one.grade))))


def _listed(report: Report) -> Iterator[Result]:
    yield from findings(report)
    grading = report.run.grading
    yield from (
        result
        for result in report.results
        if (result.outcome is Outcome.NOT_EXERCISED and gates(result, grading)) or is_owed(result, grading)
    )


def _of_result(report: Report, result: Result, requirement: RequirementInfo, flaw: Identity | None) -> Problem:
    worth, known = grade(result, report.run.grading), standing(report, result) is Standing.KNOWN
    story = result.story
    told = (
        f"{requirement.keyword}: {requirement.statement}",
        anomaly_in_words(result.anomaly) if result.anomaly else "",
        result.why or (story.happened if story else ""),
        against(report, [result]),
    )
    client = "" if story is None else _client_file(story.scenario)
    return Problem(
        rule=one_line(result.requirement),
        title=one_line(f"{worth} {result.requirement} at {result.provider}"),
        text=_sentences(told),
        grade=worth,
        fails=not known and (gates(result, report.run.grading) or worth in (Grade.BROKEN, Grade.BLOCKED)),
        known=known,
        file=_relative(client, report) or one_line(result.scenario or EVIDENCE),
        line=1,
        evidence=not client,
        fingerprint=_digest(report.subject.name, *map(str, result.identity)),
        cause=_digest("flaw", *map(str, flaw or (result.requirement, result.outcome))),
        broken=result.outcome is Outcome.VIOLATED,
    )


def _of_trouble(report: Report, trouble: Trouble) -> Problem:
    told = (trouble.title, *(f"{name}: {text}" for name, text in trouble.facts()))
    return Problem(
        rule=TROUBLE,
        title=one_line(trouble.title),
        text=_sentences(told),
        grade=Grade.BROKEN if trouble.stops else Grade.WARN,
        fails=trouble.stops,
        known=False,
        file=_relative(trouble.file, report) or one_line(trouble.saved or EVIDENCE),
        line=max(1, trouble.line or 1) if trouble.file else 1,
        evidence=not trouble.file,
        fingerprint=_digest(report.subject.name, TROUBLE, trouble.title, trouble.file),
        cause=_digest(TROUBLE, trouble.title, trouble.file),
    )


def _of_baseline(report: Report) -> Iterator[Problem]:
    for entry in stale(report):
        yield Problem(
            rule=one_line(entry.requirement),
            title=one_line(f"{entry.requirement} at {entry.provider} is fixed"),
            text=one_line(stale_in_words(entry)),
            grade=Grade.WARN,
            fails=True,
            known=False,
            file=_relative(report.baseline.file if report.baseline else "", report) or EVIDENCE,
            line=1,
            evidence=False,
            fingerprint=_digest(report.subject.name, "fixed", *map(str, entry.identity)),
            cause=_digest("fixed", entry.requirement),
        )


def _client_file(scenario: Mapping[str, object]) -> str:
    """Return the file that a client was named by, empty where it was named otherwise."""
    file = str(scenario.get("subject", "")).partition(":")[0]
    return file if file.endswith(SUFFIX) else ""


def _relative(file: str, report: Report) -> str:
    """Return a file as seen from the folder of the run, if it is in it."""
    path, folder = PurePosixPath(one_line(file)), PurePosixPath(report.run.folder or ".")
    if not file:
        return ""
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _sentences(parts: tuple[str, ...]) -> str:
    return " ".join(f"{one_line(part).rstrip('.')}." for part in parts if part)


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()
