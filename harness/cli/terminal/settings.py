"""The settings file as an option of the commands that it holds for. The command line wins.

Modules that it names are found from its folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from refreshproof.harness.settings.settings import OWN, SHARED, TABLE, found, read_settings
from refreshproof.mock_servers.strict_files import FileError


def find_modules(folder: Path) -> None:
    """Let modules be found from the folder of the settings file that holds for a folder, if there is one."""
    try:
        file = found(folder)
    except FileError as error:
        raise click.UsageError(str(error)) from None
    if file is not None:
        _look_in(file.parent)


def _look_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def settings_option(**renamed: str | None) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return the option that names the file, and takes it; a setting that a command knows by another name than `run` is
    renamed, its own name first, and one that means something else there is left out by None."""

    def take(context: click.Context, parameter: click.Parameter, named: Path | None) -> None:
        if context.resilient_parsing:
            return
        present = Path.cwd()
        try:
            file = found(present) if named is None else Path(os.path.abspath(named))
            if file is None:
                return
            settings = read_settings(file, present)
        except FileError as error:
            raise click.UsageError(str(error)) from None
        click.echo(f"Settings: {file}", err=True)
        _look_in(file.parent)
        ours = {name: value for name, value in settings.values.items() if name not in renamed}
        ours |= {own: settings.values[name] for own, name in renamed.items() if name and name in settings.values}
        context.default_map = {**(context.default_map or {}), **ours}

    return click.option(
        "--settings",
        type=click.Path(dir_okay=False, path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=take,
        metavar="FILE",
        help=f"Settings that hold where an option is not given. Default: {OWN}, or [{'.'.join(TABLE)}] in {SHARED}, "
        "from the present folder upwards.",
    )
