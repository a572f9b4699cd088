"""Making a program ready: once in a process, by the command of its language, with the reason where that fails."""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from refreshproof.harness.subjects.programs.catalogue import FOLDER, LANGUAGES, PROGRAMS

LONGEST = 200
"""Characters that are shown of what a command said."""


class NotReadyError(Exception):
    """A program cannot be had: what is missing, and what to install."""


@cache
def command_of(name: str) -> str:
    """Return the command line that starts a program of `PROGRAMS`, which is ready then; raises NotReadyError."""
    program = PROGRAMS[name]
    language, folder = LANGUAGES[program.language], FOLDER / program.language
    words = {"folder": str(folder), "file": program.file, "package": program.package}
    ready, start = (
        [word.format(**words, built=_built() / name) for word in command]
        for command in (language.ready, language.start)
    )
    bring = language.bring.format(**words)
    if shutil.which(language.tool) is None:
        raise NotReadyError(f"{name} needs {language.toolchain}: there is no program {language.tool!r}")
    done = subprocess.run(  # noqa: S603 - a command of our own table
        ready, cwd=folder, env=os.environ | language.environment, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        raise NotReadyError(f"{name} needs {program.package or language.toolchain}: {_why(done.stderr)}; {bring}")
    return shlex.join([*start, *program.arguments])


def _why(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next(iter(lines), "it could not be made ready")[:LONGEST]


@cache
def _built() -> Path:
    """Return the folder of what is made for this run, which goes with this process."""
    folder, owner = Path(tempfile.mkdtemp(prefix="refreshproof-built-")), os.getpid()

    def taken_away() -> None:
        if os.getpid() == owner:  # a forked process has a copy of this value, and no folder
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(taken_away)
    return folder
