"""Python's search for cyclic garbage, spared what a run finds when it begins: modules, tables, vendors."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def searched_seldom() -> Iterator[None]:
    """Search what is made in a block, and what stood before it not at all.

    What is made is searched as often as ever: that costs no more, and a world that was played, with its bodies, is in
    circles that nothing else frees.
    """
    frozen = gc.get_freeze_count()
    if not frozen:  # whoever has frozen anything by now wants it to stay so
        gc.freeze()
    try:
        yield
    finally:
        if not frozen:
            gc.unfreeze()
