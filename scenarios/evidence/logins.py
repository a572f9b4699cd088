"""Questions that checks ask about logins: what was configured, what the user's browser was sent with, what came
back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.scenarios.evidence.evidence import Evidence, once
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, UserAction
from refreshproof.scenarios.evidence.sights import NotObservedError


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


FIRST_SECRET = "SECRET1"
"""The alias of the secret that the client has at the server under test: the first that is ever named."""


def configuration(evidence: Evidence) -> Mapping[str, Any]:
    """Return what the developer configured: provider_type, scopes, redirect_uri, authorization_parameters, pkce,
    secret; and whether its logins are done for the client, logged_in."""
    return next((action.about for action in evidence.actions("configure")), {})


SIGN_IN = frozenset({"openid", "email", "profile", "address", "phone"})
"""Scopes that tell who a user is and open nothing (OpenID Connect Core s5.4): whoever asks for no other wants no
grant."""


@once
def logins(evidence: Evidence) -> tuple[Exchange, ...]:
    """Return the request that the client sent the user's browser off with, for every login."""
    if not evidence.shows("callback"):
        return tuple(_begun(evidence))
    found: list[Exchange] = []
    waiting = False
    for record in evidence.journal.records:
        if isinstance(record, UserAction) and record.what == "authorize":
            waiting = True
        elif waiting and isinstance(record, Exchange) and record.actor == "browser":
            found.append(record)
            waiting = False
    return tuple(found)


def _begun(evidence: Evidence) -> Iterator[Exchange]:
    """Yield the logins of a recording that the client has taken for its own, by redeeming the code.

    A page that is loaded again, or that the vendor sends on to its own endpoint, is no other one, and one that only
    signs a user in is none of a grant.
    """
    known: set[object] = set()
    redeemed = {one.presented for one in evidence.code_exchanges}
    for one in evidence.exchanges("authorization"):
        asked = one.values
        state = asked.get("state") or asked.get("code_challenge")
        begun = (asked.get("client_id"), state)
        scopes = frozenset(asked.get("scope", "").split())
        if begun not in known and redeemed.intersection(one.issued) and not (scopes and scopes <= SIGN_IN):
            known.add(begun)
            yield one


def codes_brought(evidence: Evidence, code: str | None) -> frozenset[str | None]:
    """Return the codes that reached the client; of a recording those that an answer sent on to it, where that of `code`
    is among them."""
    if evidence.shows("callback"):
        return frozenset(one.code for one in deliveries(evidence))
    sent_on = frozenset(alias for one in evidence.exchanges("authorization") for alias in one.issued)
    if code not in sent_on:
        raise NotObservedError("callback")
    return sent_on


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
