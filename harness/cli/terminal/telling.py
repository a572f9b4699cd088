"""A scenario as prose with what repeats itself put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from refreshproof.scenarios.steps.scenario import Scenario

LONGEST_BLOCK = 6
"""Steps that may repeat themselves together."""
FEWEST = 4
"""Steps that are worth being put together."""
SHORT = 12
"""Steps up to which a scenario is told as it is."""

Line = tuple[str, str]
"""The kind of a step, and its sentence."""


def told(scenario: Scenario) -> list[str]:
    """Return the steps of a scenario, numbered; a block that comes again and again is told once, with what differs."""
    sentences = scenario.prose()
    before = len(sentences) - len(scenario.steps)
    lines = [("", sentence) for sentence in sentences[:before]]
    lines += [
        (type(step).__name__, sentence) for step, sentence in zip(scenario.steps, sentences[before:], strict=True)
    ]
    if len(lines) <= SHORT:
        return [f"{number}. {sentence}" for number, (_, sentence) in enumerate(lines, 1)]
    return list(_grouped(lines))


def _grouped(lines: Sequence[Line]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        size, times = _repetition(lines[at:])
        if times < 2 or size * times < FEWEST:
            yield f"{at + 1}. {lines[at][1]}"
            at += 1
            continue
        yield f"{at + 1} to {at + size * times}. {times} times:"
        for place in range(size):
            yield from _block([lines[at + place + turn * size][1] for turn in range(times)])
        at += size * times


def _block(sentences: Sequence[str]) -> Iterator[str]:
    """Tell a step of a block, with the variants that it has."""
    variants = tuple(dict.fromkeys(sentences))
    if len(variants) == 1:
        yield f"   - {variants[0]}"
        return
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*variants, strict=False))
    start = "".join(letters[0] for letters in alike)
    start = start[: start.rfind(" ") + 1]
    order = "in turn" if len(variants) == len(sentences) else "one of"
    yield f"   - {start}... {order}:"
    yield from (f"       {variant[len(start) :]}" for variant in variants)


def _repetition(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the size of the block that begins here and comes most often, and how often it comes."""
    found = [(size, _times(lines, size)) for size in range(1, LONGEST_BLOCK + 1)]
    return max(found, key=lambda one: (one[0] * one[1] if one[0] * one[1] >= FEWEST and one[1] > 1 else 0, -one[0]))


def _times(lines: Sequence[Line], size: int) -> int:
    first, times = [kind for kind, _ in lines[:size]], 1
    while [kind for kind, _ in lines[times * size : (times + 1) * size]] == first:
        times += 1
    return times if len(first) == size and all(first) else 1
