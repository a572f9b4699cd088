"""What is known of third-party clients: each violates these requirements and no others, for these reasons.

A library that mends its ways, and an adapter or a check that errs, show here. Seen with the versions that
.ci/constraints.txt pins, at the vendors that behave; the reasons come from the stories of the runs, from facts about
the libraries, and for a part of them from their code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from refreshproof.harness.adapters.library import WALL_CLOCK
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE

LIBRARIES = {
    "authlib-requests": "authlib", "authlib-httpx": "authlib", "authlib-httpx-async": "authlib",
    "requests-oauthlib": "requests_oauthlib", "requests-oauth2client": "requests_oauth2client",
    "google-auth": "google_auth_oauthlib", "msal": "msal",
}  # fmt: skip
AT = ("generic", "google", "microsoft", "atlassian")

AUTHLIB = frozenset({"authlib-requests", "authlib-httpx", "authlib-httpx-async"})
OAUTHLIB, CLIENT, GOOGLE, MSAL = "requests-oauthlib", "requests-oauth2client", "google-auth", "msal"
ALL = frozenset(LIBRARIES)

FINDINGS: Mapping[str, tuple[frozenset[str], str]] = {
    "rotation-lost-response-recovers": (
        ALL - {MSAL},
        "nothing is repeated: the next call presents the token whenever it comes, the vendor's window or not",
    ),
    "rotation-replay-bounded": (ALL, "every call presents the token again, however many answers were lost"),
    "rotation-crash-before-save": (ALL - {MSAL}, "a spent token that is refused after a crash is presented again"),
    "rotation-keep-when-absent": (frozenset({CLIENT}), "the answer takes the old token's place as it came"),
    "rotation-keep-when-null": (ALL - {MSAL}, "only an absent refresh_token keeps the old one"),
    "rotation-keep-when-empty": (ALL - {MSAL}, "only an absent refresh_token keeps the old one"),
    "refresh-without-user": (frozenset({CLIENT}), "see rotation-keep-when-absent"),
    "expiry-never-present-expired": (frozenset({OAUTHLIB, CLIENT}), "no leeway; and see rotation-keep-when-absent"),
    "expiry-leg-delays": (frozenset({OAUTHLIB, CLIENT}), "no leeway; and see rotation-keep-when-absent"),
    "expiry-recomputed": (frozenset({MSAL}), "a missing expires_in is ten minutes"),
    "expiry-lead-capped": (ALL - {OAUTHLIB}, "the lead is fixed, and longer than short lifetimes"),
    "refresh-request-shape": (AUTHLIB | {GOOGLE, MSAL}, "the configured scope goes with every refresh, granted or not"),
    "refresh-never-empty": (frozenset({OAUTHLIB}), "auto_refresh_url is asked without looking for a refresh token"),
    "refresh-valid-token-survives": (ALL - {OAUTHLIB}, "a failed refresh is raised although the access token lives"),
    "resource-401-one-retry": (ALL - {GOOGLE}, "a 401 of the resource is handed on"),
    "resource-401-persistent-stops": (frozenset({GOOGLE}), "two refreshes for one call, and again with the next call"),
    "resource-403-scope": (frozenset({GOOGLE}), "a 401 for a missing scope refreshes like any other"),
    "failure-terminal-stops": (ALL, "invalid_grant is raised and the token stays: the next call presents it again"),
    "failure-vendor-forms": (ALL, "a vendor's own words for a dead grant are handed on as they are"),
    "failure-transient-keeps-grant": (frozenset({GOOGLE}), "an outage is the same RefreshError, and not retryable"),
    "failure-not-json": (ALL - {CLIENT}, "a page in place of JSON is an exception of json's or AttributeError"),
    "failure-invalid-client-is-config": (ALL, "every call asks again"),
    "failure-total-deadline": (ALL - {CLIENT}, "RecursionError for JSON of 100,000 levels"),
    "failure-retry-after": (ALL, "not read; MSAL reads seconds and no date"),
    "failure-no-loop": (ALL, "every call asks again; MSAL waits five seconds"),
    "concurrency-single-flight": (ALL - {"authlib-httpx-async"}, "no lock around the refresh"),
    "concurrency-callers-share-outcome": (ALL, "no lock; or each that waited for it tries what has just failed"),
    "lifecycle-inactivity": (ALL, "see failure-terminal-stops"),
    "lifecycle-absolute": (ALL - {MSAL}, "see failure-terminal-stops"),
    "lifecycle-eviction": (ALL - {MSAL}, "see failure-terminal-stops"),
    "lifecycle-revoked-or-password": (ALL, "see failure-terminal-stops"),
    "lifecycle-failed-reconsent-keeps": (ALL - {MSAL}, "a login without a refresh token is stored over one with"),
    "lifecycle-reconsent-replaces": (
        frozenset({OAUTHLIB, CLIENT, GOOGLE, MSAL}),
        "a refresh that ends after a new login is saved over it; Authlib says what the token came of",
    ),
    "callback-error-ends-flow": (AUTHLIB | {MSAL}, "error is not looked for where there is a code, or at all"),
    "callback-iss-checked": (ALL - {MSAL}, "not read, or not required although the client was told to"),
    "exchange-client-auth": (ALL - {GOOGLE, MSAL}, "Basic credentials are not form-encoded"),
    "security-no-token-redirects": (ALL - {"authlib-httpx", "authlib-httpx-async"}, "requests follows redirects"),
    "diagnosis-outcome-classes": (ALL - {GOOGLE}, "the status is lost, or an outage reads like a refusal"),
    "authz-scope-as-configured": (frozenset({MSAL}), "openid and profile are always added"),
    "accept-success-definition": (ALL - {OAUTHLIB}, "tokens are taken that are no strings, or come with an error"),
    "accept-oddity-keeps-pair": (
        ALL - {CLIENT},
        "null, 3600.0 or 1 hour for expires_in, or null for scope, is an exception; Authlib wants the JSON media type",
    ),
    "accept-expires-missing": (ALL, "never refreshed, not even after a 401; or never used"),
    "accept-expires-zero": (frozenset({MSAL}), "each call refreshes"),
    "accept-expires-odd": (ALL, "negative, or in words"),
    "accept-token-type": (frozenset({CLIENT, GOOGLE, MSAL}), "not read; or the new refresh token is lost with it"),
    "accept-scope-as-set": (frozenset({OAUTHLIB, GOOGLE}), "oauthlib raises Warning when the granted scope differs"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _real_time_afterwards() -> Iterator[None]:
    yield
    WALL_CLOCK.thaw()


def violated(name: str) -> set[str]:
    """Return the requirements that a subject violates at any vendor that it can work with."""
    factory, found = subject_factory(name), set()
    for vendor in (VENDORS[at] for at in AT):
        about, broken = describe(factory, vendor), list[Requirement]()
        for requirement in CATALOGUE.values() if about.unsuited is None else ():
            cell = judge(requirement, vendor, factory, about.capabilities, shorten=False, broken=tuple(broken))
            assert cell.outcome not in ("subject_error", "harness_error"), (vendor.name, cell.why)
            if cell.outcome == "violated":
                found.add(requirement.id)
                broken.append(requirement)
    return found


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_violates_what_is_known_and_nothing_else(name: str) -> None:
    pytest.importorskip(LIBRARIES[name])
    assert violated(name) == {requirement for requirement, (whose, _) in FINDINGS.items() if name in whose}


def test_every_finding_is_about_a_requirement_and_a_subject_that_there_is() -> None:
    assert set(FINDINGS) <= set(CATALOGUE)
    assert all(whose and whose <= ALL for whose, _ in FINDINGS.values())
