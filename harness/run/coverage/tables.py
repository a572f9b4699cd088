"""How much of the two tables of states a run has walked: the provider's of refresh tokens, the client's of statuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from refreshproof.mock_servers.profile.refresh_policy import TRANSITIONS
from refreshproof.reports import Coverage, Transition
from refreshproof.scenarios.evidence.journal import TableMove
from refreshproof.scenarios.steps.subject import StatusMove


def coverage_of_tables(made: Iterable[Counter[TableMove]], table: tuple[StatusMove, ...]) -> tuple[Coverage, ...]:
    """Return the coverage of the provider's table, and of the client's where the client has told one."""
    total = sum(made, Counter[TableMove]())
    return (_of_provider(total), _of_client(total, table)) if table else (_of_provider(total),)


def _of_provider(made: Counter[TableMove]) -> Coverage:
    transitions = (
        Transition(state=state, event=event, after=after, times=made[TableMove("provider", state, event)])
        for (state, event), after in TRANSITIONS.items()
    )
    return Coverage(table="Provider's token table", transitions=tuple(transitions))


def _of_client(made: Counter[TableMove], table: tuple[StatusMove, ...]) -> Coverage:
    transitions = (
        Transition(
            state=one.status,
            event=one.event,
            after=one.after,
            times=made[TableMove("client", one.status, one.event)],
            beyond=one.beyond,
        )
        for one in table
    )
    return Coverage(table="Client's status table", transitions=tuple(transitions))
