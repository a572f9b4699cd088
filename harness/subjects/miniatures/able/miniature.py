"""What a miniature is: a client with exactly one flaw, and what that flaw breaks besides the requirement it is named
after."""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.harness.adapters.tiny.client import TinyClient


@dataclass(frozen=True, kw_only=True)
class Miniature:
    """A flawed client and the further requirements that the same flaw breaks; the kill matrix allows no others."""

    client: type[TinyClient]
    also: tuple[str, ...] = ()

    @property
    def flaw(self) -> str:
        """The flaw in one sentence."""
        return (self.client.__doc__ or "").partition("\n")[0]
