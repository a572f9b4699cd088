"""`refreshproof kill-matrix`: every client with one flaw against every requirement, to see that each check can fail."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.cli.options import (
    DASK_OPTION,
    JOBS_OPTION,
    check_one_place,
    out_option,
    report_option,
    schema_option,
)
from refreshproof.harness.cli.terminal.interruption import interruptible
from refreshproof.harness.run import writing
from refreshproof.harness.run.kill_matrix import UNLIKE, kills
from refreshproof.harness.run.likeness import likeness_of
from refreshproof.harness.run.reporting import circumstances, requirement_info
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness.work.jobs import alone
from refreshproof.harness.work.pieces import PlaceError, WorkerLostError
from refreshproof.harness.work.places import place
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
@DASK_OPTION
@click.argument("miniatures", nargs=-1)
def kill_matrix(
    formats: tuple[str, ...],
    out: Path,
    as_json: bool,
    jobs: int | None,
    dask: str | None,
    miniatures: tuple[str, ...],
) -> int:
    """Run MINIATURES (default: all) against every requirement; exit code 1 if one is missed or fails an unrelated
    one."""
    check_one_place(jobs, dask)
    unknown = [name for name in miniatures if name not in MINIATURES]
    if unknown:
        meant = hint(unknown[0], MINIATURES, "`refreshproof list subjects` names them")
        raise click.BadParameter(f"there is no miniature {unknown[0]!r}; {meant}", param_hint="MINIATURES")
    chosen = [name for name in CATALOGUE if name in (miniatures or MINIATURES)]
    try:
        where = place(dask, jobs or os.cpu_count() or 1)
        writing.prepare(out)
        where.check(likeness_of(Plan(subject="tiny", vendors=UNLIKE, requirements=tuple(CATALOGUE))))
    except PlaceError as error:
        raise click.BadParameter(str(error), param_hint="--dask") from None
    except writing.UnwritableError as error:
        raise click.UsageError(str(error)) from None
    console, watch = Console(stderr=True), Stopwatch()
    work = [partial(alone, partial(kills, name, UNLIKE, tuple(CATALOGUE))) for name in chosen]
    try:
        with interruptible(), where.opened() as doing, closing(doing(work)) as judged:
            matrix = matrix_of(list(track(judged, "miniatures", len(work), console=console)), watch)
    except WorkerLostError as error:
        console.print(f"[bold red]{escape(str(error))}[/]: nothing is written", soft_wrap=True)
        return ExitCode.INCOMPLETE
    if as_json:
        click.echo(KILL_FORMATS["json"].render(matrix), nl=False)
    written, failures = write(matrix, formats or sorted(KILL_FORMATS), out)
    for file in written:
        console.print(f"Matrix: {escape(str(file))}", soft_wrap=True)
    for failure in failures:
        console.print(f"[bold red]Not written[/]: {escape(failure)}", soft_wrap=True)
    for one in matrix.wrong:
        console.print(
            f"{one.name}: caught {one.caught}, unrelated {', '.join(one.unrelated) or 'none'}", soft_wrap=True
        )
    console.print(f"{len(CATALOGUE)} requirements: {proof_in_words(proof_of(matrix))}", soft_wrap=True)
    if matrix.wrong:
        return ExitCode.UNEXPECTED
    return ExitCode.HARNESS_ERROR if failures else ExitCode.AS_EXPECTED


def write(matrix: KillMatrix, formats: Sequence[str], folder: Path) -> tuple[list[Path], list[str]]:
    """Write the chosen formats, each file whole or not at all; returns the files, and why others could not be
    written."""
    return writing.write_all(
        (folder / KILL_FORMATS[name].filename, partial(KILL_FORMATS[name].render, matrix)) for name in formats
    )


def matrix_of(clients: Sequence[FlawedClient], watch: Stopwatch) -> KillMatrix:
    """Return the matrix of what was found, with the circumstances of the run."""
    return KillMatrix(
        run=circumstances(watch, virtual_seconds=sum(client.virtual_seconds for client in clients)),
        providers=tuple(vendor.name for vendor in UNLIKE),
        requirements=tuple(requirement_info(requirement) for requirement in CATALOGUE.values()),
        clients=tuple(clients),
    )
