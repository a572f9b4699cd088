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
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    if not frozen:  # whoever has frozen anything by now wants it to stay so
        gc.freeze()
    gc.set_threshold(NEW_ONES, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not frozen:
            gc.unfreeze()
