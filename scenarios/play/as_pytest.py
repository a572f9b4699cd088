"""A scenario printed as a pytest function that runs as printed, against any subject of the reader's."""

from __future__ import annotations

import json

from refreshproof.scenarios.steps.scenario import Scenario

_TEMPLATE = '''\
import json

from refreshproof.harness import replay

SCENARIO = json.loads(r"""
{scenario}
""")


def test_{name}() -> None:
    """{requirement} at {vendor}."""
    result = replay(SCENARIO, subject={subject!r})
    assert result.outcome != "violated", result.explanation
'''


def as_pytest(scenario: Scenario, *, requirement: str, vendor: str, subject: str, **about: str) -> str:
    """Return the text of a test module with one test; the scenario stands in it as JSON, and what else it is about."""
    document = {**scenario.to_document(), "provider": vendor, "requirement": requirement, **about}
    return _TEMPLATE.format(
        scenario=json.dumps(document, indent=2),
        name=f"{requirement}_{vendor}".replace("-", "_"),
        requirement=requirement,
        vendor=vendor,
        subject=subject,
    )
