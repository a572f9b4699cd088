"""What is known of third-party clients: each violates these requirements and no others, for these reasons.

A library that mends its ways, and an adapter or a check that errs, show here. Seen with the versions that
.ci/constraints.txt pins, at the vendors that behave; the reasons come from the stories of the runs, from facts about
the libraries, and for a part of them from their code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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

AT_ONE = {
    "aiohttp-oauth2-client": "aiohttp_oauth2_client", "httpx-auth": "httpx_auth", "httpx-oauth": "httpx_oauth",
    "oauth2-client": "oauth2_client", "prawcore": "prawcore", "slack-sdk": "slack_sdk",
    "social-auth-core": "social_core",
}  # fmt: skip
"""Libraries that are played at one vendor, and at Google for what an answer without a refresh token does."""
ONLY_AT = {"slack-sdk": "slack"}
KEEPING = ("rotation-keep-when-absent", "rotation-keep-when-null", "rotation-keep-when-empty")
RULES = tuple(CATALOGUE)
"""All of them take minutes for each library; CI holds each to what the recorded matrix says of it."""

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
    "rotation-keep-though-rotating": (ALL, "only an absent refresh_token keeps the old one, if anything"),
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
    "failure-vendor-forms": (ALL - {MSAL}, "a vendor's own words for a dead grant are handed on as they are"),
    "failure-transient-keeps-grant": (frozenset({GOOGLE}), "an outage is the same RefreshError, and not retryable"),
    "failure-not-json": (ALL - {CLIENT}, "a page in place of JSON is an exception of json's or AttributeError"),
    "failure-invalid-client-is-config": (ALL, "every call asks again"),
    "failure-total-deadline": (ALL - {CLIENT}, "RecursionError for JSON of 100,000 levels"),
    "failure-retry-after": (ALL, "not read; MSAL reads seconds and no date"),
    "failure-no-loop": (ALL, "every call asks again; MSAL waits five seconds"),
    "failure-pause-is-told": (frozenset({MSAL}), "for a minute an answer with status 400 is handed out again"),
    "failure-outage-pause-is-told": (frozenset({MSAL}), "the same with status 503, for five seconds"),
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
    "callback-foreign-error-untold": (frozenset({OAUTHLIB, GOOGLE}), "iss is not read, and the error is raised"),
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

AIOHTTP, HTTPX_AUTH, HTTPX_OAUTH, OAUTH2 = "aiohttp-oauth2-client", "httpx-auth", "httpx-oauth", "oauth2-client"
PRAWCORE, SLACK, SOCIAL = "prawcore", "slack-sdk", "social-auth-core"
REST = frozenset(AT_ONE)

FINDINGS_AT_ONE: Mapping[str, tuple[frozenset[str], str]] = {
    "rotation-persist-before-use": (
        frozenset({AIOHTTP, OAUTH2}),
        "no hook: the pair can be stored when the call is over, which with oauth2-client goes on after the refresh",
    ),
    "rotation-crash-before-save": (
        REST - {HTTPX_AUTH, SLACK},
        "a spent token that is refused after a crash is presented again",
    ),
    "rotation-pairs-apart": (
        frozenset({SLACK}),
        "the bot's new pair is thrown away where the user's token cannot be rotated",
    ),
    "rotation-mode-agnostic": (frozenset({SLACK}), "an answer without a refresh token takes the old one's place"),
    "rotation-keep-when-absent": (
        frozenset({HTTPX_AUTH, HTTPX_OAUTH}),
        "the answer takes the old token's place as it came",
    ),
    "rotation-keep-when-null": (
        frozenset({HTTPX_AUTH, HTTPX_OAUTH, PRAWCORE}),
        "as above; prawcore keeps the old one where the member is absent",
    ),
    "rotation-keep-when-empty": (
        frozenset({AIOHTTP, HTTPX_AUTH, HTTPX_OAUTH, PRAWCORE, SOCIAL}),
        "an empty token is stored; by social-auth-core a blank one",
    ),
    "expiry-never-present-expired": (
        frozenset({HTTPX_OAUTH, PRAWCORE, SOCIAL}),
        "no leeway; prawcore adds ten seconds; for social-auth-core no time left is no expiry",
    ),
    "expiry-leg-delays": (
        frozenset({HTTPX_OAUTH, PRAWCORE, SOCIAL}),
        "no leeway; prawcore adds ten seconds; five seconds of social-auth-core",
    ),
    "expiry-recomputed": (frozenset({AIOHTTP, PRAWCORE, SLACK}), "an answer without expires_in is KeyError, and lost"),
    "expiry-lead-capped": (
        frozenset({AIOHTTP, HTTPX_AUTH, SLACK}),
        "the lead is fixed, and longer than short lifetimes",
    ),
    "refresh-request-shape": (frozenset({OAUTH2}), "the configured scope goes with every refresh, granted or not"),
    "refresh-only-when-due": (frozenset({OAUTH2, PRAWCORE}), "a process that begins anew refreshes at once"),
    "refresh-never-empty": (
        frozenset({AIOHTTP, SLACK}),
        "slack_sdk asks without a refresh token; aiohttp-oauth2-client raises pydantic's ValidationError",
    ),
    "refresh-valid-token-survives": (
        frozenset({AIOHTTP, HTTPX_AUTH, SLACK, SOCIAL}),
        "a failed refresh is raised although the access token lives",
    ),
    "resource-401-one-retry": (
        REST - {PRAWCORE},
        "a 401 of the resource is handed on; oauth2-client reads invalid_token in the body alone",
    ),
    "resource-401-persistent-stops": (frozenset({PRAWCORE}), "three tries a call, with a refresh between them"),
    "failure-terminal-stops": (
        REST,
        "invalid_grant is raised and the token stays; httpx-auth presents it again after a restart",
    ),
    "failure-transient-keeps-grant": (frozenset({HTTPX_AUTH}), "any refusal of a refresh opens the browser"),
    "failure-not-json": (REST - {SOCIAL}, "a page or a list in place of the answer escapes as another exception"),
    "failure-invalid-client-is-config": (
        REST,
        "every call asks again; httpx-auth opens the browser; oauth2-client drops the refresh token on a 401",
    ),
    "failure-total-deadline": (REST, "RecursionError for JSON of 100,000 levels, or no timeout"),
    "failure-retry-after": (REST - {HTTPX_AUTH}, "not read"),
    "failure-no-loop": (REST - {HTTPX_AUTH}, "every call asks again"),
    "concurrency-single-flight": (REST - {AIOHTTP, HTTPX_AUTH}, "no lock around the refresh"),
    "concurrency-callers-share-outcome": (
        REST - {HTTPX_AUTH},
        "no lock; or each that waited for it tries what has just failed",
    ),
    "lifecycle-revoked-or-password": (REST - {HTTPX_AUTH}, "see failure-terminal-stops"),
    "lifecycle-failed-reconsent-keeps": (
        frozenset({HTTPX_AUTH, HTTPX_OAUTH, PRAWCORE, SLACK}),
        "a login without a refresh token is stored over one with",
    ),
    "lifecycle-reconsent-replaces": (
        frozenset({HTTPX_OAUTH, SLACK, SOCIAL}),
        "a refresh that ends after a new login is saved over it",
    ),
    "exchange-client-auth": (
        frozenset({HTTPX_OAUTH, OAUTH2, PRAWCORE, SLACK}),
        "Basic credentials are not form-encoded",
    ),
    "security-no-token-redirects": (REST - {HTTPX_AUTH, HTTPX_OAUTH}, "the HTTP stack follows redirects"),
    "security-token-audience": (frozenset({AIOHTTP}), "the middleware adds the token to each request of a redirect"),
    "diagnosis-outcome-classes": (
        REST - {AIOHTTP, OAUTH2},
        "the status is lost, or an outage reads like a refusal",
    ),
    "accept-success-definition": (
        REST - {HTTPX_AUTH, SOCIAL},
        "tokens are taken that are empty or no strings; slack_sdk takes status 200 alone",
    ),
    "accept-oddity-keeps-pair": (
        REST - {OAUTH2, SOCIAL},
        "null, 3600.0 or 1 hour for expires_in is an exception, and the pair is lost",
    ),
    "accept-expires-missing": (REST - {OAUTH2}, "never refreshed, not even after a 401; or never used"),
    "accept-expires-zero": (frozenset({AIOHTTP, HTTPX_OAUTH, SLACK, SOCIAL}), "each call refreshes"),
    "accept-expires-odd": (REST - {OAUTH2}, "negative, in words, or a string"),
    "accept-token-type": (
        REST - {AIOHTTP},
        "not read; prawcore sends the scheme in small letters; slack_sdk drops the pair if it is not bot",
    ),
    "accept-scope-as-set": (frozenset({PRAWCORE}), "an answer without scope is KeyError"),
}  # fmt: skip
"""The same of the libraries that are played at one vendor."""

BESIDE = {
    "databricks-sdk": "databricks.sdk", "flask-dance": "flask_dance", "mcp": "mcp", "requests-auth": "requests_auth",
    "requests-oauthlib-one-session": "requests_oauthlib",
}  # fmt: skip
"""Libraries that joined later, played as those that leave the login to the application."""
DATABRICKS, FLASK, MCP, REQUESTS_AUTH, ONE = BESIDE
DANCING = frozenset({FLASK, ONE})
"""Both are requests-oauthlib's session."""
LATER = frozenset(BESIDE)

