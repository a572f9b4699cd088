"""kill-matrix.html: the kill matrix as one self-contained page with the look of the report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from refreshproof.reports.formats.page.shell import render_template
from refreshproof.reports.formats.words.clock_text import date_and_time, whole_seconds
from refreshproof.reports.kills import FlawedClient, Kill, KillKind, KillMatrix, proof_of
from refreshproof.reports.proof import proof_in_words
from refreshproof.reports.results import Grade
from refreshproof.reports.verdict_line import Headline


@dataclass(frozen=True, kw_only=True)
class Sign:
    """What a kind of cell looks like, as the grade whose colour and shape it takes, and what it means."""

    grade: Grade
    means: str


SIGNS: Mapping[KillKind, Sign] = MappingProxyType(
    {
        KillKind.UNRELATED: Sign(
            grade=Grade.FAIL,
            means="The check failed although the flaw has nothing to do with it: it judges something else besides.",
        ),
        KillKind.MISSED: Sign(
            grade=Grade.UNTESTED,
            means="The check the client is named after did not fail: nothing shows that it can.",
        ),
        KillKind.CAUGHT: Sign(
            grade=Grade.PASS, means="The check the client is named after failed, as it must: it can fail."
        ),
        KillKind.ALSO: Sign(
            grade=Grade.INFO,
            means="The same flaw breaks this requirement too, as was foreseen; what the check said stands with it.",
        ),
        KillKind.SPARED: Sign(
            grade=Grade.NA,
            means="The flaw may break this requirement, and did not at these providers: another one would show it.",
        ),
    }
)


def render_kill_page(matrix: KillMatrix) -> str:
    """Return kill-matrix.html."""
    counted = Counter(kill.kind for client in matrix.clients for kill in client.kills)
    return render_template(
        "kills.html.j2",
        matrix.run.grading,
        matrix=matrix,
        run=matrix.run,
        headline=kill_headline(matrix),
        kinds=SIGNS,
        counts={kind: counted[kind] for kind in KillKind},
        rows=[(client, _cells(client, matrix)) for client in matrix.clients],
        grades=_grades,
        started=date_and_time(matrix.run.started),
        virtual_time=whole_seconds(matrix.run.virtual_seconds),
    )


def kill_headline(matrix: KillMatrix) -> Headline:
    """Say in one word and one sentence what the matrix has shown."""
    sentence = proof_in_words(proof_of(matrix))
    if matrix.wrong:
        return Headline(Grade.FAIL, "Some checks are not proven", sentence)
    if matrix.untried:
        tried = len(matrix.requirements) - len(matrix.untried)
        return Headline(Grade.INFO, f"Partial: {tried} of {len(matrix.requirements)} checks were tried", sentence)
    return Headline(Grade.PASS, "Every check can fail", sentence)


def _cells(client: FlawedClient, matrix: KillMatrix) -> list[Kill | None]:
    kills = {kill.requirement: kill for kill in client.kills}
    return [kills.get(requirement.id) for requirement in matrix.requirements]


def _grades(client: FlawedClient) -> str:
    return " ".join(SIGNS[kill.kind].grade for kill in client.kills)
