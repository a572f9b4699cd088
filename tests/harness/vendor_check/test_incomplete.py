"""A recording that leaves something open is refused by whatever would judge by what is open, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.checked_vendor import checked, generic
from refreshproof.harness import conformance
from refreshproof.harness.cli.command import main
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.harness.vendor_check.recording.profile_text import profile_text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A recording of a server of which nobody knows what it makes of a replay."""
    probes = ("issuance", "rotation", "answers", "authentication", "bodies", "access-tokens")
    path = tmp_path / "profile.toml"
    path.write_text(profile_text(checked(generic(), *probes)))
    return path


def test_conformance_takes_it_where_what_is_open_is_not_needed_and_refuses_it_elsewhere(file: Path) -> None:
    def asked(requirement: str) -> object:
        return conformance(EngineSubject, providers=["checked"], profiles=[file], requirements=[requirement])

    assert asked("authz-state-unguessable")
    with pytest.raises(ValueError, match=r"needed by rotation-replace") as refused:
        asked("rotation-replace")
    assert str(refused.value).startswith("conformance: checked: the recording leaves open what is asked for:")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("judge", "{har}"), 4),
        (("compare", "engine", "engine", "--out", "{out}"), 4),
        (("run", "engine", "--examples", "0", "--out", "{out}"), 4),
    ],
)
def test_commands_refuse_it_with_the_fields_and_the_requirements(
    command: tuple[str, ...], code: int, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har = tmp_path / "traffic.har"
    har.write_text(HAR)
    words = [word.format(har=har, out=tmp_path / "report") for word in command]
    with pytest.raises(SystemExit) as end:
        main([*words, "--profile", str(file), "-p", "checked", "-r", "rotation-replace"])
    told = capsys.readouterr().err
    assert end.value.code == code, told
    assert "refresh.on_replay: needed by rotation-replace" in told


def test_judge_takes_it_where_what_is_open_is_not_needed(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har = tmp_path / "traffic.har"
    har.write_text(HAR)
    with pytest.raises(SystemExit):
        main(["judge", str(har), "--profile", str(file), "-p", "checked", "-r", "authz-state-unguessable",
              "--out", str(tmp_path / "report")])  # fmt: skip
    assert "leaves open" not in capsys.readouterr().err


HAR = """
{"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{
  "startedDateTime": "2030-03-17T12:00:00.000Z", "time": 10, "cache": {},
  "timings": {"send": 0, "wait": 10, "receive": 0},
  "request": {"method": "POST", "url": "https://auth.example.com/token", "httpVersion": "HTTP/1.1", "cookies": [],
    "headers": [{"name": "Content-Type", "value": "application/x-www-form-urlencoded"}], "queryString": [],
    "headersSize": -1, "bodySize": -1,
    "postData": {"mimeType": "application/x-www-form-urlencoded",
      "text": "grant_type=refresh_token&refresh_token=abcdefgh&client_id=refreshproof-client"}},
  "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [],
    "headers": [{"name": "Content-Type", "value": "application/json"}], "redirectURL": "", "headersSize": -1,
    "bodySize": -1, "content": {"size": 60, "mimeType": "application/json",
      "text": "{\\"access_token\\": \\"abcd\\", \\"token_type\\": \\"Bearer\\", \\"expires_in\\": 3600}"}}
}]}}
"""
