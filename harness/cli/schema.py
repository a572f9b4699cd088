"""`--schema`: the JSON Schema of the document that a command writes, printed instead of running the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def schema_option(name: str, schema: Callable[[], dict[str, Any]]) -> Callable[[Command], Command]:
    """Return the option that prints the schema of the document of this name to stdout and ends the command."""

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(json.dumps(schema(), indent=2))
            ctx.exit()

    told = f"Print the JSON Schema of {name} and exit."
    return click.option("--schema", is_flag=True, is_eager=True, expose_value=False, callback=show, help=told)
