"""Plays are remembered by what is in a scenario, for one vendor; what is older than the bound is played again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.play.remembered import Remembered
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call
from refreshproof.scenarios.steps.subject import Surroundings

GENERIC, GOOGLE = VENDORS["generic"], VENDORS["google"]
STORY = flow(Call(), name="a call")


class Counted:
    """Makes clients, and counts them."""

    made = 0

    def __call__(self, surroundings: Surroundings) -> TinyClient:
        self.made += 1
        return TinyClient(surroundings)


def test_equal_scenarios_are_played_once_whatever_they_are_called() -> None:
    playing, factory = Remembered(), Counted()
    first = playing(GENERIC, factory, STORY)
    assert playing(GENERIC, factory, replace(STORY, name="another name")) is first
    assert factory.made == 1
    assert list(first.lines()) == list(play(GENERIC, TinyClient, STORY).lines())


def test_what_differs_in_anything_else_is_played_for_itself() -> None:
    playing, factory = Remembered(), Counted()
    others = [
        replace(STORY, seed=1),
        replace(STORY, steps=(*STORY.steps, Call())),
        replace(STORY, profile={"lifetimes.access_token": 30, "lifetimes.access_token_longest": None}),
        replace(STORY, application={"redirect_uris": ("https://client.example.com/other",)}),
    ]
    for place, one in enumerate([STORY, *others], 1):
        playing(GENERIC, factory, one)
        assert factory.made == place
    playing(GOOGLE, factory, STORY)
    assert factory.made == len(others) + 2


def test_of_more_records_than_the_bound_the_oldest_are_forgotten() -> None:
    factory = Counted()
    playing = Remembered(most=len(play(GENERIC, TinyClient, STORY).records))
    for story in (STORY, replace(STORY, seed=1), replace(STORY, seed=1), STORY):
        playing(GENERIC, factory, story)
    assert factory.made == 3


def test_what_a_play_raises_is_raised_each_time() -> None:
    playing, made = Remembered(), []

    def broken(surroundings: Surroundings) -> TinyClient:
        made.append(surroundings)
        raise ValueError("no client")

    for _ in range(2):
        with pytest.raises(ValueError, match="no client"):
            playing(GENERIC, broken, STORY)
    assert len(made) == 2