FINDINGS_BESIDE: Mapping[str, tuple[frozenset[str], str]] = {
    "rotation-persist-before-use": (frozenset({MCP}), "what is stored is loaded, and without its end never refreshed"),
    "rotation-crash-before-save": (
        DANCING | {DATABRICKS},
        "a spent token that is refused after a crash is presented again",
    ),
    "rotation-keep-when-absent": (
        frozenset({REQUESTS_AUTH, DATABRICKS, MCP}),
        "the answer is stored as it came; mcp keeps the old token, and loses it in the restart of the story",
    ),
    "rotation-keep-when-null": (LATER - {MCP}, "only an absent refresh_token keeps the old one, if anything"),
    "rotation-keep-when-empty": (LATER, "an empty token is stored"),
    "expiry-never-present-expired": (
        LATER - {REQUESTS_AUTH},
        "no leeway; databricks-sdk's naive local time is an hour behind where summer time ends",
    ),
    "expiry-leg-delays": (DANCING | {MCP}, "no leeway"),
    "expiry-recomputed": (
        frozenset({ONE, DATABRICKS}),
        "one session keeps the old expiry; to databricks-sdk it is NotImplementedError, and the pair is lost",
    ),
    "expiry-lead-capped": (
        frozenset({DATABRICKS, REQUESTS_AUTH}),
        "the lead is fixed, and longer than short lifetimes",
    ),
    "refresh-without-user": (frozenset({MCP}), "see rotation-persist-before-use"),
    "refresh-only-when-due": (
        frozenset({DATABRICKS}),
        "by naive local time a token is an hour older where summer time begins",
    ),
    "refresh-never-empty": (DANCING, "auto_refresh_url is asked without looking for a refresh token"),
    "refresh-valid-token-survives": (
        frozenset({DATABRICKS, REQUESTS_AUTH}),
        "a failed refresh is raised, or opens the browser, although the access token lives",
    ),
    "resource-401-one-retry": (LATER, "a 401 of the resource is handed on; in mcp it begins a login"),
    "failure-terminal-stops": (
        LATER - {MCP},
        "invalid_grant is raised and the token stays; requests-auth presents it again after a restart",
    ),
    "failure-transient-keeps-grant": (
        frozenset({MCP, REQUESTS_AUTH}),
        "any status but 200 drops the tokens in memory, or opens the browser",
    ),
    "failure-not-json": (
        LATER - {DATABRICKS},
        "a page or a list is an exception of another kind, or ends the grant like a refusal",
    ),
    "failure-invalid-client-is-config": (LATER, "every call asks again; mcp and requests-auth ask the user"),
    "failure-total-deadline": (
        LATER,
        "no timeout: mcp's own requests have not that of the client; RecursionError for JSON of 100,000 levels",
    ),
    "failure-retry-after": (DANCING | {DATABRICKS}, "not read"),
    "failure-no-loop": (LATER - {REQUESTS_AUTH}, "every call asks again"),
    "concurrency-single-flight": (DANCING, "no lock around the refresh"),
    "concurrency-callers-share-outcome": (
        DANCING | {DATABRICKS},
        "no lock; or each that waited for it tries what has just failed",
    ),
    "lifecycle-revoked-or-password": (
        LATER - {REQUESTS_AUTH},
        "see failure-terminal-stops; mcp loads the dead tokens again, and sends the access token",
    ),
    "lifecycle-failed-reconsent-keeps": (LATER, "a login without a refresh token is stored over one with"),
    "lifecycle-reconsent-replaces": (DANCING, "a refresh that ends after a new login is saved over it"),
    "callback-error-ends-flow": (frozenset({DATABRICKS}), "an error without a description is KeyError"),
    "callback-iss-checked": (DANCING | {DATABRICKS}, "not read"),
    "callback-foreign-error-untold": (DANCING | {DATABRICKS}, "see callback-iss-checked: the error is raised"),
    "exchange-client-auth": (DANCING, "Basic credentials are not form-encoded"),
    "security-no-token-redirects": (LATER - {MCP}, "requests follows redirects"),
    "diagnosis-outcome-classes": (LATER - {MCP}, "the status is lost, or an outage reads like a refusal"),
    "accept-oddity-keeps-pair": (LATER, "null or 1 hour for expires_in, or null for scope, is an exception"),
    "accept-expires-missing": (LATER, "never refreshed, not even after a 401; or an exception"),
    "accept-expires-zero": (frozenset({DATABRICKS, MCP}), "each call refreshes, databricks-sdk more than once"),
    "accept-expires-odd": (LATER, "negative, fractional, or in words"),
    "accept-token-type": (frozenset({REQUESTS_AUTH}), "not read"),
    "accept-scope-as-set": (DANCING, "oauthlib raises Warning when the granted scope differs"),
}
"""The same of those."""

