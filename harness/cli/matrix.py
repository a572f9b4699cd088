"""`refreshproof matrix`: every third-party client at some vendors, as data and as pages that anybody can read."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from refreshproof.harness.cli.choosing import GLOBS, NothingChosenError, chosen
from refreshproof.harness.cli.options import AT_OPTION, JOBS_OPTION, schema_option
from refreshproof.harness.cli.terminal.interruption import hush, interruptible
from refreshproof.harness.matrix.asking import USUAL_VENDORS, Asked, asked, third_party
from refreshproof.harness.matrix.making import Making, Progress
from refreshproof.harness.run import writing
from refreshproof.harness.run.reporting import requirement_info
from refreshproof.harness.run.saved import PROGRAM
from refreshproof.harness.run.stopwatch import today
from refreshproof.harness.work.pieces import WorkerLostError
from refreshproof.mock_servers.strict_files import read_json
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.dated import dated
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant
from refreshproof.reports import Grade
from refreshproof.reports.formats.matrix.document import NAME, matrix_from_dict, matrix_schema, render_matrix_json
from refreshproof.reports.formats.matrix.pages import pages
from refreshproof.reports.formats.matrix.values import Confirmation, PlayedSubject, SubjectMatrix
from refreshproof.reports.verdict import ExitCode
from refreshproof.reports.version import VERSION
from refreshproof.scenarios.requirements import CATALOGUE

LARGEST_MATRIX = 64_000_000
"""Bytes of an earlier matrix that are read."""


@click.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option(
    "--provider",
    "-p",
    "providers",
    multiple=True,
    metavar="GLOB",
    help=f"Vendors to play at. {GLOBS} Default: {', '.join(USUAL_VENDORS)}; a client that can work with none of them "
    "is played at the first other vendor that it can work with.",
)
@AT_OPTION
@click.option(
    "--requirement",
    "-r",
    "requirements",
    multiple=True,
    metavar="GLOB",
    help=f"Rules to play by. {GLOBS} Default: all of them.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Seed of all plays.")
@click.option("--fresh", is_flag=True, help="Play everything anew, whatever is in the folder of --out.")
@click.option(
    "--confirm",
    is_flag=True,
    help="Play every violation over real sockets too: the library in a process of its own, TLS on loopback, the "
    "system's clock moved by libfaketime (Debian: faketime).",
)
@JOBS_OPTION
@click.option(
    "--out",
    default="refreshproof-matrix",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the matrix.",
)
@schema_option(f"{NAME} of the matrix", matrix_schema)
def matrix(
    subjects: tuple[str, ...],
    providers: tuple[str, ...],
    at: Instant | None,
    requirements: tuple[str, ...],
    seed: int,
    fresh: bool,
    confirm: bool,
    jobs: int | None,
    out: Path,
) -> int:
    """Play every third-party client at some vendors and write what each does, requirement by requirement.

    \b
    refreshproof matrix                            all of them
    refreshproof matrix authlib-httpx 'requests-*' these; others that the folder tells of stay as they are
    refreshproof matrix --confirm                  and play every violation over sockets too
    refreshproof matrix msal -p google -r 'rotation-*' --confirm      some cells of one client

    SUBJECT is a name or a glob (`refreshproof list subjects`). The verdicts are those of `refreshproof run SUBJECT
    --examples 0`. The folder of --out gets results.json, index.html and a page for each subject.

    What the folder holds already is kept where library, Refreshproof, seed, vendor, date and rule are the same and it
    is not older than 90 days, so that a run that was broken off goes on where it was. A client whose library or
    toolchain is missing is listed with the reason, and is no failure where others can be had; nor is a defect of a
    library.

    Exit codes: 0 all was played, 2 interrupted, 4 usage, 5 nothing was judged, for no SUBJECT is to be had, 7 something
    is missing or could not be judged (BROKEN).
    """
    names, undated, rules = _chosen(subjects, providers, requirements)
    vendors = tuple(dated(one, at) for one in undated)
    console = Console(stderr=True)
    try:
        writing.prepare(out)
        before = _earlier(out)
    except ValueError as error:
        raise click.UsageError(f"{error}; --out names another folder") from None
    code = ExitCode.AS_EXPECTED
    with interruptible():
        told = [_asked(name, vendors, not providers, console) for name in names]
        making = Making(
            asked=told,
            seed=seed,
            day=today(),
            jobs=jobs or os.cpu_count() or 1,
            fresh=fresh,
            confirm=confirm,
            requirements=rules,
            subjects=dict(before),
        )
        try:
            with closing(making.make()) as progress:
                for one in progress:
                    _tell(one, console)
                    writing.write(out / NAME, render_matrix_json(_matrix(making)))
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
            console.print("Interrupted: what was played is kept, and the same command goes on from there")
        except WorkerLostError as error:
            code = ExitCode.INCOMPLETE
            console.print(f"[bold red]{escape(str(error))}[/]: what it was playing is missing")
        hush()
        return _written(making, code, out, console)


def _chosen(
    subjects: Sequence[str], providers: Sequence[str], requirements: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Vendor, ...], tuple[str, ...]]:
    known = third_party()
    listing = "refreshproof list requirements"
    try:
        names = chosen(subjects, known, known, option="SUBJECT", listing="refreshproof list subjects")
        places = chosen(providers, VENDORS, USUAL_VENDORS, option="--provider", listing="refreshproof list providers")
        rules = chosen(requirements, CATALOGUE, CATALOGUE, option="--requirement", listing=listing)
    except NothingChosenError as error:
        raise click.UsageError(str(error)) from None
    usual = [name for name in USUAL_VENDORS if name in places]
    return names, tuple(VENDORS[name] for name in (*usual, *(one for one in places if one not in usual))), rules


def _earlier(out: Path) -> dict[str, PlayedSubject]:
    """Return what an earlier run left, empty without one; raises ValueError for what is no matrix."""
    file = out / NAME
    if not os.path.lexists(file):
        return {}
    known = third_party()
    subjects = matrix_from_dict(read_json(file, LARGEST_MATRIX)).subjects
    return {one.name: _of_today(one) for one in subjects if one.name in known}


def _of_today(subject: PlayedSubject) -> PlayedSubject:
    """Return a subject without what was judged by rules that there are no more."""
    plays = (
        replace(play, cells=tuple(cell for cell in play.cells if cell.requirement in CATALOGUE))
        for play in subject.plays
    )
    stories = tuple(one for one in subject.stories if one.requirement in CATALOGUE)
    return replace(subject, plays=tuple(plays), stories=stories)


def _asked(name: str, vendors: Sequence[Vendor], elsewhere: bool, console: Console) -> Asked:
    told = asked(name, vendors, elsewhere=elsewhere)
    if told.missing:
        console.print(f"{escape(name)} is not to be had: {escape(told.missing)}", soft_wrap=True)
    return told


def _tell(one: Progress, console: Console) -> None:
    counted = Counter(cell.grade(CATALOGUE_KEYWORDS[cell.requirement]) for cell in one.play.cells)
    said = ", ".join(f"{counted[grade]} {grade}" for grade in Grade if counted[grade]) or "not for it"
    if one.over_sockets:
        confirmed = sum(cell.confirmation is Confirmation.CONFIRMED for cell in one.play.cells)
        said = f"{confirmed} of {sum(cell.confirmation is not None for cell in one.play.cells)} confirmed over sockets"
    place = f"[{one.done}/{one.planned}] {one.subject} at {one.play.provider}: {said}; {one.seconds:.0f} s of processor"
    console.print(escape(place), soft_wrap=True, highlight=False)


REQUIREMENTS = tuple(requirement_info(requirement) for requirement in CATALOGUE.values())
CATALOGUE_KEYWORDS = {one.id: one.keyword for one in REQUIREMENTS}


def _matrix(making: Making) -> SubjectMatrix:
    return SubjectMatrix(
        version=VERSION,
        command=(PROGRAM, *sys.argv[1:]),
        requirements=REQUIREMENTS,
        subjects=tuple(making.subjects[name] for name in sorted(making.subjects)),
    )


def _written(making: Making, code: ExitCode, out: Path, console: Console) -> ExitCode:
    """Write everything, and say what is left to do."""
    made = _matrix(making)
    texts: list[writing.Planned] = [(out / NAME, partial(render_matrix_json, made)), *pages(made, making.day, out)]
    files, failures = writing.write_all(texts)
    for failure in failures:
        console.print(f"[bold red]Not written[/]: {escape(failure)}", soft_wrap=True)
    broken = [
        f"{subject.name} at {play.provider}: {cell.requirement}: {cell.why}"
        for subject in made.subjects
        for play in subject.plays
        for cell in play.cells
        if cell.grade(CATALOGUE_KEYWORDS[cell.requirement]) is Grade.BROKEN
    ]
    for one in broken:
        console.print(f"[bold magenta]BROKEN[/] {escape(one)}", soft_wrap=True)
    console.print(f"Matrix: {escape(str(out / 'index.html'))} ({len(files)} files)", soft_wrap=True)
    nobody = all(one.missing for one in making.asked)
    if nobody:
        names = ", ".join(one.name for one in making.asked)
        console.print(f"[bold blue]Nothing judged[/]: {escape(names)}: not to be had", soft_wrap=True)
    ends = ((failures, ExitCode.HARNESS_ERROR), (broken, ExitCode.INCOMPLETE), (nobody, ExitCode.NOTHING_SELECTED))
    return next((end for found, end in ends if found), code) if code is ExitCode.AS_EXPECTED else code
