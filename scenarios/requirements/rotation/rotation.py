"""Rotation: a new refresh token replaces the old one, is kept safe before it is used, and survives a lost answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, Supersession, in_seconds, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, UserAction
from refreshproof.scenarios.evidence.refusals import crash_over, detail_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Refresh, Restart, Until


def rotates(vendor: Vendor) -> bool:
    """Apply where refreshes bring new refresh tokens."""
    return vendor.profile.renews and vendor.profile.refresh.rotates


def replaced(evidence: Evidence) -> Verdict:
    """Every refresh presents the newest refresh token that has reached the client."""
    for change in _read(evidence):
        later = [one for one in evidence.refreshes if one.follows(change.exchange)]
        if later and later[0].presented == change.old and not _new_login(evidence, change.at, later[0].sent_at):
            return violated(
                f"The next refresh presented {change.old} again although {change.new} had replaced it.",
                change.exchange.number,
                later[0].number,
                expected=f"The next refresh presents {change.new}.",
            )
    return exercised(_presented_successors(evidence) > 0, _unread(evidence) or "No refresh followed a rotation.")


def _read(evidence: Evidence) -> list[Supersession]:
    """Return the changes whose answer the client came to read: a crash in between is told as a crash."""
    return [change for change in evidence.supersessions if not crash_over(evidence, change.exchange)]


def _unread(evidence: Evidence) -> str:
    """Say that the client crashed over the first answer that it did not come to read; empty if it read all."""
    for change in evidence.supersessions:
        crash = crash_over(evidence, change.exchange)
        if crash is not None:
            return f"The {crash.operation} in which {change.new} came ended in a crash{detail_of(crash)}."
    return ""


def _new_login(evidence: Evidence, since: int, until: int) -> bool:
    """Tell whether the user logged in again between two instants."""
    return any(since < one.sent_at < until for one in evidence.exchanges("token", "authorization_code"))


def _presented_successors(evidence: Evidence) -> int:
    successors = {change.new for change in evidence.supersessions}
    return sum(one.presented in successors for one in evidence.refreshes)


def never_reused(evidence: Evidence) -> Verdict:
    """No superseded refresh token is presented again, at the token or the revocation endpoint."""
    changes = _read(evidence)
    for one in (*evidence.refreshes, *evidence.exchanges("revocation")):
        for change in changes:
            if one.presented == change.old and one.follows(change.exchange):
                return violated(
                    f"{one.presented} was presented {in_seconds(one.sent_at - change.at):g} s after {change.new} had"
                    " reached the client.",
                    change.exchange.number,
                    one.number,
                    expected="A superseded refresh token is never presented again.",
                )
    return exercised(bool(changes), _unread(evidence) or "No refresh token was replaced.")


@dataclass(frozen=True, kw_only=True)
class _Beginning:
    """A process of the client begins anew: how the one before ended, the refresh token that had come last, and the
    first refresh, or the first caller who was sent for the user without one."""

    how: str
    held: Exchange
    first: Exchange | None
    ask: OutcomeRecord | None = None

    @property
    def token(self) -> str:
        """The newest refresh token that had come."""
        return refresh_token_of(self.held) or ""


def persisted_before_use(evidence: Evidence) -> Verdict:
    """After a restart, or the death of the process, the refresh token that came last is the one presented."""
    begun = list(_beginnings(evidence))
    for one in begun:
        if one.first is not None and one.first.presented != one.token:
            return violated(
                f"{one.how} {one.first.presented} was presented; {one.token} had been received before it.",
                one.held.number,
                one.first.number,
                expected=f"The first refresh afterwards presents {one.token}.",
            )
        if one.first is None and one.ask is not None:
            return violated(
                f"{one.how} the user was asked for, and {one.token}, which had been received before it, was not tried.",
                one.held.number,
                expected=f"The first refresh afterwards presents {one.token}.",
            )
    return exercised(
        any(one.first is not None for one in begun),
        "No rotation before, or no refresh after the client's process began anew.",
    )


def _beginnings(evidence: Evidence) -> Iterator[_Beginning]:
    """Yield the beginnings of processes that had a rotation before them and a refresh after them."""
    records = evidence.journal.records
    changes = {change.exchange.number for change in evidence.supersessions}
    for place, record in enumerate(records):
        restarted = isinstance(record, OutcomeRecord) and record.operation == "restart" and record.kind == "ok"
        died = isinstance(record, UserAction) and record.what == "process_died"
        if not restarted and not died:
            continue
        before, after = _exchanges(records[:place]), _exchanges(records[place:])
        came = [one for one in before if one.number in changes]
        first = next((one for one in after if one.grant_type == "refresh_token"), None)
        logins = [one for one in after if one.grant_type == "authorization_code" and (not first or first.follows(one))]
        if not came or logins or (died and not _in_use(before, came[-1])):
            continue
        how = "After the restart" if restarted else "After the death"
        asked = next((one.outcome for one in false_asks(evidence) if one.outcome in records[place:]), None)
        yield _Beginning(how=how, held=came[-1], first=first, ask=asked)


def _exchanges(records: Sequence[Record]) -> list[Exchange]:
    return [record for record in records if isinstance(record, Exchange)]


def _in_use(before: list[Exchange], answer: Exchange) -> bool:
    """Tell whether the access token of an answer had been sent to the resource."""
    return any(one.view == "resource" and one.presented == answer.members["access_token"] for one in before)


EXPIRED = Until(limit="access_token_expiry", offset=1)
DUE = Until(limit="rotation_due")
"""Where a vendor gives another refresh token now and then only, it is time for that."""
ONE_LIFE = (EXPIRED, DUE, Call(times=3, every=60))
# Three calls a minute apart, so that a vendor that falters once a lifetime is met recovered.


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-replace",
        keyword="MUST",
        statement="A new refresh token replaces the old one: the next refresh presents the newest.",
        source="RFC 6749 s6; OAuth 2.1 s4.3.2; seed 004 (rotating refresh tokens)",
        effect=(
            "The integration works for one more lifetime and then dies, because the vendor disabled the token it kept."
        ),
        fix="Store the refresh_token of every token answer that carries one, in place of the one you sent.",
        anomaly="A1",
        check=replaced,
        recorded="grant",
        scenarios=(flow(Call(), *ONE_LIFE * 20, name="twenty lifetimes"),),
        applies=rotates,
        invariant=True,
    ),
    Requirement(
        id="rotation-old-never-reused",
        keyword="MUST NOT",
        statement=(
            "Once its successor has arrived, a refresh token is not presented again, even where the server would "
            "take it."
        ),
        source="RFC 6749 s6; RFC 9700 s4.14.2; seed 004 (reuse interval)",
        effect=(
            "Reuse detection takes the replay for theft and revokes the whole token family: every worker is logged out."
        ),
        fix="Read the token from the store when you use it; keep no second copy in workers, jobs or the logout path.",
        anomaly="A1",
        check=never_reused,
        recorded="grant",
        scenarios=(
            flow(*ONE_LIFE * 3, Restart(), *ONE_LIFE, Refresh(), *ONE_LIFE, name="a restart, a forced refresh"),
            flow(*ONE_LIFE, Until(limit="end_of_window", offset=-1), Call(), *ONE_LIFE, name="inside the window"),
            flow(*ONE_LIFE, Until(limit="end_of_window", offset=1), Call(), *ONE_LIFE, name="after the window"),
        ),
        applies=rotates,
        invariant=True,
    ),
    Requirement(
        id="rotation-persist-before-use",
        keyword="SHOULD",
        statement="The new pair is durable before its access token is used.",
        source="RFC 6749 s6; seed 002, 004 (the sample keeps it in memory); misb rot-single-use-strict",
        effect=(
            "A deploy or crash at the wrong moment brings back a refresh token that the vendor has already disabled."
        ),
        fix="Write the new pair to the store, and only then use or return the new access token.",
        anomaly="A0",
        check=persisted_before_use,
        scenarios=(
            flow(*ONE_LIFE, Restart(), *ONE_LIFE, name="restart right after a rotation"),
            flow(
                EXPIRED,
                DUE,
                Crash(moment="arrived", view="resource", grant_type=None),
                Call(times=3, every=60),
                Restart(),
                *ONE_LIFE,
                name="dies when the new access token is first used",
            ),
            flow(
                EXPIRED,
                DUE,
                Crash(moment="arrived", view="resource", grant_type=None, skip=1),
                Call(times=3, every=60),
                Restart(),
                *ONE_LIFE,
                name="dies when a call is repeated with the new access token",
            ),
        ),
        applies=rotates,
        needs=frozenset({"restart"}),
    ),
)