LOGIN = "requests-oauthlib's login"
HOW_TO: Mapping[str, str] = {
    "rotation-lost-response-recovers": "the next call presents the token whenever it comes",
    "rotation-replay-bounded": "every call presents the token again",
    "rotation-crash-before-save": "a spent token that is refused after a crash is presented again",
    "rotation-keep-when-null": "oauthlib keeps the old one where the member is absent alone",
    "rotation-keep-when-empty": "oauthlib keeps the old one where the member is absent alone",
    "expiry-lead-capped": "the lead is fixed, and longer than short lifetimes",
    "refresh-valid-token-survives": "a failed refresh returns None although the access token lives",
    "resource-401-one-retry": "a 401 of the resource is handed on",
    "failure-terminal-stops": "the exception is swallowed and the token stays",
    "failure-vendor-forms": "the exception is swallowed, and the code with it",
    "failure-invalid-client-is-config": "every call asks again",
    "failure-total-deadline": "no timeout",
    "failure-retry-after": "the exception is swallowed",
    "failure-no-loop": "every call asks again",
    "concurrency-single-flight": "no lock around the refresh",
    "concurrency-callers-share-outcome": "no lock around the refresh",
    "lifecycle-inactivity": "None says nothing of a dead grant",
    "lifecycle-absolute": "None says nothing of a dead grant",
    "lifecycle-revoked-or-password": "see failure-terminal-stops",
    "lifecycle-reconsent-replaces": "a refresh that ends after a new login is saved over it",
    "exchange-client-auth": LOGIN,
    "security-no-token-redirects": "requests follows redirects",
    "diagnosis-outcome-classes": "None is all that an outage and a refusal leave",
    "accept-oddity-keeps-pair": "what oauthlib raises is swallowed, and the pair with it",
    "accept-expires-missing": "never refreshed, not even after a 401",
    "accept-expires-odd": "negative, or in words",
    "accept-scope-as-set": LOGIN,
}
"""What the sample of a how-to for Atlassian violates at Atlassian, and at Google as above."""


