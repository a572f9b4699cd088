"""What a run found and how it is shown: result values, verdict, report formats. Knows no client and no provider."""

from refreshproof.reports.console import render_console
from refreshproof.reports.coverage import Coverage, Transition
from refreshproof.reports.document import from_dict, render_json, schema, to_dict
from refreshproof.reports.formats import FORMATS, Format
from refreshproof.reports.junit import render_junit
from refreshproof.reports.page import render_page
from refreshproof.reports.results import (
    GRADES,
    ExchangeView,
    Grade,
    Identity,
    Keyword,
    Note,
    Outcome,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Story,
    Subject,
    SurveyInfo,
    SurveyValue,
)
from refreshproof.reports.summary import render_summary
from refreshproof.reports.verdict import (
    ExitCode,
    Headline,
    blames_client,
    counts,
    exit_code,
    findings,
    gates,
    headline,
    unproven,
)

__all__ = [
    "FORMATS",
    "GRADES",
    "Coverage",
    "ExchangeView",
    "ExitCode",
    "Format",
    "Grade",
    "Headline",
    "Identity",
    "Keyword",
    "Note",
    "Outcome",
    "ProviderInfo",
    "Report",
    "RequirementInfo",
    "Result",
    "Run",
    "Story",
    "Subject",
    "SurveyInfo",
    "SurveyValue",
    "Transition",
    "blames_client",
    "counts",
    "exit_code",
    "findings",
    "from_dict",
    "gates",
    "headline",
    "render_console",
    "render_json",
    "render_junit",
    "render_page",
    "render_summary",
    "schema",
    "to_dict",
    "unproven",
]
