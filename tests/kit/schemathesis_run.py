"""What the tests share that hold an API to its OpenAPI document: one run of Schemathesis over a WSGI application."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st

from refreshproof.mock_servers.provider.client_key import CLIENT_CERTIFICATE

schemathesis: Any = pytest.importorskip("schemathesis")
engine: Any = pytest.importorskip("schemathesis.engine")

schemathesis.openapi.format("pem-certificate", st.just(CLIENT_CERTIFICATE))


def filter_case(_: Any, case: Any) -> bool:
    """Leave out what a document forbids in words alone: which text is no key and no certificate, no schema can say."""
    body = case.body if isinstance(case.body, dict) else {}
    return body.get("clientAuthentication") != "private_key_jwt" and body.get("certificate") in (
        None,
        CLIENT_CERTIFICATE,
    )


schemathesis.hook(filter_case)

PHASES = ("examples", "coverage", "fuzzing", "stateful")

REPEATABLE: Mapping[str, Any] = {
    "seed": 1,
    "continue-on-failure": True,
    "cache": {"enabled": False},
    # The values are made up, and a failure is of no use without them.
    "output": {"sanitization": {"enabled": False}, "truncation": {"enabled": False}},
    # Its probe of a request without credentials fails over WSGI (4.32: an argument that only sockets know); the tests
    # ask every operation without credentials instead.
    "checks": {"ignored_auth": {"enabled": False}},
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What Schemathesis found: failures in words, with the request that shows each, and statuses by operation."""

    failures: list[str] = field(default_factory=list)
    statuses: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def run(
    application: Callable[..., Iterable[bytes]],
    path: str,
    *,
    phases: Iterable[str],
    examples: int,
    headers: Mapping[str, str] | None = None,
    **settings: Any,
) -> Run:
    """Send what the document at `path` promises and what it forbids; `settings` are schemathesis.toml's own."""
    generation = {"max-examples": examples, "deterministic": True, "database": "none"}
    chosen: dict[str, Any] = {phase: {"enabled": phase in phases} for phase in PHASES}
    for phase in ("coverage", "fuzzing"):
        # What an answer showed is no value for the next request: a name that is taken is refused rightly.
        chosen[phase]["extra-data-sources"] = {"responses": False}
    checks = {**REPEATABLE["checks"], **settings.pop("checks", {})}
    config = schemathesis.Config.from_dict(
        {**REPEATABLE, **settings, "checks": checks, "generation": generation, "phases": chosen}
    )
    schema = schemathesis.openapi.from_wsgi(path, application, config=config, headers=dict(headers or {}))
    found = Run()
    for event in engine.from_schema(schema).execute():
        _record(found, event)
    return found


def _record(found: Run, event: Any) -> None:
    if isinstance(event, engine.events.NonFatalError | engine.events.FatalError):
        found.failures.append(repr(event))
    if not isinstance(event, engine.events.ScenarioFinished):
        return
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        found.statuses[recorder.cases[case_id].value.operation.label].add(interaction.response.status_code)
    for case_id, checks in recorder.checks.items():
        body = recorder.interactions[case_id].response.text
        shown = [one.failure_info for one in checks if one.failure_info is not None]
        found.failures.extend(f"{one.failure.title}: {one.failure.message}\n{one.code_sample}\n{body}" for one in shown)
