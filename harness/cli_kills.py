"""`refreshproof kill-matrix`: every client with one flaw against every requirement, to see that each check can fail."""

from __future__ import annotations

import json
import os
from functools import partial

import click
from rich.console import Console
from rich.progress import track

from refreshproof.harness.jobs import results
from refreshproof.harness.kill_matrix import UNLIKE, Kills, kills
from refreshproof.harness.miniatures import MINIATURES
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.requirements import CATALOGUE


@click.command("kill-matrix")
@click.option("--json", "as_json", is_flag=True, help="Print the matrix as JSON to stdout.")
@click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Processes. Default: the number of processors.")
@click.argument("miniatures", nargs=-1)
def kill_matrix(as_json: bool, jobs: int | None, miniatures: tuple[str, ...]) -> int:
    """Run MINIATURES (default: all) against every requirement; exit code 1 if one is missed or fails an unrelated
    one."""
    unknown = [name for name in miniatures if name not in MINIATURES]
    if unknown:
        raise click.BadParameter(f"there is no miniature {unknown[0]!r}; see `refreshproof list subjects`")
    chosen = miniatures or tuple(MINIATURES)
    work = [partial(kills, name, UNLIKE, tuple(CATALOGUE)) for name in chosen]
    console = Console(stderr=True)
    found = list(track(results(work, jobs or os.cpu_count() or 1), "miniatures", len(work), console=console))
    if as_json:
        click.echo(json.dumps([_row(one) for one in found], indent=2))
    wrong = [one for one in found if not one.caught or one.unrelated]
    for one in wrong:
        console.print(f"{one.miniature}: caught {one.caught}, unrelated {', '.join(one.unrelated) or 'none'}")
    console.print(f"{len(found)} miniatures against {len(CATALOGUE)} requirements: {len(wrong)} wrong")
    return ExitCode.UNEXPECTED if wrong else ExitCode.AS_EXPECTED


def _row(one: Kills) -> dict[str, object]:
    return {"miniature": one.miniature, "flaw": one.flaw, "by": one.by, "allowed": sorted(one.allowed)}
