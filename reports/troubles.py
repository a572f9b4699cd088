"""What went wrong around the client under test, told before any verdict. Texts arrive redacted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that went wrong around the client under test, or in it, told once and no verdict by itself.

    `where` is the part it came from ("client", "factory", "close()"), `what` one sentence, `exception` its type and
    text, `file` and `line` the place in the user's code, `operation` what the client was asked to do, `step` the step
    of the scenario it came in, `fault` what had been injected before it. `also` are other providers where the same came
    about. What is not known is empty, a line None. One that `stops` leaves the run incomplete: something could not be
    judged for it. `scenario` is what was played up to it as JSON-able data, None if that was nothing; `saved` is its
    file, relative to the report, and `replay` the command that plays it again.
    """

    where: str
    what: str
    exception: str = ""
    file: str = ""
    line: int | None = None
    step: str = ""
    provider: str = ""
    stops: bool = True
    operation: str = ""
    fault: str = ""
    also: tuple[str, ...] = ()
    scenario: dict[str, Any] | None = None
    saved: str = ""
    replay: str = ""

    @property
    def title(self) -> str:
        """Where it happened and what did, in one line."""
        return f"{self.where}{f' at {self.provider}' if self.provider else ''}: {self.what}"

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what is known beyond that, by name."""
        place = f"{self.file}:{self.line}" if self.file and self.line is not None else self.file
        known = (
            ("also at", ", ".join(self.also)),
            ("exception", self.exception),
            ("place", place),
            ("fault", self.fault),
            ("step", self.step),
        )
        yield from ((name, text) for name, text in known if text)
