"""The one reader of what a program says: a line becomes a message of strict types, or an error that quotes the line.

What is quoted is short, printable and without anything that looks like a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from refreshproof.harness.adapters.errors import SubjectError
from refreshproof.harness.subjects.exec.messages import (
    ANSWERED,
    CLAIMS,
    LONGEST_TEXT,
    PROTOCOL,
    Answer,
    ErrorClass,
    Failed,
    Unsupported,
)

LONGEST_LINE = 1_000_000
"""Bytes of an answer."""
LONGEST_QUOTE = 300
"""Characters that are shown of a line, or of what a program wrote to stderr."""
SECRET = 20
"""Characters in a row that are taken for a secret."""

_TEXT, _LABEL = f"a text of at most {LONGEST_TEXT} characters", "a printable text of at most 100 characters"
EXPECTED: Mapping[str, str] = {
    "ok": "true, or false with an error",
    "unsupported": "true",
    "error": "an object with a class",
    "class": f"one of {', '.join(get_args(ErrorClass))}",
    "status": "an HTTP status, a number from 100 to 999",
    "oauth_error": _TEXT,
    "message": _TEXT,
    "protocol": f"a number from 1 to {PROTOCOL}",
    "https": "true or false",
    "subject": "an object with name, version and capabilities",
    "name": _LABEL,
    "version": _LABEL,
    "capabilities": f"a list of {', '.join(sorted(CLAIMS))}",
    "unsuited": _TEXT,
    "now": "a number, the seconds since the epoch",
    "url": _TEXT,
    "refreshable": "true or false",
    "id": "the number of the command",
}
"""What may stand in a member of an answer."""

_IN_WORD = r"[^\s\"'`()<>\[\]{},;:&?=|]"
_WORD, _BEGUN, _CUT = re.compile(f"{_IN_WORD}+"), re.compile(f"^{_IN_WORD}+"), re.compile(f"{_IN_WORD}+$")
_PLAIN = re.compile(r"[.~]{0,2}/|(?:[A-Z][a-z]+){2,6}$|[a-z_]+\.[a-z]{1,4}$|[a-z_.]+\.[A-Z][A-Za-z]+$")
"""What a long word may be that is no secret: a path, a name like ConnectionRefusedError or a.module.Error, a file's
name."""


class ProgramError(SubjectError, ValueError):
    """The program does not speak the protocol, or has ended; the message says what was expected and what came.

    `quote` is the line that is wrong, `complaints` everything that is wrong with it, each empty where it is not known.
    """

    def __init__(self, what: str, quote: str = "", complaints: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.quote = quote
        self.complaints = complaints


def read(line: bytes, command: str) -> Mapping[str, Any]:
    """Return the answer to a command as JSON; raises ProgramError."""
    try:
        answer = json.loads(line, parse_constant=_no_constant)
        json.dumps(answer, ensure_ascii=False).encode()  # a half of a character is no text
    except UnicodeEncodeError:
        raise ProgramError(f"the answer to {command} holds half a character: {quoted(line)}") from None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise ProgramError(f"the answer to {command} is no JSON object, one to a line: {quoted(line)}")
    return answer


def understood(answer: Mapping[str, Any], command: str) -> Answer | Failed | Unsupported:
    """Return an answer as a message; raises ProgramError for the first thing that is wrong with it."""
    try:
        return model_of(answer, command).model_validate(answer)
    except ValidationError as error:
        found = complaints(error, command)
        raise ProgramError(found[0], shown(answer), tuple(found)) from None


def model_of(answer: Mapping[str, Any], command: str) -> type[Answer | Failed | Unsupported]:
    """Return what an answer means to be."""
    if answer.get("unsupported"):
        return Unsupported
    return Failed if answer.get("ok") is False else ANSWERED[command]


def complaints(error: ValidationError, command: str) -> list[str]:
    """Return everything that is wrong with an answer: the member, what was found, and what is allowed."""
    return list(dict.fromkeys(_complaint(one, command) for one in error.errors(include_url=False)))


def _complaint(error: ErrorDetails, command: str) -> str:
    path = [str(part) for part in error["loc"] if isinstance(part, str)]
    name = path[-1] if path else "subject"
    if error["type"] == "literal_error" and name == "capabilities":
        return f"{command}: capabilities: {shown(error['input'])}; a program can claim {', '.join(sorted(CLAIMS))}"
    found = "is missing" if error["type"] == "missing" else f"is {shown(error['input'])}"
    return f"the answer to {command}: {name} {found}; expected {EXPECTED[name]}"


def wrong(command: str, name: str, value: object, allowed: str) -> ProgramError:
    """Return the error of a member that is not what it should be."""
    found = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return ProgramError(f"the answer to {command}: {name} is {shown(found)}; expected {allowed}")


def shown(value: object) -> str:
    """Return a value of an answer as it stands in JSON, short and without secrets."""
    return quoted(json.dumps(value).encode())


def quoted(line: bytes) -> str:
    """Return the beginning of what a program wrote, in one printable line; what looks like a secret is left out."""
    return _masked(line[: 4 * LONGEST_QUOTE], line[4 * LONGEST_QUOTE :], from_end=False)


def tail(output: bytes) -> str:
    """Return the end of what a program wrote, likewise."""
    return _masked(output[-4 * LONGEST_QUOTE :], output[: -4 * LONGEST_QUOTE], from_end=True)


def _masked(kept: bytes, left_out: bytes, *, from_end: bool) -> str:
    whole = kept.decode("utf-8", "backslashreplace")
    # A word that is cut in two may be half a secret, which nobody would know again.
    if left_out:
        whole = (_BEGUN if from_end else _CUT).sub("", whole)
    found = _WORD.sub(lambda word: _mask(word.group()), whole.strip())
    printable = "".join(one if one.isprintable() else "\\n" if one == "\n" else "?" for one in found)
    short = printable[-LONGEST_QUOTE:] if from_end else printable[:LONGEST_QUOTE]
    more = "..." if left_out or short != printable else ""
    return f"{more}{short}" if from_end else f"{short}{more}"


def _mask(word: str) -> str:
    return "***" if len(word) >= SECRET and not _PLAIN.match(word) else word


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
