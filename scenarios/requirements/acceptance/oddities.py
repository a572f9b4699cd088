"""Accepting, continued: whatever else is odd about an answer, the pair that it brought is kept."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, Supersession
from refreshproof.scenarios.evidence.journal import OutcomeRecord
from refreshproof.scenarios.evidence.refusals import detail_of
from refreshproof.scenarios.evidence.requirement import Requirement, serves_well
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.rotation.rotation import rotates
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Fault, Step, Until


def pair_kept(evidence: Evidence) -> Verdict:
    """After a success the next refresh presents its refresh token, whatever else the answer held."""
    changes, asks = evidence.supersessions, false_asks(evidence)
    tested = False
    for change in changes:
        later = next((one for one in evidence.refreshes if one.follows(change.exchange)), None)
        tested = tested or later is not None
        crash = _crash_after(evidence, change)
        if crash is not None:
            return violated(
                f"{change.new} had come, and the {crash.operation} ended in a crash{detail_of(crash)}.",
                change.exchange.number,
                expected=f"Whatever else the answer holds, {change.new} is kept and used.",
            )
        if later is not None and later.presented == change.old:
            if change.exchange.response_body.startswith("\ufeff"):
                return alternative("The answer was taken for unreadable and the refresh was repeated.", later.number)
            return violated(
                f"{change.old} was presented again although the answer had brought {change.new}.",
                change.exchange.number,
                later.number,
                expected=f"Whatever else the answer holds, {change.new} is kept.",
            )
        ask = next((one.outcome for one in asks if one.outcome.ended >= change.exchange.number), None)
        if ask is not None and (later is None or later.number > ask.ended):
            return violated(
                f"{change.new} had come, and the client asked for the user without having tried it.",
                change.exchange.number,
                expected=f"Whatever else the answer holds, {change.new} is kept.",
            )
    return exercised(tested, "No refresh followed a rotation.")


def _crash_after(evidence: Evidence, change: Supersession) -> OutcomeRecord | None:
    """Return the first crash in the operation that brought a pair, or in one that came before the next refresh.

    Who crashed over what the resource answered crashed over something else.
    """
    until = next((one.number for one in evidence.refreshes if one.follows(change.exchange)), 10**9)
    ended = [one for one in evidence.outcomes() if change.exchange.number <= one.ended and one.begun < until]
    crashes = (one for one in ended if one.kind == "crash")
    return next((one for one in crashes if _last_view(evidence, one) != "resource"), None)


def _last_view(evidence: Evidence, record: OutcomeRecord) -> str | None:
    made = [one for one in evidence.exchanges() if record.made(one)]
    return made[-1].view if made else None


def serves_well_and_rotates(vendor: Vendor) -> bool:
    """Apply where refreshes rotate and the vendor itself does nothing odd."""
    return rotates(vendor) and serves_well(vendor)


def _member(name: str, value: object) -> Fault:
    return Fault(fault="member", parameters={"name": name, "value": value})


_ODD_MEMBERS = (
    _member("expires_in", "3600"),
    _member("expires_in", 3600.5),
    _member("expires_in", None),
    Fault(fault="member", parameters={"name": "token_type", "remove": True}),
    _member("token_type", "User Access Token"),
    _member("scope", []),
    _member("scope", None),
    _member("scope", "a,b"),
)
_ODD_LIFETIMES = tuple(_member("expires_in", value) for value in ("3600.0", "1 hour", "", -1, True, [3600], 10**12))
_ODD_BODIES = (
    Fault(fault="header", parameters={"name": "Content-Type", "value": "text/html"}),
    Fault(fault="header", parameters={"name": "Content-Type", "value": None}),
    Fault(fault="prefix", parameters={"text": "\ufeff"}),
    Fault(fault="prefix", parameters={"text": "\r\n\r\n"}),
    Fault(fault="rewrite", parameters={"old": "{", "new": '{"scope": "other", '}),
)


def _odd_lives(*faults: Fault) -> tuple[Step, ...]:
    expired = Until(limit="access_token_expiry", offset=1)
    due = Until(limit="rotation_due")
    return (*(step for fault in faults for step in (fault, expired, due, Call())), expired, due, Call())


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="accept-oddity-keeps-pair",
        keyword="MUST",
        statement=(
            "Once a 2xx has brought a usable access token and a new refresh token, no oddity in other members, media "
            "type or encoding loses the pair."
        ),
        source=(
            "RFC 6749 s6; misb exp-string, exp-float, shape-tt-nonstandard, shape-scope-array, "
            "shape-scope-null-or-comma, shape-wrong-content-type, shape-no-content-type, shape-form-encoded, net-bom, "
            "net-leading-whitespace, net-duplicate-json-keys"
        ),
        effect="The server has rotated, the client raises and forgets: the next refresh is a replay of a dead token.",
        fix="Store the pair first; only then look at the other members, and never raise for one of them.",
        anomaly="A0",
        check=pair_kept,
        scenarios=(
            flow(*_odd_lives(*_ODD_MEMBERS), name="odd members"),
            flow(*_odd_lives(*_ODD_BODIES), name="odd media types and encodings"),
            flow(*_odd_lives(*_ODD_LIFETIMES), name="lifetimes that are no whole number"),
        ),
        applies=serves_well_and_rotates,
        invariant=True,
    ),
)
