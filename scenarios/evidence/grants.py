"""Grants as a client has had them: what one login brought, and what happened until it was ended or replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.scenarios.evidence.evidence import Evidence, once, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, UserAction
from refreshproof.scenarios.evidence.refusals import told
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME

OWN_DOING = (Cause.UNKNOWN_REFRESH_TOKEN, Cause.REFRESH_TOKEN_REVOKED, Cause.REFRESH_TOKEN_REUSED)
"""Causes of a refused refresh that a client brings about, where nobody has revoked anything."""

OTHERS_DOING = (
    Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED, Cause.REFRESH_TOKEN_EVICTED, Cause.PASSWORD_CHANGED,
    Cause.CONSENT_REQUIRED, Cause.REAUTHENTICATION_REQUIRED, Cause.REAUTHENTICATION_UNPROVEN,
    Cause.MULTI_FACTOR_REQUIRED, Cause.MULTI_FACTOR_ENROLMENT, Cause.SIGN_IN_FREQUENCY, Cause.ADMIN_POLICY,
    Cause.ACCOUNT_DELETED, Cause.WRONG_SECRET, Cause.SECRET_EXPIRED, Cause.CLIENT_DELETED, Cause.REFRESH_TOKEN_SPENT,
)  # fmt: skip
"""Causes of a refused refresh that a vendor or a user brings about: they end the grant, or its use."""

ENDINGS = ("revoke", "change_password")
"""What a person does that may end a grant."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one login brought, and everything that happened until it was ended by others or replaced by the next."""

    login: Exchange
    records: Sequence[Record]

    @property
    def renewable(self) -> bool:
        """Whether the login brought a refresh token."""
        return refresh_token_of(self.login) is not None

    @property
    def refreshes(self) -> Iterator[Exchange]:
        """Its refreshes."""
        exchanges = (one for one in self.records if isinstance(one, Exchange))
        return (one for one in exchanges if (one.view, one.grant_type) == ("token", "refresh_token"))

    def holds(self, record: OutcomeRecord) -> bool:
        """Tell whether an operation ended while it lived."""
        return any(one is record for one in self.records)

    @property
    def calls(self) -> Iterator[OutcomeRecord]:
        """How the uses of the resource ended meanwhile."""
        return (one for one in self.records if isinstance(one, OutcomeRecord) and one.operation == "call")


@once
def grants(evidence: Evidence) -> tuple[Grant, ...]:
    """Return every grant of the vendor with what happened while it lived; who authorized again has it no longer.

    What another server gave is about another resource than the one that is called.
    """
    own = urlsplit(evidence.profile.url("token") or "").netloc
    answers = (
        one for one in evidence.token_answers if one.grant_type != "refresh_token" and urlsplit(one.url).netloc == own
    )
    brought = {one.number for one in answers if _is_taken(evidence, one)}
    found: list[Grant] = []
    lasting: list[Record] | None = None
    for record in evidence.journal.records:
        # A login that brings nothing that lasts takes the place of no renewable grant.
        kept = lasting is not None and found[-1].renewable
        if isinstance(record, Exchange) and record.number in brought and not (kept and not lasts(record)):
            lasting = []
            found.append(Grant(login=record, records=lasting))
        elif lasting is not None and _ends(record):
            lasting = None
        elif lasting is not None:
            lasting.append(record)
    return tuple(found)


def lasts(login: Exchange) -> bool:
    """Tell whether a login brought what lasts: a refresh token, or an access token that is a grant by itself."""
    life = login.members.get("expires_in")
    alone = isinstance(life, int | float) and life >= MINIMUM_LIFETIME
    return alone or refresh_token_of(login) is not None


def _is_taken(evidence: Evidence, login: Exchange) -> bool:
    """Tell whether the client has not turned down what a login brought, as some do for too short a lifetime."""
    ending = told(evidence, login)
    return ending is None or ending.kind in ("ok", "crash")


def _ends(record: Record) -> bool:
    """Tell whether somebody else than the client has ended a grant."""
    if isinstance(record, Exchange):
        return record.view == "token" and record.cause in OTHERS_DOING
    if isinstance(record, OutcomeRecord):
        return record.operation == "disconnect" and record.kind != "unsupported"
    return isinstance(record, UserAction) and record.what in ENDINGS
