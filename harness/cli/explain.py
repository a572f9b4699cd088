"""`refreshproof explain`: the story of a requirement, or of a value of the survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.cli.rows import requirement_row, survey_row
from refreshproof.harness.cli.terminal.telling import told
from refreshproof.harness.run.kill_matrix import home_of
from refreshproof.harness.run.telling.sources import in_words
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.evidence.requirement import Stretch
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.excluded import EXCLUDED
from refreshproof.scenarios.survey import SURVEY

RECORDED: Mapping[Stretch | None, str] = {
    None: "not observable",
    "grant": "judged by the requests of each grant",
    "whole": "judged by all that a vendor was sent",
}
"""What `refreshproof judge` makes of a requirement, in words."""


@click.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Tell the story of a requirement: rule, source, effect, how it is tested, how to fix a client that fails it.

    REQUIREMENT may also name a value of the survey, such as sv-lead.
    """
    if requirement in SURVEY:
        click.echo(measurement(survey_row(requirement)))
        return
    if requirement in EXCLUDED:
        click.echo(f"{requirement} is a row of the catalogue that a run does not judge.\n\n{EXCLUDED[requirement]}")
        return
    if requirement not in CATALOGUE:
        meant = hint(requirement, (*CATALOGUE, *SURVEY), "`refreshproof list requirements` names them")
        raise click.BadParameter(f"there is no requirement {requirement!r}; {meant}", param_hint="REQUIREMENT")
    click.echo(explanation(requirement_row(requirement)))


def measurement(row: Mapping[str, Any]) -> str:
    """Return what a value of the survey means as text."""
    once = row["scope"] == "once"
    where = "a plain server, once: it is a matter of the client alone" if once else _places(row["providers"])
    return "\n\n".join(
        (
            f"{row['id']} (measured, not judged{', in ' + row['unit'] if row['unit'] else ''})\n{row['statement']}",
            f"How it is measured: {row['how']}",
            f"Measured at: {where}",
            f"The client has to be able to: {', '.join(row['needs']) or 'nothing in particular'}",
            f"Explains: {', '.join(row['related'])}",
        )
    )


def _places(names: Sequence[str]) -> str:
    """Name vendors, or those that are missing, whichever is shorter."""
    missing = [name for name in VENDORS if name not in names]
    if not missing:
        return f"every vendor ({len(VENDORS)})"
    if len(missing) < len(names):
        return f"{len(names)} vendors, all but {', '.join(missing)}"
    return ", ".join(names)


def _where_it_fails(requirement: str) -> str:
    """Return the option that a run needs to come to a vendor where the rule applies, nothing if a core one does."""
    home = home_of(requirement)
    return "" if not home or home[0] in CORE else f" -p {home[0].name}"


def explanation(row: Mapping[str, Any]) -> str:
    """Return the story as text."""
    one = CATALOGUE[row["id"]]
    scenarios = [
        "\n".join((f"  {scenario.name}:", *(f"    {line}" for line in told(scenario)))) for scenario in one.scenarios
    ]
    return "\n\n".join(
        (
            f"{one.id} ({one.keyword})\n{one.statement}",
            f"Source: {in_words(one.source)}",
            f"Why it matters: {one.effect}",
            f"Tested at: {_places(row['providers'])}",
            f"In recorded traffic: {RECORDED[one.recorded]}",
            "Tested by:\n" + "\n".join(scenarios),
            f"A client that fails it: {row['miniature']}\n  refreshproof run miniature:{one.id} -r {one.id}"
            f"{_where_it_fails(one.id)}",
            f"How to fix it: {one.fix}",
        )
    )
