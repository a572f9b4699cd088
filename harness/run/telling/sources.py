"""The sources of a requirement in words that a reader knows: documents by their titles instead of the catalogue's
keys."""

from __future__ import annotations

import re
from collections.abc import Mapping

DOCUMENTS: Mapping[str, str] = {
    "000": 'Atlassian support, "I fail to get an OAuth 2.0 refresh token"',
    "001": 'Atlassian support, "I fail to get an OAuth 2.0 refresh token" (Japanese edition)',
    "002": 'a guide, "Configuring Atlassian OAuth 2.0 for Refresh Tokens"',
    "003": 'Atlassian Data Center, "OAuth 2.0 integration for developers"',
    "004": 'Atlassian developer documentation, "OAuth 2.0 (3LO) apps"',
}
"""The documents that the catalogue numbers."""

PAGES: Mapping[str, str] = {
    "A-ERR": "errors seen at Atlassian",
    "A-FMT": "Atlassian community on the format of tokens",
    "A-GRACE": "Atlassian community on what a refresh revokes",
    "A-SCOPE": "a scope error seen at Atlassian",
    "A-SECRET": "a refused secret seen at Atlassian",
    "G-DEVICE": "Google's page on limited-input devices",
    "G-OAUTH2": "Google's page on OAuth 2.0",
    "G-WEB": "Google's page on web server applications",
    "M-DEV": "Microsoft's page on the device code flow",
    "M-ERR": "Microsoft's page on error codes",
    "M-RT": "Microsoft's page on refresh tokens",
}
"""The pages of vendors that the catalogue has keys for."""

_SECTION = re.compile(r"\bs(\d+(?:\.\d+)*)")
_NUMBER = re.compile(r"\b00\d\b")
_KEY = re.compile(r"\b[AGM]-[A-Z0-9]+\b")


def in_words(source: str) -> str:
    """Return a source as a reader knows it."""
    return "; ".join(_part(part.strip()) for part in source.split(";"))


def _part(part: str) -> str:
    if part.startswith("seed "):
        return _NUMBER.sub(lambda number: DOCUMENTS.get(number[0], number[0]), part.removeprefix("seed "))
    if part.startswith("misb "):
        return f"seen in the wild ({part.removeprefix('misb ')}; see `refreshproof list misbehaviours`)"
    if part.startswith("https://"):
        return part
    return _KEY.sub(lambda key: PAGES.get(key[0], key[0]), _SECTION.sub(r"section \1", part))
