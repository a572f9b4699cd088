"""The formats of the report and of the kill matrix, by name. To add one: write its module, add its line to a table at
the foot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from refreshproof.reports.formats.document import render_json
from refreshproof.reports.formats.junit import render_junit
from refreshproof.reports.formats.kill_document import render_kill_json
from refreshproof.reports.formats.kill_page import render_kill_page
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.formats.summary import render_summary
from refreshproof.reports.kills import KillMatrix
from refreshproof.reports.results import Report

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, kw_only=True)
class Format(Generic[_Shown]):
    """A file of the report's folder: its name, what it is for, and the function that gives its text (UTF-8)."""

    filename: str
    summary: str
    render: Callable[[_Shown], str]


FORMATS: Mapping[str, Format[Report]] = MappingProxyType(
    {
        "html": Format(filename="index.html", summary="for people: a self-contained page", render=render_page),
        "json": Format(filename="results.json", summary="for programs: schema 2", render=render_json),
        "junit": Format(filename="junit.xml", summary="for CI systems", render=render_junit),
        "markdown": Format(filename="summary.md", summary="for GitHub step summaries", render=render_summary),
    }
)

KILL_FORMATS: Mapping[str, Format[KillMatrix]] = MappingProxyType(
    {
        "html": Format(
            filename="kill-matrix.html", summary="for people: a self-contained page", render=render_kill_page
        ),
        "json": Format(filename="kill-matrix.json", summary="for programs: schema 1", render=render_kill_json),
    }
)
