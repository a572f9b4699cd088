"""What is known of libraries in other languages: each violates these requirements and no others, for these reasons.

As for the libraries for Python: one that mends its ways, and a program or a check that errs, show here; CI plays the
rules that a grant lives by, and holds them against the recorded matrix. Seen on 2026-11-30 with the versions in
VERSIONS, each at one vendor, and at Google for what an answer without a refresh token does; the reasons come from the
stories of the runs, and for a part of them from the libraries' code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.subjects.programs.catalogue import PROGRAMS
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Fault, Restart, Until

pytestmark = pytest.mark.sockets

MARKS = {"node": pytest.mark.npm, "go": pytest.mark.go, "ruby": pytest.mark.ruby, "perl": pytest.mark.perl}
OIDC, WEBAPI, SIMPLE = "node-openid-client", "node-oauth4webapi", "node-simple-oauth2"
GOOGLE, BADGATEWAY, MSAL = "node-google-auth-library", "node-badgateway-oauth2-client", "node-msal"
MCP, GO, RUBY, PERL = "node-modelcontextprotocol-sdk", "go-x-oauth2", "ruby-oauth2", "perl-lwp-authen-oauth2"
SNIPPET, AWAITED = "node-3lo-snippet", "node-3lo-snippet-awaited"

VERSIONS: Mapping[str, str] = {
    OIDC: "6.9.0", WEBAPI: "3.8.8", SIMPLE: "5.1.0", GOOGLE: "10.9.1", BADGATEWAY: "3.3.1", MSAL: "7.2.3",
    MCP: "1.32.2", GO: "0.3.0", RUBY: "1.4.4", PERL: "0.20",
}  # fmt: skip
AT = {MSAL: "microsoft", SNIPPET: "atlassian", AWAITED: "atlassian"}
"""Where one is played, if not at a plain server."""
KEEPING = ("rotation-keep-when-absent", "rotation-keep-when-null", "rotation-keep-when-empty")

ALL = frozenset(VERSIONS)
SAMPLES = frozenset({SNIPPET, AWAITED})
OF_PANVA = frozenset({OIDC, WEBAPI})

FINDINGS: Mapping[str, tuple[frozenset[str], str]] = {
    "rotation-replace": (frozenset({GOOGLE, SNIPPET}), "the new refresh token is overwritten with the old; not read"),
    "rotation-old-never-reused": (frozenset({GOOGLE, SNIPPET}), "see rotation-replace"),
    "rotation-mode-agnostic": (
        frozenset({GOOGLE, SIMPLE, SNIPPET}),
        "see rotation-replace; simple-oauth2 keeps a refresh token that an answer lacks under a name that is not read",
    ),
    "rotation-persist-before-use": (frozenset({SNIPPET}), "see rotation-replace"),
    "rotation-keep-when-absent": (frozenset({SIMPLE}), "see rotation-mode-agnostic: an empty one is sent next"),
    "rotation-keep-when-null": (frozenset({SIMPLE}), "the answer takes the old token's place as it came"),
    "rotation-keep-when-empty": (
        frozenset({BADGATEWAY, GO, MCP, PERL, RUBY, SIMPLE}) | OF_PANVA,
        "the empty token is stored, or what comes of it at the next refresh",
    ),
    "rotation-lost-response-recovers": (SAMPLES, "presented whenever the next call comes"),
    "rotation-replay-bounded": (SAMPLES | {MSAL}, "every call presents the token again"),
    "rotation-crash-before-save": (
        ALL - {MCP, MSAL} | SAMPLES,
        "a spent token that is refused after a crash is presented again; by Go at once, with the other authentication",
    ),
    "expiry-never-present-expired": (
        frozenset({PERL, RUBY}),
        "no leeway, and not even at the very end; early_refresh_time is compared with half of what is left",
    ),
    "expiry-clock-step": (
        ALL - {BADGATEWAY, MCP, PERL} | SAMPLES,
        "the end is an instant of the client's clock, and a 401 of the resource refreshes nothing",
    ),
    "expiry-leg-delays": (
        frozenset({BADGATEWAY, PERL, RUBY, SIMPLE}) | OF_PANVA | SAMPLES,
        "no leeway, or what there is has no effect",
    ),
    "expiry-recomputed": (frozenset({AWAITED, MSAL}), "the first lifetime is kept; a missing expires_in is no time"),
    "expiry-lead-capped": (frozenset({GO, MSAL}), "the lead is fixed, and longer than short lifetimes"),
    "authz-scope-as-configured": (frozenset({MSAL}), "openid and profile are always added"),
    "refresh-request-shape": (frozenset({MSAL}), "the configured scope goes with every refresh, granted or not"),
    "refresh-never-empty": (SAMPLES | {SIMPLE}, "a refresh is sent without looking for a refresh token"),
    "refresh-valid-token-survives": (
        frozenset({GO, GOOGLE, MSAL}),
        "a failed refresh is raised although the access token lives",
    ),
    "resource-401-one-retry": (ALL - {BADGATEWAY, MCP, PERL} | SAMPLES, "a 401 of the resource is handed on"),
    "resource-401-persistent-stops": (frozenset({BADGATEWAY, MCP, PERL}), "each call refreshes anew"),
    "failure-terminal-stops": (ALL - {MCP, MSAL} | SAMPLES, "the token stays, and the next call presents it again"),
    "failure-vendor-forms": (SAMPLES, "the error is not read"),
    "failure-transient-keeps-grant": (
        SAMPLES | {BADGATEWAY, MCP},
        "any failure asks for a new login; the sample overwrites the access token with what an error lacks",
    ),
    "failure-not-json": (
        SAMPLES | {BADGATEWAY, GOOGLE, MCP, PERL, SIMPLE},
        "SyntaxError or TypeError, or not a HASH reference; by the others a new login is asked for",
    ),
    "failure-invalid-client-is-config": (
        ALL | SAMPLES,
        "every call asks again; or a new login is asked for; or the access token is gone",
    ),
    "failure-total-deadline": (
        frozenset({BADGATEWAY, GOOGLE, SIMPLE}),
        "RangeError where what was handed over, JSON of 100,000 levels, is stored",
    ),
    "failure-retry-after": (ALL | {AWAITED}, "not read; MSAL reads seconds and no date"),
    "failure-no-loop": (ALL | SAMPLES, "every call asks again; google-auth-library four times a call"),
    "concurrency-single-flight": (OF_PANVA | {SIMPLE, MCP} | SAMPLES, "no lock around the refresh"),
    "concurrency-callers-share-outcome": (
        OF_PANVA | {GO, GOOGLE, MCP, SIMPLE} | SAMPLES,
        "no lock; or each that waited for it tries what has just failed; google-auth-library tries four times for all",
    ),
    "lifecycle-inactivity": (SAMPLES, "see failure-vendor-forms"),
    "lifecycle-absolute": (SAMPLES, "see failure-vendor-forms"),
    "lifecycle-revoked-or-password": (ALL - {MCP, MSAL}, "see failure-terminal-stops"),
    "lifecycle-failed-reconsent-keeps": (
        frozenset({BADGATEWAY, GO, GOOGLE, MCP, RUBY, SIMPLE}),
        "a login without a refresh token is stored over one with",
    ),
    "lifecycle-reconsent-replaces": (
        OF_PANVA | {GOOGLE, MCP, MSAL, SIMPLE} | SAMPLES,
        "a refresh that ends after a new login is saved over it",
    ),
    "exchange-client-auth": (
        frozenset({GO, MCP, RUBY}),
        "Basic credentials are not form-encoded; Go tries the other authentication after any failure",
    ),
    "exchange-code-sent-once": (
        frozenset({GO, GOOGLE, MCP}),
        "repeated when no answer or a refusal came; by Go with the other authentication",
    ),
    "security-no-token-redirects": (
        frozenset({BADGATEWAY, GO, GOOGLE, MCP, MSAL, RUBY}) | SAMPLES,
        "the HTTP stack follows redirects",
    ),
    "security-token-audience": (frozenset({GO, PERL}), "the token is added to each request of a redirect"),
    "diagnosis-outcome-classes": (
        frozenset({BADGATEWAY, GOOGLE, MCP, MSAL}) | SAMPLES,
        "the status is lost, or an outage reads like a refusal",
    ),
    "accept-success-definition": (
        ALL - {GO} | SAMPLES,
        "tokens are taken that are empty, no strings, or come with an error; oauth4webapi takes status 200 alone",
    ),
    "accept-oddity-keeps-pair": (
        ALL | {SNIPPET},
        "null, 3600.0 or 1 hour for expires_in, or a list for scope, is an exception, or no lifetime that is kept",
    ),
    "accept-expires-missing": (
        frozenset({GO, MSAL, RUBY, SIMPLE}) | OF_PANVA | SAMPLES,
        "never refreshed, not even after a 401; by MSAL at each call",
    ),
    "accept-expires-zero": (frozenset({MSAL, RUBY, SIMPLE}) | OF_PANVA | SAMPLES, "each call refreshes"),
    "accept-expires-odd": (ALL | SAMPLES, "negative, in words, or longer than anybody lives"),
    "accept-token-type": (
        ALL - OF_PANVA - {MCP, PERL} | SAMPLES,
        "not read; google-auth-library and Go send it as the scheme, as it came",
    ),
    "accept-tolerates-unknown": (frozenset({SNIPPET}), "see rotation-replace: `undefined` is sent"),
}
"""What each violates there, with the reason."""

BEHAVIOURS: Mapping[tuple[str, str, str], str] = {
    (SIMPLE, "google", "rotation-keep-when-absent"): "presented an empty refresh token instead of RT1",
    (GOOGLE, "generic", "rotation-replace"): "presented RT1 again although RT2 had replaced it",
    (GO, "generic", "exchange-client-auth"): "by client_secret_post after it had done so by client_secret_basic",
    (PERL, "generic", "expiry-leg-delays"): "AT1 reached the resource 4 s after its expiry",
    (SNIPPET, "atlassian", "rotation-replace"): "presented RT1 again although RT2 had replaced it",
}
"""What is known of a library of that version, or of a sample, and the words of the verdict that name it."""


def marked(names: Iterable[str], *marks: pytest.MarkDecorator) -> list[object]:
    return [pytest.param(name, id=name, marks=(MARKS[PROGRAMS[name].language], *marks)) for name in names]


def violated(name: str, place: str, requirements: Iterable[str] = tuple(CATALOGUE)) -> set[str]:
    """Return the requirements that a subject violates at a vendor."""
    factory, vendor, found = subject_factory(name), VENDORS[place], dict[str, Requirement]()
    about = describe(factory, vendor)
    assert about.unsuited is None
    for requirement in (CATALOGUE[one] for one in requirements):
        broken = tuple(found.values())
        cell = judge(requirement, vendor, factory, about.capabilities, shorten=False, broken=broken)
        assert cell.outcome not in ("subject_error", "harness_error"), (requirement.id, cell.why)
        if cell.outcome == "violated":
            found[requirement.id] = requirement
    return set(found)


@pytest.mark.parametrize("name", marked(PROGRAMS, pytest.mark.long))
def test_a_library_violates_what_is_known_and_nothing_else(name: str) -> None:
    found = violated(name, AT.get(name, "generic")) | (set() if name in AT else violated(name, "google", KEEPING))
    assert found == {requirement for requirement, (whose, _) in FINDINGS.items() if name in whose}


@pytest.mark.parametrize("name", marked(VERSIONS))
def test_a_library_is_of_the_version_that_the_findings_are_about(name: str) -> None:
    assert describe(subject_factory(name), VENDORS[AT.get(name, "generic")]).version == VERSIONS[name]


@pytest.mark.parametrize(
    ("name", "place", "requirement", "words"),
    [
        pytest.param(*known, words, id=f"{known[0]}-{known[2]}", marks=MARKS[PROGRAMS[known[0]].language])
        for known, words in BEHAVIOURS.items()
    ],
)
def test_what_a_library_is_known_for_shows_under_a_requirement(
    name: str, place: str, requirement: str, words: str
) -> None:
    factory, vendor = subject_factory(name), VENDORS[place]
    about = describe(factory, vendor)
    cell = judge(CATALOGUE[requirement], vendor, factory, about.capabilities, shorten=False)
    assert (cell.outcome, about.version) == ("violated", VERSIONS.get(name, about.version))
    assert words in cell.why


@pytest.mark.go
def test_go_presents_a_refresh_token_again_with_the_other_authentication_after_an_outage() -> None:
    outage = Fault(fault="status", parameters={"code": 503}, view="token", times=1)
    expired = Until(limit="access_token_expiry", offset=1)
    journal = play(VENDORS["generic"], subject_factory(GO), flow(expired, Restart(), outage, Call()))
    sent = [one for one in journal.exchanges() if one.grant_type == "refresh_token"]
    assert [(one.presented, one.status) for one in sent] == [("RT1", 503), ("RT1", 200)]
    assert [one.client_authentication for one in sent] == [("client_secret_basic",), ("client_secret_post",)]
    assert len({one.sent_at for one in sent}) == 1
    verdict = CATALOGUE["exchange-client-auth"].judged(Evidence(journal=journal, profile=VENDORS["generic"].profile))
    assert (verdict.outcome, verdict.why) == (
        "violated",
        "The client authenticates by client_secret_post after it had done so by client_secret_basic.",
    )


@pytest.mark.perl
def test_perl_refreshes_only_after_the_end_whatever_early_refresh_time_says() -> None:
    steps = [step for offset in (-299, -1, 1) for step in (Until(limit="access_token_expiry", offset=offset), Call())]
    journal = play(VENDORS["generic"], subject_factory(PERL), flow(*steps))
    used = [one.presented for one in journal.exchanges("resource")]
    assert used == ["AT1", "AT1", "AT2"]


@pytest.mark.npm
@pytest.mark.parametrize(
    "requirement", ["refresh-names-resource", "rotation-replace", "refresh-request-shape", "callback-iss-checked"]
)
def test_the_mcp_sdk_does_right_at_the_server_of_its_specification(requirement: str) -> None:
    factory, vendor = subject_factory(MCP), VENDORS["mcp"]
    about = describe(factory, vendor)
    cell = judge(CATALOGUE[requirement], vendor, factory, about.capabilities, shorten=False)
    assert (cell.outcome, about.version) == ("satisfied", VERSIONS[MCP]), cell.why


@pytest.mark.npm
@pytest.mark.long
def test_the_mcp_sdk_is_judged_by_every_rule_there() -> None:
    assert violated(MCP, "mcp") == {
        "accept-expires-odd", "accept-oddity-keeps-pair", "accept-success-definition",
        "concurrency-callers-share-outcome", "concurrency-single-flight", "diagnosis-outcome-classes",
        "exchange-client-auth", "exchange-code-sent-once", "failure-no-loop", "failure-not-json",
        "failure-retry-after", "failure-transient-keeps-grant", "lifecycle-failed-reconsent-keeps",
        "lifecycle-reconsent-replaces", "resource-401-persistent-stops", "security-no-token-redirects",
    }  # fmt: skip


@pytest.mark.npm
def test_a_client_that_a_vendor_does_not_suit_says_so() -> None:
    for name, place in ((MSAL, "google"), (SNIPPET, "generic"), (AWAITED, "microsoft")):
        assert describe(subject_factory(name), VENDORS[place]).unsuited


def test_every_finding_is_about_a_requirement_and_a_program_that_there_is() -> None:
    assert set(FINDINGS) <= set(CATALOGUE)
    assert set(PROGRAMS) == ALL | SAMPLES
    assert all(whose and whose <= ALL | SAMPLES for whose, _ in FINDINGS.values())
