"""The pytest plugin: a vendor, its clock, its ledger and its world as fixtures, and the ledger in every failure.

Nothing of ours is imported until a fixture is used, so that a project that does not use it pays nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from refreshproof.harness.pytest_plugin.frozen_clock import FrozenClock
    from refreshproof.harness.pytest_plugin.running_provider import RunningProvider
    from refreshproof.harness.pytest_plugin.told_ledger import ToldLedger
    from refreshproof.scenarios.world.world import World

_RUNNING: pytest.StashKey[Any] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("refreshproof", "OAuth 2.0 providers in virtual time")
    group.addoption(
        "--oauth-provider", default="generic", metavar="NAME", help="vendor for tests without an oauth marker"
    )
    group.addoption("--oauth-seed", default=0, type=int, metavar="N", help="seed of the provider's tokens")
    group.addoption(
        "--oauth-at",
        default="",
        metavar="DATE",
        help="when virtual time begins, at the vendor of that date, such as 2027-03-31; default: the machine's date",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "oauth(provider, seed=0, at='', **profile): the vendor that oauth_provider emulates, and since when",
    )


@pytest.fixture
def oauth_provider(request: pytest.FixtureRequest) -> RunningProvider:
    """Give a running vendor, chosen by `@pytest.mark.oauth(provider="google")` or `--oauth-provider`."""
    from refreshproof.harness.pytest_plugin.marker import wanted
    from refreshproof.harness.pytest_plugin.running_provider import RunningProvider

    options = {name: request.config.getoption(f"--oauth-{name}") for name in ("provider", "seed", "at")}
    try:
        chosen = wanted(request.node.get_closest_marker("oauth"), options)
    except ValueError as error:
        raise pytest.UsageError(f"{request.node.nodeid}: {error}") from None
    running = RunningProvider(chosen.vendor, seed=chosen.seed, at=chosen.at)
    request.node.stash[_RUNNING] = running
    return running


@pytest.fixture
def oauth_world(oauth_provider: RunningProvider) -> World:
    """Give the world of the running vendor: network, weather, clocks and journal."""
    return oauth_provider.world


@pytest.fixture
def oauth_ledger(oauth_provider: RunningProvider) -> ToldLedger:
    """Give the running vendor's ledger."""
    return oauth_provider.ledger


@pytest.fixture
def oauth_clock(oauth_provider: RunningProvider) -> Iterator[FrozenClock]:
    """Give the clock of vendor and client; the wall clock is frozen and follows it until the test ends."""
    from refreshproof.harness.pytest_plugin.frozen_clock import frozen

    world = oauth_provider.world
    with frozen(world.clock, world.client_clock) as clock:
        yield clock


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Give the process its real time back after a test in which a third-party subject ran."""
    clock = sys.modules.get("refreshproof.harness.adapters.library.wall_clock")
    if clock is not None:
        clock.WALL_CLOCK.thaw()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what reached the vendor into the report of a failed test."""
    report = yield
    running = item.stash.get(_RUNNING, None)
    if report.failed and running is not None:
        report.sections.append((f"What reached {running.profile.title} since {running.began}", running.story()))
    return report
