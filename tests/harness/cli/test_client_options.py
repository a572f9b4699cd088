"""The options of `refreshproof client` stand before the command or after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refreshproof.harness.cli.client import OPTIONS, client
from refreshproof.harness.cli.command import main
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports.verdict import ExitCode


@pytest.mark.parametrize("behind", [False, True])
def test_an_option_may_stand_behind_the_command(behind: bool, tmp_path: Path) -> None:
    database = ["--database", f"sqlite:///{tmp_path / 'store.db'}"]
    with pytest.raises(SystemExit) as end:
        main(["client", *(["check", *database] if behind else [*database, "check"])])
    assert end.value.code == ExitCode.UNEXPECTED  # no token is stored
    assert (tmp_path / "store.db").exists()


def test_every_command_takes_every_option_of_the_group() -> None:
    for name, command in client.commands.items():
        assert {one.name for one in OPTIONS} <= {one.name for one in command.params}, name


@pytest.mark.parametrize("name", VENDORS)
def test_a_sample_of_every_vendor_is_taken(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["client", "configure", "--sample", name])
    assert end.value.code == ExitCode.AS_EXPECTED
    text = capsys.readouterr().out
    assert json.loads(text)["name"] == VENDORS[name].title
    (tmp_path / "sample.json").write_text(text)
    with pytest.raises(SystemExit) as end:
        main(["client", "configure", str(tmp_path / "sample.json"), "--database", f"sqlite:///{tmp_path / 'store.db'}"])
    assert end.value.code == ExitCode.AS_EXPECTED, capsys.readouterr().err
    assert f"Stored {VENDORS[name].title!r} as " in capsys.readouterr().out


def test_a_sample_of_a_vendor_that_there_is_not_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["client", "configure", "--sample", "gogle"])
    assert end.value.code == ExitCode.USAGE
    assert "there is no built-in vendor 'gogle'; did you mean google?" in " ".join(capsys.readouterr().err.split())
