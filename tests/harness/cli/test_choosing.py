"""What names, globs and exclusions choose."""

from __future__ import annotations

import click
import pytest

from refreshproof.harness.cli.choosing import NothingChosenError, chosen

NAMES = ("google", "microsoft", "atlassian", "atlassian-dc", "generic")


def choose(*patterns: str) -> tuple[str, ...]:
    return chosen(patterns, NAMES, ("google", "generic"), option="-p", listing="list providers")


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), ("google", "generic")),
        (("generic", "google"), ("google", "generic")),
        (("atlassian*",), ("atlassian", "atlassian-dc")),
        (("atlassian*", "-*-dc"), ("atlassian",)),
        (("-*-dc", "atlassian*"), ("atlassian",)),
        (("-google",), ("generic",)),
        (("!google",), ("generic",)),
        (("*", "!g*"), ("microsoft", "atlassian", "atlassian-dc")),
        (("g[eo]*",), ("google", "generic")),
    ],
)
def test_globs_choose_and_exclusions_leave_out(patterns: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert choose(*patterns) == expected


@pytest.mark.parametrize("patterns", [("x-*",), ("-*",), ("google", "-goo*")])
def test_what_leaves_nothing_is_told_as_that(patterns: tuple[str, ...]) -> None:
    with pytest.raises(NothingChosenError, match="leaves nothing; `list providers` names"):
        choose(*patterns)


@pytest.mark.parametrize("patterns", [("googel",), ("googel", "generic"), ("*", "-googel"), ("generic", "-googel")])
def test_a_pattern_that_fits_nothing_is_a_mistake_though_others_fit(patterns: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter, match=r"nothing is named 'googel'; did you mean google\?"):
        choose(*patterns)
