"""Every check is killed by its miniature, and no miniature fails a requirement that its flaw has nothing to do with."""

from itertools import cycle

import pytest

from refreshproof.harness.run.kill_matrix import UNLIKE, kills
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import CORE
from refreshproof.mock_servers.vendors.vendor import Vendor
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
@pytest.mark.parametrize(("miniature", "vendor"), list(zip(MINIATURES, cycle(UNLIKE), strict=False)))
def test_a_miniature_fails_no_unrelated_requirement(miniature: str, vendor: Vendor) -> None:
    """At one of the unlike vendors in turn; `refreshproof kill-matrix` takes each to all of them."""
    found = kills(miniature, (vendor,), tuple(CATALOGUE))
    assert found.unrelated == ()
