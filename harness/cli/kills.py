"""`refreshproof kill-matrix`: every client with one flaw against every requirement, to see that each check can fail."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from refreshproof.harness.cli.options import JOBS_OPTION, out_option, report_option
from refreshproof.harness.cli.schema import schema_option
from refreshproof.harness.run.jobs import results
from refreshproof.harness.run.kill_matrix import UNLIKE, kills
from refreshproof.harness.run.reporting import circumstances, requirement_info
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.reports import (
    KILL_FORMATS,
    FlawedClient,
    KillMatrix,
    kill_schema,
    proof_in_words,
    proof_of,
)
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.requirements import CATALOGUE


@click.command("kill-matrix")
@report_option(KILL_FORMATS, "Format of the matrix")
@out_option("Folder of the matrix; a run that writes its report there names it.")
@click.option("--json", "as_json", is_flag=True, help="Print the matrix as JSON to stdout too.")
@schema_option("kill-matrix.json", kill_schema)
@JOBS_OPTION
@click.argument("miniatures", nargs=-1)
def kill_matrix(
    formats: tuple[str, ...], out: Path, as_json: bool, jobs: int | None, miniatures: tuple[str, ...]
) -> int:
    """Run MINIATURES (default: all) against every requirement; exit code 1 if one is missed or fails an unrelated
    one."""
    unknown = [name for name in miniatures if name not in MINIATURES]
    if unknown:
        raise click.BadParameter(f"there is no miniature {unknown[0]!r}; see `refreshproof list subjects`")
    chosen = [name for name in CATALOGUE if name in (miniatures or MINIATURES)]
    console, watch = Console(stderr=True), Stopwatch()
    work = [partial(kills, name, UNLIKE, tuple(CATALOGUE)) for name in chosen]
    judged = results(work, jobs or os.cpu_count() or 1)
    matrix = matrix_of(list(track(judged, "miniatures", len(work), console=console)), watch)
    if as_json:
        click.echo(KILL_FORMATS["json"].render(matrix), nl=False)
    for file in write(matrix, formats or sorted(KILL_FORMATS), out):
        console.print(f"Matrix: {file}")
    for one in matrix.wrong:
        console.print(f"{one.name}: caught {one.caught}, unrelated {', '.join(one.unrelated) or 'none'}")
    console.print(f"{len(CATALOGUE)} requirements: {proof_in_words(proof_of(matrix))}")
    return ExitCode.UNEXPECTED if matrix.wrong else ExitCode.AS_EXPECTED


def write(matrix: KillMatrix, formats: Sequence[str], folder: Path) -> list[Path]:
    """Write the chosen formats; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [KILL_FORMATS[name] for name in formats]
    for one in chosen:
        (folder / one.filename).write_text(one.render(matrix), encoding="utf-8")
    return [folder / one.filename for one in chosen]


def matrix_of(clients: Sequence[FlawedClient], watch: Stopwatch) -> KillMatrix:
    """Return the matrix of what was found, with the circumstances of the run."""
    return KillMatrix(
        run=circumstances(watch, virtual_seconds=sum(client.virtual_seconds for client in clients)),
        providers=tuple(vendor.name for vendor in UNLIKE),
        requirements=tuple(requirement_info(requirement) for requirement in CATALOGUE.values()),
        clients=tuple(clients),
    )
