"""What went wrong around the client under test, told before any verdict. Texts arrive redacted."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that went wrong around the client under test and is no verdict on it, told once.

    `where` is the part it came from ("adapter", "login", "close()"), `what` one sentence, `exception` its type and
    text, `file` and `line` the place in the user's code, `step` the step of the scenario it came in. What is not known
    is empty, a line None. One that `stops` leaves the run incomplete: something could not be judged for it.
    """

    where: str
    what: str
    exception: str = ""
    file: str = ""
    line: int | None = None
    step: str = ""
    provider: str = ""
    stops: bool = True

    @property
    def title(self) -> str:
        """Where it happened and what did, in one line."""
        return f"{self.where}{f' at {self.provider}' if self.provider else ''}: {self.what}"

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what is known beyond that, by name."""
        place = f"{self.file}:{self.line}" if self.file and self.line is not None else self.file
        known = (("exception", self.exception), ("place", place), ("step", self.step))
        yield from ((name, text) for name, text in known if text)
