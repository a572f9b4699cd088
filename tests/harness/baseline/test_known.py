"""A baseline's file: what it may hold, which client in which version it is about, and a mistake in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from refreshproof.harness.baseline.known import BaselineError, Known, baseline_of, read_known

ENTRY = 'subject = "mine"\nrequirement = "rotation-replace"\nprovider = "google"\nanomaly = "A1"\n'
TODAY = date(2026, 11, 30)


def read(folder: Path, text: str) -> tuple[Known, ...]:
    file = folder / "known.toml"
    file.write_text(text)
    return read_known(file)


def test_an_entry_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    more = 'versions = ">=1,<2"\nreason = "ours"\nlink = "https://issues.example/1"\nexpires = 2027-01-31\n'
    assert read(tmp_path, f"# a comment\n[[known]]\n{ENTRY}{more}") == (
        Known(
            subject="mine", requirement="rotation-replace", provider="google", anomaly="A1", versions=">=1,<2",
            reason="ours", link="https://issues.example/1", expires=date(2027, 1, 31),
        ),
    )  # fmt: skip
    assert read(tmp_path, "") == ()


@pytest.mark.parametrize(
    ("versions", "version", "within"),
    [
        ("*", "anything", True),
        ("*", "", True),
        (">=1,<2", "1.4", True),
        (">=1,<2", "2.0", False),
        (">=1,<2", "1.5rc1", True),
        (">=1,<2", "of today", False),
        ("of today", "of today", True),
        ("1.0", "1.1", False),
    ],
)
def test_a_range_of_versions_is_what_pip_takes_for_one(versions: str, version: str, within: bool) -> None:
    one = Known(subject="mine", requirement="rotation-replace", provider="google", versions=versions)
    assert one.is_about("mine", version) is within
    assert not one.is_about("another", version)


@pytest.mark.parametrize(("day", "expired"), [(date(2026, 11, 30), False), (date(2026, 11, 29), True)])
def test_an_entry_may_stand_until_its_day_is_over(day: date, expired: bool) -> None:
    known = [Known(subject="mine", requirement="rotation-replace", provider="google", expires=day)]
    [entry] = baseline_of(known, Path("known.toml"), "mine", "1", TODAY).entries
    assert (entry.expires, entry.expired) == (day.isoformat(), expired)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[known]]", "known[0]: subject: missing; every entry names subject, requirement, provider"),
        ("known = 1", "known: expected tables, each below its own [[known]]"),
        ("[other]", "unknown key 'other'; allowed is [[known]]"),
        ("x = ", "not TOML"),
        (f"[[known]]\n{ENTRY}colour = 1", "known[0]: unknown key 'colour'; allowed are subject, versions,"),
        (f"[[known]]\n{ENTRY}reason = 1", "known[0]: reason: found 1; expected a text on one line"),
        (f'[[known]]\n{ENTRY}link = "javascript:x"', "known[0]: link: found 'javascript:x'; expected an address"),
        (f'[[known]]\n{ENTRY}expires = "soon"', "known[0]: expires: found 'soon'; expected a date such as 2027-01-31"),
        (f'[[known]]\n{ENTRY}versions = ">=one"', "known[0]: versions: found '>=one'; expected a range"),
        (f"[[known]]\n{ENTRY}\n[[known]]\n{ENTRY}", "known[1] says the same as known[0]"),
        (f"[[known]]\n{ENTRY}".replace("A1", "A99"), "known[0]: anomaly: found 'A99'; allowed are A0, A1"),
        (f"[[known]]\n{ENTRY}".replace("-replace", ""), "known[0]: requirement: found 'rotation'; `refreshproof list"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BaselineError) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "known.toml"))
