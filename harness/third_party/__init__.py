"""Well-known client libraries as subjects, unmodified: the base they share and the clock they read.

The subjects themselves are imported when they are chosen, because their libraries are optional.
"""

from __future__ import annotations

from refreshproof.harness.third_party.clock import WALL_CLOCK, WallClock
from refreshproof.harness.third_party.subject import Refusal, ThirdPartySubject

__all__ = ["WALL_CLOCK", "Refusal", "ThirdPartySubject", "WallClock"]
