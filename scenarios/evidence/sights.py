"""What a journal may leave in the dark: a scenario shows everything, a recording of traffic only what the wire shows.

A check that asks for what was not seen learns nothing, and so says nothing: neither a violation nor a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Sight: TypeAlias = Literal[
    "caller",
    "wish",
    "setting",
    "callback",
    "clock",
    "process",
    "server",
    "login",
    "body",
    "authorization",
    "ending",
    "elsewhere",
    "reading",
]

SIGHTS: Mapping[Sight, str] = {
    "caller": "what the client told its callers, and which requests were one operation",
    "wish": "what a person or an application asked of the client, and when",
    "setting": "how the client was configured",
    "callback": "which callback reached the client",
    "clock": "what the client's own clock showed",
    "process": "which process of the client sent a request, and when one began anew",
    "server": "what the server did where no answer tells it",
    "login": "the login that the grant came from",
    "body": "bodies that the recorder left out",
    "authorization": "Authorization headers and tokens that the recorder left out",
    "reading": "whether the client had read an answer before it sent what it sent",
    "elsewhere": "requests to hosts that are not the vendor's",
    "ending": "what the client got of an answer that did not come whole, and when it gave up",
}
"""Everything that can be missing, in words that follow "not observable: "."""


class NotObservedError(Exception):
    """A question that the record does not answer; `sight` is what it leaves in the dark."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(f"not observable: {SIGHTS[sight]}")
        self.sight = sight
