"""The kinds of client that `refreshproof new` has a file for."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template

FACTORY = "MyClient"
"""The name of the subject in every file that is Python."""


@dataclass(frozen=True, kw_only=True)
class Starter:
    """A kind of client: the text it begins with, the ending of its file, a sentence for who chooses, and how the
    harness is told of it. `needs` is a package that it imports besides."""

    source: str
    suffix: str
    summary: str
    subject: str = "./{file}"
    needs: str = ""


STARTERS: Mapping[str, Starter] = {
    "get-token": Starter(
        source="get_token.py.txt",
        suffix=".py",
        summary="an object or function that hands out access tokens, like get_token()",
    ),
    "httpx": Starter(source="httpx.py.txt", suffix=".py", summary="a client on httpx that does the login as well"),
    "httpx-auth": Starter(source="httpx_auth.py.txt", suffix=".py", summary="an httpx.Auth that refreshes"),
    "requests": Starter(
        source="requests.py.txt", suffix=".py", summary="a requests.Session that refreshes", needs="requests"
    ),
    "asyncio": Starter(
        source="asyncio.py.txt", suffix=".py", summary="an asynchronous client, on aiohttp", needs="aiohttp"
    ),
}
"""By the name that stands on the command line."""


def file_name(kind: str, name: str) -> str:
    """Return the name of the file for a client; raises ValueError for a name that no module can have."""
    stem = re.sub(r"[\s-]+", "_", name.strip()).lower()
    if not stem.isidentifier() or keyword.iskeyword(stem):
        raise ValueError(f"NAME is {name!r}; expected letters, digits, blanks, - and _, not beginning with a digit")
    return f"{stem}{STARTERS[kind].suffix}"


def text_of(kind: str, name: str) -> str:
    """Return what the file of a client begins with."""
    text = files(__package__).joinpath("files", STARTERS[kind].source).read_text(encoding="utf-8")
    return Template(text).substitute(name=name, file=file_name(kind, name))


def subject_of(kind: str, name: str) -> str:
    """Return the subject that the file holds, as it is named on the command line."""
    return STARTERS[kind].subject.format(file=file_name(kind, name))
