"""Why something could not be measured: the exceptions that end a probe, or the whole check."""

from __future__ import annotations


class TroubleError(Exception):
    """A probe cannot be finished; the text says what came instead of what was expected."""


class StopError(TroubleError):
    """Nothing more may or can be asked: the budget is used up, the server is not there or wants to be left alone."""


class NeedlessError(Exception):
    """A probe has nothing to ask here; the text says why."""
