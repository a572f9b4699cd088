"""The formats of the report and of the kill matrix, by name. To add one: write its module, add its line to a table at
the foot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from refreshproof.reports.formats.badge import render_badge, render_shields
from refreshproof.reports.formats.ctrf import render_ctrf
from refreshproof.reports.formats.document import render_json
from refreshproof.reports.formats.github import render_github
from refreshproof.reports.formats.gitlab import render_gitlab
from refreshproof.reports.formats.junit import render_junit
from refreshproof.reports.formats.kill_document import render_kill_json
from refreshproof.reports.formats.page.kill_page import render_kill_page
from refreshproof.reports.formats.page.page import render_page
from refreshproof.reports.formats.sarif import render_sarif
from refreshproof.reports.formats.summary import render_summary
from refreshproof.reports.kills import KillMatrix
from refreshproof.reports.results import Report

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, kw_only=True)
class Format(Generic[_Shown]):
    """A file of the report's folder: its name, what it is for, and the function that gives its text (UTF-8).

    One that is not written `by_default` is written where it is asked for.
    """

    filename: str
    summary: str
    render: Callable[[_Shown], str]
    by_default: bool = True


def _asked(filename: str, summary: str, render: Callable[[Report], str]) -> Format[Report]:
    return Format(filename=filename, summary=summary, render=render, by_default=False)


FORMATS: Mapping[str, Format[Report]] = MappingProxyType(
    {
        "html": Format(filename="index.html", summary="for people: a self-contained page", render=render_page),
        "json": Format(filename="results.json", summary="for programs: schema 2", render=render_json),
        "junit": Format(filename="junit.xml", summary="for CI systems", render=render_junit),
        "markdown": Format(filename="summary.md", summary="for GitHub step summaries", render=render_summary),
        "ctrf": _asked("ctrf-report.json", "for programs: the Common Test Report Format", render_ctrf),
        "sarif": _asked("results.sarif", "for code scanning: SARIF 2.1.0", render_sarif),
        "gitlab": _asked("gl-code-quality-report.json", "for GitLab's merge requests: code quality", render_gitlab),
        "github": _asked("annotations.txt", "for GitHub Actions: at most ten annotations", render_github),
        "badge": _asked("badge.svg", "for a README: a badge", render_badge),
        "shields": _asked("badge.json", "for a README: the badge that shields.io draws", render_shields),
    }
)

STORY_FORMATS: Mapping[str, str] = MappingProxyType(
    {"har": "for a browser's network panel: a HAR 1.2 for each failing story, in the folder har"}
)
"""Formats that only a run can write, with a file for each failing story: a report holds no traffic."""

DEFAULT_FORMATS = tuple(sorted(name for name, entry in FORMATS.items() if entry.by_default))
"""What is written where nothing is asked for."""

KILL_FORMATS: Mapping[str, Format[KillMatrix]] = MappingProxyType(
    {
        "html": Format(
            filename="kill-matrix.html", summary="for people: a self-contained page", render=render_kill_page
        ),
        "json": Format(filename="kill-matrix.json", summary="for programs: schema 1", render=render_kill_json),
    }
)
