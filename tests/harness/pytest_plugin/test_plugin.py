"""The pytest plugin in a project of its own: fixtures, marker, the ledger in failures, conformance items, and no
cost."""

import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

# Loaded before any project runs in this process: one that loaded them itself would leave halves of them behind.
import refreshproof.harness.pytest_plugin.conformance
import refreshproof.harness.subjects.registry  # noqa: F401

pytest_plugins = ["pytester"]

# Installed, the plugin is there by its entry point; in a source tree on the path it has to be named.
INSTALLED = any(one.value == "refreshproof.harness.pytest_plugin.plugin" for one in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "refreshproof.harness.pytest_plugin.plugin")

LOGIN = """
    from urllib.parse import parse_qs, urlencode, urlsplit

    def log_in(provider):
        app, http = provider.registration, provider.client()
        query = {**app.authorization_parameters, "response_type": "code", "client_id": app.client_id,
                 "redirect_uri": app.redirect_uri, "scope": " ".join(app.scopes)}
        back = provider.log_in(f"{app.authorization_endpoint}?{urlencode(query)}")
        form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(back).query)["code"][0],
                "redirect_uri": app.redirect_uri, "client_id": app.client_id, "client_secret": app.client_secret}
        return http.post(app.token_endpoint, data=form).json()

    def refresh(provider, token):
        app = provider.registration
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client_id,
                "client_secret": app.client_secret}
        return provider.client().post(app.token_endpoint, data=form)
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with helpers of its own."""
    pytester.makepyfile(helpers=LOGIN)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    return pytester


