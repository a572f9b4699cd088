"""What a check tells: its progress on stderr, its result on stdout, and the files of a recording."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from refreshproof.harness.cli.terminal.stdout import Stdout
from refreshproof.harness.run import writing
from refreshproof.harness.vendor_check.checking import Ended
from refreshproof.harness.vendor_check.recording.advice import advice, engine_told, settings_of
from refreshproof.harness.vendor_check.recording.drift import Drift
from refreshproof.harness.vendor_check.recording.page import page, plain, told
from refreshproof.harness.vendor_check.recording.recorded import Recorded, by_reason
from refreshproof.reports.formats.words.text import one_line

RECORDING, PROFILE, PAGE = "recording.json", "profile.toml", "index.html"


def progress(console: Console, ended: Ended) -> None:
    """Tell that a probe is over."""
    said = f"  {escape(ended.why)}" if ended.why else ""
    console.print(f"{'[yellow]left[/] ' if ended.why else '[green]asked[/]'} {ended.probe.id}{said}", soft_wrap=True)


def show(recorded: Recorded, drifts: Sequence[Drift] | None, against: str) -> None:
    """Print what was found to stdout."""
    console = Stdout()
    table = Table("value", "found", title=f"{escape(recorded.title)}, {recorded.seen}", title_justify="left")
    for name, value in recorded.values.items():
        table.add_row(escape(plain(name)), escape(told(value) if name != "metadata" else "as it was read"))
    console.print(table)
    console.print(escape(engine_told(recorded)), soft_wrap=True)
    for name, value in settings_of(recorded).items():
        console.print(f"[bold]set[/] {name}: {escape(value)}", soft_wrap=True)
    for sentence in advice(recorded):
        console.print(f"[bold]heed[/] {escape(sentence)}", soft_wrap=True)
    for why, fields in by_reason(recorded.missing).items():
        console.print(f"[yellow]open[/] {_counted(fields)}: {escape(why)}", soft_wrap=True)
    for why, names in recorded.unfinished.items():
        console.print(f"[bold red]trouble[/] {_counted(names)}: {escape(why)}", soft_wrap=True)
    for one in drifts or ():
        line = f"{one.name}: {told(one.was)} in {against}, {told(one.now)} here"
        console.print(f"[bold red]differs[/] {escape(line)}", soft_wrap=True)
    console.print(f"{recorded.requests} requests, {recorded.logins} of them logins")


def _counted(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({len(names)}) {', '.join(names)}"


def write(recorded: Recorded, drifts: Sequence[Drift] | None, against: str, out: Path, console: Console) -> bool:
    """Write the recording, the profile and the page into a folder; tell which could not be, and whether all were."""
    from refreshproof.harness.vendor_check.recording.profile_text import profile_text  # pydantic takes time

    texts = {
        RECORDING: json.dumps(recorded.document(), indent=1, ensure_ascii=False) + "\n",
        PAGE: page(recorded, drifts, against),
    }
    try:
        texts[PROFILE] = profile_text(recorded)
    except ValueError as error:
        console.print(f"[bold red]no {PROFILE}[/]: {escape(one_line(str(error)))}", soft_wrap=True)
    files, failures = writing.write_all((out / name, partial(str, text)) for name, text in texts.items())
    for failure in failures:
        console.print(f"[bold red]not written[/]: {escape(failure)}", soft_wrap=True)
    console.print(", ".join(escape(str(file)) for file in files), soft_wrap=True)
    return not failures
