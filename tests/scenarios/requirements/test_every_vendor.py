"""Correct clients at every vendor there is: a requirement that one of them breaks or never comes to is wrong there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import Cell, judge
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors.registry import CORE, VENDORS
from refreshproof.mock_servers.vendors.released import MEASURED
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory, Surroundings

UNLIKE = ("github-oauth", "keycloak", "quickbooks", "salesforce", "slack", "jmondi-oauth2-server", "hydra")
"""No refresh tokens, an idle limit of half an hour, a new refresh token once a day, no lifetimes, refusals with status
200, a dead grant as invalid_request, a window of ten seconds."""

BY_ENGINE = (
    "oidc-provider", "openauth", "workers-oauth-provider", "django-oauth-toolkit-grace", "authlib", "glewlwyd-one-use",
)  # fmt: skip
"""Measured servers unlike each other: rotation late in life; a successor for whichever client asks; the last one issued
wins; a lifetime told too long; one refresh for each login; refusals without a word that cost the token."""
MEASURED_NAMES = frozenset(one.name for one in MEASURED)
BY_BOTH = frozenset({*UNLIKE, *(vendor.name for vendor in CORE)})
SUBJECTS = ("tiny", "engine")


def marks(number: int, name: str, subject: str) -> tuple[pytest.MarkDecorator, ...]:
    """Say where a correct client is played: each vendor by one of the two in CI, those that matter by both."""
    if name in MEASURED_NAMES:
        chosen = (subject == "engine") == (name in BY_ENGINE)
    else:
        chosen = name in BY_BOTH or subject == SUBJECTS[number % 2]
    return (pytest.mark.slow,) if chosen else (pytest.mark.long,)


PLAYED = [
    pytest.param(subject, name, marks=marks(number, name, subject))
    for number, name in enumerate(VENDORS)
    for subject in SUBJECTS
]

FINE = ("satisfied", "alternative", "not_applicable", "unsupported")
CAPABLE: frozenset[Capability] = frozenset({"refresh", "restart", "parallel", "disconnect", "clock", "visible_output"})
PATIENCE = 30
"""Seconds that the correct clients wait for a token endpoint."""


def cells(subject: str, vendor: str, examples: int = 0) -> list[Cell]:
    """Run a subject at a vendor against the whole catalogue."""
    plan = Plan(subject=subject, vendors=(VENDORS[vendor],), requirements=tuple(CATALOGUE), examples=examples)
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    assert matrix.complete
    return matrix.results()


def wrong(found: list[Cell]) -> dict[str, str]:
    """Return what a correct client should not get: violations, what was never exercised, what is broken."""
    return {one.requirement: f"{one.outcome}: {one.why}" for one in found if one.outcome not in FINE}


def alternatives(found: list[Cell]) -> set[str]:
    """Return the requirements that were met in another way than the best."""
    return {one.requirement for one in found if one.outcome == "alternative"}


@pytest.mark.parametrize(("subject", "vendor"), PLAYED)
def test_a_correct_client_breaks_nothing_and_leaves_nothing_untested(subject: str, vendor: str) -> None:
    lives = 10 if vendor in BY_BOTH else 0  # those of the others meet the same policies
    assert wrong(cells(subject, vendor, examples=lives)) == {}


@pytest.mark.parametrize("vendor", UNLIKE)
def test_a_correct_client_passes_at_vendors_unlike_each_other(vendor: str) -> None:
    assert wrong(cells("tiny", vendor)) == {}


@pytest.mark.parametrize("vendor", ["github-oauth", "slack"])
def test_the_engine_passes_where_no_refresh_token_comes_and_where_refusals_have_status_200(vendor: str) -> None:
    assert wrong(cells("engine", vendor)) == {}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_lost_answer_is_rescued_unless_the_window_is_shorter_than_the_clients_time_out(vendor: str) -> None:
    requirement = CATALOGUE["rotation-lost-response-recovers"]
    window = VENDORS[vendor].profile.refresh.window
    if not requirement.applies(VENDORS[vendor]):
        return
    found = judge(requirement, VENDORS[vendor], TinyClient, frozenset(), shorten=False)
    short = window is not None and window < PATIENCE
    assert found.outcome == ("alternative" if short else "satisfied"), found.why


def ignoring(**defaults: object) -> SubjectFactory:
    """Return a correct client that is told nothing of some needs of a vendor."""

    def begin(surroundings: Surroundings) -> TinyClient:
        told = replace(surroundings.registration, **defaults)  # type: ignore[arg-type]
        return TinyClient(replace(surroundings, registration=told))

    return begin


@pytest.mark.parametrize(
    ("vendor", "factory", "requirement"),
    [
        ("atlassian-dc", ignoring(redirect_uri_on_refresh=False), "refresh-request-shape"),
        ("shopify", ignoring(scope_separator=" "), "authz-scope-as-configured"),
        ("slack", ignoring(bearer_token_types=()), "accept-tolerates-unknown"),
        ("slack", ignoring(refusals=()), "accept-expires-missing"),
        ("quickbooks", MINIATURES["rotation-replace"].client, "rotation-replace"),
        ("hubspot", MINIATURES["rotation-keep-when-absent"].client, "rotation-keep-when-absent"),
        ("jmondi-oauth2-server", MINIATURES["failure-vendor-forms"].client, "failure-terminal-stops"),
        ("slack", MINIATURES["failure-terminal-stops"].client, "lifecycle-revoked-or-password"),
        ("keycloak", MINIATURES["failure-transient-keeps-grant"].client, "failure-transient-keeps-grant"),
        ("keycloak", MINIATURES["accept-expires-missing"].client, "accept-expires-missing"),
        ("salesforce", MINIATURES["refresh-never-empty"].client, "refresh-never-empty"),
        ("github-oauth", MINIATURES["refresh-never-empty"].client, "refresh-never-empty"),
        ("hydra", MINIATURES["rotation-replay-bounded"].client, "rotation-replay-bounded"),
    ],
)
def test_a_wrong_client_is_caught_at_a_vendor_unlike_the_core(
    vendor: str, factory: SubjectFactory, requirement: str
) -> None:
    found = judge(CATALOGUE[requirement], VENDORS[vendor], factory, CAPABLE, shorten=False)
    assert found.outcome == "violated", found.why
