"""`refreshproof profile`: a vendor of one's own as a file, and the built-in ones as such files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.cli.terminal.whole import WholeGroup
from refreshproof.harness.vendor_check.recording.needs import refusal_to_judge, refusal_to_serve
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor


@dataclass(frozen=True, kw_only=True)
class OwnVendor:
    """A vendor of the user's own, and the file it stands in."""

    vendor: Vendor
    file: Path


def _read(path: Path) -> Vendor:
    from refreshproof.mock_servers.profile_files.file import (  # pydantic takes time to import
        ProfileFileError,
        read_vendor,
    )

    try:
        return read_vendor(path)
    except ProfileFileError as error:
        raise click.UsageError(str(error)) from None


PROFILE_OPTION = click.option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(path_type=Path),
    callback=lambda context, option, paths: tuple(OwnVendor(vendor=_read(path), file=path) for path in paths),
    metavar="FILE",
    help="A vendor of your own (see `refreshproof profile`); may be repeated.",
)


def with_own(vendors: Sequence[Vendor], own: Sequence[OwnVendor]) -> dict[str, Vendor]:
    """Return vendors by name, one's own after the others and in the place of those of the same name."""
    names = [one.vendor.name for one in own]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise click.BadParameter(f"two files name their vendor {twice!r}", param_hint="--profile")
    return {vendor.name: vendor for vendor in (*vendors, *(one.vendor for one in own))}


def check_measured(vendors: Iterable[Vendor], requirements: Iterable[str]) -> None:
    """Refuse a recording of a real server that leaves open what requirements need; click's error names both."""
    from refreshproof.scenarios.requirements import CATALOGUE  # Hypothesis comes with it

    rules = [CATALOGUE[name] for name in requirements]
    _refuse(refusal_to_judge(vendor, rules) for vendor in vendors)


def check_servable(vendors: Iterable[Vendor]) -> None:
    """Refuse a recording that leaves open what the plainest flow needs; click's error names it."""
    _refuse(map(refusal_to_serve, vendors))


def _refuse(refusals: Iterable[str]) -> None:
    for refusal in refusals:
        if refusal:
            raise click.UsageError(refusal)


@click.group(cls=WholeGroup)
def profile() -> None:
    """Describe a vendor of your own in a TOML file, for `run --profile` and `serve --profile`.

    \b
    refreshproof profile show generic > mine.toml   begin with a built-in vendor
    refreshproof profile check mine.toml            see whether yours can be used
    refreshproof profile schema > profile.json      let your editor help
    """


@profile.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Tell everything that is wrong with FILE: the key, what was found, what is allowed."""
    vendor = _read(file)
    counts = f"{len(vendor.profile.endpoints)} endpoints, {len(vendor.faults)} faults"
    click.echo(f"{file}: {vendor.name} ({vendor.title}) can be used: {counts}", err=True)
    if vendor.profile.not_measured:
        click.echo(f"{file}: not measured: {', '.join(vendor.profile.not_measured)}", err=True)


@profile.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the built-in vendor NAME as a file, with the sources of its facts."""
    from refreshproof.mock_servers.profile_files.text import text_of

    if name not in VENDORS:
        meant = hint(name, VENDORS, "`refreshproof list providers` names them")
        raise click.BadParameter(f"there is no built-in vendor {name!r}; {meant}", param_hint="NAME")
    click.echo(text_of(VENDORS[name]), nl=False)


@profile.command()
def schema() -> None:
    """Print the JSON Schema of these files (draft 2020-12)."""
    from refreshproof.mock_servers.profile_files import schema as profile_schema

    click.echo(json.dumps(profile_schema.schema(), indent=2))
