"""From judged recordings to the report, with the recording beside it that judges the same again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from refreshproof.harness.judging.judging import judge
from refreshproof.harness.run import reporting, writing
from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.saved import program
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.story import MOST_EXCHANGES, view_of
from refreshproof.harness.run.telling.facts import facts_of
from refreshproof.mock_servers.vendors.dated import as_options, when_met
from refreshproof.reports import (
    Grading,
    ProviderInfo,
    Report,
    Result,
    Story,
    Subject,
    Trouble,
)
from refreshproof.reports.version import VERSION
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.recording.document import har_of
from refreshproof.scenarios.recording.recording import Recording
from refreshproof.scenarios.requirements import CATALOGUE

RECORDING = "recording.har"
"""The file in a report's folder that holds what was judged, by aliases."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A report of recordings and the cells in it; `recordings` are what was judged."""

    report: Report
    cells: tuple[Cell, ...]
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is to be judged, and how: `client` is what the report calls the client, `recording` the file that will judge
    the same again, `files` the profile files of vendors of the user's own; `virtual` tells whether its time was."""

    recordings: tuple[Recording, ...]
    requirements: tuple[str, ...]
    recording: Path
    client: str = "recorded client"
    grading: Grading = "recorded"
    files: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    virtual: bool = False


def judged(case: Case, watch: Stopwatch) -> Judgement:
    """Judge recordings."""
    cells = tuple(judge(case.recordings, case.requirements))
    span = max((_span(one) for one in case.recordings), default=0.0) if case.virtual else 0.0
    run = reporting.circumstances(watch, case.seed, span)
    profiles = {one.vendor.name: one.vendor.profile for one in case.recordings}
    causes = reporting.causes_of([cell for cell in cells if cell.outcome == "violated"], profiles)
    troubles = tuple(
        Trouble(where="recording", what=note, provider=one.vendor.name, stops=False)
        for one in case.recordings
        for note in one.notes
    )
    report = Report(
        run=replace(
            run,
            grading=case.grading,
            troubles=troubles,
            **reporting.run_date(one.vendor for one in case.recordings),
        ),
        subject=Subject(name=case.client, version=""),
        providers=tuple(
            ProviderInfo(
                name=one.vendor.name,
                summary=f"{one.vendor.title}{when_met(one.vendor)}",
                facts=facts_of(one.vendor.profile),
            )
            for one in case.recordings
        ),
        requirements=tuple(reporting.requirement_info(CATALOGUE[name]) for name in case.requirements),
        results=tuple(_result(cell, case, causes.get((cell.vendor, cell.requirement))) for cell in cells),
    )
    return Judgement(report=report, cells=cells, recordings=case.recordings)


def write(judgement: Judgement, formats: Sequence[str], folder: Path) -> tuple[list[Path], list[str]]:
    """Write the report, and the recording beside it; returns the files, and why others could not be written."""
    files, failures = reporting.write(judgement.report, judgement.cells, formats, folder)
    text = partial(_text, judgement.recordings)
    more, others = writing.write_all([(folder / RECORDING, text)])
    return [*files, *more], [*failures, *others]


def _text(recordings: Sequence[Recording]) -> str:
    return json.dumps(har_of(recordings, VERSION), indent=1) + "\n"


def judge_line(case: Case, cell: Cell) -> str:
    """Return the command that judges a finding again, to be pasted into a shell as it stands."""
    file = case.files.get(cell.vendor)
    own = () if file is None else ("--profile", file)
    place = ("-p", cell.vendor, "-r", cell.requirement)
    dated = {one.vendor.name: as_options(one.vendor) for one in case.recordings}[cell.vendor]
    return shlex.join((*program(), "judge", str(case.recording), *place, *own, *dated))


def _result(cell: Cell, case: Case, cause: str | None) -> Result:
    result = reporting.judged_result(cell, cause)
    if cell.outcome != "violated":
        return result
    return replace(result, replay=judge_line(case, cell), story=_story(cell))


def _story(cell: Cell) -> Story | None:
    """Tell what was recorded of a grant up to what shows the violation."""
    if cell.journal is None:
        return None
    last = max(cell.witness, default=0)
    until = [one for one in cell.journal.exchanges() if one.number <= last or not last]
    shown = [one for one in until if one.number in cell.witness or one.view != "resource"][-MOST_EXCHANGES:]
    views = tuple(view_of(one, witness=one.number in cell.witness) for one in shown)
    return Story(
        started=min((one.sent_at for one in shown), default=0),
        scenario={},
        prose=tuple(f"Request {one.number}: {one.summary} -> {one.answer or 'no answer'}" for one in views),
        expected=cell.expected,
        happened=cell.why,
        pytest="",
        exchanges=views,
    )


def _span(recording: Recording) -> float:
    moments: list[Exchange] = [one.exchange for one in recording.exchanges]
    if not moments:
        return 0.0
    return (max(one.finished_at for one in moments) - min(one.sent_at for one in moments)) / 1_000_000
