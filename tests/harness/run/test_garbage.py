"""The search for garbage is as before once a run is over."""

import gc

from refreshproof.harness.run.garbage import NEW_ONES, searched_seldom


def test_garbage_is_searched_for_seldom_in_a_block_and_as_before_after_it() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with searched_seldom():
        inside = gc.get_threshold()
        assert gc.get_freeze_count() > frozen
    assert inside == (NEW_ONES, *before[1:])
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_what_somebody_else_has_frozen_stays_so() -> None:
    gc.freeze()
    try:
        with searched_seldom():
            pass
        assert gc.get_freeze_count() > 0  # some of it has been freed since
    finally:
        gc.unfreeze()
