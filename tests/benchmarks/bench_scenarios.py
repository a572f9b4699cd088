"""What playing scenarios costs: fixed ones and generated lives, a whole run, and what the plugin costs who lacks it.

Run with `pytest tests/benchmarks/bench_scenarios.py --benchmark-only`. Every floor is measured in the same run; its
ratio in `extra_info` is what carries over to another machine. The shares are processor time between the borders of the
packages; the loop that draws, performs and records steps counts as hypothesis for lives, as scenarios for fixed ones.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.subjects.engine import CAPABILITIES
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import holds_always
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.exploration.machine import Life, lives
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.world.network import Network
from refreshproof.scenarios.world.world import World

ENGINE = subject_factory("engine")
ATLASSIAN = VENDORS["atlassian"]
FIXED = tuple((one, scenario) for one in CATALOGUE.values() if one.applies(ATLASSIAN) for scenario in one.scenarios)
EXAMPLES = 20
ROUNDS = 3
YEAR = 365 * 86_400 * 1_000_000
OF_20_STEPS = settings(
    max_examples=EXAMPLES, stateful_step_count=20, deadline=None, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
)  # fmt: skip


class Borders:
    """Adds up processor time by the border that a thread crossed last."""

    def __init__(self, outside: str) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._outside = outside
        self._threads = threading.local()

    def around(self, inside: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its time charged to the inside, without that of further borders in it."""

        def crossed(*values: Any, **named: Any) -> Any:
            before = self._enter(inside)
            try:
                return function(*values, **named)
            finally:
                self._enter(before)

        return crossed

    def shares(self) -> dict[str, float]:
        """Return the shares of what was charged, in percent."""
        self._enter(self._outside)
        whole = sum(self.seconds.values())
        return {f"{name}, %": round(100 * spent / whole, 1) for name, spent in self.seconds.items()}

    def _enter(self, place: str) -> str:
        now = time.thread_time()
        before, since = getattr(self._threads, "at", (self._outside, now))
        self.seconds[before] += now - since
        self._threads.at = (place, now)
        return before


@pytest.fixture
def borders(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Borders]:
    """A function that sets up the borders: subject, network and provider."""

    def set_up(outside: str) -> Borders:
        made = Borders(outside)
        act = World.act

        def acted(world: World, operation: str, work: Callable[..., Any], *rest: Any) -> Any:
            return act(world, operation, made.around("client", work), *rest)

        monkeypatch.setattr(World, "act", made.around("scenarios", acted))
        monkeypatch.setattr(Network, "exchange", made.around("scenarios", Network.exchange))
        monkeypatch.setattr(Provider, "handle", made.around("provider", Provider.handle))
        return made

    return set_up


def timed(work: Callable[[], object]) -> float:
    """Return the processor seconds of the quickest of some turns."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def invariants() -> list[Requirement]:
    """The requirements by which a life is judged."""
    return [one for one in CATALOGUE.values() if holds_always(one, ATLASSIAN, CAPABILITIES)]


def checked(borders: Borders, requirements: Sequence[Requirement]) -> list[Requirement]:
    """The requirements with a border around each check."""
    return [replace(one, check=borders.around("checks", one.check)) for one in requirements]


def test_fixed_scenarios(benchmark: Any, borders: Callable[[str], Borders]) -> None:
    """Every fixed scenario of the catalogue at Atlassian, judged by its check: no goal of its own."""
    journals: list[Journal] = []

    def work(requirements: dict[str, Requirement]) -> None:
        journals.clear()
        for one, scenario in FIXED:
            journals.append(play(ATLASSIAN, ENGINE, scenario))
            requirements[one.id].check(Evidence(journal=journals[-1], profile=ATLASSIAN.profile))

    catalogue = dict(CATALOGUE)
    benchmark.pedantic(work, args=(catalogue,), rounds=ROUNDS)
    seconds = benchmark.stats.stats.min
    made = borders("scenarios")
    work({one.id: one for one in checked(made, list(catalogue.values()))})
    benchmark.extra_info.update({
        "scenarios a second": round(len(FIXED) / seconds),
        "virtual years a second": round(sum(one.span for one in journals) / YEAR / seconds, 2),
        **made.shares(),
    })  # fmt: skip


class Empty(Life):
    """Draws the same lives and lives none of them."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        self.steps = []
        self.cluster = False
        self.varied = set()

    def do(self, step: Any) -> None:
        """Remember a step, for what may follow depends on how many there were."""
        self.steps.append(step)

    def teardown(self) -> None:
        """Judge nothing."""


def test_generated_lives_of_20_steps(benchmark: Any, borders: Callable[[str], Borders]) -> None:
    """Goal: a generated life of 20 steps, checks included, costs at most twice what Hypothesis alone does."""
    journals: list[Journal] = []

    def live(machine: type[Life]) -> None:
        journals.clear()
        run_state_machine_as_test(machine, settings=OF_20_STEPS)

    full = lives(ATLASSIAN, ENGINE, invariants(), played=journals.append)
    empty: type[Life] = type("EmptyLife", (Empty, full), {})
    benchmark.pedantic(live, args=(full,), rounds=ROUNDS)
    seconds, played = benchmark.stats.stats.min, len(journals)
    span = sum(one.span for one in journals)
    ratio = timed(lambda: live(full)) / timed(lambda: live(empty))
    made = borders("hypothesis")
    live(lives(ATLASSIAN, ENGINE, checked(made, invariants())))
    benchmark.extra_info.update({
        "scenarios a second": round(played / seconds, 1),
        "virtual years a second": round(span / YEAR / seconds, 2),
        "ratio to empty steps (goal 2)": round(ratio, 2),
        **made.shares(),
    })  # fmt: skip


COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"


def test_the_default_run(benchmark: Any, tmp_path: Path) -> None:
    """Goal: under 30 s on two cores, and two jobs at least 1.7 times faster than one."""

    def run(jobs: int) -> None:
        command = [sys.executable, "-c", COMMAND, "run", "--jobs", str(jobs), "--out", str(tmp_path)]
        subprocess.run(command, check=True, capture_output=True)

    watch = Stopwatch()
    run(1)
    alone = watch.seconds
    benchmark.pedantic(run, args=(2,), rounds=1)
    benchmark.extra_info["one job, s"] = round(alone, 1)
    benchmark.extra_info["faster with two (goal 1.7)"] = round(alone / benchmark.stats.stats.min, 2)


def imported(*modules: str) -> float:
    """Return the milliseconds that a new process takes to import modules, once pytest is there."""
    script = (
        "import time, pytest; began = time.perf_counter()\n"
        + "".join(f"import {module}\n" for module in modules)
        + "print(time.perf_counter() - began)"
    )
    printed = [
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
        for _ in range(2 * ROUNDS)
    ]
    return min(map(float, printed)) * 1000


def test_importing_the_plugin(benchmark: Any) -> None:
    """Goal: under 10 ms in a project that does not use it; the peer is the plugin of respx, which imports httpx."""
    found = benchmark.pedantic(imported, args=("refreshproof.harness.pytest_plugin.plugin",), rounds=1)
    benchmark.extra_info["milliseconds (goal 10)"] = round(found, 2)
    benchmark.extra_info["ratio to respx"] = round(found / imported("respx.plugin"), 3)


def test_floor_of_bare_requests(benchmark: Any) -> None:
    """As many bare httpx requests as a short scenario makes, to a canned transport: the floor of any client."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"ok": True}))
    with httpx.Client(transport=transport, trust_env=False) as client:
        assert benchmark(lambda: [client.get("https://api.example.com/").json() for _ in range(4)])