def outcome(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    quiet = ("-W", "default", "-p", "no:cacheprovider")  # the filters of the outer run are not the inner project's
    return project.runpytest_inprocess(*PLUGIN, *quiet, *arguments)


def test_the_marker_chooses_the_vendor_and_changes_its_profile(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from helpers import log_in

        @pytest.mark.oauth("atlassian", lifetimes={"code": 7})
        def test_nested(oauth_provider):
            assert oauth_provider.profile.lifetimes.code == 7

        @pytest.mark.oauth(provider="atlassian", lifetimes__access_token=42)
        def test_it(oauth_provider):
            assert oauth_provider.profile.name == "atlassian"
            assert log_in(oauth_provider)["expires_in"] == 42

        def test_default(oauth_provider):
            assert oauth_provider.profile.name == "google"
    """)
    outcome(project, "--oauth-provider", "google").assert_outcomes(passed=3)


def test_an_unknown_vendor_is_a_clear_error(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest

        @pytest.mark.oauth(provider="gogle")
        def test_it(oauth_provider): ...
    """)
    result = outcome(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*test_it: oauth provider: found "gogle" (string); did you mean google? Allowed: *'])


MISTAKES = {
    '"google", "generic"': 'oauth marker: found "google" (string), "generic" (string); allowed: the provider, and *',
    "seed='x'": 'oauth seed: found "x" (string); allowed: a whole number',
    "at='soon'": 'oauth at: found "soon" (string); allowed: a date, such as *',
    "lifetimes={'acces': 1}": "oauth marker: profile: lifetimes.acces: no field 'acces'; allowed are access_token, *",
    "lifetimes=3": "oauth marker: profile: lifetimes: found 3 (integer); *",
    "lifetimes__access_token='x'": 'oauth marker: profile: lifetimes.access_token: found "x" (string); *',
    "life=3": "oauth marker: profile: life: no field 'life'; allowed are name, *; and beside the profile: "
    "provider, seed, at",
}
"""Arguments of the marker, and what is said of them."""


def test_every_mistake_in_the_marker_is_told_with_what_is_allowed(project: pytest.Pytester) -> None:
    lines = [f"@pytest.mark.oauth({given})\ndef test_{n}(oauth_provider): ...\n" for n, given in enumerate(MISTAKES)]
    project.makepyfile("import pytest\n" + "".join(lines))
    result = outcome(project)
    result.assert_outcomes(errors=len(MISTAKES))
    for said in MISTAKES.values():
        result.stdout.fnmatch_lines([f"*{said}"])


def test_time_begins_at_the_machines_date_or_where_it_is_told_to(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import time
        import pytest

        REAL = time.time()

        def test_now(oauth_provider, oauth_clock):
            assert 0 <= oauth_clock.now() - int(REAL) < 600
            assert time.time() == oauth_clock.now()

        @pytest.mark.oauth("google", at="2030-03-17T17:46:40+00:00")
        def test_told(oauth_provider, oauth_clock):
            assert time.time() == 1_900_000_000
            assert False
    """)
    result = outcome(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*What reached Google* since 2030-03-17T17:46:40+00:00*"])
    outcome(project, "--oauth-at", "2030-03-17", "-k", "test_now").assert_outcomes(failed=1)


def test_the_clock_moves_the_vendor_and_the_wall_clock(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import time
        from helpers import log_in, refresh

        def test_it(oauth_provider, oauth_clock, oauth_ledger):
            before = time.time()
            token = log_in(oauth_provider)["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            http = oauth_provider.client()
            assert http.get(oauth_provider.resource, headers=headers).status_code == 200
            oauth_clock.advance(3600)
            assert time.time() - before == 3600
            assert http.get(oauth_provider.resource, headers=headers).status_code == 401
            oauth_clock.skew(-30)
            assert time.time() - before == 3570
            assert oauth_ledger.entries[-1].cause == "access_token_expired"
    """)
    outcome(project).assert_outcomes(passed=1)


def test_a_lost_answer_and_a_misbehaviour_reach_the_readers_client(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import httpx, pytest
        from helpers import log_in, refresh

        def test_it(oauth_provider, oauth_world):
            token = log_in(oauth_provider)["refresh_token"]
            oauth_provider.lose_next_response()
            with pytest.raises(httpx.ReadError):
                refresh(oauth_provider, token)
            assert oauth_provider.ledger[-1].delivered is False
            oauth_provider.misbehave("status", code=503, retry_after="7")
            assert refresh(oauth_provider, token).headers["Retry-After"] == "7"
            assert len(oauth_world.journal.exchanges("token")) == 3
    """)
    outcome(project).assert_outcomes(passed=1)


def test_a_respx_router_serves_code_that_makes_its_own_client(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import httpx

        def test_it(oauth_provider):
            with oauth_provider.router():
                document = httpx.get(oauth_provider.profile.url("metadata")).json()
            assert document["issuer"] == oauth_provider.profile.issuer
    """)
    outcome(project).assert_outcomes(passed=1)


def test_a_failure_shows_what_reached_the_vendor_and_no_secret(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from helpers import log_in, refresh

        def test_it(oauth_provider):
            refresh(oauth_provider, log_in(oauth_provider)["refresh_token"])
            assert False
    """)
    result = outcome(project)
    result.stdout.fnmatch_lines(
        ["*What reached Generic*", "+0 s  token refresh_token RT1 at auth.example.com -> 200 AT2, RT2"]
    )


def test_conformance_gives_an_item_per_vendor_and_requirement(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from refreshproof.harness import conformance
        from refreshproof.harness.subjects.miniatures import MINIATURES
        from refreshproof.harness.adapters.tiny.client import TinyClient

        NAMES = ["rotation-replace", "rotation-keep-when-absent"]
        test_good = conformance(TinyClient, providers=["google", "atlassian"], requirements=NAMES)
        test_bad = conformance(MINIATURES["rotation-replace"].client, providers=["atlassian"], requirements=NAMES)
    """)
    result = outcome(project, "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*test_good?google-rotation-keep-when-absent? PASSED*", "*shortest story:*", "1. Alice logs in and consents."]
    )


def test_a_conformance_failure_shows_exchanges_and_the_command_that_runs_it_again(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from refreshproof.harness import conformance
        from refreshproof.harness.subjects.miniatures import MINIATURES

        test_bad = conformance(MINIATURES["rotation-replace"].client, providers=["atlassian"],
                               requirements=["rotation-replace"])
    """)
    result = outcome(project)
    result.stdout.fnmatch_lines(
        [
            "*exchanges:*",
            "*step 5: POST refresh_token RT1 at auth.atlassian.com -> *",
            "*replay:   python -m pytest '*.py::test_bad[[]atlassian-rotation-replace]'*",
        ]
    )
    line = next(line for line in result.outlines if "replay:" in line).partition("python -m pytest ")[2]
    again = outcome(project, *shlex.split(line))
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*The next refresh presented RT1 again although RT2 had replaced it.*"])


def test_a_client_that_crashes_fails_with_its_exception_and_place(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from refreshproof.harness import TinyClient, conformance

        class Crashing(TinyClient):
            def call(self):
                raise KeyError("missing")

        class Mute(TinyClient):
            def callback(self, url):
                super().callback(url)

        NAMES = ["rotation-replace"]
        test_crashing = conformance(Crashing, providers=["atlassian"], requirements=NAMES)
        test_mute = conformance(Mute, providers=["atlassian"], requirements=NAMES)
    """)
    result = outcome(project)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*KeyError left the client in call*",
            "exception: KeyError: 'missing'",
            "place:*test_a_client_that_crashes_fails_with_its_exception_and_place.py:5",
            "step:     The client calls the API.",
            "*the login never succeeded at atlassian: Mute.callback returned None*",
        ]
    )


