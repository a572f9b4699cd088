"""The search for garbage is as before once a run is over."""

import gc

from refreshproof.harness.run.garbage import searched_seldom


def test_what_stood_before_a_block_is_left_alone_in_it_and_not_after_it() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with searched_seldom():
        assert gc.get_threshold() == before
        assert gc.get_freeze_count() > frozen
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_what_somebody_else_has_frozen_stays_so() -> None:
    gc.freeze()
    try:
        with searched_seldom():
            pass
        assert gc.get_freeze_count() > 0  # some of it has been freed since
    finally:
        gc.unfreeze()
