"""The report formats by name. To add one: write its module, add its line to the table at the foot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from refreshproof.reports.document import render_json
from refreshproof.reports.junit import render_junit
from refreshproof.reports.page import render_page
from refreshproof.reports.results import Report
from refreshproof.reports.summary import render_summary


@dataclass(frozen=True, kw_only=True)
class Format:
    """A file of the report's folder: its name, what it is for, and the function that gives its text (UTF-8)."""

    filename: str
    summary: str
    render: Callable[[Report], str]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "html": Format(filename="index.html", summary="for people: a self-contained page", render=render_page),
        "json": Format(filename="results.json", summary="for programs: schema 1", render=render_json),
        "junit": Format(filename="junit.xml", summary="for CI systems", render=render_junit),
        "markdown": Format(filename="summary.md", summary="for GitHub step summaries", render=render_summary),
    }
)
