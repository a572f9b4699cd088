"""An operation that reads a resource page by page, for clients that decide anew for each request which token it
carries."""

from __future__ import annotations

from collections.abc import Callable

from refreshproof.scenarios.steps.subject import OK, Outcome


def page_by_page(call: Callable[[], Outcome], pages: int, pause: Callable[[], None]) -> Outcome:
    """Call once for each page, with a pause between two of them, until one does not succeed."""
    outcome = OK
    for page in range(pages):
        if page:
            pause()
        outcome = call()
        if outcome.kind != "ok":
            break
    return outcome
