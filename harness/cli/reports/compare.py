"""`refreshproof compare`: what has changed between two runs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from refreshproof.harness.cli.reports.baseline import read_report
from refreshproof.harness.cli.terminal.stdout import say
from refreshproof.reports import Report
from refreshproof.reports.comparison import Change, Compared, compared, differences, exit_code_of
from refreshproof.reports.formats.words.text import one_line

PLACE = click.Path(path_type=Path)


@click.command()
@click.argument("old", type=PLACE)
@click.argument("new", type=PLACE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout: every cell, also those that are the same.")
def compare(old: Path, new: Path, as_json: bool) -> int:
    """Tell what has changed from the run OLD to the run NEW, each a report's folder or its results.json.

    They may be two versions of a client, two clients, or two versions of Refreshproof. Exit code 1 if anything is newly
    broken, also with another anomaly than before; 7 if nothing is, but something that OLD tells of is untested in NEW.
    """
    before, after = read_report(old), read_report(new)
    cells = compared(before, after)
    if as_json:
        say(json.dumps([asdict(cell) for cell in cells], indent=1))
        return exit_code_of(cells)
    for line in _told(before, after, cells):
        say(line)
    return exit_code_of(cells)


def _told(old: Report, new: Report, cells: tuple[Compared, ...]) -> Iterator[str]:
    for name, report in (("old", old), ("new", new)):
        yield f"{name}: {one_line(f'{report.subject.name} {report.subject.version}')}, seed {report.run.seed}"
    yield from differences(old, new)
    for change in Change:
        found = [cell for cell in cells if cell.change is change]
        if found and change is not Change.SAME:
            yield f"\n{change}:"
            yield from _listed(found)
    yield ""
    yield from _table(cells)


def _listed(cells: Iterable[Compared]) -> Iterator[str]:
    """Tell cells, providers of which the same holds together."""
    places: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for cell in cells:
        places[cell.requirement, cell.before, cell.after].append(cell.provider)
    for (requirement, before, after), providers in places.items():
        yield f"  {one_line(requirement)}: {before} -> {after} at {one_line(', '.join(providers))}"


def _table(cells: tuple[Compared, ...]) -> Iterator[str]:
    """Count the changes of each provider."""
    counts = Counter((one_line(cell.provider), cell.change) for cell in cells)
    providers = list(dict.fromkeys(one_line(cell.provider) for cell in cells))
    rows = [["provider", *Change]]
    rows += [[provider, *(str(counts[provider, change]) for change in Change)] for provider in providers]
    rows.append(["all", *(str(sum(cell.change is change for cell in cells)) for change in Change)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        numbers = (text.rjust(width) for text, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *numbers))
