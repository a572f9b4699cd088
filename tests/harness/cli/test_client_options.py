"""The options of `refreshproof client` stand before the command or after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from refreshproof.harness.cli.client import OPTIONS, client
from refreshproof.harness.cli.command import main
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
