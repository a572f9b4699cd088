"""A scenario in a file, with all that it takes to play it again: vendor, client, a vendor's own file, the folder in
which they are found, and what it was saved for: a requirement that is broken, or an exception.

The client that is named in a file is loaded, or started, when the file is replayed: replay files of people you trust.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.strict_files import read_json
from refreshproof.mock_servers.vendors.dated import AT, FUTURE, as_dated
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, read_scenario
from refreshproof.scenarios.steps.steps import ProviderChanges

LARGEST_FILE = 1_000_000
"""Bytes of a scenario file that are read."""
OURS = ("provider", "requirement", "trouble", "shows", "subject", "provider_file", "folder", AT, FUTURE)
"""Keys of a saved scenario beside those of the scenario itself."""
LONGEST_TEXT = 4_000
PROGRAM = "refreshproof"


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A scenario, and on whom it is played: `subject` as on the command line, `provider_file` the profile file of a
    vendor of one's own, `folder` where both are found. It is judged by `requirement`, or looked at for what went wrong
    around the client, of which `trouble` tells. `shows` is "alternative" where it was saved for what is allowed but not
    the best, and not for a violation. `at` and `future` are the date at which the vendor is met. What a file does not
    say is None."""

    scenario: Scenario
    provider: str
    requirement: str | None = None
    trouble: str | None = None
    shows: str | None = None
    subject: str | None = None
    provider_file: str | None = None
    folder: str | None = None
    at: str | None = None
    future: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON data."""
        about = {name: getattr(self, name) for name in OURS}
        return self.scenario.to_document() | {name: value for name, value in about.items() if value is not None}

    def vendor(self, vendors: Mapping[str, Vendor]) -> Vendor:
        """Return the vendor to play it at, at its date; raises ValueError for one there is not, or one that it cannot
        change so."""
        if self.provider not in vendors:
            raise ValueError(f"provider is {self.provider!r}; `refreshproof list providers` names those there are")
        chosen = vendor = as_dated(vendors[self.provider], self.at, self.future)
        for changes in (self.scenario.profile, *_later_changes(self.scenario)):
            vendor = _changed(vendor, changes)
        return chosen


def read_saved(document: Any, place: str = "scenario") -> Saved:
    """Read a saved scenario from JSON data; raises ValueError that names the place, what was found, what is allowed."""
    if not isinstance(document, dict):
        raise ValueError(f"{place}: expected an object, found {type(document).__name__}")
    about = {name: document[name] for name in OURS if document.get(name) is not None}
    for name in ("provider", "requirement" if "trouble" not in about else "trouble"):
        about.setdefault(name, None)
    for name, value in about.items():
        if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT:
            raise ValueError(
                f"{place}: {name} is {_short(value)}; expected a text of at most {LONGEST_TEXT} characters"
            )
    if "requirement" in about and about["requirement"] not in CATALOGUE:
        known = "`refreshproof list requirements` names those there are"
        raise ValueError(f"{place}: requirement is {_short(about['requirement'])}; {known}")
    if about.get("shows") not in (None, "alternative"):
        raise ValueError(f"{place}: shows is {_short(about['shows'])}; allowed: 'alternative', or nothing")
    scenario = read_scenario({name: value for name, value in document.items() if name not in OURS}, place)
    _check_application(scenario.application, place)
    return Saved(scenario=scenario, **about)


def read_file(path: Path) -> Saved:
    """Read a file of a saved scenario; raises ValueError that names the file, and what is wrong."""
    return read_saved(read_json(path, LARGEST_FILE), str(path))


def replay_line(file: PurePath) -> str:
    """Return the command that plays a saved scenario again, to be pasted into a shell as it stands."""
    return shlex.join((*program(), "replay", str(file)))


def program() -> tuple[str, ...]:
    """Return how this program was called: by its name where a shell finds it so, else by the path that was given."""
    called = Path(sys.argv[0])
    if called.name != PROGRAM or shutil.which(PROGRAM) == str(called.absolute()) or not called.is_file():
        return (PROGRAM,)
    return (str(called),)


def _later_changes(scenario: Scenario) -> Iterator[Mapping[str, Any]]:
    return (step.changes for step in scenario.steps if isinstance(step, ProviderChanges))


def _changed(vendor: Vendor, changes: Mapping[str, Any]) -> Vendor:
    if not changes:
        return vendor
    from refreshproof.mock_servers.profile_files.fitting import changed_vendor  # pydantic takes time to import

    return changed_vendor(vendor, changes)


def _check_application(application: Mapping[str, Any], place: str) -> None:
    if application:
        import json

        from pydantic import ValidationError

        try:
            _application_model().model_validate_json(json.dumps(dict(application)))
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            raise ValueError(f"{place}: application: {name}: found {_short(first['input'])}; {first['msg']}") from None


@cache
def _application_model() -> Any:
    from refreshproof.mock_servers.profile.strict_models import options_of, strict_model

    return strict_model("application", {name: (hint, None) for name, (hint, _) in options_of(Application).items()})


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
