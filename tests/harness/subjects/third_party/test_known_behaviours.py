"""What released libraries were seen to do, each under the rule that names it, at the version that did it.

One row is one story of one requirement, played with the unmodified library. Where a library is mended the row fails,
and the pin in .ci/constraints.txt says which version the row is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from refreshproof.harness.adapters.library import WALL_CLOCK
from refreshproof.harness.run.cells import Cell, describe, judge
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.world.world import World


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A library at a version, the subject that uses it, and what it does in one story of a requirement at a vendor."""

    library: str
    version: str
    subject: str
    requirement: str
    at: str
    story: str
    words: str

    def __str__(self) -> str:
        return f"{self.subject}-{self.requirement}-{self.story}"


NULL = "null three times"
GOES_BY_THE_OLD = "AT2 came without expires_in and was refreshed at the age of"
NOT_TRIED = "After an answer without a refresh token the client asked for the user, without having tried RT1 again"

BEHAVIOURS = (
    # A session that lives on counts the old expiry after an answer without `expires_in`: each call spends a token.
    Behaviour(
        library="oauthlib", version="4.0.1", subject="requests-oauthlib-one-session", requirement="expiry-recomputed",
        at="generic", story="refresh answers without expires_in", words=GOES_BY_THE_OLD,
    ),
    Behaviour(
        library="requests-oauthlib", version="2.0.0", subject="requests-oauthlib-one-session",
        requirement="expiry-recomputed", at="atlassian", story="refresh answers without expires_in",
        words=GOES_BY_THE_OLD,
    ),
    # The expiry is kept in memory alone: what is loaded counts as valid, is refused, and leads to a login.
    Behaviour(
        library="mcp", version="2.3.0", subject="mcp", requirement="refresh-without-user", at="generic",
        story="ten lifetimes and two restarts", words="The user was asked .* no refresh had failed",
    ),
    Behaviour(
        library="mcp", version="2.3.0", subject="mcp", requirement="failure-transient-keeps-grant", at="generic",
        story="one 503", words="A caller was told that the user is needed; the last refresh had ended with status 503",
    ),
    Behaviour(
        library="mcp", version="2.3.0", subject="mcp", requirement="refresh-without-user", at="mcp",
        story="ten lifetimes and two restarts", words="The user was asked .* no refresh had failed",
    ),
    # Each call that lacks a scope begins a login for it, however many have been in vain.
    Behaviour(
        library="mcp", version="2.3.0", subject="mcp", requirement="resource-step-up-bounded", at="mcp",
        story="a scope that never comes",
        words="After 6 logins files:write was still missing, and the user was asked once more",
    ),
    # The ten seconds that Reddit's library adds to the end of a token.
    Behaviour(
        library="prawcore", version="4.0.0", subject="prawcore", requirement="expiry-never-present-expired",
        at="generic", story="around the end", words="AT1 reached the resource 0 s after its expiry",
    ),
    # No time left is taken for no expiry.
    Behaviour(
        library="social-auth-core", version="7.0.0", subject="social-auth-core",
        requirement="expiry-never-present-expired", at="generic", story="around the end",
        words=r"AT2 reached the resource 0 s after its expiry\. The call ended with permanent error",
    ),
    # The bot's new pair is a local variable while the user's token is rotated.
    Behaviour(
        library="slack-sdk", version="3.48.0", subject="slack-sdk", requirement="rotation-pairs-apart", at="slack",
        story="the second of two refreshes fails",
        words="RT3 replaced RT1, and the refresh of RT2 failed; the next time RT1 was presented again",
    ),
    # The expiry is a naive local time.
    Behaviour(
        library="databricks-sdk", version="0.156.0", subject="databricks-sdk",
        requirement="expiry-never-present-expired", at="generic", story="summer time ends",
        words=r"AT1 reached the resource \d+ s after its expiry",
    ),
    # An answer with status 400 is handed out again for a minute.
    Behaviour(
        library="msal", version="1.39.0", subject="msal", requirement="failure-pause-is-told", at="microsoft",
        story="invalid_request", words="10 s after the provider had said invalid_request a call ended with the same",
    ),
    # An answer with status 503 is handed out again for five seconds.
    Behaviour(
        library="msal", version="1.39.0", subject="msal", requirement="failure-outage-pause-is-told", at="microsoft",
        story="one 503",
        words="2 s after the provider had answered with status 503 a call ended with the same words, 'HTTP Error: 503'",
    ),
    # `"refresh_token": null` takes the place of the token that is held.
    Behaviour(
        library="msal", version="1.39.0", subject="msal", requirement="rotation-keep-though-rotating", at="microsoft",
        story="null once", words="a call ended in a crash .AssertionError: . before anything was sent",
    ),
    Behaviour(
        library="google-auth", version="2.62.2", subject="google-auth", requirement="rotation-keep-when-null",
        at="google", story=NULL, words=NOT_TRIED,
    ),
    Behaviour(
        library="Authlib", version="1.9.9", subject="authlib-requests", requirement="rotation-keep-when-null",
        at="google", story=NULL, words=NOT_TRIED,
    ),
    Behaviour(
        library="requests-oauthlib", version="2.0.0", subject="requests-oauthlib",
        requirement="rotation-keep-when-null", at="google", story=NULL,
        words="presented an empty refresh token instead of RT1",
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _real_time_afterwards() -> Iterator[None]:
    yield
    WALL_CLOCK.thaw()


def played(row: Behaviour) -> Cell:
    """Play the one story of a row."""
    factory, vendor, requirement = subject_factory(row.subject), VENDORS[row.at], CATALOGUE[row.requirement]
    only = tuple(one for one in requirement.scenarios if one.name == row.story)
    assert only, [one.name for one in requirement.scenarios]
    about = describe(factory, vendor)
    assert about.unsuited is None
    return judge(replace(requirement, scenarios=only), vendor, factory, about.capabilities, shorten=False)


def there(library: str, at: str) -> None:
    """Skip where a library is absent, or of another version than the one that was looked at."""
    try:
        found = version(library)
    except PackageNotFoundError:
        pytest.skip(f"{library} is not installed; pip install 'refreshproof[subjects]' brings it")
    if found != at:
        pytest.skip(f"{library} is installed in version {found}; what is known is of {at}")


@pytest.mark.filterwarnings("ignore:defusedxml.cElementTree is deprecated")
@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")
@pytest.mark.parametrize("row", BEHAVIOURS, ids=str)
def test_a_library_does_what_it_was_seen_to_do_under_the_rule_that_names_it(row: Behaviour) -> None:
    there(row.library, row.version)
    cell = played(row)
    assert cell.outcome == "violated", cell.why
    assert re.search(row.words, cell.why), cell.why


@pytest.mark.parametrize("row", BEHAVIOURS, ids=str)
def test_the_version_of_a_row_is_the_one_that_is_pinned(row: Behaviour, tree: Path) -> None:
    pins = (tree / ".ci" / "constraints.txt").read_text().lower().replace("_", "-").splitlines()
    assert f"{row.library.lower()}=={row.version}" in pins


@pytest.mark.parametrize(
    "requirement",
    [
        "refresh-names-resource", "resource-step-up-union", "rotation-replace", "refresh-request-shape",
        "callback-iss-checked", "callback-foreign-error-untold", "discovery-from-refusal",
        "discovery-resource-matches", "security-metadata-issuer", "security-credentials-by-issuer",
    ],
)  # fmt: skip
def test_mcp_does_right_at_the_server_of_its_specification(requirement: str) -> None:
    there("mcp", "2.3.0")
    factory, vendor = subject_factory("mcp"), VENDORS["mcp"]
    cell = judge(CATALOGUE[requirement], vendor, factory, describe(factory, vendor).capabilities, shorten=False)
    assert cell.outcome == "satisfied", cell.why


AT_MCP = frozenset({
    "accept-expires-missing", "accept-expires-odd", "accept-expires-zero", "accept-oddity-keeps-pair",
    "expiry-leg-delays", "expiry-never-present-expired", "failure-no-loop", "failure-not-json",
    "failure-total-deadline", "failure-transient-keeps-grant", "lifecycle-failed-reconsent-keeps",
    "lifecycle-revoked-or-password", "refresh-without-user", "resource-401-one-retry", "resource-step-up-bounded",
    "rotation-persist-before-use",
})  # fmt: skip
"""What mcp violates at an MCP server: a 401, an outage and an odd answer begin a login, and what is loaded from the
store has no end."""


@pytest.mark.long
# A login that nobody finishes ends with its event loop, wherever the library stands.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_mcp_is_judged_by_every_rule_at_the_server_of_its_specification() -> None:
    there("mcp", "2.3.0")
    factory, vendor = subject_factory("mcp"), VENDORS["mcp"]
    capabilities = describe(factory, vendor).capabilities
    found: dict[str, Requirement] = {}
    for requirement in CATALOGUE.values():
        cell = judge(requirement, vendor, factory, capabilities, shorten=False, broken=tuple(found.values()))
        assert cell.outcome not in ("subject_error", "harness_error"), (requirement.id, cell.why)
        if cell.outcome == "violated":
            found[requirement.id] = requirement
    assert set(found) == AT_MCP


def test_flask_dance_spends_the_state_of_a_callback_though_the_vendor_refuses_the_code() -> None:
    """The session of a browser outlives a view that raises: as in production, where the answer is status 500."""
    there("flask-dance", "7.1.0")
    factory, vendor = subject_factory("flask-dance"), VENDORS["atlassian"]  # it sends its secret in a header there
    capabilities = describe(factory, vendor).capabilities
    assert judge(CATALOGUE["callback-single-use"], vendor, factory, capabilities, shorten=False).outcome == "satisfied"


@pytest.mark.parametrize(
    ("code", "fault", "pause", "kind"),
    [
        (503, FaultSpec(fault="status", parameters={"code": 503}, times=1), 5, "transient_error"),
        (
            400,
            FaultSpec(fault="error_body", parameters={"code": 400, "document": {"error": "invalid_request"}}, times=1),
            60,
            "permanent_error",
        ),
    ],
)
def test_msal_asks_again_when_its_memory_of_an_answer_is_over(
    code: int, fault: FaultSpec, pause: int, kind: str
) -> None:
    there("msal", "1.39.0")
    world = World(VENDORS["microsoft"], subject_factory("msal"), Scenario(steps=()))
    callback = world.visit(world.subject.authorize())
    assert callback is not None
    assert world.subject.callback(callback).kind == "ok"
    world.faults.add(fault)
    world.clock.advance(7200)
    kinds = [world.subject.call().kind]
    for wait in (pause - 1, 2):
        world.clock.advance(wait)
        kinds.append(world.subject.call().kind)
    sent = [one.status for one in world.journal.exchanges() if one.grant_type == "refresh_token"]
    world.close()
    assert (kinds, sent) == ([kind, kind, "ok"], [code, 200])
