"""From a run to its report and the files of the report's folder."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import Any

from refreshproof.harness.run import writing
from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.coverage.moves import MOVES
from refreshproof.harness.run.coverage.orders import ORDERS
from refreshproof.harness.run.coverage.tables import coverage_of_tables
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.replaying import SCENARIOS, TROUBLES
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.saved import program, replay_line
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.run.story import story_of
from refreshproof.harness.run.surveying import survey_infos
from refreshproof.harness.run.telling.facts import facts_of
from refreshproof.harness.run.telling.sources import in_words
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.strict_files import read_json
from refreshproof.mock_servers.vendors.dated import AT, FUTURE, date_of, when_met
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import (
    FORMATS,
    KILL_FORMATS,
    Dimension,
    Explored,
    Harm,
    Keyword,
    Outcome,
    Proof,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Subject,
    SurveyValue,
    Trouble,
    kills_from_dict,
    proof_of,
)
from refreshproof.reports.version import VERSION
from refreshproof.scenarios.evidence.causes import Finding, grouped
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.links import links_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.exploration.example_database import shown
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import Description

JOURNAL = "journal.jsonl"
"""The file of a report's folder that holds every cell, and the records of its story."""
LARGEST_MATRIX = 16_000_000
"""Bytes of a kill matrix that are read."""


def circumstances(watch: Stopwatch, seed: int = 0, virtual_seconds: float = 0.0) -> Run:
    """Return when, where, how and for how long something was run that ends now."""
    return Run(
        started=watch.started,
        seed=seed,
        duration_seconds=watch.seconds,
        virtual_seconds=virtual_seconds,
        version=VERSION,
        python=platform.python_version(),
        command=(*program(), *map(shown, sys.argv[1:])),
        platform=platform.platform(terse=True),
        folder=os.getcwd(),
    )


def run_date(vendors: Iterable[Vendor]) -> Mapping[str, Any]:
    """Return as members of a `Run` at which date its vendors were met."""
    about = next((found for found in map(date_of, vendors) if found), {})
    return {"at": about.get(AT, ""), "strict_future": FUTURE in about}


def known_proof(folder: Path) -> Proof | None:
    """Return what the kill matrix in a report's folder has shown, None without one; raises ValueError for no matrix."""
    document, page = (folder / KILL_FORMATS[name].filename for name in ("json", "html"))
    if not os.path.lexists(document):
        return None
    try:
        return proof_of(kills_from_dict(read_json(document, LARGEST_MATRIX)), page.name if page.exists() else "")
    except ValueError as error:
        raise ValueError(f"{error}; remove {document}, or write it anew with `refreshproof kill-matrix`") from None


def report_of(
    matrix: Matrix,
    description: Description,
    run: Run,
    *,
    folder: Path,
    survey: tuple[SurveyValue, ...] = (),
    proof: Proof | None = None,
    complete: bool = True,
) -> Report:
    """Return the report of a run, or of as much as is known when it was interrupted; `folder` is where it will be."""
    plan = matrix.plan
    told = tuple(_repeatable(one, number, plan, folder) for number, one in enumerate(matrix.told, 1))
    return Report(
        run=replace(
            run,
            virtual_seconds=matrix.virtual_time / 1_000_000,
            troubles=(*run.troubles, *told),
            explored=explored_of(matrix),
            **run_date(plan.vendors),
        ),
        subject=Subject(name=subject_name(plan.subject, description), version=description.version),
        providers=providers_of(matrix),
        requirements=tuple(requirement_info(CATALOGUE[name]) for name in plan.requirements),
        results=results_of(matrix, folder),
        survey=survey,
        behaviours=tuple(
            one for one in (*survey_infos(), *MOVES, *ORDERS) if one.name in {value.name for value in survey}
        ),
        coverage=coverage_of_tables(matrix.moves.values(), description.table),
        proof=proof,
        unselected=tuple(name for name in CATALOGUE if name not in plan.requirements),
        complete=complete and matrix.complete,
    )


def providers_of(matrix: Matrix) -> tuple[ProviderInfo, ...]:
    """Return the vendors as reports show them, with what decided any result there."""
    decided: defaultdict[str, set[str]] = defaultdict(set)
    for cell in matrix.results():
        decided[cell.vendor].update(cell.rests_on)
    return tuple(
        ProviderInfo(
            name=vendor.name,
            summary=f"{vendor.title}{when_met(vendor)}",
            facts=facts_of(vendor.profile, decided[vendor.name]),
        )
        for vendor in matrix.plan.vendors
    )


def _repeatable(trouble: Trouble, number: int, plan: Plan, folder: Path) -> Trouble:
    """Return a trouble with the command that plays it again, and with all that this takes in its scenario."""
    if trouble.scenario is None:
        return trouble
    about = {
        "provider": trouble.provider,
        "trouble": trouble.what,
        "subject": plan.subject,
        "provider_file": plan.files.get(trouble.provider),
    } | next((dict(date_of(one)) for one in plan.vendors if one.name == trouble.provider), {})
    known = {name: value for name, value in about.items() if value is not None}
    file = f"{TROUBLES}/{number}--{trouble.provider}.json"
    return replace(trouble, scenario=trouble.scenario | known, saved=file, replay=replay_line(folder / file))


def explored_of(matrix: Matrix) -> Explored | None:
    """Return what Hypothesis explored, None if no life was generated."""
    if matrix.search is None or not matrix.generated:
        return None
    dimensions = tuple(
        Dimension(name=name, count=matrix.varied[name], values=", ".join(kinds).replace("_", " "))
        for name, kinds in matrix.search.dimensions.items()
    )
    return Explored(lives=matrix.generated, seed=matrix.plan.seed, dimensions=dimensions)


