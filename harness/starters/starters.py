"""The kinds of client that `refreshproof new` has files for."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template

PYTHON = "refreshproof.harness.starters"
PROGRAMS = "refreshproof.harness.subjects.programs"
IMPORTED = ("httpx", "refreshproof")
"""What files import besides Python's own modules and what a kind of client needs."""


@dataclass(frozen=True, kw_only=True)
class Starter:
    """A kind of client.

    `texts` are its files with the text that each begins with, `subject` how the harness is told of it, `build` what has
    to be run before; in them `{name}` is the module's or the folder's. `needs` is a package that it imports besides.
    """

    summary: str
    texts: Mapping[str, str]
    subject: str = "./{name}.py"
    home: str = PYTHON
    needs: str = ""
    build: str = ""


STARTERS: Mapping[str, Starter] = {
    "get-token": Starter(
        summary="an object or function that hands out access tokens, like get_token()",
        texts={"{name}.py": "files/get_token.py.txt"},
    ),
    "httpx": Starter(
        summary="a client on httpx that does the login as well", texts={"{name}.py": "files/httpx.py.txt"}
    ),
    "httpx-auth": Starter(summary="an httpx.Auth that refreshes", texts={"{name}.py": "files/httpx_auth.py.txt"}),
    "requests": Starter(
        summary="a requests.Session that refreshes", texts={"{name}.py": "files/requests.py.txt"}, needs="requests"
    ),
    "asyncio": Starter(
        summary="an asynchronous client, on aiohttp", texts={"{name}.py": "files/asyncio.py.txt"}, needs="aiohttp"
    ),
    "node": Starter(
        summary="a program in Node, and for any other language the shape of its adapter",
        texts={"{name}/adapter.mjs": "node/adapter.mjs", "{name}/client.mjs": "node/client.mjs"},
        subject="exec:node {name}/adapter.mjs",
        home=PROGRAMS,
    ),
    "go": Starter(
        summary="a program in Go",
        texts={"{name}/adapter.go": "go/adapter.go", "{name}/client.go": "go/client.go"},
        subject="exec:./{name}/client",
        home=PROGRAMS,
        build="go build -o {name}/client {name}/adapter.go {name}/client.go",
    ),
}
"""By the name that stands on the command line."""


def module_name(name: str) -> str:
    """Return the name of the module or folder for a client; raises ValueError for a name that none can have."""
    stem = re.sub(r"[\s-]+", "_", name.strip()).lower()
    wrong = _wrong(stem)
    if wrong:
        allowed = "letters, digits, blanks, - and _, not beginning with a digit"
        raise ValueError(f"NAME is {name!r}: {wrong}; allowed: {allowed}")
    return stem


def _wrong(stem: str) -> str:
    """Say why a module cannot have a name; empty where it can."""
    if not stem:
        return "found nothing"
    if keyword.iskeyword(stem):
        return f"found {stem!r}, which is a keyword of Python, so that no module {stem} can be imported"
    odd = next((one for one in stem if not f"_{one}".isidentifier()), None)
    if odd is not None:
        return f"found {odd!r}, which no module's name can hold"
    if not stem.isidentifier():
        return f"found {stem[0]!r} at the beginning, where no module's name can have it"
    if stem in sys.stdlib_module_names or stem in IMPORTED or stem in {one.needs for one in STARTERS.values()}:
        return f"found {stem!r}, and a file of that name would hide the module {stem}"
    return ""


def written_for(kind: str, name: str) -> dict[str, str]:
    """Return the files of a client by their paths; raises ValueError for a name that none can have."""
    starter, module = STARTERS[kind], module_name(name)
    home = files(starter.home)
    found = {
        path.format(name=module): home.joinpath(source).read_text(encoding="utf-8")
        for path, source in starter.texts.items()
    }
    if starter.home is not PYTHON:
        return found
    return {path: Template(text).substitute(name=name, file=path) for path, text in found.items()}
