"""Help in which nothing is cut: the summary of a command is its first sentence, however many lines it takes."""

from __future__ import annotations

import click

_LONGEST = 1_000


class WholeGroup(click.Group):
    """A group of commands whose summaries are not cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every command with its summary."""
        with formatter.section("Commands"):
            formatter.write_dl(self.summaries(ctx))

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return every command with its summary."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, one.get_short_help_str(_LONGEST)) for name, one in commands if one is not None]
