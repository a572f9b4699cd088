"""Whole programs, unmodified, on `refreshproof serve --judge`: what each does at expiry, in an outage, when it is
refused and when an answer is lost, and the verdicts that it comes to, with a reason for each."""

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.whole_programs import PAGE, blocks, play

pytestmark = [pytest.mark.programs, pytest.mark.sockets]

NEVER = {
    "exchange-code-sent-once": "UNTESTED",  # no exchange of a code failed
    "security-no-token-redirects": "UNTESTED",  # nothing redirected
    "security-token-audience": "UNTESTED",
}
KEEPS_UP = {
    "rotation-replace": "PASS",  # each refresh presents what the one before brought
    "rotation-old-never-reused": "PASS",  # after a lost answer too it presents one it did not know to be spent
    "refresh-request-shape": "PASS",
    "exchange-client-auth": "PASS",  # Basic, at the exchange and at each refresh
}
PLAIN = {"resource-bearer-header-once": "PASS", "exchange-request-shape": "PASS"}
UNASKED = {
    "authz-google-offline": "FAIL",  # no prompt=consent: a user's second login brings no refresh token
}
NO_REFRESH = {
    "refresh-request-shape": "UNTESTED",
    "exchange-client-auth": "UNTESTED",
}


@dataclass(frozen=True, kw_only=True)
class Program:
    """A row: the section of the page, the Debian package and the beginning of the version that was measured, the vendor
    with its access tokens' life in seconds, what came of each step, and the verdicts."""

    section: str
    package: str
    version: str
    vendor: str = "generic"
    life: int = 3600
    steps: Mapping[str, str]
    verdicts: Mapping[str, str]


PROGRAMS: Mapping[str, Program] = {
    "oidc-agent": Program(
        section="oidc-agent",
        package="oidc-agent-cli",
        version="4.2.6",
        steps={
            "login": "well: openid-configuration register openid-configuration authorize openid-configuration exchange",
            "call": "well: resource",
            "expiry": "well: refresh resource",
            "expiry of the second token": "well: refresh resource",
            "outage": "failed: refresh(503)",
            "after the outage": "well: refresh resource",
            "refusal": "failed: refresh(400)",
            "after the refusal": "failed: refresh(400)",
            "new login": "well: openid-configuration authorize openid-configuration exchange resource",
            "lost answer": "failed: refresh(lost)",
            "after the lost answer": "failed: refresh(400)",
        },
        verdicts={**PLAIN, **KEEPS_UP, **NEVER},
    ),
    "mod_auth_openidc": Program(
        section="Apache with mod_auth_openidc",
        package="libapache2-mod-auth-openidc",
        version="2.4.12.3",
        steps={
            "login": "well: openid-configuration authorize exchange jwks userinfo resource",
            "call": "well: resource",
            "expiry": "well: refresh resource",
            "expiry of the second token": "well: refresh resource",
            "outage": "failed: refresh(503) resource(401)",
            "after the outage": "well: refresh resource",
            "refusal": "failed: refresh(400) resource(401)",
            "after the refusal": "failed: refresh(400) resource(401)",
            "new login": "well: authorize exchange jwks userinfo resource resource",
            "lost answer": "failed: refresh(lost) resource(401)",
            "after the lost answer": "failed: refresh(400) resource(401)",
        },
        verdicts={**PLAIN, **KEEPS_UP, **NEVER},
    ),
    "rclone": Program(
        section="rclone",
        package="rclone",
        version="1.60.1",
        vendor="google-drive",
        life=10,
        steps={
            "login": "well: auth exchange",
            "call": "well: refresh root refresh files",
            "expiry": "well: refresh root refresh files",
            "expiry of the second token": "well: refresh root refresh files",
            "outage": "well: refresh(503) refresh root refresh files",
            "after the outage": "well: refresh root refresh files",
            "refusal": "failed: refresh(400) refresh(400) refresh(400) refresh(400) refresh(400)",
            "after the refusal": "failed: refresh(400) refresh(400) refresh(400) refresh(400) refresh(400)",
            "new login": "well: auth exchange refresh root refresh files",
            "lost answer": "well: refresh(lost) refresh root refresh files",
            "after the lost answer": "well: refresh root refresh files",
        },
        verdicts={
            **PLAIN, **UNASKED, "refresh-request-shape": "PASS", "exchange-client-auth": "PASS", **NEVER,
        },
    ),
    "rclone, by the server's clock": Program(
        section="rclone",
        package="rclone",
        version="1.60.1",
        vendor="google-drive",
        steps={
            "login": "well: auth exchange",
            "call": "well: root files",
            **dict.fromkeys(
                ("expiry", "expiry of the second token", "outage", "after the outage", "refusal", "after the refusal"),
                "failed: root(401)",
            ),
            "new login": "well: auth exchange root files",
            "lost answer": "failed: root(401)",
            "after the lost answer": "failed: root(401)",
        },
        verdicts={**PLAIN, **UNASKED, **NO_REFRESH, **NEVER},
    ),
    "git-credential-oauth": Program(
        section="git-credential-oauth",
        package="git-credential-oauth",
        version="0.4.2",
        steps={
            "login": "well: authorize exchange",
            "call": "well: resource",
            "expiry": "failed: resource(401)",
            "expiry of the second token": "well: authorize exchange resource",
            "outage": "failed: resource(401)",
            "after the outage": "well: authorize exchange resource",
            "refusal": "failed: resource(401)",
            "after the refusal": "well: authorize exchange resource",
            "new login": "well: resource",
            "lost answer": "failed: resource(401)",
            "after the lost answer": "well: authorize exchange resource",
        },
        verdicts={
            **PLAIN, "rotation-replace": "UNTESTED", "rotation-old-never-reused": "UNTESTED", **NO_REFRESH, **NEVER,
        },
    ),
}  # fmt: skip
"""What was measured on 2026-11-30; the page for users shows the same."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that Apache's workers can read, who are another user where root starts them."""
    with tempfile.TemporaryDirectory(prefix="refreshproof-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_whole_program_does_what_was_measured_and_is_judged_so(name: str, folder: Path) -> None:
    program = PROGRAMS[name]
    _check_version(program)
    profile = blocks(program.section, "toml").replace("access_token = 10\n", f"access_token = {program.life}\n")
    with (Path(tempfile.gettempdir()) / f"refreshproof-{program.package}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # rclone waits for its user at one port of the machine
        played = play(program.section, program.vendor, program.life, folder, profile=profile)
    assert played.steps == program.steps
    assert played.verdicts == program.verdicts


def test_the_page_shows_what_was_measured() -> None:
    assert table() in PAGE, table()


def table() -> str:
    """What came of each step, as the page shows it: one column a program."""
    columns = [program.steps for program in PROGRAMS.values()]
    rows = [["step", *PROGRAMS], ["---"] * (1 + len(columns))]
    rows += [[step, *(steps[step] for steps in columns)] for step in columns[0]]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _check_version(program: Program) -> None:
    asked = ["dpkg-query", "--show", "--showformat=${Version}", program.package]
    found = subprocess.run(asked, capture_output=True, text=True).stdout
    if not found.startswith(program.version):
        pytest.skip(f"{program.package} is {found or 'not here'}; {program.version} was measured")
