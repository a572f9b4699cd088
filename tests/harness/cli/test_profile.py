"""`refreshproof profile`, and `--profile` of the other commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.cli.profile import OwnVendor
from refreshproof.harness.cli.run import chosen_vendors
from refreshproof.mock_servers.profile_files.file import read_vendor
from refreshproof.mock_servers.profile_files.schema import schema
from refreshproof.mock_servers.vendors import CORE, VENDORS

STRICT = 'extends = "atlassian"\nname = "strict"\ntitle = "No leeway"\nrefresh.window = 0\n'


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command; returns exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    path = tmp_path / "strict.toml"
    path.write_text(STRICT)
    return path


def test_a_file_that_can_be_used_is_said_to_be(strict: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "profile", "check", strict)
    assert (code, out) == (0, "")
    assert "strict (No leeway) can be used: 11 endpoints, 0 faults" in err


@pytest.mark.parametrize("command", [("profile", "check"), ("run", "--profile"), ("replay", "x.json", "--profile")])
def test_a_wrong_file_is_a_message_with_the_exit_code_of_a_mistake(
    command: tuple[str, ...], strict: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strict.write_text(STRICT + "refresh.windw = 1\n")
    code, out, err = call(capsys, *command, strict)
    assert (code, out) == (4, "")
    assert f"{strict}: refresh.windw: unknown key; did you mean window?" in err


def test_a_built_in_vendor_can_be_shown_and_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "profile", "show", "retry-after")
    assert (code, err) == (0, "")
    (tmp_path / "shown.toml").write_text(out)
    assert read_vendor(tmp_path / "shown.toml") == VENDORS["retry-after"]


def test_a_vendor_that_there_is_not_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "profile", "show", "googel")
    assert code == 4
    assert "there is no built-in vendor 'googel'; did you mean google?" in " ".join(err.split())


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "profile", "schema")
    assert (code, err) == (0, "")
    assert json.loads(out) == schema()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_meets_the_vendor_of_the_file_and_its_story_can_be_replayed(
    jobs: str, strict: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ("--profile", strict, "--provider", "strict", "--requirement", "rotation-*", "--jobs", jobs)
    code, _, _ = call(capsys, "run", "miniature:rotation-replace", *chosen, "--examples", "0", "--out", tmp_path)
    assert code == 1
    results = json.loads((tmp_path / "results.json").read_text())
    assert [provider["name"] for provider in results["providers"]] == ["strict"]
    saved = tmp_path / "scenarios" / "rotation-replace--strict.json"
    assert call(capsys, "replay", saved)[0] == 1, "the file names the client and the vendor's file"
    code, out, _ = call(capsys, "replay", saved, "--profile", strict, "--subject", "tiny")
    assert code == 0
    assert "rotation-replace at strict: satisfied" in out
    strict.unlink()
    code, _, err = call(capsys, "replay", saved)
    assert code == 4
    assert "No such file" in err


def test_a_file_adds_its_vendor_or_takes_the_place_of_one_of_the_same_name(strict: Path) -> None:
    own = OwnVendor(vendor=read_vendor(strict), file=strict)
    assert chosen_vendors((), (own,)) == (*CORE, own.vendor)
    assert chosen_vendors(("google",), (own,)) == (VENDORS["google"], own.vendor)
    assert chosen_vendors(("strict",), (own,)) == (own.vendor,)
    strict.write_text(STRICT.replace('"strict"', '"google"'))
    google = OwnVendor(vendor=read_vendor(strict), file=strict)
    assert chosen_vendors(("google", "generic"), (google,)) == (google.vendor, VENDORS["generic"])


def test_two_files_with_one_name_are_a_mistake(strict: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "run", "--profile", strict, "--profile", strict)
    assert code == 4
    assert "two files name their vendor 'strict'" in err
