"""The console on which reports are printed."""

from __future__ import annotations

from contextlib import suppress

from rich.console import Console


class Stdout(Console):
    """Standard output; a reader that goes before the end, such as `head`, changes nothing of how a command ends."""

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        with suppress(SystemExit):
            super().on_broken_pipe()
