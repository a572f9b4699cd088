"""Every reader of a file: one that was changed anywhere is used or refused with a message, and nothing else rises."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from kit.client_engine import configuration
from kit.fuzzing import almost, inputs
from refreshproof.harness.cli.kills import matrix_of
from refreshproof.harness.client.model.errors import ConfigurationError
from refreshproof.harness.client.model.settings import from_toml
from refreshproof.harness.client.storage.crypto import Cipher, key_file, new_key
from refreshproof.harness.client.web.documents import from_document, to_document
from refreshproof.harness.run.kill_matrix import kills
from refreshproof.harness.run.reporting import known_proof
from refreshproof.harness.run.saved import read_file
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.mock_servers.profile_files.file import read_vendor
from refreshproof.mock_servers.profile_files.text import text_of
from refreshproof.mock_servers.strict_files import read_json
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports.formats.kill_document import render_kill_json
from refreshproof.scenarios.requirements import CATALOGUE

REFUSED = (ValueError, ConfigurationError)


def _scenario() -> str:
    one = CATALOGUE["rotation-crash-before-save"]
    about = {"provider": "atlassian", "requirement": one.id, "subject": "tiny"}
    return json.dumps({**one.scenarios[0].to_document(), **about})


def _matrix() -> str:
    return render_kill_json(
        matrix_of([kills("rotation-replace", (VENDORS["generic"],), ("rotation-replace",))], Stopwatch())
    )


READERS: dict[str, tuple[Callable[[], str], Callable[[Path], Any]]] = {
    "scenario.json": (_scenario, lambda path: read_file(path).vendor(VENDORS)),
    "kill-matrix.json": (_matrix, lambda path: known_proof(path.parent)),
    "vendor.toml": (lambda: text_of(VENDORS["atlassian"]), read_vendor),
    "settings.toml": (lambda: "atlassian.oauth2.client.max.clock.skew.seconds = 60\n", from_toml),
    "keys": (lambda: f"{new_key()},\n{new_key()}\n", lambda path: Cipher(key_file(path))),
    "configuration.json": (
        lambda: json.dumps(to_document(configuration())),
        lambda path: from_document(read_json(path, 100_000)),
    ),
}
"""By file name: a good one's text, and what reads it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("changed")


@pytest.mark.fuzz
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_was_changed_anywhere_is_used_or_refused(name: str, folder: Path) -> None:
    text, read = READERS[name]
    good, file = text(), folder / name
    file.write_text(good)
    read(file)

    @inputs(100)
    @given(data=almost(good))
    def any_change(data: bytes) -> None:
        file.write_bytes(data)
        with suppress(*REFUSED):
            read(file)

    any_change()
