"""What GitHub Actions shows of a run by itself: annotations on its page, and a summary of the step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from refreshproof.harness.cli.terminal.stdout import say
from refreshproof.reports import FORMATS, Report
from refreshproof.reports.formats.summary import LARGEST, render_summary


def tell_github(report: Report, environment: Mapping[str, str]) -> list[str]:
    """Print annotations and append to the step's summary where the environment asks for it; returns what failed."""
    if environment.get("GITHUB_ACTIONS"):
        say(FORMATS["github"].render(report).rstrip("\n"))
    place = environment.get("GITHUB_STEP_SUMMARY")
    return _append(report, Path(place)) if place else []


def _append(report: Report, file: Path) -> list[str]:
    """Append the summary; a step's whole summary has one limit."""
    try:
        with file.open("a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(render_summary(report, LARGEST - summary.tell()))
    except (OSError, ValueError) as error:
        return [f"{file}: {getattr(error, 'strerror', None) or error}"]
    return []
