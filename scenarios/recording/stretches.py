"""From a recording to the stretches that are judged: the requests of each grant, with an order that the wire proves.

Requests belong to one grant where a token or code that one of them brought is presented by another; users and
installations of a client are kept apart by that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import Stretch
from refreshproof.scenarios.evidence.sights import Sight
from refreshproof.scenarios.recording.partial import PartialEvidence, partial_evidence
from refreshproof.scenarios.recording.recording import Recorded, Recording

_LOGIN: frozenset[Sight] = frozenset({"login"})
CREDENTIALS = ("AT", "RT", "CODE", "DEVICE")
"""Kinds of aliases by which requests are known to belong to one grant."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A stretch of a recording: its exchanges, and what a check may ask of them.

    In `evidence` an answer has come when that is proven, in `likely` when it had been sent whole.
    """

    recorded: tuple[Recorded, ...]
    evidence: PartialEvidence
    likely: PartialEvidence


def stretches(recording: Recording) -> Mapping[Stretch, tuple[Part, ...]]:
    """Return the parts of a recording by the stretch that a requirement asks for."""
    profile = recording.vendor.profile
    all_of_it = recording.exchanges
    segments = {one.segment for one in all_of_it}
    whole = (tuple(one for one in all_of_it if one.segment == number) for number in sorted(segments))

    def part(recorded: tuple[Recorded, ...], more: frozenset[Sight]) -> Part:
        missing = recording.missing | more
        return Part(
            recorded=recorded,
            evidence=partial_evidence(_proven(recorded), profile, missing),
            likely=partial_evidence(recorded, profile, missing),
        )

    return {
        "whole": tuple(part(one, _LOGIN) for one in whole),
        "grant": tuple(part(one, frozenset() if _begins(one) else _LOGIN) for one in _grants(all_of_it)),
    }


def _begins(grant: Sequence[Recorded]) -> bool:
    """Tell whether the request is there in which the scopes of a grant were asked for."""
    return any(one.exchange.view == "authorization" and "scope" in one.exchange.values for one in grant)


def _grants(recorded: Sequence[Recorded]) -> Iterator[tuple[Recorded, ...]]:
    """Yield the requests of each grant: those that are joined by what they carry or brought; at last the token requests
    that carried nothing."""
    leader: dict[object, object] = {}

    def head(key: object) -> object:
        while leader.setdefault(key, key) != key:
            leader[key] = key = leader[leader[key]]
        return key

    keys = [[(one.segment, alias) for alias in _aliases(one)] for one in recorded]
    for own in keys:
        for key in own[1:]:
            leader[head(key)] = head(own[0])
    found: dict[object, list[Recorded]] = {}
    for one, own in zip(recorded, keys, strict=True):
        if own:
            found.setdefault(head(own[0]), []).append(one)
    # What carried nothing that can be seen may belong to any of them.
    dark = {"presented", "issued"}
    nobodys = [one for one, own in zip(recorded, keys, strict=True) if not own and dark & one.unseen.keys()]
    for grant in found.values():
        yield tuple(sorted([*grant, *nobodys], key=lambda one: one.exchange.number))
    empty = [one for one, own in zip(recorded, keys, strict=True) if not own and one.exchange.view == "token"]
    if empty:
        yield tuple(empty)


def _aliases(recorded: Recorded) -> list[str]:
    """Return the tokens and codes that a request carried or brought."""
    one = recorded.exchange
    carried = [one.presented, *one.issued, *(value for _, value in one.parameters), *one.leaks]
    carried += [word for _, value in one.request_headers for word in value.split()]
    brought = [value for value in one.members.values() if isinstance(value, str)]
    return [alias for alias in dict.fromkeys((*carried, *brought)) if alias is not None and _is_credential(alias)]


def _is_credential(alias: str) -> bool:
    kind = alias.rstrip("0123456789")
    return kind in CREDENTIALS and kind != alias


def _proven(recorded: Sequence[Recorded]) -> Iterator[Recorded]:
    """Yield exchanges with an order of events that accuses nobody of what cannot be known.

    An answer with new tokens counts as having come when one of them is presented: whoever sends what it brought has
    read it, and a process that died before it could is not blamed. Requests count as sent before whatever ended at that
    same moment.
    """
    uses: dict[tuple[int, str], list[int]] = {}
    ordered = sorted(recorded, key=lambda one: (one.exchange.sent_order, one.exchange.number))
    for place, one in enumerate(ordered):
        carried = {one.exchange.presented, *(value for _, value in one.exchange.parameters), *one.exchange.leaks}
        for alias in carried:
            if alias is not None:
                uses.setdefault((one.segment, alias), []).append(place)
    sent = [one.exchange.sent_order for one in ordered]
    known: set[str] = set()
    for place, one in enumerate(ordered):
        brought = set(_brought(one.exchange)) - known
        known |= brought
        if brought:
            used = (at for alias in brought for at in uses.get((one.segment, alias), ()) if at > place)
            settled = 2 * min(used, default=len(ordered)) - 1
        else:
            settled = 2 * bisect_right(sent, one.exchange.settled_order) - 1
        yield replace(one, exchange=replace(one.exchange, sent_order=2 * place, settled_order=settled))


def _brought(one: Exchange) -> Iterator[str]:
    """Yield the tokens that an answer brought and that its request had not presented."""
    for name in ("access_token", "refresh_token"):
        value = one.members.get(name)
        if isinstance(value, str) and _is_credential(value) and value != one.presented:
            yield value
