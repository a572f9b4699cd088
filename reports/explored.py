"""What Hypothesis explored in a run. Knows neither how lives are drawn nor what they found."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One thing that Hypothesis varies: in how many lives it did, and between which values, in words."""

    name: str
    count: int
    values: str = ""


@dataclass(frozen=True, kw_only=True)
class Explored:
    """What Hypothesis explored: the lives it generated from the seed, and the dimensions in which they differ."""

    lives: int
    seed: int
    dimensions: tuple[Dimension, ...] = ()


def explored_in_words(explored: Explored, *, values: bool = True) -> str:
    """Say in one line how many lives there were and in what they differ, with the values between which if wanted."""
    varied = "; ".join(_varied(one if values else replace(one, values="")) for one in explored.dimensions)
    lives = f"Hypothesis generated {explored.lives} {'life' if explored.lives == 1 else 'lives'}"
    return f"{lives} from seed {explored.seed}{f', varying {varied}' if varied else ''}"


def _varied(dimension: Dimension) -> str:
    values = f" ({dimension.values})" if dimension.values else ""
    return f"{dimension.name}{values} in {dimension.count}"
