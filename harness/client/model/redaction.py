"""Texts from providers made safe for logs, errors and pages: no secret, no control character, no endless length."""

from __future__ import annotations

import re

LONGEST_TEXT = 300
LONGEST_CODE = 60

MASK = "[redacted]"

IDENTIFIER = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
OPAQUE = re.compile(rf"({IDENTIFIER})|[A-Za-z0-9._~+/=%-]{{20,}}")
"""Runs that may be a token; a plain GUID is a correlation id and stays."""

SHORTEST_ECHO = 8


def safe_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Blank out the secrets and whatever looks like one, drop what could forge a line or markup, and cut the rest."""
    for secret in secrets:
        text = _without(text, secret)
    text = OPAQUE.sub(lambda match: match[1] or MASK, text[: LONGEST_TEXT * 8])
    text = re.sub(r"[^\x20-\x7e\xa1-\uffff]|[<>]|[\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]", " ", text)
    return re.sub(r" {2,}", " ", text).strip()[:LONGEST_TEXT]


def safe_code(code: str, secrets: tuple[str, ...] = ()) -> str:
    """Return an error code as it may be shown: the characters codes are made of, or the mask."""
    shown = any(secret[:SHORTEST_ECHO] in code for secret in secrets if secret)
    return MASK if shown or not re.fullmatch(r"[\w .:-]{1,60}", code, re.ASCII) else code


def _without(text: str, secret: str) -> str:
    """Blank out a secret wherever its first eight characters stand."""
    if not secret:
        return text
    return re.sub(re.escape(secret[:SHORTEST_ECHO]) + r"[^\s\"']*", MASK, text)
