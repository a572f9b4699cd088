"""One answer of the server as a value, and the words for what kind of answer it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.mock_servers.wire import SECOND, Instant, WireResponse


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer, and when its request left and it came, in microseconds; `response` is None where none came."""

    response: WireResponse | None = field(repr=False)
    sent_at: Instant
    received_at: Instant
    why: str = ""

    @property
    def status(self) -> int:
        """The HTTP status, 0 where no answer came."""
        return 0 if self.response is None else self.response.status

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of a JSON object in the body; none for anything else."""
        document = None if self.response is None else self.response.document
        return document if isinstance(document, dict) else {}

    @property
    def granted(self) -> bool:
        """Whether the answer holds an access token: a status of 200 alone proves nothing."""
        return self.status == 200 and isinstance(self.members.get("access_token"), str)

    @property
    def access_token(self) -> str:
        """The access token of an answer that holds one."""
        return str(self.members["access_token"])

    @property
    def refresh_token(self) -> str | None:
        """The refresh token of an answer, None where there is none or an empty one."""
        found = self.members.get("refresh_token")
        return found if isinstance(found, str) and found else None

    @property
    def error(self) -> str | None:
        """The OAuth error."""
        found = self.members.get("error")
        return found if isinstance(found, str) else None

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return None if self.response is None else self.response.header(name)

    @property
    def words(self) -> str:
        """The answer in words: `200`, `400 invalid_grant`, `400 empty body`, `500 text/html`."""
        if self.response is None:
            return f"no answer ({self.why})"
        if self.error is not None:
            return f"{self.status} {self.error}" + (f", {self.media_type}" if "json" not in self.media_type else "")
        if 200 <= self.status < 300:
            return str(self.status)
        if not self.response.body:
            return f"{self.status} empty body"
        return f"{self.status} {self.media_type or 'without a type'}"


def ages(came: Reply, reply: Reply) -> tuple[float, float]:
    """Return the least and the greatest age in seconds that what an answer brought can have had at another one."""
    return in_seconds(reply.sent_at - came.received_at), in_seconds(reply.received_at - came.sent_at)


def in_seconds(duration: Instant) -> float:
    """Turn microseconds into seconds."""
    return duration / SECOND
