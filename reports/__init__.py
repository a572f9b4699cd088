"""What a run found and how it is shown: result values, verdict, report formats. Knows no client and no provider.

Names are imported when they are used: the formats bring template and schema libraries that few callers need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.reports.anomalies import ANOMALIES, anomaly_in_words
    from refreshproof.reports.baseline import Baseline, Entry
    from refreshproof.reports.coverage import Coverage, Dimension, Explored, Transition
    from refreshproof.reports.formats.console import print_console
    from refreshproof.reports.formats.document import from_dict, schema, to_dict
    from refreshproof.reports.formats.kill_document import kill_schema, kills_from_dict
    from refreshproof.reports.formats.registry import FORMATS, KILL_FORMATS, Format
    from refreshproof.reports.kills import FlawedClient, Kill, KillKind, KillMatrix, proof_of
    from refreshproof.reports.proof import Proof, proof_in_words
    from refreshproof.reports.results import (
        Apart,
        Fact,
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
        Trust,
    )
    from refreshproof.reports.root_causes import Cause, causes
    from refreshproof.reports.standings import Standing, stale, stale_in_words, standing, unjudged
    from refreshproof.reports.story import ExchangeView, Note, NoteKind, Server, Skew, Story, TokenLife
    from refreshproof.reports.troubles import Trouble
    from refreshproof.reports.verdict import ExitCode, counts, exit_code, findings, gates, grade
    from refreshproof.reports.verdict_line import Headline, headline

_HOMES = {
    "anomalies": ("ANOMALIES", "anomaly_in_words"),
    "baseline": ("Baseline", "Entry"),
    "standings": ("Standing", "stale", "stale_in_words", "standing", "unjudged"),
    "root_causes": ("Cause", "causes"),
    "coverage": ("Coverage", "Dimension", "Explored", "Transition"),
    "formats.console": ("print_console",),
    "formats.document": ("from_dict", "schema", "to_dict"),
    "formats.kill_document": ("kill_schema", "kills_from_dict"),
    "formats.registry": ("FORMATS", "KILL_FORMATS", "Format"),
    "verdict_line": ("Headline", "headline"),
    "kills": ("FlawedClient", "Kill", "KillKind", "KillMatrix", "proof_of"),
    "proof": ("Proof", "proof_in_words"),
    "results": (
        *("Apart", "Fact", "Grade", "Grading", "Harm", "Identity", "Keyword", "Outcome", "ProviderInfo", "Report"),
        *("RequirementInfo", "Result", "Run", "Subject", "SurveyInfo", "SurveyValue", "Trust"),
    ),
    "story": ("ExchangeView", "Note", "NoteKind", "Server", "Skew", "Story", "TokenLife"),
    "troubles": ("Trouble",),
    "verdict": ("ExitCode", "counts", "exit_code", "findings", "gates", "grade"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ANOMALIES",
    "FORMATS",
    "KILL_FORMATS",
    "Apart",
    "Baseline",
    "Cause",
    "Coverage",
    "Dimension",
    "Entry",
    "ExchangeView",
    "ExitCode",
    "Explored",
    "Fact",
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
    "NoteKind",
    "Outcome",
    "Proof",
    "ProviderInfo",
    "Report",
    "RequirementInfo",
    "Result",
    "Run",
    "Server",
    "Skew",
    "Standing",
    "Story",
    "Subject",
    "SurveyInfo",
    "SurveyValue",
    "TokenLife",
    "Transition",
    "Trouble",
    "Trust",
    "anomaly_in_words",
    "causes",
    "counts",
    "exit_code",
    "findings",
    "from_dict",
    "gates",
    "grade",
    "headline",
    "kill_schema",
    "kills_from_dict",
    "print_console",
    "proof_in_words",
    "proof_of",
    "schema",
    "stale",
    "stale_in_words",
    "standing",
    "to_dict",
    "unjudged",
]


if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> Any:
        """Import a public name from its module."""
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)

    def __dir__() -> list[str]:
        """Name what can be had, whether it has been imported yet or not."""
        return sorted({*globals(), *__all__})
