"""What a run found and how it is shown: result values, verdict, report formats. Knows no client and no provider."""

from refreshproof.reports.coverage import Coverage, Transition
from refreshproof.reports.formats.console import render_console
from refreshproof.reports.formats.document import from_dict, render_json, schema, to_dict
from refreshproof.reports.formats.junit import render_junit
from refreshproof.reports.formats.kill_document import kill_schema, kills_from_dict, render_kill_json
from refreshproof.reports.formats.kill_page import render_kill_page
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.formats.registry import FORMATS, KILL_FORMATS, Format
from refreshproof.reports.formats.summary import render_summary
from refreshproof.reports.kills import FlawedClient, Kill, KillKind, KillMatrix, proof_of
from refreshproof.reports.proof import Proof, proof_in_words
from refreshproof.reports.results import (
    GRADES,
    Dimension,
    Explored,
    Grade,
    Grading,
    Harm,
    Identity,
    Keyword,
    Outcome,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Subject,
    SurveyInfo,
    SurveyValue,
    Trouble,
)
from refreshproof.reports.story import ExchangeView, Note, Story
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
    "KILL_FORMATS",
    "Coverage",
    "Dimension",
    "ExchangeView",
    "ExitCode",
    "Explored",
    "FlawedClient",
    "Format",
    "Grade",
    "Grading",
    "Harm",
    "Headline",
    "Identity",
    "Keyword",
    "Kill",
    "KillKind",
    "KillMatrix",
    "Note",
    "Outcome",
    "Proof",
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
    "Trouble",
    "blames_client",
    "counts",
    "exit_code",
    "findings",
    "from_dict",
    "gates",
    "headline",
    "kill_schema",
    "kills_from_dict",
    "proof_in_words",
    "proof_of",
    "render_console",
    "render_json",
    "render_junit",
    "render_kill_json",
    "render_kill_page",
    "render_page",
    "render_summary",
    "schema",
    "to_dict",
    "unproven",
]
