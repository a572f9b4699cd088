"""The findings that a team knows of and lives with for now, as plain values. Reads no file and knows no client."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A finding that is known: requirement, provider and anomaly, None where the rule was never exercised.

    `reason` says why it stands, `link` where it is worked on, `expires` (a date, or empty) until when it may stand;
    `expired` tells that this day is over.
    """

    requirement: str
    provider: str
    anomaly: str | None = None
    reason: str = ""
    link: str = ""
    expires: str = ""
    expired: bool = False

    @property
    def identity(self) -> tuple[str, str, str | None]:
        """What makes a finding this one."""
        return self.requirement, self.provider, self.anomaly


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What is known of a client in the version that was tried, and the file that says so."""

    file: str
    entries: tuple[Entry, ...] = ()

    def at(self, requirement: str, provider: str) -> tuple[Entry, ...]:
        """Return what is known of a requirement at a provider."""
        return tuple(one for one in self.entries if (one.requirement, one.provider) == (requirement, provider))
