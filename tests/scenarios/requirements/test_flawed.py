"""Flaws that were once seen passing are named, by the requirement that they break and in words of what happened."""

import pytest

from kit import flawed_endings, flawed_wild
from kit.flawed import FLAWED, NaiveLocalTime
from kit.innocents import Minimal
from kit.requirement import breaks
from refreshproof.harness.adapters.tiny.client import TinyClient

BROKEN: dict[type[Minimal] | type[TinyClient], str] = {**FLAWED, **flawed_endings.FLAWED, **flawed_wild.FLAWED}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("client", BROKEN, ids=lambda client: client.__name__)
def test_a_flaw_that_was_once_hidden_is_named(client: type[Minimal] | type[TinyClient]) -> None:
    assert breaks(BROKEN[client], client)


def test_local_time_that_leaps_forward_leads_to_a_needless_refresh() -> None:
    assert breaks("refresh-only-when-due", NaiveLocalTime)
