"""A story played with a whole program on `refreshproof serve --judge`, by its recipe in the page for users."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kit.ports import free_ports
from refreshproof.mock_servers.serving.control.client import ControlClient

PAGE = resources.files("refreshproof.harness.judging").joinpath("whole-programs.md").read_text()
MARK = "<!-- executed by tests/harness/judging/programs/test_programs.py -->\n"
COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
TEN_MINUTES = 600
GRANTS = {"authorization_code": "exchange", "refresh_token": "refresh"}

STORY: Mapping[str, str] = {
    "login": "login",
    "call": "call",
    "expiry": "pass LIFE; call",
    "expiry of the second token": "pass LIFE; call",
    "outage": "outage VENDOR; pass LIFE; call",
    "after the outage": "call",
    "refusal": "withdraw VENDOR; pass LIFE; call",
    "after the refusal": "call",
    "new login": "login; call",
    "lost answer": "lost VENDOR; pass LIFE; call",
    "after the lost answer": "call",
}
"""The steps of the story, as lines of shell that use the recipe's functions."""


def blocks(heading: str | None, language: str) -> str:
    """The executed blocks of a section of the page, or of what stands before its sections."""
    sections = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)
    text = sections[0] if heading is None else sections[sections.index(heading) + 1]
    return "\n".join(re.findall(re.escape(MARK) + rf"```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a story: by step, whether it went well and what reached the vendor; by requirement, the
    verdict where one could be given."""

    steps: Mapping[str, str]
    verdicts: Mapping[str, str]


def play(heading: str, vendor: str, life: int, folder: Path, *, profile: str = "") -> Played:
    """Play the story with the program of a section; `life` is that of an access token, in seconds."""
    with free_ports() as port:
        return _played(heading, vendor, life, folder, profile, port)


def _played(heading: str, vendor: str, life: int, folder: Path, profile: str, port: int) -> Played:
    other = port + 2  # the ports that stand in the page, 9310 and one above it, are others in each test
    recipe = blocks(None, "sh") + blocks(heading, "sh")
    recipe = recipe.replace(":9300", f":{port}").replace("--port 9300", f"--port {port}").replace(":9310", f":{other}")
    recipe = recipe.replace(":9311", f":{other + 1}")
    (folder / "recipe.sh").write_text(recipe)
    (folder / "vendor.toml").write_text(profile)
    _command(folder)
    steps, seen = dict[str, str](), 0
    with _served(folder) as reached:
        try:
            for step, line in STORY.items():
                done = _shell(folder, line.replace("LIFE", str(life)).replace("VENDOR", vendor))
                with ControlClient(*reached) as control:
                    exchanges = control.provider(vendor).journal(since=seen)
                seen += len(exchanges)
                steps[step] = " ".join([_word(done.returncode), *map(_exchange, exchanges)])
        finally:
            _shell(folder, "stop")
    document = json.loads((folder / "refreshproof-report" / "results.json").read_text())
    given = {one["requirement"]: one["grade"] for one in document["results"] if one["grade"] != "NA"}
    return Played(steps=steps, verdicts=given)


def _word(code: int) -> str:
    return "well:" if code == 0 else "failed:"


def _exchange(exchange: Mapping[str, Any]) -> str:
    """Name an exchange by its grant or the end of its path; one that did not go well tells how it ended."""
    grant = dict(parse_qsl(exchange["request_body"])).get("grant_type")
    name = GRANTS.get(grant or "") or urlsplit(exchange["url"]).path.rpartition("/")[2]
    ended = "lost" if exchange["drop"] else exchange["status"]
    return name if ended in (200, 201, 302) else f"{name}({ended})"


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[list[str]]:
    """Run the recipe's server, which judges when it ends; yields where its control API is, and the token."""
    with subprocess.Popen(["bash", "-c", ". ./recipe.sh; server"], cwd=folder, env=_environment(folder)) as server:
        try:
            yield _shell(folder, 'echo "$CONTROL $TOKEN"').stdout.split()
        finally:
            os.kill(int((folder / "server.pid").read_text()), signal.SIGTERM)
            server.wait(TEN_MINUTES)


def _shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the story in a shell of its own; what a program keeps, it keeps in files."""
    return subprocess.run(
        ["bash", "-c", f". ./recipe.sh; served; {line}"],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=TEN_MINUTES,
    )


def _command(folder: Path) -> None:
    """Put the command `refreshproof` of this interpreter into the folder's bin."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "refreshproof"
    program.write_text(f'#!/bin/sh\necho $$ > server.pid\nexec {shlex.join([sys.executable, "-c", COMMAND])} "$@"\n')
    program.chmod(0o755)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {
        **kept,
        "PATH": f"{folder / 'bin'}:{kept['PATH']}",
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