def test_a_violated_should_warns_unless_it_does_harm_and_what_cannot_be_asked_is_skipped(
    project: pytest.Pytester,
) -> None:
    project.makepyfile("""
        from dataclasses import replace
        from refreshproof.harness import conformance
        from refreshproof.harness.subjects.miniatures import MINIATURES
        from refreshproof.harness.adapters.tiny.client import TinyClient

        class Plain(TinyClient):
            def describe(self):
                return replace(super().describe(), capabilities=frozenset())

        test_warns = conformance(MINIATURES["expiry-never-present-expired"].client, providers=["google"],
                                 requirements=["expiry-never-present-expired"])
        test_loses_a_grant = conformance(MINIATURES["rotation-keep-when-null"].client, providers=["google"],
                                         requirements=["rotation-keep-when-null"])
        test_skips = conformance(Plain, providers=["generic"], requirements=["rotation-persist-before-use"])
    """)
    result = outcome(project)
    result.assert_outcomes(passed=1, failed=1, skipped=1, warnings=1)
    result.stdout.fnmatch_lines(["harm:     grant lost"])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ('providers=["gogle"]', "conformance: providers: nothing is named 'gogle'; did you mean google?"),
        (
            'requirements=["rotation-*", "rotaion-replace"]',
            "conformance: requirements: nothing is named 'rotaion-replace'; did you mean rotation-replace?",
        ),
        (
            'requirements=["none-*"]',
            "conformance: requirements none-* leaves nothing; `refreshproof list requirements` names what there is",
        ),
        (
            "requirements=[7]",
            "conformance: requirements: found 7; allowed: names and globs, `refreshproof list requirements` names them",
        ),
        ('at="someday"', "conformance: *someday*"),
    ],
)
def test_what_conformance_cannot_do_is_told_in_a_line_and_without_a_traceback(
    project: pytest.Pytester, words: str, complaint: str
) -> None:
    project.makepyfile(f"""
        from refreshproof.harness import conformance
        from refreshproof.harness.adapters.tiny.client import TinyClient

        test_it = conformance(TinyClient, {words})
    """)
    result = outcome(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR collecting test_what_conformance*", complaint.replace("[", "[[]")])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*asked_for*")


def test_conformance_takes_the_patterns_of_the_command_line(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from refreshproof.harness import conformance
        from refreshproof.harness.adapters.tiny.client import TinyClient

        test_some = conformance(TinyClient, providers=["atlassian"],
                                requirements=["rotation-re*", "-rotation-replace"])
        test_one = conformance(TinyClient, providers="generic", requirements="rotation-replace")
    """)
    result = project.runpytest("--collect-only", "-q")
    result.stdout.fnmatch_lines(["*test_some*atlassian-rotation-replay-bounded*", "*test_one*rotation-replace*"])
    result.stdout.no_fnmatch_line("*test_some*rotation-replace*")


def test_a_project_that_does_not_use_the_plugin_imports_nothing_of_it(tree: Path) -> None:
    ours = "[name for name in sys.modules if name.startswith('refreshproof.')]"
    script = f"import sys, pytest, refreshproof.harness.pytest_plugin.plugin; print(sorted({ours}))"
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(
        ["refreshproof.harness", "refreshproof.harness.pytest_plugin", "refreshproof.harness.pytest_plugin.plugin"]
    )
