"""What the functions that measure share: the steps before the question, and what the last step of a journal shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize, Step, Until
from refreshproof.scenarios.survey.item import UnmeasurableError

EXPIRED = Until(limit="access_token_expiry", offset=1)
MOST_LISTED = 12
"""Entries of a list that a reader takes in; of the rest the number is told."""


def after_login(*steps: Step, seed: int = 0, **profile: Any) -> Scenario:
    """Return a scenario that begins with a plain login; two underscores in a field's name stand for a dot."""
    changes = {name.replace("__", "."): value for name, value in profile.items()}
    return Scenario(steps=(Authorize(), *steps), seed=seed, profile=changes)


def under(fault: Step, scenario: Scenario) -> Scenario:
    """Return a scenario in which something holds before its first step."""
    return replace(scenario, steps=(fault, *scenario.steps))


def living(seconds: int) -> Mapping[str, Any]:
    """Return the changes to a profile that make every access token live so many seconds."""
    return {"lifetimes__access_token": seconds, "lifetimes__access_token_longest": None}


def in_last_step(evidence: Evidence, view: str | None = None) -> list[Exchange]:
    """Return the client's requests in the last step, of one endpoint if given."""
    last = evidence.steps[-1].number
    return [one for one in evidence.exchanges(view) if one.step == last and one.actor != "browser"]


def refreshed(evidence: Evidence) -> bool:
    """Tell whether the client refreshed in the last step for any reason."""
    return any(one.grant_type == "refresh_token" for one in in_last_step(evidence))


def refreshed_unasked(evidence: Evidence) -> bool:
    """Tell whether the client refreshed in the last step before any resource request: by its own decision."""
    first = next(iter(in_last_step(evidence)), None)
    return first is not None and first.grant_type == "refresh_token"


def last_outcome(evidence: Evidence) -> OutcomeRecord:
    """Return how the last operation ended."""
    return evidence.outcomes()[-1]


def logged_in(evidence: Evidence) -> bool:
    """Tell whether a code exchange brought the client a token that it took."""
    return bool(evidence.code_exchanges) and any(one.kind == "ok" for one in evidence.outcomes("callback"))


def refresh_offsets(evidence: Evidence) -> list[float]:
    """Return when refreshes were sent, in seconds after the first; at least one is needed."""
    sent = [one.sent_at for one in evidence.refreshes]
    if not sent:
        raise UnmeasurableError("The client sent no refresh.")
    return [in_seconds(at - sent[0]) for at in sent]


def brief(numbers: Iterable[float]) -> str:
    """Write offsets down: the first few of them, and how many there are beyond."""
    texts = [f"{number:g}" for number in numbers]
    more = len(texts) - MOST_LISTED
    return ", ".join(texts[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def grouped(answers: Mapping[str, str]) -> str:
    """Write down what has which answer, those with the same one together."""
    groups: dict[str, list[str]] = {}
    for name, answer in answers.items():
        groups.setdefault(answer, []).append(name)
    return "; ".join(f"{', '.join(names)}: {answer}" for answer, names in groups.items())
