"""`refreshproof serve`: vendors over sockets, for clients in any language."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from refreshproof.harness.cli.options import AT_OPTION, STRICT_FUTURE_OPTION
from refreshproof.mock_servers.serving import ServeOptions, vendors_named
from refreshproof.mock_servers.serving import serve as serve_vendors
from refreshproof.mock_servers.serving.sockets.limits import USUAL, Limits
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.dated import dated
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant

if TYPE_CHECKING:
    from refreshproof.harness.judging.witness import JudgingWitness

TOKEN_VARIABLE = "REFRESHPROOF_CONTROL_TOKEN"
"""Environment variable with the control API's token, for those who want to choose it."""

LEDGER_KEEP = 10_000


@click.command()
@click.argument("providers", nargs=-1)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file of a vendor of your own; may be repeated.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to bind; anything beyond loopback is warned of."
)
@click.option(
    "--name",
    "names",
    multiple=True,
    help="What other machines call this one: the first name stands in all addresses and issuers, every one in the "
    "certificate of --https; may be repeated.",
)
@click.option(
    "--control-host",
    default="127.0.0.1",
    show_default=True,
    help="Address to bind the control API to, which its token opens.",
)
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="First port; the others follow. 0: free ones.",
)
@click.option("--https", is_flag=True, help="Serve https with a throw-away CA, which is written to a file.")
@click.option(
    "--time",
    "time_mode",
    type=click.Choice(["real", "virtual"]),
    default="real",
    show_default=True,
    help="Virtual time stands still until the control API moves it.",
)
@AT_OPTION
@STRICT_FUTURE_OPTION
@click.option(
    "--user",
    type=click.Choice(["pages", "auto"]),
    default="pages",
    show_default=True,
    help="Show login and consent pages, or consent at once.",
)
@click.option(
    "--issuer",
    type=click.Choice(["local", "host", "real"]),
    default="local",
    show_default=True,
    help="What the vendor calls itself in metadata and tokens. host: what the client calls it, by Host, Forwarded or "
    "X-Forwarded-Proto, -Host and -Port.",
)
@click.option(
    "--cors",
    type=click.Choice(["vendor", "all"]),
    default="vendor",
    show_default=True,
    help="Who lets pages elsewhere ask: the vendors that do so, or all.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of tokens and lifetimes.")
@click.option("--ca-file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the CA of https.")
@click.option(
    "--ledger-keep",
    default=LEDGER_KEEP,
    show_default=True,
    type=click.IntRange(100),
    help="Newest requests that each provider's ledger keeps, and newest tokens that are over. What is good stays; of "
    "more than 10,000 access tokens, the newest 1,000 of each login.",
)
@click.option(
    "--connections",
    default=USUAL.connections,
    show_default=True,
    type=click.IntRange(1),
    help="Connections at one port; for one more, the one that has rested longest goes.",
)
@click.option(
    "--request-timeout",
    default=USUAL.request_seconds,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Seconds that a client has for a request from its first byte; then 408.",
)
@click.option(
    "--idle-timeout",
    default=USUAL.idle_seconds,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Seconds without a request, or without taking a byte of an answer, after which a client is cut.",
)
@click.option("--judge", "judging", is_flag=True, help="Judge what clients do, at the end or by POST /v1/judgement.")
@click.option(
    "--out",
    default="refreshproof-report",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the report of --judge.",
)
@click.option("--verbose", "-v", is_flag=True, help="Print a line for every request, without secrets.")
def serve(
    providers: tuple[str, ...],
    profiles: tuple[Path, ...],
    host: str,
    names: tuple[str, ...],
    control_host: str,
    port: int,
    https: bool,
    time_mode: str,
    at: Instant | None,
    strict_future: bool,
    user: str,
    issuer: str,
    cors: str,
    seed: int,
    ca_file: Path | None,
    ledger_keep: int,
    connections: int,
    request_timeout: float,
    idle_timeout: float,
    judging: bool,
    out: Path,
    verbose: bool,
) -> int:
    """Serve PROVIDERS (default: google microsoft atlassian), each on a port of its own, until interrupted.

    What to set in the client is printed, and how to reach the control API: it moves the clock, queues faults, lets the
    user consent, deny or revoke, and reads the ledger. The console does the same for a person with a browser. The token
    of both can be chosen by REFRESHPROOF_CONTROL_TOKEN.

    With --judge any application or test suite is under test that is pointed here, without an adapter: what it sent is
    judged when the server ends, with the report and the exit codes of `refreshproof run`.
    """
    try:
        own = tuple(_own(path) for path in profiles)
        if own:
            from refreshproof.harness.cli.profile import check_servable

            check_servable(own)
        named = vendors_named(providers or (() if profiles else ("google", "microsoft", "atlassian")), VENDORS)
        vendors = tuple(dated(one, at, strict_future) for one in (*named, *own))
        files = {vendor.name: str(path) for vendor, path in zip(own, profiles, strict=True)}
        witness = _witness(vendors, out, files, seed, time_mode == "virtual") if judging else None
        options = ServeOptions(
            vendors=vendors,
            host=host,
            names=names,
            control_host=control_host,
            port=port,
            https=https,
            time=time_mode,  # type: ignore[arg-type]
            at=at,
            user=user,  # type: ignore[arg-type]
            issuer=issuer,  # type: ignore[arg-type]
            cors=cors,  # type: ignore[arg-type]
            seed=seed,
            ca_file=ca_file,
            ledger_keep=ledger_keep,
            limits=Limits(connections=connections, request_seconds=request_timeout, idle_seconds=idle_timeout),
            token=os.environ.get(TOKEN_VARIABLE),
            log=(lambda line: click.echo(line, err=True)) if verbose else None,
            witness=witness,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        serve_vendors(options)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{place}{error.strerror or error}") from None
    if witness is None:
        return 0
    return _told(witness, out)


def _witness(
    vendors: tuple[Vendor, ...], out: Path, files: Mapping[str, str], seed: int, virtual: bool
) -> JudgingWitness:
    """Return who judges; what judges is imported only for those who ask for it."""
    from refreshproof.harness.judging.witness import JudgingWitness
    from refreshproof.harness.run import writing

    writing.prepare(out)
    return JudgingWitness(vendors, out, files=files, seed=seed, virtual=virtual)


def _told(witness: JudgingWitness, out: Path) -> int:
    from rich.console import Console

    from refreshproof.harness.cli.judge import tell
    from refreshproof.harness.cli.terminal.interruption import hush, interruptible

    with interruptible():
        hush()
        return tell(witness.judged(), (), out, Console(stderr=True))


def _own(path: Path) -> Vendor:
    """Read a vendor's file; what reads it is imported only for those who have one."""
    from refreshproof.mock_servers.profile_files.file import read_vendor

    return read_vendor(path)
