"""The virtual clock beside pytest-asyncio, pytest-timeout, pytest-freezer, Hypothesis and pytest-xdist: what measures
and ends tests keeps real time."""

from __future__ import annotations

import re
from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

# Installed, the plugin is there by its entry point; in a source tree on the path it has to be named.
INSTALLED = any(one.value == "refreshproof.harness.pytest_plugin.plugin" for one in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "refreshproof.harness.pytest_plugin.plugin")

PROJECT = """
import asyncio, threading, time
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st


@pytest.fixture(scope="module")
def real_token():
    return {"made": time.time(), "expires_in": 3600}


def test_a_token_made_in_real_time_is_young(real_token, oauth_clock):
    assert time.time() - real_token["made"] < 600


@given(st.integers(1, 5))
@settings(deadline=5000, max_examples=5, suppress_health_check=list(HealthCheck))
def test_hypothesis_counts_real_time(oauth_clock, hours):
    oauth_clock.advance(hours * 3600)


@pytest.mark.asyncio
async def test_a_task_wakes_before_advance_returns(oauth_clock):
    began, woke = time.time(), []

    async def refresh():
        while True:
            await asyncio.sleep(3000)
            woke.append(time.time() - began)

    task = asyncio.create_task(refresh())
    await asyncio.sleep(0)
    oauth_clock.advance(3600)
    assert woke == [3000]
    await asyncio.sleep(6000)
    assert woke == [3000, 6000, 9000]
    task.cancel()


@pytest.mark.timeout(30)
def test_a_timeout_by_signal_counts_real_time(oauth_clock):
    oauth_clock.advance(3600)


@pytest.mark.timeout(30, method="thread", func_only=True)
def test_a_timeout_by_thread_counts_real_time(oauth_clock):
    oauth_clock.advance(3600)
    time.sleep(3600)


def test_freezer_before(freezer, oauth_clock):
    began = time.time()
    oauth_clock.advance(3600)
    assert time.time() - began == 3600


def test_freezer_after(oauth_clock, freezer):
    with pytest.raises(RuntimeError, match="freezegun .* was started under oauth_clock"):
        oauth_clock.advance(3600)


def test_freezer_alone(freezer):
    freezer.move_to("2020-01-01")
    assert time.gmtime().tm_year == 2020
"""
TESTS = PROJECT.count("def test_")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(PROJECT)
    return pytester


QUIET = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-W", "error", *PLUGIN)


def test_the_clock_and_the_plugins_keep_out_of_each_others_way(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess(*QUIET, "--durations=0", "-vv")
    result.assert_outcomes(passed=TESTS)
    took = [float(found) for found in re.findall(r"^([\d.]+)s (?:setup|call|teardown)", result.stdout.str(), re.M)]
    assert took
    assert max(took) < 600


@pytest.mark.slow
def test_workers_of_xdist_each_have_a_clock_of_their_own(project: pytest.Pytester) -> None:
    project.runpytest_subprocess(*QUIET, "-n", "2").assert_outcomes(passed=TESTS)
