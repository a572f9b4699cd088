"""`refreshproof list` and `refreshproof explain`: what there is, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import click
from rich.markup import escape
from rich.table import Column, Table

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.cli.options import Date
from refreshproof.harness.cli.terminal.stdout import Stdout
from refreshproof.harness.cli.terminal.telling import told
from refreshproof.harness.cli.terminal.whole import WholeGroup
from refreshproof.harness.run.kill_matrix import home_of
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.telling.sources import in_words
from refreshproof.harness.sets.frozen import FrozenSet, sets
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness.subjects.registry import SUBJECTS
from refreshproof.mock_servers.dates import days_between
from refreshproof.mock_servers.faults.faults import FAULTS
from refreshproof.mock_servers.misbehaviours.catalogue import misbehaviours as catalogued
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.evidence.requirement import Stretch
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.excluded import EXCLUDED
from refreshproof.scenarios.steps.subject import CAPABILITIES
from refreshproof.scenarios.survey import SURVEY

Rows = list[dict[str, Any]]

RECORDED: Mapping[Stretch | None, str] = {
    None: "not observable",
    "grant": "judged by the requests of each grant",
    "whole": "judged by all that a vendor was sent",
}
"""What `refreshproof judge` makes of a requirement, in words."""

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout.")


FRESH = 180
"""Days for which what was seen of a vendor is taken to be so still."""

LEAST_BESIDE = 40
"""Columns of a terminal that there have to be beside the names of a list."""


@click.group("list", cls=WholeGroup)
def list_group() -> None:
    """List subjects, providers, misbehaviours, faults, requirements, frozen sets or what a survey measures."""


def _show(rows: Rows, columns: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    console = Stdout()
    if not console.is_terminal:
        click.echo("\n".join(_aligned([columns, *([str(row[column]) for column in columns] for row in rows)])))
    elif console.width < max(len(str(row[columns[0]])) for row in rows) + LEAST_BESIDE:
        for row in rows:
            click.echo(str(row[columns[0]]))
            click.echo("  " + ": ".join(str(row[column]) for column in columns[1:]))
    else:
        table = Table(columns[0], *(Column(name, overflow="fold") for name in columns[1:]), box=None, pad_edge=False)
        table.columns[0].no_wrap = True
        for row in rows:
            table.add_row(*(escape(str(row[column])) for column in columns))
        console.print(table)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write rows beneath each other, one a line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


@list_group.command()
@JSON_OPTION
def subjects(as_json: bool) -> None:
    """Name the clients that can be tested."""
    _show([{"name": name, "summary": entry.summary} for name, entry in SUBJECTS.items()], ("name", "summary"), as_json)


@list_group.command()
@JSON_OPTION
def capabilities(as_json: bool) -> None:
    """Name what a client can claim beside login and call, and what it promises by that."""
    rows = [{"name": name, "promise": promise} for name, promise in CAPABILITIES.items()]
    _show(rows, ("name", "promise"), as_json)


@list_group.command()
@JSON_OPTION
@click.option(
    "--at", type=Date(), metavar="DATE", help="List them as they are at this date. Default: the machine's, for the age."
)
def providers(as_json: bool, at: Instant | None) -> None:
    """Name the vendors, with what they have announced, and which of them nobody has looked at for 180 days; --json
    shows every fact with its source and the day it was seen."""
    today = Stopwatch().started if at is None else at
    _show([provider_row(vendor, today) for vendor in _vendors_at(at)], ("name", "title", "news"), as_json)


def _vendors_at(date: Instant | None) -> list[Vendor]:
    return [vendor if date is None else vendor.at(date) for vendor in VENDORS.values()]


def provider_row(vendor: Vendor, today: Instant) -> dict[str, Any]:
    """Return one vendor as JSON data; `today` says how old what is known of it is."""
    seen = max(one.seen for one in vendor.profile.sources.values())
    age = days_between(seen, today)
    ahead = [f"{one.effective}: {one.what}" for one in vendor.profile.announced]
    stale = [f"not looked at since {seen}, {age} days ago"] if age > FRESH else []
    return {
        "name": vendor.name,
        "title": vendor.title,
        "news": " ".join((*stale, *ahead)),
        "seen": seen,
        "stale": bool(stale),
        "faults": [asdict(fault) for fault in vendor.faults],
        "profile": asdict(vendor.profile),
    }


@list_group.command()
@JSON_OPTION
def misbehaviours(as_json: bool) -> None:
    """Name the catalogued misbehaviours of real vendors; --json shows wire behaviour, evidence and what plays each."""
    _show([one.as_data() for one in catalogued().values()], ("id", "category", "vendors"), as_json)


@list_group.command()
@JSON_OPTION
def faults(as_json: bool) -> None:
    """Name the faults that a scenario, a test or a vendor's profile can set."""
    rows = [{"name": name, "summary": _first_line(fault.__doc__)} for name, fault in FAULTS.items()]
    _show(rows, ("name", "summary"), as_json)


@list_group.command()
@JSON_OPTION
def requirements(as_json: bool) -> None:
    """Name the requirements; --json adds the rows of the catalogue that are left out, each with its reason."""
    rows = [requirement_row(name) for name in CATALOGUE]
    left_out = [{"id": name, "excluded": reason} for name, reason in EXCLUDED.items()]
    _show([*rows, *left_out] if as_json else rows, ("id", "keyword", "statement"), as_json)


@list_group.command("sets")
@JSON_OPTION
def list_sets(as_json: bool) -> None:
    """Name the frozen sets of requirements; --json shows what each scores, in which version, and what it does not."""
    rows = [{**asdict(one), "requirements": len(one.scored)} for one in _plain_sets()]
    _show(rows, ("name", "requirements", "title"), as_json)


def _plain_sets() -> list[FrozenSet]:
    return [replace(one, scored=dict(one.scored), not_scored=dict(one.not_scored)) for one in sets().values()]


@list_group.command()
@JSON_OPTION
def survey(as_json: bool) -> None:
    """Name the values that a survey measures."""
    _show([survey_row(name) for name in SURVEY], ("id", "unit", "statement"), as_json)


def survey_row(name: str) -> dict[str, Any]:
    """Return one value of the survey as JSON data."""
    one = SURVEY[name]
    return {
        **{key: getattr(one, key) for key in ("id", "statement", "unit", "how", "scope")},
        "related": list(one.related),
        "needs": sorted(one.needs),
        "providers": [vendor.name for vendor in VENDORS.values() if one.applies(vendor.profile)],
    }


def requirement_row(name: str) -> dict[str, Any]:
    """Return one requirement as JSON data."""
    one = CATALOGUE[name]
    plain = ("id", "keyword", "family", "statement", "source", "effect", "fix", "anomaly", "invariant", "recorded")
    return {
        **{key: getattr(one, key) for key in plain},
        "needs": sorted(one.needs),
        "depends": list(one.depends),
        "providers": [vendor.name for vendor in VENDORS.values() if one.applies(vendor)],
        "scenarios": [scenario.to_document() for scenario in one.scenarios],
        "miniature": MINIATURES[name].flaw if name in MINIATURES else None,
    }


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


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
