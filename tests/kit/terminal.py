"""A report as a terminal, or a pipe, shows it."""

import io
from typing import Any

from rich.console import Console

from refreshproof.reports import Report, print_console


def printed(report: Report, width: int = 120, **options: Any) -> str:
    """Return what is printed on a terminal so many columns wide; without options it is a pipe."""
    file = io.StringIO()
    print_console(report, Console(file=file, width=width, **options))
    return file.getvalue()
