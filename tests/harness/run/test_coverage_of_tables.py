"""What a run walks of the provider's table and of the client's: counted where it happens, complete in the catalogue."""

from collections import Counter

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.coverage.tables import coverage_of_tables
from refreshproof.harness.subjects.engine import TABLE, EngineSubject
from refreshproof.mock_servers.profile.refresh_policy import TRANSITIONS
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import TableMove
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Authorize, Call, Until

DUE = Until(limit="access_token_expiry", offset=1)


def test_both_tables_are_counted_where_the_moves_are_made() -> None:
    made = play(VENDORS["generic"], EngineSubject, flow(DUE, Call(), DUE, Call(), Authorize())).moves
    assert made == {
        TableMove("provider", "live", "rotated"): 2,
        TableMove("client", "unknown", "succeeded"): 1,
        TableMove("client", "valid", "succeeded"): 1,
        TableMove("client", "valid", "authorized again"): 1,
    }


def test_a_client_that_tells_no_table_has_no_coverage_of_one() -> None:
    made = play(VENDORS["generic"], TinyClient, flow(DUE, Call())).moves
    assert made == {TableMove("provider", "live", "rotated"): 1}
    [provider] = coverage_of_tables([made], ())
    assert (provider.walked, len(provider.transitions)) == (1, len(TRANSITIONS))


def test_moves_at_several_vendors_add_up() -> None:
    move = TableMove("client", "valid", "failed")
    _, client = coverage_of_tables([Counter({move: 2}), Counter({move: 3})], TABLE)
    found = client.at("valid", "failed")
    assert found is not None
    assert (found.times, client.walked, len(client.transitions)) == (5, 1, len(TABLE))


def test_an_outage_a_wrong_secret_and_a_late_refusal_are_told_as_what_they_are() -> None:
    scenarios = (
        *CATALOGUE["failure-terminal-stops"].scenarios,
        *CATALOGUE["failure-invalid-client-is-config"].scenarios,
    )
    made = sum((play(VENDORS["generic"], EngineSubject, one).moves for one in scenarios), Counter[TableMove]())
    events = {(move.state, move.event) for move in made if move.table == "client"}
    assert events >= {
        ("recoverable", "failed for at least the failing period"),
        ("recoverable", "refused after its own expiry"),
        ("unknown", "client refused"),
        ("valid", "client refused"),
    }


def test_every_move_that_is_told_is_one_of_the_table() -> None:
    lives = (
        one for family in ("failure-vendor-forms", "failure-unrecoverable-after") for one in CATALOGUE[family].scenarios
    )
    made = sum((play(VENDORS["generic"], EngineSubject, one).moves for one in lives), Counter[TableMove]())
    assert {move[1:] for move in made if move.table == "client"} <= {(one.status, one.event) for one in TABLE}
