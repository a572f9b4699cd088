"""The central modules, each with the test files that are to notice a change of it, the quickest first.

`stories` are definitions in a module that are left as they are: the scenarios in which a requirement is exercised and
the prose about it are inputs of the checks; whether they exercise it is what the kill matrix shows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module by its path in the tree."""

    path: str
    tests: tuple[str, ...]
    stories: frozenset[str] = frozenset()


REQUIREMENTS = "tests/scenarios/requirements"
EVIDENCE = (
    "tests/scenarios/evidence/test_asking.py",
    "tests/scenarios/evidence/test_evidence.py",
    "tests/scenarios/evidence/test_refusals.py",
)
POLICY = (
    "tests/mock_servers/provider/test_policy.py",
    "tests/mock_servers/provider/test_provider.py",
    "tests/mock_servers/provider/test_snapshot.py",
    "tests/mock_servers/provider/test_redaction.py",
    "tests/mock_servers/vendors/test_atlassian_rotation.py",
    "tests/mock_servers/vendors/test_microsoft_refusals.py",
    "tests/mock_servers/provider/test_policy_models.py",
)
FAILURE_STORIES = frozenset(
    {"REQUIREMENTS", "_answer", "_dead_in_words", "_half_an_hour", "_EXPIRED", "_DOWN", "_BACK"}
)

MODULES: tuple[Module, ...] = (
    Module(
        path="harness/run/runner.py",
        tests=(
            "tests/harness/run/test_runner.py",
            "tests/harness/run/test_troubles.py",
            "tests/harness/run/test_coverage_of_orders.py",
            "tests/harness/run/test_surveying.py",
        ),
    ),
    Module(path="harness/run/cells.py", tests=("tests/harness/run/test_cells.py",)),
    Module(path="reports/verdict.py", tests=("tests/reports/test_verdict.py",)),
    Module(
        path="scenarios/requirements/failure/failure.py",
        tests=(f"{REQUIREMENTS}/test_failure.py",),
        stories=FAILURE_STORIES | {"_HOUR", "_DAY", "_WEEK"},
    ),
    Module(
        path="scenarios/requirements/rotation/lost.py",
        tests=(f"{REQUIREMENTS}/test_rotation.py",),
        stories=frozenset({"REQUIREMENTS", "_lost"}),
    ),
    Module(
        path="scenarios/evidence/evidence.py",
        tests=(
            *EVIDENCE,
            f"{REQUIREMENTS}/test_rotation.py",
            f"{REQUIREMENTS}/test_resource.py",
            f"{REQUIREMENTS}/test_refresh.py",
            f"{REQUIREMENTS}/test_lifecycle.py",
        ),
    ),
    Module(
        path="scenarios/evidence/refusals.py",
        tests=(
            *EVIDENCE,
            f"{REQUIREMENTS}/test_failure.py",
            f"{REQUIREMENTS}/test_rotation.py",
            f"{REQUIREMENTS}/test_lifecycle.py",
        ),
    ),
    Module(path="scenarios/clocks/clock.py", tests=("tests/scenarios/clocks/test_clock.py",)),
    Module(path="scenarios/world/network.py", tests=("tests/scenarios/world/test_network.py",)),
    Module(
        path="harness/client/token_endpoint/token_response.py",
        tests=("tests/harness/client/token_endpoint/test_response.py",),
    ),
    Module(path="harness/client/model/status.py", tests=("tests/harness/client/model/test_status.py",)),
    Module(path="harness/client/refresh/decide.py", tests=("tests/harness/client/refresh/test_decide.py",)),
    Module(
        path="harness/client/refresh/refresh.py",
        tests=(
            "tests/harness/client/refresh/test_pauses.py",
            "tests/harness/client/refresh/test_refresh.py",
            "tests/harness/client/refresh/test_interleaving.py",
        ),
    ),
    Module(path="mock_servers/provider/tokens/refresh.py", tests=POLICY),
    Module(path="mock_servers/provider/state/vault.py", tests=tuple(reversed(POLICY[:4]))),
)
