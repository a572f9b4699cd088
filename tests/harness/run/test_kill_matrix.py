"""Every check is killed by its miniature, and no miniature fails a requirement that its flaw has nothing to do with."""

import pytest

from refreshproof.harness.run.kill_matrix import UNLIKE, kills
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import CORE
from refreshproof.scenarios.requirements import CATALOGUE


def test_every_requirement_has_a_miniature_and_every_miniature_a_requirement() -> None:
    assert set(MINIATURES) == set(CATALOGUE)


def test_a_miniature_breaks_further_requirements_only_by_their_names() -> None:
    unknown = {name: sorted(set(one.also) - set(CATALOGUE)) for name, one in MINIATURES.items()}
    assert {name: names for name, names in unknown.items() if names} == {}


@pytest.mark.parametrize("miniature", MINIATURES)
def test_a_miniature_is_caught_by_the_check_it_is_named_after(miniature: str) -> None:
    assert kills(miniature, CORE, (miniature,)).caught, MINIATURES[miniature].flaw


@pytest.mark.slow
@pytest.mark.parametrize(("number", "miniature"), list(enumerate(MINIATURES)), ids=list(MINIATURES))
def test_a_miniature_fails_no_unrelated_requirement(number: int, miniature: str) -> None:
    """At one of the unlike vendors in turn, by every sixth rule; `refreshproof kill-matrix` has all by all."""
    vendor, rules = UNLIKE[number % len(UNLIKE)], tuple(CATALOGUE)[number // len(UNLIKE) % 6 :: 6]
    assert kills(miniature, (vendor,), rules).unrelated == ()
