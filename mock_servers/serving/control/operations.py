"""The control API's operations: one function each, and the table that says at which address it stands."""

from __future__ import annotations

from typing import Any

from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.serving.control import schemas
from refreshproof.mock_servers.serving.control.applications import CONSOLE_OPERATIONS
from refreshproof.mock_servers.serving.control.call import AT, Call, Operation, account_of, provider_now
from refreshproof.mock_servers.serving.control.snapshots import SNAPSHOT_OPERATIONS
from refreshproof.mock_servers.serving.control.values import (
    as_instant,
    clock_row,
    decision_row,
    entry_row,
    provider_row,
)
from refreshproof.mock_servers.wire import SECOND

NOTHING_WATCHED = {
    "exit_code": 5,
    "verdict": "Nothing tested: nobody watches here; start the server with `refreshproof serve --judge`",
    "report": "",
    "findings": [],
}
"""The verdict of a server that was not started to judge."""


def _read_clock(call: Call) -> Any:
    return clock_row(call.clock)


def _set_clock(call: Call) -> Any:
    wanted = call.body["now"] if "now" in call.body else as_instant(call.body["date"])
    call.clock.advance((wanted - call.clock.now()) / SECOND)
    return clock_row(call.clock)


def _advance_clock(call: Call) -> Any:
    call.clock.advance(call.body["seconds"])
    return clock_row(call.clock)


def _list_providers(call: Call) -> Any:
    return [provider_row(served) for served in call.vendors.values()]


def _read_provider(call: Call) -> Any:
    return provider_row(call.provider)


def _make_provider(call: Call) -> Any:
    return provider_row(call.makes.make(call.body["name"], call.body["vendor"]))


def _end_provider(call: Call) -> Any:
    call.makes.end(call.provider.vendor.name)
    return {"ok": True}


def _list_fault_kinds(call: Call) -> Any:
    from refreshproof.mock_servers.faults.model import fault_model  # pydantic takes longer to import than a server

    found = []
    for name, fault in FAULTS.items():
        parameters: Any = fault_model(name).model_fields["parameters"].annotation
        summary = " ".join((fault.__doc__ or "").partition("\n\n")[0].split())
        found.append({"fault": name, "summary": summary, "parameters": parameters.model_json_schema()})
    return found


def _list_faults(call: Call) -> Any:
    return call.provider.queue.rows()


def _queue_fault(call: Call) -> Any:
    members = {"times": 1, **call.body}
    chance = {name: members.pop(name) for name in ("client_id", "probability", "seed") if name in members}
    number = call.provider.queue.add(FaultSpec(**members), **chance)
    return next(row for row in call.provider.queue.rows() if row["number"] == number)


def _clear_faults(call: Call) -> Any:
    call.provider.queue.clear()
    call.provider.broken_handshakes = 0
    return {"ok": True}


def _break_handshakes(call: Call) -> Any:
    call.provider.broken_handshakes = call.body["fail"]
    return {"ok": True}


def _decide(call: Call) -> Any:
    scopes = call.body.get("scopes")
    narrowed = {} if scopes is None else {"scopes": frozenset(scopes)}
    decision = Decision(**{**call.body, **narrowed})
    state, profile = call.provider.provider.state, call.provider.provider.profile
    sites = state.sites_of(profile, decision.account)
    if decision.site not in (None, *sites):
        raise ValueError(f"site is {decision.site!r}; {decision.account} has {', '.join(sites) or 'none'}")
    call.provider.provider.user.will(decision)
    return {"ok": True}


def _list_decisions(call: Call) -> Any:
    return [decision_row(one) for one in call.provider.provider.user.queued]


def _clear_decisions(call: Call) -> Any:
    call.provider.provider.user.forget()
    return {"ok": True}


def _withdraw(call: Call) -> Any:
    provider, client_id = provider_now(call), call.body.get("client_id")
    if client_id is not None and client_id not in provider.state.applications:
        raise ValueError(f"client_id is {client_id!r}; there are {', '.join(provider.state.applications)}")
    holder = None
    if client_id is not None:
        holder = provider.state.holder(provider.profile, provider.state.applications[client_id])
    provider.revoke_user(account_of(call), holder)
    return {"ok": True}


def _password(call: Call) -> Any:
    provider, account = provider_now(call), account_of(call)
    {"change": provider.change_password, "restore": provider.restore_password}[call.body["action"]](account)
    return {"ok": True}


def _sign_out(call: Call) -> Any:
    call.provider.provider.sign_out()
    return {"ok": True}


def _ledger(call: Call) -> Any:
    return [entry_row(one) for one in call.provider.provider.ledger.since(call.query["since"], call.query["limit"])]


def _journal(call: Call) -> Any:
    return call.provider.journal.rows(call.query["since"], call.query["limit"])


def _reset(call: Call) -> Any:
    call.provider.reset()
    if call.is_made(call.provider.vendor.name):
        call.clock.begin_anew()
    return {"ok": True}


def _reset_all(call: Call) -> Any:
    for name, served in call.vendors.items():
        if not call.is_made(name):
            served.reset()
    call.clock.begin_anew()
    return {"ok": True}


def _judge(call: Call) -> Any:
    return NOTHING_WATCHED if call.witness is None else call.witness.judgement()


