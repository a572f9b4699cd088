"""Annotations of GitHub Actions: workflow commands, one a line, which the runner shows on the page of a run.

The runner shows ten of each kind a step and drops the rest, so there are ten at most: one for each cause, with how much
more comes from it, and the last says what is left out.
Shape: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands (read 2026-11-30).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from refreshproof.reports.figures import numbered
from refreshproof.reports.formats.problems import Problem, problems
from refreshproof.reports.formats.words.text import one_line
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.verdict_line import headline

MOST = 10
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render_github(report: Report) -> str:
    """Return the commands; the first tells the verdict where something is to be looked at."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    found = _by_cause(problems(report))
    verdict = headline(report)
    name, sentence = one_line(report.subject.name), one_line(verdict.sentence)
    worst = _kind(found[0][0]) if found else "notice"
    yield _command(worst, {"title": f"{name}: {verdict.word}"}, sentence)
    room = MOST - 1 if len(found) < MOST else MOST - 2
    yield from (_annotation(*alike) for alike in found[:room])
    if len(found) > room:
        yield _command("notice", {"title": f"{name}: more"}, _left_out(found[room:]))


def _by_cause(found: Iterable[Problem]) -> list[list[Problem]]:
    """Put together what comes from one flaw, the most urgent of it first."""
    causes: dict[str, list[Problem]] = {}
    for problem in found:
        causes.setdefault(problem.cause, []).append(problem)
    return list(causes.values())


def _annotation(problem: Problem, *others: Problem) -> str:
    place = {} if problem.evidence else {"file": problem.file, "line": str(problem.line)}
    rules = ", ".join(dict.fromkeys(other.rule for other in others))
    more = f"{numbered(len(others), 'more finding')} of the same cause" if problem.broken else f"{len(others)} more"
    also = f" {more}: {rules}." if others else ""
    return _command(_kind(problem), {**place, "title": problem.title}, problem.text + also)


def _left_out(found: Collection[Sequence[Problem]]) -> str:
    """Count what has no annotation: causes with their findings, and what has no cause."""
    flaws = [alike for alike in found if alike[0].broken]
    others = sum(map(len, found)) - sum(map(len, flaws))
    causes = f"{numbered(len(flaws), 'cause')} with {numbered(sum(map(len, flaws)), 'finding')}"
    parts = (causes if flaws else "", f"{others} more" if others else "")
    return f"In the report besides: {', '.join(filter(None, parts))}."


def _kind(problem: Problem) -> str:
    if problem.fails:
        return "error"
    return "notice" if problem.known or problem.grade is Grade.INFO else "warning"


def _command(kind: str, properties: dict[str, str], text: str) -> str:
    told = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{kind} {told}::{_escaped(text, _DATA)}"


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
