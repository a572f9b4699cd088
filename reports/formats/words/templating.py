"""The jinja2 environments of the formats: templates come from the package, all is escaped, a typo is an error."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from refreshproof.reports.formats.words.text import command_line, one_line, printable
from refreshproof.reports.results import Grading
from refreshproof.reports.verdict import grade

if TYPE_CHECKING:
    from jinja2 import Environment

_FORMATS = "refreshproof.reports.formats"
# what may open a construct anywhere in a line, and what may open a block at its start
_INLINE, _LEADING = re.compile(r"([\\`*_{}\[\]|~#])"), re.compile(r"^((?=[-+=])|\d+(?=[.)](?:\s|$)))")


def html_environment(package: str, grading: Grading) -> Environment:
    """Return an environment with a package's templates that escapes every value for HTML, made printable before."""
    return _environment(
        package, lambda value: printable(value) if isinstance(value, str) and not _is_safe(value) else value, grading
    )


def markdown_environment(grading: Grading) -> Environment:
    """Return an environment that writes every value as one line of inert GitHub-flavoured Markdown."""
    environment = _environment(_FORMATS, lambda value: value if _is_safe(value) else markdown(str(value)), grading)
    environment.filters["fenced"] = fenced
    return environment


def markdown(text: str) -> Markup:
    """Escape text so that neither Markdown nor HTML nor the end of a table cell is read in it."""
    escaped = _INLINE.sub(r"\\\1", html.escape(one_line(text), quote=False))
    return Markup(_LEADING.sub(r"\1\\", escaped).replace("://", ":&#47;/"))  # noqa: S704 - escaped right here


def fenced(command: str) -> Markup:
    """Put a command into a code block of its own, with a fence that nothing in it can close."""
    text = command_line(command)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return Markup(f"{fence}sh\n{text}\n{fence}")  # noqa: S704 - the fence is longer than any in the text


def resource(package: str, name: str) -> Markup:
    """Return a style sheet or script among a package's templates, to be placed in a page as it is."""
    text = files(package).joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


def policy(style: str, script: str) -> str:
    """Allow a style sheet and a script by their digests and nothing else (Content Security Policy level 2)."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _is_safe(value: object) -> bool:
    return isinstance(value, Markup)


def _environment(package: str, finalize: Callable[[object], object], grading: Grading) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here: a run needs them when it is over

    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"grade": partial(grade, grading=grading), "command_line": command_line}
    return environment
