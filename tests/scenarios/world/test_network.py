"""A request has three legs; each takes time or fails, and what the server did before a loss stays done."""

from urllib.parse import urlencode

import pytest

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.pytest_plugin.running_provider import RunningProvider
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import SECOND, WireRequest, WireResponse
from refreshproof.scenarios.clocks.actors import MOST_TOUCHES, Endless
from refreshproof.scenarios.evidence.journal import Exchange, Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.conditions import Condition, Leg, Moment
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Fault, Until
from refreshproof.scenarios.world.network import ProcessDeath
from refreshproof.scenarios.world.recorded import challenge_of


def running() -> RunningProvider:
    return RunningProvider(VENDORS["generic"])


def discovery(provider: RunningProvider, timeout: float | None = None) -> WireResponse:
    url = provider.profile.url("metadata")
    assert url is not None
    return provider.world.network.exchange(WireRequest(method="GET", url=url), timeout)


def last(provider: RunningProvider) -> Exchange:
    return provider.journal.exchanges()[-1]


def offsets(provider: RunningProvider, exchange: Exchange) -> tuple[float | None, float]:
    start = provider.world.started_at
    arrived = None if exchange.arrived_at is None else (exchange.arrived_at - start) / SECOND
    return arrived, (exchange.finished_at - start) / SECOND


def test_each_leg_takes_its_own_time() -> None:
    provider = running()
    for leg, seconds in (("request", 3.0), ("server", 4.0), ("response", 5.0)):
        provider.world.network.weather.add(Condition(leg=leg, seconds=seconds, view=None))  # type: ignore[arg-type]
    assert discovery(provider).status == 200
    assert offsets(provider, last(provider)) == (3.0, 12.0)


def test_a_lost_request_never_reaches_the_server() -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg="request", lost=True, view=None))
    with pytest.raises(Trouble) as trouble:
        discovery(provider)
    assert (trouble.value.kind, trouble.value.sent) == ("reset", True)
    assert provider.ledger.entries == ()
    assert last(provider).arrived_at is None


def test_a_lost_answer_is_in_the_ledger_as_not_delivered() -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg="response", lost=True, view=None))
    with pytest.raises(Trouble):
        discovery(provider)
    assert [entry.delivered for entry in provider.ledger] == [False]
    assert (last(provider).committed, last(provider).delivered, last(provider).status) == (True, False, None)


def test_a_client_that_gives_up_first_waits_exactly_its_timeout() -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg="response", seconds=100, view=None))
    with pytest.raises(Trouble) as trouble:
        discovery(provider, timeout=30)
    assert trouble.value.kind == "timeout"
    assert offsets(provider, last(provider)) == (0.0, 30.0)


def test_a_request_that_arrives_after_the_client_gave_up_is_still_carried_out() -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg="request", seconds=100, view=None))
    with pytest.raises(Trouble):
        discovery(provider, timeout=30)
    assert not provider.ledger
    provider.world.clock.advance(100)
    assert [entry.delivered for entry in provider.ledger] == [False]


def test_a_condition_is_used_up_after_its_times() -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg="server", seconds=1, view=None, times=2))
    for _ in range(4):
        discovery(provider)
    assert (provider.world.clock.now() - provider.world.started_at) / SECOND == 2


def test_the_journal_holds_aliases_and_no_secret() -> None:
    provider = running()
    app, http = provider.registration, provider.client()
    query = {"response_type": "code", "client_id": app.client_id, "redirect_uri": app.redirect_uri, "scope": "read"}
    code = provider.log_in(f"{app.authorization_endpoint}?{urlencode(query)}").partition("code=")[2].partition("&")[0]
    who = {"client_id": app.client_id, "client_secret": app.client_secret}
    form = {**who, "grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    tokens = http.post(app.token_endpoint, data=form).json()
    http.get(provider.resource, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    text = "\n".join(provider.journal.lines()) + repr(provider.journal) + provider.story()
    for secret in (code, tokens["access_token"], tokens["refresh_token"], str(app.client_secret)):
        assert secret not in text
    assert "AT1" in text
    assert "RT1" in text
    assert "SECRET1" in text


def deadly(moment: Moment) -> RunningProvider:
    """A provider at which the process dies at its first request, at a moment of it."""
    provider = running()
    provider.world.network.weather.add(Condition(leg="response", fatal=moment, view=None))
    return provider


@pytest.mark.parametrize(("moment", "served"), [("leaving", 0), ("arrived", 1), ("answered", 1)])
def test_a_process_that_dies_at_its_request_has_had_no_answer(moment: Moment, served: int) -> None:
    provider = deadly(moment)
    with pytest.raises(ProcessDeath):
        discovery(provider)
    assert len(provider.ledger) == served
    told = [(one.trouble, one.status, one.delivered, one.committed) for one in provider.journal.exchanges()]
    assert told == [("died", None, False, True)] * served


def test_a_process_that_dies_before_it_has_stored_an_answer_has_never_had_it() -> None:
    provider = deadly("storing")
    network = provider.world.network
    with network.operation(1):
        assert discovery(provider).status == 200
        network.touched(1)
        network.touched(2, store=True)
        assert not provider.journal.exchanges()
        with pytest.raises(ProcessDeath):
            network.touched(1, store=True)
    assert [(one.trouble, one.status, one.delivered) for one in provider.journal.exchanges()] == [("died", None, False)]


def test_a_process_that_dies_after_it_has_stored_an_answer_has_had_it() -> None:
    provider = deadly("stored")
    network = provider.world.network
    with network.operation(1):
        assert discovery(provider).status == 200
        network.touched(1)
        for _ in ("a read", "a write", "another write"):
            network.touched(1, store=True)
            network.touched(1)
        with pytest.raises(ProcessDeath):
            discovery(provider)
    assert [(one.trouble, one.status, one.delivered) for one in provider.journal.exchanges()] == [(None, 200, True)]


@pytest.mark.parametrize("touches", [1, 2])
def test_a_death_at_the_store_lets_so_many_touches_pass(touches: int) -> None:
    provider = running()
    fatal = Condition(leg="response", fatal="storing", touches=touches, view=None)
    provider.world.network.weather.add(fatal)
    network = provider.world.network
    with network.operation(1):
        discovery(provider)
        for _ in range(touches):
            network.touched(1, store=True)
        with pytest.raises(ProcessDeath):
            network.touched(1, store=True)


def test_what_a_process_did_not_die_of_within_the_operation_it_has_had() -> None:
    provider = deadly("storing")
    network = provider.world.network
    with network.operation(1):
        discovery(provider)
    network.touched(1, store=True)
    assert [(one.trouble, one.delivered) for one in provider.journal.exchanges()] == [(None, True)]


def test_whoever_sends_another_request_has_had_the_answer_before() -> None:
    provider = deadly("storing")
    with provider.world.network.operation(1):
        discovery(provider)
        discovery(provider)
        assert [(one.number, one.delivered) for one in provider.journal.exchanges()] == [(1, True), (2, True)]


def test_an_answer_that_was_lost_is_not_stored() -> None:
    provider = deadly("storing")
    provider.world.network.weather.add(Condition(leg="response", lost=True, view=None))
    with provider.world.network.operation(1), pytest.raises(Trouble):
        discovery(provider)
    assert last(provider).trouble == "reset"


@pytest.mark.parametrize("leg", ["request", "server", "response"])
def test_an_answer_at_the_very_end_of_the_patience_is_an_answer_and_a_microsecond_later_is_none(leg: Leg) -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg=leg, seconds=30, view=None))
    assert discovery(provider, timeout=30).status == 200
    provider.world.network.weather.add(Condition(leg=leg, seconds=30.000001, view=None))
    with pytest.raises(Trouble):
        discovery(provider, timeout=30)


