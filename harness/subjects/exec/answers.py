"""The one reader of what a program says: a line becomes an answer of strict types, or an error that quotes the line.

What is quoted is short, printable and without anything that looks like a secret.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from refreshproof.harness.adapters.contract import is_text
from refreshproof.harness.adapters.errors import SubjectError

LONGEST_LINE = 1_000_000
"""Bytes of an answer."""
LONGEST_TEXT = 10_000
"""Characters of a text in an answer."""
LONGEST_QUOTE = 300
"""Characters that are shown of a line, or of what a program wrote to stderr."""
SECRET = 20
"""Characters in a row that are taken for a secret."""

_IN_WORD = r"[^\s\"'`()<>\[\]{},;:&?=|]"
_WORD, _BEGUN, _CUT = re.compile(f"{_IN_WORD}+"), re.compile(f"^{_IN_WORD}+"), re.compile(f"{_IN_WORD}+$")
_PLAIN = re.compile(r"[.~]{0,2}/|(?:[A-Z][a-z]+){2,6}$|[a-z_]+\.[a-z]{1,4}$|[a-z_.]+\.[A-Z][A-Za-z]+$")
"""What a long word may be that is no secret: a path, a name like ConnectionRefusedError or a.module.Error, a file's
name."""


class ProgramError(SubjectError, ValueError):
    """The program does not speak the protocol, or has ended; the message says what was expected and what came."""


def read(line: bytes, command: str) -> Mapping[str, Any]:
    """Return the answer to a command; raises ProgramError."""
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


def text(answer: Mapping[str, Any], name: str, command: str) -> str | None:
    """Return a member that is a text, None where there is none; raises ProgramError."""
    value = answer.get(name)
    if value is None or (isinstance(value, str) and len(value) <= LONGEST_TEXT):
        return value
    raise wrong(command, name, value, f"a text of at most {LONGEST_TEXT} characters")


def number(answer: Mapping[str, Any], name: str, command: str) -> int | float | None:
    """Return a member that is a finite number, None where there is none; raises ProgramError."""
    value = answer.get(name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)):
        return value
    raise wrong(command, name, value, "a number")


def status(answer: Mapping[str, Any], command: str) -> int | None:
    """Return the member `status`, None where there is none; raises ProgramError."""
    value = number(answer, "status", command)
    if value is None or (isinstance(value, int) and 100 <= value <= 999):
        return value
    raise wrong(command, "status", value, "an HTTP status")


def truth(answer: Mapping[str, Any], name: str, command: str) -> bool | None:
    """Return a member that is a truth value, None where there is none; raises ProgramError."""
    value = answer.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise wrong(command, name, value, "true or false")


def members(answer: Mapping[str, Any], name: str, command: str) -> Mapping[str, Any]:
    """Return a member that is an object; raises ProgramError."""
    value = answer.get(name)
    if isinstance(value, dict):
        return value
    raise wrong(command, name, value, "an object")


def words(answer: Mapping[str, Any], name: str, allowed: frozenset[str], command: str) -> frozenset[str]:
    """Return a member that is a list of words; raises ProgramError."""
    value = answer.get(name, [])
    listed = ", ".join(sorted(allowed))
    if not isinstance(value, list):
        raise wrong(command, name, value, f"a list of {listed}")
    for one in value:
        if not isinstance(one, str) or one not in allowed:
            raise ProgramError(f"{command}: {name}: {shown(one)}; a program can claim {listed}")
    return frozenset(value)


def label(answer: Mapping[str, Any], name: str, otherwise: str, command: str) -> str:
    """Return a member that stands in headlines, a short printable text or a number; raises ProgramError."""
    value = answer.get(name, otherwise)
    found = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not is_text(found) or not 0 < len(found) <= 100:
        raise wrong(command, name, value, "a printable text of at most 100 characters")
    return str(found)


def wrong(command: str, name: str, value: object, allowed: str) -> ProgramError:
    """Return the error of a member that is not what it should be."""
    return ProgramError(f"the answer to {command}: {name} is {shown(value)}; expected {allowed}")


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
