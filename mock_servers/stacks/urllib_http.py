"""urllib in process: it stands on http.client, but for the way in which it tells that a connection was refused."""

from __future__ import annotations

from typing import Any
from urllib.error import URLError
from urllib.request import AbstractHTTPHandler

from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.led import block


def hooks() -> tuple[Hook, ...]:
    """Return the hook of urllib.request."""
    return (Hook(owner=AbstractHTTPHandler, name="do_open", around=_opening),)


def _opening(do_open: Any) -> Any:
    def opened(self: AbstractHTTPHandler, *arguments: Any, **options: Any) -> Any:
        try:
            return do_open(self, *arguments, **options)
        except ConnectionRefusedError as error:
            if block() is None:
                raise
            # A real connection is refused before the request is sent, where urllib wraps what it meets.
            raise URLError(error) from None

    return opened