@pytest.mark.parametrize("leg", ["request", "response"])
@pytest.mark.parametrize(
    ("seconds", "silent", "kind", "ended"),
    [(0, False, "reset", 0), (30, False, "reset", 30), (31, False, "timeout", 30), (0, True, "timeout", 30)],
)
def test_a_loss_is_seen_at_once_or_when_patience_ends(
    leg: Leg, seconds: float, silent: bool, kind: str, ended: float
) -> None:
    provider = running()
    provider.world.network.weather.add(Condition(leg=leg, seconds=seconds, lost=True, silent=silent, view=None))
    with pytest.raises(Trouble) as trouble:
        discovery(provider, timeout=30)
    assert (trouble.value.kind, trouble.value.sent) == (kind, True)
    assert offsets(provider, last(provider))[1] == ended


class StoresLate(TinyClient):
    """Uses a new access token once before it stores it."""

    def save(self, grant: Grant) -> None:
        """Use, then store."""
        if self.disk.grant is not None and grant.access_token != self.disk.grant.access_token:
            self.get(grant)
        super().save(grant)


def dying_before_the_store(client: type[TinyClient]) -> Journal:
    steps = (Until(limit="access_token_expiry", offset=1), Crash(moment="storing"), Call())
    return play(VENDORS["generic"], client, flow(*steps))


def test_an_answer_that_dies_with_its_process_before_it_is_stored_was_never_had() -> None:
    refresh = dying_before_the_store(TinyClient).exchanges("token", "refresh_token")[0]
    assert (refresh.delivered, refresh.trouble, refresh.members) == (False, "died", {})


def test_an_answer_that_was_used_before_it_was_stored_had_come() -> None:
    journal = dying_before_the_store(StoresLate)
    refresh = journal.exchanges("token", "refresh_token")[0]
    assert (refresh.delivered, refresh.trouble) == (True, None)
    assert journal.exchanges("resource")[-1].presented == refresh.members["access_token"]
    assert len(journal.actions("process_died")) == 1


def test_a_journal_is_written_in_the_order_in_which_things_became_certain() -> None:
    journal = dying_before_the_store(StoresLate)
    numbers = [record.number for record in journal.records if isinstance(record, Exchange)]
    assert numbers == sorted(numbers)


def test_what_an_operation_touches_is_counted_anew_for_the_next() -> None:
    network = running().world.network
    for _ in range(3):
        with network.operation(1):
            network.touched(1, MOST_TOUCHES)
    with network.operation(1), pytest.raises(Endless):
        network.touched(1, MOST_TOUCHES + 1)


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        (None, None),
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("v" * 42, ""),
        ("v" * 129, ""),
        ("v" * 42 + "!", ""),
    ],
)
def test_a_challenge_is_that_of_rfc_7636_appendix_b(verifier: str | None, challenge: str | None) -> None:
    assert challenge_of(verifier) == challenge


@pytest.mark.parametrize("value", ["", " ", None, 7])
def test_what_is_no_token_gets_no_alias(value: object) -> None:
    fault = Fault(fault="member", parameters={"name": "refresh_token", "value": value})
    journal = play(VENDORS["generic"], TinyClient, flow(Until(limit="access_token_expiry", offset=1), fault, Call()))
    assert journal.exchanges("token", "refresh_token")[0].members["refresh_token"] == value
