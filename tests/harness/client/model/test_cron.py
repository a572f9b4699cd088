"""Quartz cron expressions, in UTC."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.cron import Schedule


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


SUNDAY = "2026-11-22T10:00:00"


@pytest.mark.parametrize(
    ("expression", "following"),
    [
        ("0 0 23 * * ?", "2026-11-22T23:00:00"),
        ("30 0/15 * * * ?", "2026-11-22T10:00:30"),
        ("0 0 12 ? * 1", "2026-11-22T12:00:00"),  # Quartz: 1 is Sunday
        ("0 0 12 ? * 2-6", "2026-11-23T12:00:00"),
        ("0 0 12 ? * MON", "2026-11-23T12:00:00"),
        ("0 0 12 ? * 6L", "2026-11-27T12:00:00"),  # the last Friday
        ("0 0 12 ? * 6#3", "2026-12-18T12:00:00"),  # the third Friday
        ("0 0 12 L * ?", "2026-11-30T12:00:00"),
        ("0 0 0 1 1 ? 2028", "2028-01-01T00:00:00"),
    ],
)
def test_the_next_firing_is_quartz_s(expression: str, following: str) -> None:
    assert Schedule(expression).next_after(at(SUNDAY)) == at(following)


@pytest.mark.parametrize(("second", "fired"), [("22:59:59", "21T23"), ("23:00:00", "22T23"), ("23:00:01", "22T23")])
def test_the_latest_firing_includes_the_present_second(second: str, fired: str) -> None:
    assert Schedule("0 0 23 * * ?").latest_until(at(f"2026-11-22T{second}")) == at(f"2026-11-{fired}:00:00")


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "x",
        "0 0 23 * *",
        "0 0 23 * * *",
        "0 0 23 ? * ?",
        "0 0 25 * * ?",
        "60 0 23 * * ?",
        "0 0 12 ? * 0",
        "0 0 12 ? * 8",
    ],
)
def test_what_quartz_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"Quartz|day of week"):
        Schedule(expression)


@given(st.text(alphabet="0123456789*?/,-LW# MONFRI", max_size=30))
def test_any_text_is_a_schedule_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(Schedule(text), Schedule)
