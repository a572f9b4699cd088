"""Expiry, continued: nodes whose clocks differ and that share a store agree on when a token is over."""

from __future__ import annotations

from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.lives import SKEW, early_refreshes, lapses, lives, within_bounds
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.expiry.costs import lapsed
from refreshproof.scenarios.requirements.refresh.refresh import renews_by_lifetime
from refreshproof.scenarios.steps.processes import Node
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Skew, Step, Until


def nodes_agree(evidence: Evidence) -> Verdict:
    """No node presents what another's clock would call expired, and none refreshes what another has just brought."""
    foreign = [lapse for lapse in lapses(evidence) if lapse.exchange.node != lapse.life.exchange.node]
    found = [lapse for lapse in foreign if within_bounds(evidence, lapse)]
    verdict = lapsed(evidence, found, f"Clocks that differ by at most {SKEW} s lead to no expired presentation.")
    if verdict is not None:
        return verdict
    for one, life in early_refreshes(evidence):
        if one.node != life.exchange.node:
            return violated(
                f"Node {one.node} refreshed {life.access_token} {life.age(one):g} s after node {life.exchange.node} had"
                " brought it.",
                life.exchange.number,
                one.number,
                expected="The nodes use each other's tokens, and refresh once in a lifetime.",
            )
    return exercised(_shared_to_the_end(evidence), "No node met the end of an access token that another had brought.")


def _shared_to_the_end(evidence: Evidence) -> bool:
    """Tell whether a node used another's access token, and some node called after one had come to its end."""
    brought = {life.access_token: life.exchange for life in lives(evidence)}
    used = [one for one in evidence.resource_calls if _foreign(one, brought.get(one.presented or ""))]
    ends = [
        life.exchange.arrived_at + seconds(life.lifetime)
        for life in lives(evidence)
        if life.lifetime is not None and life.exchange.arrived_at is not None
    ]
    return bool(used) and any(call.began_at >= end for call in evidence.outcomes("call") for end in ends)


def _foreign(one: Exchange, source: Exchange | None) -> bool:
    return source is not None and source.node != one.node


def _apart(by: float) -> Scenario:
    """Let two nodes whose clocks differ call in turns around the ends of two lifetimes."""
    in_turns: list[Step] = []
    for offset in (-121, -61, 0, 1):
        in_turns += [Until(limit="access_token_expiry", offset=offset), Node(number=2), Call(), Node(number=1), Call()]
    return flow(Node(number=2), Skew(seconds=by), Call(), Node(number=1), Call(), *in_turns, name=f"{by:+g} s apart")


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="expiry-cluster-skew",
        keyword="VENDOR",
        statement=(
            "Nodes whose clocks differ by at most the declared skew and share a store present no expired token and do "
            "not refresh in turns."
        ),
        source="seed 003 (skew between nodes)",
        effect="On one of two servers calls fail around each expiry, or the two refresh each other's fresh tokens.",
        fix="Store the expiry with the token, take the skew off wherever it is read, and use what another node stored.",
        anomaly="A4",
        check=nodes_agree,
        scenarios=tuple(_apart(by) for by in (-60, -59, 60, -61)),
        applies=renews_by_lifetime,
        needs=frozenset({"shared_store", "tolerates_a_minute"}),
        invariant=True,
    ),
)
