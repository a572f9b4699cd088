"""Conformance as pytest items: one test for every vendor and requirement that applies, for a client of the reader's
own."""

from __future__ import annotations

import os
import shlex
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from refreshproof.harness.baseline.known import baseline_of
from refreshproof.harness.pytest_plugin.asked import asked_for
from refreshproof.harness.pytest_plugin.known import settle
from refreshproof.harness.pytest_plugin.told_ledger import in_a_line
from refreshproof.harness.run.cells import Cell, describe, judge
from refreshproof.harness.run.smoke import Tried, tried
from refreshproof.harness.run.stopwatch import today
from refreshproof.harness.run.telling.sources import in_words
from refreshproof.harness.run.troubles import told_once
from refreshproof.harness.run.under_test import SubjectFaultError, UnderTest
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Harm, Trouble
from refreshproof.reports.verdict import SEVERE
from refreshproof.scenarios.evidence.findings import numbered
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.steps.subject import Description, SubjectFactory
from refreshproof.scenarios.world.standstill import StandstillError

MOST_EXCHANGES = 30
"""Exchanges of a story that a failure message shows."""


class ConformanceWarning(UserWarning):
    """The client does what is allowed but not good: a SHOULD is violated, or the second best way was taken."""


def conformance(
    factory: SubjectFactory,
    *,
    providers: Iterable[str] = (),
    requirements: Iterable[str] = (),
    profiles: Iterable[str | os.PathLike[str]] = (),
    seed: int | None = None,
    baseline: str | os.PathLike[str] | None = None,
    at: str | None = None,
) -> Callable[..., None]:
    """Return a test function for a module: `test_my_client = conformance(MyClient, providers=["google"])`.

    `providers` and `requirements` are names, and globs such as "rotation-*", as on the command line. Every vendor and
    requirement is an item of its own, so `-k`, `-n`, `--lf` and `--junitxml` work. A violated MUST,
    MUST NOT or VENDOR rule fails with its shortest story, and so does any violation in whose story a grant was lost or
    a call failed in vain; another violated SHOULD is a ConformanceWarning; what the client cannot be asked is skipped.
    A client that does not come through a plain login, call and expiry fails with the reason. What stands in the
    baseline is a strict xfail; `profiles` are files of vendors of your own, at which it is played too. Where one of
    `profiles`, `at`, `seed` and `baseline` is not given, the settings file says it that is found from the calling
    module's folder upwards. Time begins at the date `at`, such as "2027-03-31", at the vendors as they are then;
    without one they are as they were last looked at. Raises ValueError for a name that there is not, for what is no
    date, for a file that is not what it should be, and for a recording of a real server that leaves open what the
    requirements need.
    """
    import pytest

    module = sys._getframe(1).f_globals.get("__file__")
    try:
        asked = asked_for(module, providers, requirements, profiles, seed, baseline, at)
    except ValueError as error:
        raise _refusal(f"conformance: {error}") from None
    file = asked.baseline
    client, met = UnderTest(guarded(factory)), dict[str, tuple[Description | None, Tried]]()

    @pytest.mark.parametrize(
        ("vendor", "requirement"),
        [
            pytest.param(vendor, one, id=f"{vendor.name}-{one.id}")
            for vendor in asked.vendors
            for one in asked.requirements
            if one.applies(vendor)
        ],
    )
    def test_conformance(vendor: Vendor, requirement: Requirement) -> None:
        if vendor.name not in met:
            met[vendor.name] = _met(client, vendor)
        about, trial = met[vendor.name]
        if about is None or trial.hopeless:
            pytest.fail(told(trial.trouble), pytrace=False)
        if about.unsuited is not None:
            pytest.skip(about.unsuited)
        try:
            cell = judge(requirement, vendor, client, about.capabilities, seed=asked.seed)
        except StandstillError as error:
            pytest.fail(f"The client came to no end in {error}.", pytrace=False)
        except SubjectFaultError as error:
            pytest.fail(told(error.trouble), pytrace=False)
        if cell.outcome == "unsupported":
            pytest.skip(cell.why)
        if cell.outcome == "not_exercised" and trial.trouble is not None:
            pytest.fail(told(trial.trouble), pytrace=False)
        troubles = told_once((*cell.troubles, *client.drain()))
        message = explanation(requirement, cell, troubles, again())
        if file is not None:
            entries = baseline_of(asked.allowed, file, about.name, about.version, today())
            settle(entries.at(requirement.id, vendor.name), cell, message)
        if fails(requirement, cell):
            pytest.fail(message, pytrace=False)
        if cell.outcome in ("violated", "alternative", "not_exercised"):
            warnings.warn(ConformanceWarning(message), stacklevel=1)
        for trouble in troubles:
            warnings.warn(ConformanceWarning(told(trouble)), stacklevel=1)

    return test_conformance


