"""From a violated cell to the story a report tells: prose, exchanges as lines, notes, and a test that runs."""

from __future__ import annotations

from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.saved import Saved
from refreshproof.reports import ExchangeView, Note, Story
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import ClockMove, Exchange, Journal, OutcomeRecord, UserAction
from refreshproof.scenarios.play.as_pytest import as_pytest

MOST_EXCHANGES = 60
"""Exchanges shown of one story; a shortest scenario rarely has as many."""


def story_of(cell: Cell, subject: str, provider_file: str | None = None) -> Story | None:
    """Return the story of a violated cell, None for any other; the vendor's own file goes with it if it has one."""
    if cell.scenario is None or cell.journal is None:
        return None
    saved = Saved(
        scenario=cell.scenario,
        provider=cell.vendor,
        requirement=cell.requirement,
        subject=subject,
        provider_file=provider_file,
    )
    about = {} if provider_file is None else {"provider_file": provider_file}
    return Story(
        started=START,
        scenario=saved.to_document(),
        prose=tuple(cell.scenario.prose()),
        expected=cell.expected,
        happened=cell.why,
        pytest=as_pytest(cell.scenario, requirement=cell.requirement, vendor=cell.vendor, subject=subject, **about),
        exchanges=tuple(
            view_of(one, witness=one.number in cell.witness) for one in cell.journal.exchanges()[:MOST_EXCHANGES]
        ),
        notes=tuple(notes_of(cell.journal)),
    )


def view_of(exchange: Exchange, *, witness: bool = False) -> ExchangeView:
    """Return one exchange for display; `witness` says that it shows the violation."""
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
    """Return what happened outside any exchange: clock moves, what people did, and how operations ended badly."""
    notes, last = [], 0
    for record in journal.records:
        if isinstance(record, Exchange):
            last = max(last, record.number)
        elif isinstance(record, ClockMove):
            notes.append(Note(at=record.at, text=f"client clock: {record.what} {record.value:g}", follows=last))
        elif isinstance(record, UserAction) and record.what in ("revoke", "change_password", "restore_password"):
            notes.append(Note(at=record.at, text=f"user: {record.what.replace('_', ' ')}", follows=last))
        elif isinstance(record, OutcomeRecord) and (record.operation == "restart" or record.kind != "ok"):
            notes.append(Note(at=record.at, text=_ending(record), follows=record.ended))
    return notes


def _ending(record: OutcomeRecord) -> str:
    if record.kind == "ok":
        return f"client: {record.operation}"
    detail = f" ({record.error or record.detail})" if record.error or record.detail else ""
    return f"client: {record.operation} ended in {record.kind.replace('_', ' ')}{detail}"
