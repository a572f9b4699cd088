"""A resource server that wants another login of the user (RFC 9470): no refresh, the next authorization asks for it,
and what cannot be had is not asked for without end."""

from __future__ import annotations

import pytest

from kit.client_engine import BASE, SESSION, START, World, first_token, query
from refreshproof.harness.client import (
    AuthenticationRefused,
    ClientToken,
    ClientTokenEntity,
    InsufficientAuthentication,
    ReauthorizationRequired,
    SqlStorage,
    TokenError,
)
from refreshproof.harness.client.model.status import demanding
from refreshproof.harness.client.model.token import Health


def wants(acr_values: str = "", max_age: str = "") -> object:
    def callback(token: ClientToken) -> str:
        raise InsufficientAuthentication(acr_values, max_age)

    return callback


def refused(world: World, acr_values: str = "", max_age: str = "") -> TokenError:
    with pytest.raises((ReauthorizationRequired, AuthenticationRefused)) as met:
        world.engine.handler.execute(world.token_id, wants(acr_values, max_age))  # type: ignore[arg-type]
    assert (met.value.error, met.value.status) == ("insufficient_user_authentication", 401)
    return met.value


def logs_in(world: World) -> dict[str, str]:
    """Authorize again as the application does; returns what the request asked for."""
    handler, flows = world.engine.handler, world.engine.flows
    wanted = handler.wanted_scopes(world.token_id), handler.wanted_parameters(world.token_id)
    flow = flows.create(SESSION, world.configuration, lambda id_: f"{BASE}/{id_}", *wanted)
    sent = query(flows.start(SESSION, flow.id))
    issued = ClientTokenEntity.of(first_token(now=START), config_id=world.configuration.id, id=world.token_id)
    world.engine.tokens.save(issued)
    return sent


def test_the_next_authorization_asks_for_it_and_no_refresh_is_sent() -> None:
    storage = SqlStorage("sqlite://")
    world = World(storage=storage)
    assert "authorize again" in str(refused(world, "mfa hwk", "600"))
    assert world.engine.handler.wanted_parameters(world.token_id) == {"acr_values": "mfa hwk", "max_age": "600"}
    sent = logs_in(world)
    assert (sent["acr_values"], sent["max_age"]) == ("mfa hwk", "600")
    assert world.call() == "AT1"
    assert world.endpoint.requests == []
    storage.close()


def test_a_login_that_has_become_too_old_is_wanted_again_as_often_as_it_does() -> None:
    world = World()
    for _ in range(5):
        assert isinstance(refused(world, max_age="600"), ReauthorizationRequired)
        assert logs_in(world)["max_age"] == "600"
        assert world.call() == "AT1"


def test_after_two_logins_in_vain_the_user_is_not_asked_again_until_something_else_is_wanted() -> None:
    world = World()
    told = [refused(world, "mfa")]
    for _ in range(2):
        logs_in(world)
        told.append(refused(world, "mfa"))
    assert [type(one) for one in told] == [ReauthorizationRequired, ReauthorizationRequired, AuthenticationRefused]
    assert isinstance(refused(world, "hwk"), ReauthorizationRequired)


@pytest.mark.parametrize(
    ("acr_values", "max_age"),
    [("m\nfa", ""), ("m" * 1001, ""), ("", "-1"), ("", "soon"), ("", "1" * 11), ('m"fa', "")],
)
def test_what_is_no_value_of_a_parameter_is_passed_over(acr_values: str, max_age: str) -> None:
    assert demanding(Health(), acr_values, max_age) == Health()
