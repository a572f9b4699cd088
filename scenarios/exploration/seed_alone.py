"""Lives that hang on their seed alone: keeps Hypothesis from drawing what it reads in other people's sources.

It parses every imported module that is not of an installed library, and now and then draws a constant that stands
there. So the lives of one seed would differ between a checkout and an installed package, and with the client.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PROVIDER, HOOK = "hypothesis.internal.conjecture.providers:HypothesisProvider", "_maybe_draw_constant"
"""What draws constants in Hypothesis 6.131 and later; others are left as they are."""


@contextmanager
def seed_alone() -> Iterator[None]:
    """Draw no constants of sources in a block; what other tests of this process draw afterwards is as it was."""
    module, _, name = PROVIDER.partition(":")
    try:
        provider: Any = getattr(importlib.import_module(module), name, None)
    except ImportError:
        provider = None
    usual = getattr(provider, HOOK, None)
    if usual is None:
        yield
        return
    setattr(provider, HOOK, _nothing)
    try:
        yield
    finally:
        setattr(provider, HOOK, usual)


def _nothing(*_: Any, **__: Any) -> None:
    """Stand for a draw that came to no constant."""
