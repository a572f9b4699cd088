"""Numbers with their bounds in the type, for a reader of a profile and for the schema of profile files."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from annotated_types import Ge, Interval

Seconds: TypeAlias = Annotated[int, Ge(0)]
"""A duration in whole seconds."""

Duration: TypeAlias = Annotated[float, Interval(ge=0, le=10**9)]
"""A duration in seconds and fractions, of at most thirty years."""

Count: TypeAlias = Annotated[int, Ge(0)]
"""How many, none included."""

AtLeastOne: TypeAlias = Annotated[int, Ge(1)]
"""How many, never none."""

Size: TypeAlias = Annotated[int, Interval(ge=0, le=100_000_000)]
"""How many bytes or levels, as many as a machine can be asked to make."""

Characters: TypeAlias = Annotated[int, Interval(ge=0, le=1_000_000)]
"""How long a token may be, as long as a machine can be asked to make each."""

Status: TypeAlias = Annotated[int, Interval(ge=200, le=599)]
"""The status of a final HTTP response (RFC 9110 s15)."""
