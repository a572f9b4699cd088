"""Python's search for cyclic garbage, made seldom: a run makes many small values, hardly any of them in a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_ONES = 10_000
"""How many more objects have been made than freed when the youngest are searched; Python's own number is 700."""


@contextmanager
def searched_seldom() -> Iterator[None]:
    """Search what is made in a block seldom, and what stood before it, such as modules, not at all."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(NEW_ONES, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
