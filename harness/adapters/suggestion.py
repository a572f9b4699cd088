"""What a misspelt name may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

NEAR, AS_NEAR = 0.7, 0.1
"""How like a name has to be to be meant, and how much less than the most like one."""


def meant(word: str, names: Iterable[str]) -> list[str]:
    """Return the names that a word may have meant, the most like first; none where all are quite another."""
    ranked = {name: difflib.SequenceMatcher(None, name, word).ratio() for name in names}
    best = max(ranked.values(), default=0.0)
    near = [name for name, like in ranked.items() if like >= max(NEAR, best - AS_NEAR)]
    return sorted(near, key=lambda name: -ranked[name])[:3]


def hint(word: str, names: Iterable[str], otherwise: str) -> str:
    """Ask whether another name was meant, or say where the names stand."""
    near = meant(word, names)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
