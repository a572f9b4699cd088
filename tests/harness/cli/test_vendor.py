"""`refreshproof vendor check` over sockets, against a vendor of our own that is served."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.serving import options
from refreshproof.harness.cli.command import main
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.serving.server import Server

pytestmark = pytest.mark.sockets
README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[3])) / "README.md"
MARK = "<!-- executed by tests/harness/cli/test_vendor.py -->\n```sh\n"
EXAMPLE = README.read_text().partition(MARK)[2].partition("```")[0]
COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
REDIRECT_URI = "http://127.0.0.1:9/callback"
DRIVER = """
import sys, urllib.error, urllib.request
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments): return None
try:
    urllib.request.build_opener(Stay).open(sys.argv[-1])
except urllib.error.HTTPError as answer:
    print(answer.headers["Location"])
"""


@pytest.fixture
def origin() -> Iterator[str]:
    with Server(options("generic", time="real")) as server:
        yield server.origin("generic")


@pytest.fixture
def driver(tmp_path: Path) -> str:
    """A login script that follows no redirect and prints where the first one leads."""
    (tmp_path / "driver.py").write_text(DRIVER)
    return f"{sys.executable} {tmp_path / 'driver.py'}"


def check(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run a check; returns exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as end:
        main(["vendor", "check", *map(str, arguments)])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


@pytest.fixture
def given(origin: str, driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What names the served vendor, its client and a login."""
    monkeypatch.setenv("REFRESHPROOF_CLIENT_SECRET", CLIENT_SECRET)
    return [
        origin, "--client-id", CLIENT_ID, "--scope", "read", "--redirect-uri", REDIRECT_URI, "--login", driver,
        "--rate", "1000", "--out", str(tmp_path / "out"), "--resource", f"{origin}/resource",
    ]  # fmt: skip


def test_a_check_is_recorded_as_a_profile_that_run_takes(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = check(capsys, *given, "--burn-grants", "--wait", "0", "--wait", "0.3", "--title", "Served 1.0")
    assert code == 0, err
    assert "set scope: read" in out
    assert CLIENT_SECRET not in out + err
    recorded = json.loads((tmp_path / "out" / "recording.json").read_text())
    assert recorded["values"]["refresh.on_breach"] == "revoke_family"
    assert "<title>Served 1.0: vendor check</title>" in (tmp_path / "out" / "index.html").read_text()
    profile = tmp_path / "out" / "profile.toml"
    with pytest.raises(SystemExit) as end:
        main(["run", "--profile", str(profile), "-p", "served-1-0", "-r", "rotation-replace", "--examples", "0",
              "--no-survey", "--out", str(tmp_path / "report")])  # fmt: skip
    assert not end.value.code, capsys.readouterr()


def test_drift_is_told_and_ends_in_1(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    probes = ["--probe", "issuance", "--probe", "rotation"]
    code, out, _ = check(capsys, *given, *probes, "--against", "google")
    assert code == 1
    assert "differs refresh.rotation: never in google, always here" in out
    code, out, _ = check(capsys, *given, *probes, "--against", tmp_path / "out" / "recording.json")
    assert (code, "differs" in out) == (0, False)
    code, out, _ = check(capsys, *given, *probes, "--against", tmp_path / "out" / "profile.toml")
    assert (code, "differs" in out) == (0, False)


def test_a_wrong_secret_is_told_with_the_probe_and_a_partial_recording_is_kept(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = check(capsys, *given, "--client-secret", "not-this-one")
    assert code == 7
    assert "trouble issuance: the token endpoint answered 401 invalid_client to refreshproof-client" in out
    assert json.loads((tmp_path / "out" / "recording.json").read_text())["troubles"]


def test_requests_for_metadata_count(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(capsys, *given, "--probe", "refusals")
    recorded = json.loads((tmp_path / "out" / "recording.json").read_text())
    assert recorded["requests"] == len(recorded["journal"]) + 1
    code, out, _ = check(capsys, *given, "--max-requests", "1")
    assert code == 7
    assert "the 1 requests that --max-requests allows are used up" in out


def test_a_server_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = check(capsys, "http://127.0.0.1:9", "--client-id", "x", "--out", tmp_path)
    assert code == 7
    assert "not begun: http://127.0.0.1:9/.well-known/openid-configuration: no answer: ConnectError" in err


@pytest.mark.parametrize(
    ("login", "patience", "told"),
    [
        ("{python} -c 'while True: pass'", "0.5", "did not end within 0.5 s (--login-timeout)"),
        ("{python} -c 'print(1)'", "30", "printed something else, not an address that begins with " + REDIRECT_URI),
        ("/nowhere/driver", "30", "/nowhere/driver cannot be run: No such file or directory"),
    ],
)
def test_a_login_that_leads_nowhere_is_told(
    login: str, patience: str, told: str, given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = check(capsys, *given, "--login", login.format(python=sys.executable), "--login-timeout", patience)
    assert code == 7
    assert told in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "no authorization endpoint: give ISSUER, --provider or --authorization-endpoint"),
        (["login.example.com"], "'login.example.com'; expected an http or https URL"),
        (["-p", "googel"], "there is no built-in vendor 'googel'; did you mean google"),
        (["-p", "google", "--against", "nothing"], "no file and no built-in vendor 'nothing'"),
        (["-p", "google", "--authentication", "client_secret_post"], "needs --client-secret or"),
        (["-p", "google", "--second-client", "x"], "--second-client needs --second-secret or"),
        (["-p", "google", "--parameter", "x"], "'x'; expected NAME=VALUE"),
        (["-p", "google", "--redirect-uri", "https://a.example/"], "--login browser needs an http redirect URI"),
        (["-p", "google", "--start-token", "/nowhere"], "/nowhere"),
    ],
)
def test_a_mistake_on_the_command_line_is_named(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = check(capsys, *arguments, "--client-id", "x", "--out", tmp_path)
    assert code == 4
    assert told in " ".join(err.split())


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "out"
    code, _, err = check(capsys, "http://127.0.0.1:9", "--client-id", "x", "--out", below)
    assert code == 4
    assert f"--out {below}: Not a directory" in " ".join(err.split())
    assert "no answer" not in err


def test_probes_are_listed_with_what_they_cost(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["vendor", "probes"])
    out = capsys.readouterr().out
    assert "breach" in out
    assert "ends grants" in out


@pytest.mark.slow
def test_the_example_in_readme_checks_a_server_that_runs(origin: str, driver: str, tmp_path: Path) -> None:
    (tmp_path / "log-in").write_text(f'#!/bin/sh\nexec {driver} "$@"\n')
    (tmp_path / "log-in").chmod(0o755)
    function = f'refreshproof() {{ {shlex.quote(sys.executable)} -c {shlex.quote(COMMAND)} "$@"; }}\n'
    given = {"ISSUER": origin, "CLIENT_ID": CLIENT_ID, "REFRESHPROOF_CLIENT_SECRET": CLIENT_SECRET}
    done = subprocess.run(
        ["bash", "-c", function + EXAMPLE], cwd=tmp_path, env=os.environ | given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "heed Every refresh brings a new refresh token" in done.stdout
    assert (tmp_path / "refreshproof-vendor" / "profile.toml").exists()
