"""What a client is asked only if it can: the one place that looks at its capabilities while a scenario is played."""

from __future__ import annotations

from refreshproof.scenarios.steps.subject import Capability, Outcome
from refreshproof.scenarios.world.world import World

UNSUPPORTED = Outcome(kind="unsupported")


class MissingMethodError(TypeError):
    """A client claims a capability and has not the method that goes with it; told as its crash."""

    def __init__(self, capability: Capability, method: str) -> None:
        super().__init__(f"the client claims the capability {capability}, but has no method {method}")


def can(world: World, *capabilities: Capability) -> bool:
    """Tell whether the client can do something."""
    return world.description.capabilities.issuperset(capabilities)


def asked(world: World, operation: str, *capabilities: Capability) -> bool:
    """Tell whether the client can be asked for an operation; where it cannot, that is recorded as how it ended."""
    able = can(world, *capabilities)
    if not able:
        world.act(operation, lambda: UNSUPPORTED)
    return able