def _refusal(what: str) -> Exception:
    """Return an error of the caller's that pytest tells without a traceback."""
    import pytest

    class Refusal(ValueError, pytest.Collector.CollectError):
        """What a test module asks for cannot be had."""

    return Refusal(what)


def _met(client: UnderTest, vendor: Vendor) -> tuple[Description | None, Tried]:
    """Ask the client what it is at a vendor and play the plain flow with it, if it can work there at all."""
    try:
        about = describe(client, vendor)
        return about, tried(vendor, client) if about.unsuited is None else Tried(vendor=vendor.name)
    except SubjectFaultError as error:
        return None, Tried(vendor=vendor.name, trouble=error.trouble, hopeless=True)


def fails(requirement: Requirement, cell: Cell) -> bool:
    """Tell whether a cell fails its test: nothing can be said of the client, a binding rule was violated or never
    exercised, or a violation lost a grant or failed a call."""
    if cell.outcome == "violated" and cell.harm is not None and Harm(cell.harm) in SEVERE:
        return True
    return cell.outcome == "subject_error" or (requirement.binding and cell.outcome in ("violated", "not_exercised"))


def explanation(requirement: Requirement, cell: Cell, troubles: Collection[Trouble] = (), replay: str = "") -> str:
    """Return the failure message: what left the client, rule, source, what was expected and what happened, the shortest
    story with its exchanges, the fix, and the command that plays it again."""
    lines = [told(trouble) for trouble in troubles]
    lines += [
        f"{requirement.id} ({requirement.keyword}) at {cell.vendor}: {cell.outcome.replace('_', ' ')}",
        requirement.statement,
        f"source:   {in_words(requirement.source)}",
        f"happened: {cell.why}",
        *([f"harm:     {cell.harm.replace('_', ' ')}"] if cell.harm is not None else []),
    ]
    if cell.expected:
        lines.append(f"expected: {cell.expected}")
    if cell.scenario is not None:
        lines += ["shortest story:", numbered(cell.scenario), "exchanges:", *_exchanges(cell)]
    lines.append(f"fix:      {requirement.fix}")
    return "\n".join((*lines, f"replay:   {replay}") if replay else lines)


def told(trouble: Trouble | None) -> str:
    """Return what went wrong around the client: a line, and one for everything that is known besides."""
    if trouble is None:
        return ""
    return "\n".join((trouble.title, *(f"{f'{name}:':9} {text}" for name, text in trouble.facts())))


def again() -> str:
    """Return the command that runs the present test again, to be pasted into the shell that ran it: equal seeds, equal
    stories. Empty outside of a test."""
    place, _, rest = os.environ.get("PYTEST_CURRENT_TEST", "").removesuffix(" (call)").partition("::")
    here = Path.cwd()
    roots = (folder for folder in (here, *here.parents) if place and (folder / place).is_file())
    file = next((os.path.relpath(folder / place, here) for folder in roots), place)
    return shlex.join(("python", "-m", "pytest", f"{file}::{rest}")) if rest else ""


def _exchanges(cell: Cell) -> Iterator[str]:
    """Yield the requests of a story, those that show the violation with a mark."""
    exchanges = cell.journal.exchanges() if cell.journal is not None else []
    for exchange in exchanges[:MOST_EXCHANGES]:
        mark = "*" if exchange.number in cell.witness else " "
        yield f"{mark} step {cell.number_of(exchange.step)}: {in_a_line(exchange)}"
    if len(exchanges) > MOST_EXCHANGES:
        yield f"  and {len(exchanges) - MOST_EXCHANGES} more"
