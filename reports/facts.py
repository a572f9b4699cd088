"""What an emulated vendor is built of, one value at a time, each with its source."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Trust: TypeAlias = Literal["documented", "observed", "unverified", "default"]
"""How far a value can be trusted. A `default` is what Refreshproof has where nothing is said of the vendor."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One value of a vendor's profile.

    `field` is its dotted name, `value` the value in words, `where` the source and `seen` the day it was read, both
    empty for a default. `links` are https addresses of the source. A fact has a `topic` if a client's author ought to
    know it ("rotation", "errors"), and then a `label` that says in words what it is.
    """

    field: str
    value: str
    trust: Trust
    where: str = ""
    seen: str = ""
    links: tuple[str, ...] = ()
    topic: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse addresses that a reader could not safely follow."""
        for link in self.links:
            if not link.startswith("https://"):
                raise ValueError(f"fact {self.field!r}: links: found {link!r}, allowed are https:// addresses")