def subject_name(subject: str, description: Description) -> str:
    """Return what a report calls the client: a miniature by the name it is run by, any other by its own."""
    return subject if subject.startswith("miniature:") else description.name


def requirement_info(requirement: Requirement) -> RequirementInfo:
    """Return a requirement as reports show it."""
    return RequirementInfo(
        id=requirement.id,
        keyword=Keyword(requirement.keyword),
        statement=requirement.statement,
        source=in_words(requirement.source),
        effect=requirement.effect,
        fix=requirement.fix,
        family=requirement.family,
        links=links_of(requirement.source),
    )


def results_of(matrix: Matrix, folder: Path) -> tuple[Result, ...]:
    """Return the cells as reports show them, findings of one flaw under one cause."""
    cells, vendors = matrix.results(), {vendor.name: vendor for vendor in matrix.plan.vendors}
    profiles = {name: vendor.profile for name, vendor in vendors.items()}
    causes = causes_of([cell for cell in cells if cell.outcome == "violated"], profiles)
    return tuple(
        result_of(cell, matrix.plan, vendors[cell.vendor], folder, causes.get((cell.vendor, cell.requirement)))
        for cell in cells
    )


def causes_of(cells: Sequence[Cell], profiles: Mapping[str, Profile]) -> dict[tuple[str, str], str]:
    """Return for the cells of violations what stands at the head of the story of the flaw that they come from."""
    findings = {
        (cell.vendor, cell.requirement): Finding(
            requirement=CATALOGUE[cell.requirement],
            evidence=Evidence(journal=cell.journal, profile=profiles[cell.vendor]),
            verdict=Verdict(outcome="violated", why=cell.why, anomaly=cell.anomaly, witness=cell.witness),
            steps=len(cell.journal.records if cell.scenario is None else cell.scenario.steps),
        )
        for cell in cells
        if cell.journal is not None
    }
    keys = {
        id(one): " ".join(astuple(group.cause)).strip()
        for group in grouped(findings.values())
        for one in group.findings
    }
    return {place: keys[id(one)] for place, one in findings.items()}


def result_of(cell: Cell, plan: Plan, vendor: Vendor, folder: Path, cause: str | None = None) -> Result:
    """Return a cell as reports show it."""
    scenario = scenario_file(cell) if cell.scenario is not None else None
    return replace(
        judged_result(cell, cause),
        replay=replay_line(folder / scenario) if scenario is not None else None,
        scenario=scenario,
        story=story_of(cell, plan.subject, vendor, plan.files.get(cell.vendor)),
    )


def judged_result(cell: Cell, cause: str | None = None) -> Result:
    """Return what was found in a cell, without the story that shows it."""
    return Result(
        requirement=cell.requirement,
        provider=cell.vendor,
        outcome=Outcome(cell.outcome),
        keyword=Keyword(CATALOGUE[cell.requirement].keyword),
        examples=cell.examples,
        anomaly=cell.anomaly,
        why=cell.why,
        harm=None if cell.harm is None or cell.outcome != "violated" else Harm(cell.harm),
        cause=cause,
        rests_on=cell.rests_on,
    )


def scenario_file(cell: Cell) -> str:
    """Return where a cell's scenario is saved, relative to the report's folder."""
    return f"{SCENARIOS}/{cell.requirement}--{cell.vendor}.json"


def write(
    report: Report,
    cells: Sequence[Cell],
    formats: Sequence[str],
    folder: Path,
    beside: Iterable[writing.Planned] = (),
) -> tuple[list[Path], list[str]]:
    """Write the chosen formats, the journal, the scenarios that show violations and what else belongs beside them, each
    whole or not at all; returns the files, and why others could not be written."""
    journal = (folder / JOURNAL, lambda: (f"{line}\n" for line in journal_lines(cells)))
    return writing.write_all([*report_files(report, formats, folder), journal, *beside])


def report_files(report: Report, formats: Iterable[str], folder: Path) -> list[writing.Planned]:
    """Return the files of those of the chosen formats that a report gives, and of the scenarios that show violations,
    each with what gives its text."""
    texts: list[writing.Planned] = [
        (folder / FORMATS[name].filename, partial(FORMATS[name].render, report)) for name in formats if name in FORMATS
    ]
    for file, scenario in saved_scenarios(report):
        text = json.dumps({**scenario, "folder": report.run.folder}, indent=2) + "\n"
        texts.append((folder / file, partial(str, text)))
    return texts


def saved_scenarios(report: Report) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the scenarios that can be played again, each with its file relative to the report's folder."""
    apart = () if report.apart is None else report.apart.results
    for result in (*report.results, *apart):
        if result.scenario is not None and result.story is not None:
            yield result.scenario, result.story.scenario
    for trouble in report.run.troubles:
        if trouble.saved and trouble.scenario is not None:
            yield trouble.saved, trouble.scenario


def journal_lines(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield one line for every cell, followed by the records of its witness if it has one."""
    for cell in cells:
        head = {
            "record": "Cell",
            "requirement": cell.requirement,
            "provider": cell.vendor,
            "outcome": cell.outcome,
            "examples": cell.examples,
            "why": cell.why,
        }
        yield json.dumps(head, sort_keys=True)
        if cell.journal is not None:
            yield from cell.journal.lines()
