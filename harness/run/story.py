"""From a cell to the story a report tells: prose, exchanges as lines, notes, and a test that runs."""

from __future__ import annotations

from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.saved import Saved
from refreshproof.harness.run.telling.clocks import skews
from refreshproof.harness.run.telling.tokens import token_lives
from refreshproof.harness.run.troubles import INJECTED
from refreshproof.mock_servers.vendors.dated import date_of
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import ExchangeView, Note, Story
from refreshproof.scenarios.evidence.crashes import Crash
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import (
    ClockMove,
    Exchange,
    Journal,
    OutcomeRecord,
    StepRecord,
    UserAction,
)
from refreshproof.scenarios.evidence.struck import struck
from refreshproof.scenarios.play.as_pytest import as_pytest
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.documents import from_document
from refreshproof.scenarios.steps.steps import Mend

MOST_EXCHANGES = 60
"""Exchanges shown of one story; a shortest scenario rarely has as many."""
RESOURCES = ("resource", "gateway", "userinfo", "accessible_resources", "site_host")
"""What an access token opens, by view."""
MOST_LINES = 12
"""Lines shown of what a client logged and printed in one operation."""
FAULTS = (*INJECTED, Mend)
"""Steps that set faults and mend them."""


def story_of(cell: Cell, subject: str, vendor: Vendor, provider_file: str | None = None) -> Story | None:
    """Return the story of a cell that has one, None for any other; the vendor's own file goes with it if it has one."""
    if cell.scenario is None or cell.journal is None:
        return None
    profile, about = vendor.profile, dict(date_of(vendor))
    saved = Saved(
        scenario=cell.scenario,
        provider=cell.vendor,
        requirement=cell.requirement,
        shows="alternative" if cell.outcome == "alternative" else None,
        subject=subject,
        provider_file=provider_file,
        **about,
    )
    about |= {} if provider_file is None else {"provider_file": provider_file}
    hit = struck(Evidence(journal=cell.journal, profile=profile))
    return Story(
        started=cell.journal.started_at,
        scenario=saved.to_document(),
        prose=tuple(cell.scenario.prose()),
        expected=cell.expected or CATALOGUE[cell.requirement].statement,
        happened=cell.why,
        pytest=as_pytest(cell.scenario, requirement=cell.requirement, vendor=cell.vendor, subject=subject, **about)
        if cell.outcome == "violated"
        else "",
        exchanges=tuple(
            view_of(one, witness=one.number in cell.witness, struck=one.number in hit)
            for one in cell.journal.exchanges()[:MOST_EXCHANGES]
        ),
        notes=tuple(notes_of(cell.journal)),
        tokens=token_lives(cell.journal, profile),
        skews=skews(cell.journal),
    )


def view_of(exchange: Exchange, *, witness: bool = False, struck: bool = False) -> ExchangeView:
    """Return one exchange for display; `witness` says that it shows the finding, `struck` that a fault shaped it."""
    reached = exchange.arrived_at is not None
    return ExchangeView(
        number=exchange.number,
        at=exchange.sent_at,
        endpoint=exchange.view or exchange.origin,
        summary=" ".join(part for part in (exchange.method, _what(exchange), exchange.presented) if part),
        answer=_answer(exchange),
        request=_request_lines(exchange),
        response=_response_lines(exchange),
        status=exchange.status,
        delivered=exchange.delivered if reached else None,
        trouble=exchange.trouble,
        answered_at=exchange.finished_at,
        witness=witness,
        arrived_at=exchange.arrived_at,
        client_at=exchange.client_sent_at,
        server="resource" if exchange.view in RESOURCES else "authorization server",
        struck=struck,
        on_behalf=exchange.on_behalf,
    )


def _what(exchange: Exchange) -> str:
    return exchange.grant_type or exchange.view or exchange.origin


def _answer(exchange: Exchange) -> str:
    if exchange.trouble is not None and not exchange.issued:
        return exchange.trouble
    error = exchange.members.get("error")
    words = [str(exchange.status or ""), error if isinstance(error, str) else "", ", ".join(exchange.issued)]
    return " ".join(word for word in words if word) + (f" ({exchange.trouble})" if exchange.trouble else "")


def _request_lines(exchange: Exchange) -> tuple[str, ...]:
    headers = tuple(f"{name}: {value}" for name, value in exchange.request_headers)
    body = tuple(f"{name}={value}" for name, value in exchange.parameters) if exchange.method == "POST" else ()
    return (f"{exchange.method} {exchange.url}", *headers, *body)


def _response_lines(exchange: Exchange) -> tuple[str, ...]:
    if exchange.status is None and not exchange.response_body:
        return ()
    headers = tuple(f"{name}: {value}" for name, value in exchange.response_headers)
    return (f"HTTP {exchange.status or '(lost)'}", *headers, *exchange.response_body.splitlines())


def notes_of(journal: Journal) -> list[Note]:
    """Return what happened outside any exchange: clock moves, faults, what people did, and how operations ended badly
    or with words of the client's own."""
    notes, last, crashes = [], 0, list(journal.crashes)
    for record in journal.records:
        if isinstance(record, Exchange):
            last = max(last, record.number)
        elif isinstance(record, StepRecord):
            step = from_document(record.step)
            if isinstance(step, FAULTS):
                notes.append(Note(at=record.at, text=step.prose(), follows=last, kind="fault"))
        elif isinstance(record, ClockMove):
            text = f"client clock: {record.what} {record.value:g}"
            notes.append(Note(at=record.at, text=text, follows=last, kind="clock"))
        elif isinstance(record, UserAction) and record.what in ("revoke", "change_password", "restore_password"):
            text = f"user: {record.what.replace('_', ' ')}"
            notes.append(Note(at=record.at, text=text, follows=last, kind="user"))
        elif isinstance(record, UserAction) and record.what == "announced_change":
            text = f"vendor, from {record.about['effective']}: {record.about['changes']}"
            notes.append(Note(at=record.at, text=text, follows=last, kind="fault"))
        elif isinstance(record, UserAction) and record.what == "process_died":
            notes.append(Note(at=record.at, text="client: its process died", follows=last, kind="crash"))
        elif isinstance(record, OutcomeRecord) and (record.operation == "restart" or record.kind != "ok" or record.log):
            notes.append(_ended(record, crashes))
    return notes


def _ended(record: OutcomeRecord, crashes: list[Crash]) -> Note:
    """Tell how an operation ended; what left the client is told once, where it did."""
    text, lines = _ending(record), list[str]()
    mine = [one for one in crashes if (one.step, one.operation) == (record.step, record.operation)]
    if record.kind == "crash" and mine:
        crashes.remove(mine[0])
        lines += [mine[0].exception] * (mine[0].exception not in text)
        lines += [f"in {mine[0].file}, line {mine[0].line}"] * bool(mine[0].file)
    return Note(
        at=record.at,
        text=text,
        follows=record.ended,
        kind="crash" if record.kind == "crash" else "client",
        lines=(*lines, *record.log[:MOST_LINES]),
    )


def _ending(record: OutcomeRecord) -> str:
    if record.kind == "ok":
        return f"client: {record.operation}" + ("" if record.operation == "restart" else " ended well, and said")
    detail = f" ({record.error or record.detail})" if record.error or record.detail else ""
    return f"client: {record.operation} ended in {record.kind.replace('_', ' ')}{detail}"
