"""A recording as a page for people: one file, no script, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from refreshproof.harness.vendor_check.recording.advice import advice, engine_told, settings_of
from refreshproof.harness.vendor_check.recording.drift import Drift
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.reports.formats.words.templating import html_environment


def told(value: Any) -> str:
    """Return a value in few words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def plain(name: str) -> str:
    """Return the name of a value as people read it."""
    return name.removeprefix("fact.").replace("_", " ") if name.startswith("fact.") else name


def replays_of(recorded: Recorded) -> list[tuple[str, str]]:
    """Return what the previous token was answered, by seconds."""
    beginning, end = "fact.replay_after_", "_s"
    return [
        (name.removeprefix(beginning).removesuffix(end), str(value))
        for name, value in recorded.values.items()
        if name.startswith(beginning)
    ]


def page(recorded: Recorded, drifts: Sequence[Drift] | None, against: str) -> str:
    """Return the page; `drifts` None says that nothing was compared."""
    environment = html_environment(__package__, "default")
    environment.filters |= {"told": told, "plain": plain, "pairs": _pairs}
    return environment.get_template("page.html").render(
        recorded=recorded, drifts=drifts, against=against, settings=settings_of(recorded), sentences=advice(recorded),
        replays=replays_of(recorded), engine=engine_told(recorded),
    )  # fmt: skip


def _pairs(values: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())
