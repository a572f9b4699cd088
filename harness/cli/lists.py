"""`refreshproof list`: what there is, for people and as JSON. A command imports nothing but what it lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from refreshproof.harness.cli.options import Date
from refreshproof.harness.cli.terminal.whole import WholeGroup
from refreshproof.mock_servers.dates import days_between

if TYPE_CHECKING:
    from refreshproof.harness.sets.frozen import FrozenSet
    from refreshproof.mock_servers.vendors.vendor import Vendor
    from refreshproof.mock_servers.wire import Instant

Rows = list[dict[str, Any]]

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
    from rich.markup import escape
    from rich.table import Column, Table

    from refreshproof.harness.cli.terminal.stdout import Stdout

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
    from refreshproof.harness.subjects.registry import SUBJECTS

    _show([{"name": name, "summary": entry.summary} for name, entry in SUBJECTS.items()], ("name", "summary"), as_json)


@list_group.command()
@JSON_OPTION
def capabilities(as_json: bool) -> None:
    """Name what a client can claim beside login and call, and what it promises by that."""
    from refreshproof.scenarios.steps.subject import CAPABILITIES

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
    from refreshproof.harness.run.stopwatch import Stopwatch

    today = Stopwatch().started if at is None else at
    _show([provider_row(vendor, today) for vendor in _vendors_at(at)], ("name", "title", "news"), as_json)


def _vendors_at(date: Instant | None) -> list[Vendor]:
    from refreshproof.mock_servers.vendors import VENDORS

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
    from refreshproof.mock_servers.misbehaviours.catalogue import misbehaviours as catalogued

    _show([one.as_data() for one in catalogued().values()], ("id", "category", "vendors"), as_json)


@list_group.command()
@JSON_OPTION
def faults(as_json: bool) -> None:
    """Name the faults that a scenario, a test or a vendor's profile can set."""
    from refreshproof.mock_servers.faults.faults import FAULTS

    rows = [{"name": name, "summary": _first_line(fault.__doc__)} for name, fault in FAULTS.items()]
    _show(rows, ("name", "summary"), as_json)


@list_group.command()
@JSON_OPTION
def requirements(as_json: bool) -> None:
    """Name the requirements; --json adds the rows of the catalogue that are left out, each with its reason."""
    from refreshproof.harness.cli.rows import requirement_row
    from refreshproof.scenarios.requirements import CATALOGUE
    from refreshproof.scenarios.requirements.excluded import EXCLUDED

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
    from refreshproof.harness.sets.frozen import sets

    return [replace(one, scored=dict(one.scored), not_scored=dict(one.not_scored)) for one in sets().values()]


@list_group.command()
@JSON_OPTION
def survey(as_json: bool) -> None:
    """Name the values that a survey measures."""
    from refreshproof.harness.cli.rows import survey_row
    from refreshproof.scenarios.survey import SURVEY

    _show([survey_row(name) for name in SURVEY], ("id", "unit", "statement"), as_json)


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]
