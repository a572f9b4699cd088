"""`refreshproof serve --judge`: a program that knows nothing of Refreshproof is judged by what it sends."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.sockets

README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[3])) / "README.md"
MARK = "<!-- executed by tests/harness/cli/test_serve_judge.py -->\n```sh\n"
EXAMPLE = README.read_text().partition(MARK)[2].partition("```")[0]

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"

APP = """
import http.client
import json
import pathlib
import re
import sys
from urllib.parse import parse_qs, urlencode, urlsplit

HOST = re.search(r"token endpoint +http://([^/]+)/", pathlib.Path("served.txt").read_text())[1]
WHO = {"client_id": "refreshproof-client", "client_secret": "s3cret~of+the/test=client"}
HOME = "http://127.0.0.1:9/callback"
STORE = pathlib.Path("tokens.json")


def send(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(HOST)
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location"), answer.read()


def ask(**form):
    tokens = json.loads(send("POST", "/oauth/token", WHO | form, **{"Content-Type": "application/json"})[2])
    old = json.loads(STORE.read_text()) if STORE.exists() else {}
    STORE.write_text(json.dumps(tokens | (old if KEEPS_THE_FIRST else {}) | {"access_token": tokens["access_token"]}))


def login():
    query = {"response_type": "code", "client_id": WHO["client_id"], "redirect_uri": HOME, "state": "s" * 22,
             "scope": "read:me offline_access", "audience": "api.atlassian.com", "prompt": "consent"}
    back = send("GET", "/authorize?" + urlencode(query))[1]
    ask(grant_type="authorization_code", code=parse_qs(urlsplit(back).query)["code"][0], redirect_uri=HOME)


def call():
    for _ in range(2):
        tokens = json.loads(STORE.read_text())
        if send("GET", "/me", Authorization="Bearer " + tokens["access_token"])[0] != 401:
            return
        ask(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


{"login": login, "call": call}[sys.argv[1]]()
"""


def served(folder: Path, app: str, options: str = "--judge") -> tuple[int, dict[str, Any]]:
    """Run README's example with a program, and more options; returns its exit code and the results by requirement."""
    programs = folder / "bin"
    programs.mkdir()
    for name, code in (("refreshproof", COMMAND), ("python", "")):
        words = [sys.executable, *(["-c", code] if code else [])]
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (programs / name).chmod(0o755)
    (folder / "app.py").write_text(app)
    (folder / "hour.py").write_text(HOUR)
    example = EXAMPLE if shutil.which("curl") else re.sub(r"curl .*", "python hour.py", EXAMPLE)
    example = example.replace("--judge", options)
    environment = {
        **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", example], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    document = json.loads((folder / "refreshproof-report" / "results.json").read_text())
    return done.returncode, {one["requirement"]: one for one in document["results"]}


HOUR = """
import os, urllib.request
asked = urllib.request.Request(os.environ["CONTROL"] + "/v1/clock/advance", b'{"seconds": 3600}')
asked.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
asked.add_header("Content-Type", "application/json")
urllib.request.urlopen(asked)
"""


def test_a_program_that_keeps_its_first_refresh_token_fails_and_that_replays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found = served(tmp_path, f"KEEPS_THE_FIRST = True\n{APP}")
    failed = found["rotation-replace"]
    assert (code, failed["grade"], failed["anomaly"]) == (1, "FAIL", "A1")
    words = [sys.executable, "-c", COMMAND, *shlex.split(failed["replay"])[1:]]
    again = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=_paths())
    assert again.returncode == 1
    assert "FAIL rotation-replace at atlassian (A1" in again.stdout
    for file in (tmp_path / "refreshproof-report").iterdir():
        assert "s3cret" not in file.read_text()


def test_a_program_that_keeps_up_with_rotation_fails_nothing_at_whatever_date(tmp_path: Path) -> None:
    code, found = served(tmp_path, f"KEEPS_THE_FIRST = False\n{APP}", "--judge --at 2027-03-31")
    assert code == 0
    assert {one["grade"] for one in found.values()} == {"PASS", "UNTESTED", "NA"}
    assert found["rotation-replace"]["grade"] == "PASS"
    document = json.loads((tmp_path / "refreshproof-report" / "results.json").read_text())
    assert document["run"]["at"] == "2027-03-31T00:00:00+00:00"


def _paths() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