@pytest.fixture(autouse=True)
def _real_time_afterwards() -> Iterator[None]:
    yield
    WALL_CLOCK.thaw()


def violated(name: str, at: Iterable[str], requirements: Iterable[str] = tuple(CATALOGUE)) -> set[str]:
    """Return the requirements that a subject violates at any of these vendors that it can work with."""
    factory, found = subject_factory(name), set()
    for vendor in (VENDORS[place] for place in at):
        about, broken = describe(factory, vendor), list[Requirement]()
        for requirement in (CATALOGUE[one] for one in requirements) if about.unsuited is None else ():
            cell = judge(requirement, vendor, factory, about.capabilities, shorten=False, broken=tuple(broken))
            assert cell.outcome not in ("subject_error", "harness_error"), (vendor.name, cell.why)
            if cell.outcome == "violated":
                found.add(requirement.id)
                broken.append(requirement)
    return found


def known(findings: Mapping[str, tuple[frozenset[str], str]], name: str) -> set[str]:
    """Return the rules that a library is known to violate."""
    return {requirement for requirement, (whose, _) in findings.items() if name in whose}


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_violates_what_is_known_and_nothing_else(name: str) -> None:
    pytest.importorskip(LIBRARIES[name])
    assert violated(name, AT, RULES) == known(FINDINGS, name)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:defusedxml.cElementTree is deprecated")
@pytest.mark.parametrize("name", AT_ONE | BESIDE)
def test_a_library_at_one_vendor_violates_what_is_known_and_nothing_else(name: str) -> None:
    pytest.importorskip((AT_ONE | BESIDE)[name])
    found = violated(name, [ONLY_AT.get(name, "generic")], RULES) | violated(name, ["google"], KEEPING)
    assert found == known(FINDINGS_BESIDE if name in BESIDE else FINDINGS_AT_ONE, name)


@pytest.mark.long
def test_the_sample_of_the_how_to_violates_what_is_known_and_nothing_else() -> None:
    pytest.importorskip("requests_oauthlib")
    name = "how-to-refresh-token"
    assert violated(name, ["atlassian"], RULES) | violated(name, ["google"], KEEPING) == set(HOW_TO)


def test_every_finding_is_about_a_requirement_and_a_subject_that_there_is() -> None:
    assert set(FINDINGS) | set(FINDINGS_AT_ONE) | set(FINDINGS_BESIDE) | set(HOW_TO) <= set(CATALOGUE)
    assert all(whose and whose <= ALL for whose, _ in FINDINGS.values())
    assert all(whose and whose <= REST for whose, _ in FINDINGS_AT_ONE.values())
    assert all(whose and whose <= LATER for whose, _ in FINDINGS_BESIDE.values())
