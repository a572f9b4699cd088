"""Tokens that rotate late in their lives, and tokens that are over before the longest wait."""

from __future__ import annotations

from typing import Any

import pytest

from kit.checked_vendor import checked, generic
from refreshproof.harness.vendor_check.recording.recorded import Recorded

KEPT: dict[str, Any] = {"refresh__rotation": "never", "refresh__refresh_token_on_refresh": "same"}


def life_of(lives: float = 30.0, **rules: Any) -> Recorded:
    """Check how tokens of a server live that keeps them."""
    return checked(generic(**KEPT | rules), "issuance", "rotation", "lifetimes", "late-rotation", lives=lives)


@pytest.mark.parametrize(("life", "remaining"), [(20, 6), (10, 3), (30, 25)])
def test_rotation_that_begins_late_is_found_to_the_second(life: int, remaining: int) -> None:
    rules = {"refresh__rotation": "near_expiry", "refresh__rotate_every": remaining, "refresh__inactivity_ttl": life}
    found = life_of(lives=61.0, **rules)
    assert found.troubles == {}
    assert found.values["refresh.rotation"] in ("near_expiry", "sometimes")
    if found.values["refresh.rotation"] == "near_expiry":
        assert found.facts["late_rotation"] == f"from {life - remaining} of {life} s on"
        assert found.values["refresh.rotate_every"] == remaining
        assert found.values["refresh.inactivity_ttl"] == life


@pytest.mark.parametrize(
    ("rules", "lives", "told"),
    [
        ({"refresh__absolute_ttl": 25}, 30.0, "never, as far as 23.5 of 25 s"),
        ({}, 0.0, "not measured: how long they live is not known (--lives SECONDS)"),
        ({}, 30.0, "not measured: at least 30 s, the longest that was tried"),
    ],
)
def test_where_it_was_not_seen_it_is_told_how_far_was_looked(rules: dict[str, Any], lives: float, told: str) -> None:
    found = life_of(lives, **rules)
    assert found.facts["late_rotation"] == told
    assert found.values["refresh.rotation"] == "never"


def test_a_token_that_is_over_before_the_longest_wait_is_refreshed_after_a_shorter_one() -> None:
    found = life_of(0.0, refresh__absolute_ttl=25)
    assert found.troubles == {}
    assert found.facts["rotation_after"] == "never, as far as 10 s"


def test_a_server_that_rotates_at_once_is_not_asked_again() -> None:
    found = checked(generic(), "issuance", "rotation", "lifetimes", "late-rotation")
    assert found.skipped["late-rotation"] == "refresh tokens are rotated before they are old"
