"""Every catalogued misbehaviour, provoked once: what a dumb client meets on the wire is what the catalogue
describes."""

import json

import pytest

from kit.dumb_client import play
from kit.misbehaviour import BASE, refresh, tokens
from kit.misbehaviour_answers import ANSWERS
from kit.misbehaviour_grants import GRANTS
from kit.misbehaviour_of_2026 import OF_2026
from refreshproof.mock_servers.misbehaviours.catalogue import IMPLEMENTATIONS, misbehaviours

WIRE = GRANTS | ANSWERS | OF_2026


def test_every_catalogued_misbehaviour_has_an_implementation_and_a_test_of_its_wire() -> None:
    assert list(misbehaviours()) == list(dict.fromkeys(misbehaviours()))
    assert set(misbehaviours()) == set(IMPLEMENTATIONS) == set(WIRE)
    assert len(WIRE) == 148


@pytest.mark.parametrize("name", WIRE)
def test_a_misbehaviour_is_seen_on_the_wire(name: str) -> None:
    observe, expected = WIRE[name]
    assert observe(play(misbehaviours()[name].on(BASE))) == expected


# What a well-behaved server does anyway when a client or a user does this; the implementation adds a story, no change.
PLAIN = {
    "iss-code-double-redeem", "rot-reuse-kills-family", "rot-bulk-revocation", "conc-thundering-refresh",
    "conc-cross-process", "conc-stale-snapshot", "conc-lock-ttl", "conc-return-old-token", "conc-persist-failure",
    "clk-client-skew", "clk-skew-sign-bug", "clk-expiry-mid-operation", "auth-both-rejected", "auth-probe-double-spend",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(WIRE) - PLAIN))
def test_the_plain_server_does_not_behave_so(name: str) -> None:
    """The guard of the test above: without the implementation each observation comes out otherwise."""
    observe, expected = WIRE[name]
    try:
        observed = observe(play(BASE))
    except Exception:
        return
    assert observed != expected


@pytest.mark.parametrize("name", sorted(IMPLEMENTATIONS))
def test_an_implementation_is_faults_a_profile_change_or_a_scenario(name: str) -> None:
    implementation = IMPLEMENTATIONS[name]
    assert implementation.faults or implementation.changes or implementation.endpoints or implementation.scenario
    assert name in PLAIN or implementation.faults or implementation.changes or implementation.endpoints


def test_the_catalogue_is_json_data_with_everything_a_reader_needs() -> None:
    rows = json.loads(json.dumps([row.as_data() for row in misbehaviours().values()], allow_nan=False))
    for row in rows:
        assert set(row["spec_class"].split(" or ")) <= {"permitted", "violation", "client/generic"}, row
        assert row["grade"][0] in "ABCU", row
        assert len(row["title"]) <= 100, row
        assert row["vendors"], row
        assert row["category"], row
    lost = next(row for row in rows if row["id"] == "rot-lost-response")
    assert lost["faults"][0]["fault"] == "drop"
    assert lost["faults"][0]["every"] == 2


def test_misbehaviours_combine() -> None:
    """One vendor that rotates leniently, sends lifetimes as strings, envelopes its answers and loses every other
    one."""
    vendor = BASE
    for name in ("rot-grace-idempotent", "exp-string", "shape-nested-envelope", "rot-lost-response"):
        vendor = misbehaviours()[name].on(vendor)
    assert vendor.name == vendor.profile.name
    assert vendor.name.startswith("generic+rot-grace-idempotent+exp-string+")
    game = play(vendor)
    assert tokens(game)["data"]["expires_in"] == "3600"
    lost, kept = refresh(game), refresh(game, after=1)
    assert (lost.drop, kept.drop, list(kept.document)) == ("before_headers", None, ["code", "message", "data"])
    assert game.provider.vault.alias(kept.document["data"]["refresh_token"]) == "RT2"
