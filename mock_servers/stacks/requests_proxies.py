"""The machine's proxies are none of the world's: a led request of requests does not look for one in the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from requests import utils

from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.led import block


def hooks() -> tuple[Hook, ...]:
    """Return the hook of requests, which walks through the whole environment twice for each request."""
    return (Hook(owner=utils, name="should_bypass_proxies", around=_passing_by),)


def _passing_by(asked: Callable[..., bool]) -> Callable[..., bool]:
    def passed_by(*arguments: Any, **options: Any) -> bool:
        return block() is not None or asked(*arguments, **options)

    return passed_by
