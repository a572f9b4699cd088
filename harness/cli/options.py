"""Options that several commands share, declared once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from refreshproof.mock_servers.dates import instant_of
from refreshproof.mock_servers.wire import Instant

if TYPE_CHECKING:
    from refreshproof.reports import Grading

Command = TypeVar("Command", bound=Callable[..., Any])

JOBS_OPTION = click.option(
    "--jobs", "-j", type=click.IntRange(1, 256), help="Processes. Default: the number of processors."
)

DASK_OPTION = click.option(
    "--dask",
    metavar="ADDRESS",
    help="Play on the workers of a Dask cluster instead, by the address of its scheduler, such as "
    "tcp://127.0.0.1:8786: the report is the same. All of them need this version of Refreshproof and the client under "
    "test as it is here, and may run whatever the scheduler is sent.",
)
EXAMPLES_OPTION = click.option(
    "--examples",
    default=25,
    show_default=True,
    type=click.IntRange(0, 1_000_000),
    help="Generated lives per vendor; 0 for fixed scenarios only.",
)
SEED_OPTION = click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of everything random: equal seeds give equal runs, another one explores other lives.",
)
STRICT_OPTION = click.option(
    "--strict", is_flag=True, help="Let every violation, warning and untested requirement fail."
)
LENIENT_OPTION = click.option("--lenient", is_flag=True, help="Let nothing but a broken MUST or vendor's rule fail.")


def check_one_place(jobs: int | None, dask: str | None) -> None:
    """Raise click.UsageError where both options say who is to do the work."""
    if dask is not None and jobs is not None:
        raise click.UsageError("--jobs counts processes of this machine, and --dask names others; choose one of them")


class Date(click.ParamType[Instant]):
    """A date on the command line, as an instant."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Instant:
        """Read a date, in UTC where it names no zone."""
        if isinstance(value, int):
            return value
        try:
            return instant_of(value)
        except ValueError as error:
            self.fail(f"found {value!r}; expected a date, such as 2027-03-31 or 2027-03-31T09:00:00+02:00: {error}")


AT_OPTION = click.option(
    "--at",
    type=Date(),
    metavar="DATE",
    help="Begin at this date, such as 2027-03-31, at the vendor as it is then; what it has announced for later comes "
    "into force on its day. Default: no date, and the vendor as it was last looked at.",
)
STRICT_FUTURE_OPTION = click.option(
    "--strict-future", is_flag=True, help="Take everything that a vendor has announced to have happened already."
)


def grading_of(strict: bool, lenient: bool, usual: Grading) -> Grading:
    """Return where the line between failing and warning runs; raises click.UsageError where both options move it."""
    if strict and lenient:
        raise click.UsageError("--strict and --lenient move the same line; choose one of them")
    return "strict" if strict else "lenient" if lenient else usual


def out_option(what: str) -> Callable[[Command], Command]:
    """Return the option that names the folder where a command writes."""
    kind = click.Path(file_okay=False, path_type=Path)
    return click.option("--out", default="refreshproof-report", show_default=True, type=kind, help=what)


def report_option(formats: Iterable[str], what: str, default: Iterable[str] = ("all",)) -> Callable[[Command], Command]:
    """Return the option that chooses among the formats of what a command writes."""
    chosen, told = click.Choice(sorted(formats)), f"{what}; may be repeated. Default: {', '.join(default)}."
    return click.option("--report", "formats", multiple=True, type=chosen, help=told)


def schema_option(name: str, schema: Callable[[], dict[str, Any]]) -> Callable[[Command], Command]:
    """Return the option that prints the schema of the document of this name to stdout and ends the command."""

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(json.dumps(schema(), indent=2))
            ctx.exit()

    told = f"Print the JSON Schema of {name} and exit."
    return click.option("--schema", is_flag=True, is_eager=True, expose_value=False, callback=show, help=told)