OPERATIONS: tuple[Operation, ...] = (
    Operation(name="read_clock", method="GET", path="/v1/clock", summary="Tell the server's time",
              act=_read_clock, answer=schemas.CLOCK),
    Operation(name="set_clock", method="PUT", path="/v1/clock", summary="Set the clock to a later time",
              act=_set_clock, body=schemas.CLOCK_SETTING, answer=schemas.CLOCK),
    Operation(name="advance_clock", method="POST", path="/v1/clock/advance", summary="Let seconds pass",
              act=_advance_clock, body=schemas.CLOCK_STEP, answer=schemas.CLOCK),
    Operation(name="list_fault_kinds", method="GET", path="/v1/faults",
              summary="List the faults that can be queued, and the schemas of their parameters",
              act=_list_fault_kinds, answer=schemas.listed(schemas.FAULT_KIND)),
    Operation(name="list_providers", method="GET", path="/v1/providers", summary="List providers and their endpoints",
              act=_list_providers, answer=schemas.listed(schemas.PROVIDER)),
    Operation(name="make_provider", method="POST", path="/v1/providers", status=201,
              summary="Make another provider of a served vendor, at a port and with a time of its own",
              act=_make_provider, body=schemas.PROVIDER_WISH, answer=schemas.PROVIDER),
    Operation(name="end_provider", method="DELETE", path=AT, summary="End a provider that was made",
              act=_end_provider, answer=schemas.DONE),
    Operation(name="read_own_clock", method="GET", path=f"{AT}/clock", summary="Tell a provider's time",
              act=_read_clock, answer=schemas.CLOCK),
    Operation(name="set_own_clock", method="PUT", path=f"{AT}/clock",
              summary="Set a provider's clock to a later time: its own where it was made, else the server's",
              act=_set_clock, body=schemas.CLOCK_SETTING, answer=schemas.CLOCK),
    Operation(name="advance_own_clock", method="POST", path=f"{AT}/clock/advance",
              summary="Let seconds pass at a provider: only there where it was made, else everywhere",
              act=_advance_clock, body=schemas.CLOCK_STEP, answer=schemas.CLOCK),
    Operation(name="read_provider", method="GET", path=AT, summary="Describe one provider",
              act=_read_provider, answer=schemas.PROVIDER),
    Operation(name="list_faults", method="GET", path=f"{AT}/faults", summary="List the queued faults",
              act=_list_faults, answer=schemas.listed(schemas.QUEUED)),
    Operation(name="queue_fault", method="POST", path=f"{AT}/faults", status=201,
              summary="Queue a fault for the next requests it selects",
              act=_queue_fault, body=schemas.FAULT, answer=schemas.QUEUED),
    Operation(name="clear_faults", method="DELETE", path=f"{AT}/faults", summary="Forget the queued faults",
              act=_clear_faults, answer=schemas.DONE),
    Operation(name="break_handshakes", method="PUT", path=f"{AT}/handshakes",
              summary="Let the next TLS handshakes fail",
              act=_break_handshakes, body=schemas.HANDSHAKES, answer=schemas.DONE),
    Operation(name="decide", method="POST", path=f"{AT}/user/decisions", status=201,
              summary="Queue the user's answer to the next question, which then shows no page",
              act=_decide, body=schemas.DECISION, answer=schemas.DONE),
    Operation(name="list_decisions", method="GET", path=f"{AT}/user/decisions", summary="The user's queued answers",
              act=_list_decisions, answer=schemas.listed(schemas.DECISION)),
    Operation(name="clear_decisions", method="DELETE", path=f"{AT}/user/decisions",
              summary="Forget the user's queued answers", act=_clear_decisions, answer=schemas.DONE),
    Operation(name="withdraw", method="POST", path=f"{AT}/user/withdrawals",
              summary="Let the user withdraw their consent, from one client or from all",
              act=_withdraw, body=schemas.WITHDRAWAL, answer=schemas.DONE),
    Operation(name="password", method="POST", path=f"{AT}/user/password",
              summary="Change the user's password, or change it back",
              act=_password, body=schemas.PASSWORD, answer=schemas.DONE),
    Operation(name="sign_out", method="POST", path=f"{AT}/user/sign-out",
              summary="Log the user out at a vendor with a login page of its own",
              act=_sign_out, answer=schemas.DONE),
    *CONSOLE_OPERATIONS,
    Operation(name="read_ledger", method="GET", path=f"{AT}/ledger", summary="What the provider knows, by aliases",
              act=_ledger, query=schemas.PAGE, answer=schemas.listed(schemas.ENTRY)),
    Operation(name="read_journal", method="GET", path=f"{AT}/journal",
              summary="The newest exchanges as they went over the wire, redacted",
              act=_journal, query=schemas.PAGE, answer=schemas.listed(schemas.EXCHANGE)),
    *SNAPSHOT_OPERATIONS,
    Operation(name="reset", method="POST", path=f"{AT}/reset", summary="Begin a provider anew",
              act=_reset, answer=schemas.DONE),
    Operation(name="judge", method="POST", path="/v1/judgement",
              summary="Judge what clients have done up to now, and write the report (only with serve --judge)",
              act=_judge, answer=schemas.JUDGEMENT),
    Operation(name="reset_all", method="POST", path="/v1/reset",
              summary="Begin every provider of the start anew, and the server's clock",
              act=_reset_all, answer=schemas.DONE),
)  # fmt: skip
"""Every operation: to add one, write its function and a line here."""
