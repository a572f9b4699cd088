"""Questions that checks ask about logins: what was configured, what the user's browser was sent with, what came
back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.scenarios.evidence.evidence import Evidence, once
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, UserAction


@dataclass(kw_only=True)
class Delivery:
    """A callback that was brought to the client and what the client did next.

    `code` is an alias; `changed` tells whether the callback is another than the provider's; `exchanges` are the code
    exchanges up to the next callback or login.
    """

    action: UserAction
    exchanges: list[Exchange] = field(default_factory=list)
    outcome: OutcomeRecord | None = None

    @property
    def tamper(self) -> str:
        """How the login's callback was changed."""
        return str(self.action.about.get("tamper", "none"))

    @property
    def changed(self) -> bool:
        """Whether this callback is not the one that the provider sent."""
        return bool(self.action.about.get("changed"))

    @property
    def code(self) -> str | None:
        """The alias of the code."""
        return self.action.about.get("code")

    @property
    def error(self) -> str | None:
        """The error code."""
        return self.action.about.get("error")


def configuration(evidence: Evidence) -> Mapping[str, Any]:
    """Return what the developer configured: provider_type, scopes, redirect_uri, authorization_parameters, pkce,
    secret."""
    return next((action.about for action in evidence.actions("configure")), {})


@once
def logins(evidence: Evidence) -> tuple[Exchange, ...]:
    """Return the request that the client sent the user's browser off with, for every login."""
    found: list[Exchange] = []
    waiting = False
    for record in evidence.journal.records:
        if isinstance(record, UserAction) and record.what == "authorize":
            waiting = True
        elif waiting and isinstance(record, Exchange) and record.actor == "browser":
            found.append(record)
            waiting = False
    return tuple(found)


@once
def deliveries(evidence: Evidence) -> tuple[Delivery, ...]:
    """Return every callback that reached the client, in order; those brought at the same moment share what
    followed."""
    found: list[Delivery] = []
    for record in evidence.journal.records:
        if isinstance(record, UserAction) and record.what == "callback":
            found.append(Delivery(action=record))
        elif not found:
            continue
        elif isinstance(record, Exchange) and record.grant_type == "authorization_code":
            found[-1].exchanges.append(record)
        elif isinstance(record, OutcomeRecord) and record.operation == "callback":
            found[-1].outcome = found[-1].outcome or record
    return tuple(found)


def login_of(evidence: Evidence, step: int) -> Exchange | None:
    """Return the authorization request of a step."""
    return next((one for one in logins(evidence) if one.step == step), None)
