"""Token values, records and configurations as a caller builds them, and the public names."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

import refreshproof.harness.client as package
from kit.client_engine import START, World, configuration, first_token
from refreshproof.harness.client import (
    SECOND,
    ClientConfiguration,
    ClientToken,
    ClientTokenEntity,
    FieldErrors,
    ProviderType,
    Status,
)
from refreshproof.harness.client.model.configuration import redirect_uri_suffix


@pytest.mark.parametrize(
    "changes",
    [
        {"refresh_token": None}, {"refresh_token_expiration": None}, {"refresh_token": ""},
        {"access_token": ""}, {"access_token": None},
    ],
)  # fmt: skip
def test_refresh_token_and_expiry_are_both_set_or_both_absent_and_an_access_token_is_there(
    changes: dict[str, Any],
) -> None:
    """C-32 and K-11: the page marks the refresh token required, yet accepts long-lived tokens without one."""
    with pytest.raises(ValueError, match="token"):
        first_token(**changes)
    assert first_token(refresh_token=None, refresh_token_expiration=None).refresh_token is None


@pytest.mark.parametrize("name", ["access_token", "access_token_expiration", "config_id"])
def test_a_record_without_a_required_member_cannot_be_built(name: str) -> None:
    members = {"access_token": "AT", "access_token_expiration": START, "config_id": "c"}
    del members[name]
    with pytest.raises(TypeError, match=name):
        ClientTokenEntity(**members)  # type: ignore[arg-type]  # one is missing on purpose


def test_copy_and_change_keeps_the_other_fields_and_replaces_the_stored_token() -> None:
    world = World()
    changed = replace(world.stored, access_token="AT5", access_token_expiration=START + 7 * SECOND)
    saved = world.engine.tokens.save(changed)
    assert (saved.id, saved.access_token, saved.refresh_token) == (world.token_id, "AT5", "RT1")
    assert saved == world.stored
    assert saved.health.status is Status.UNKNOWN


def test_a_refreshed_token_of_the_service_can_be_stored_by_the_caller() -> None:
    """C-35, C-41: TokenService returns a ClientToken, the storage takes a ClientTokenEntity."""
    world = World()
    token = world.engine.service.force_refresh(world.configuration, world.stored)
    assert type(token) is ClientToken
    world.engine.tokens.save(ClientTokenEntity.of(token, config_id=world.configuration.id, id=world.token_id))
    assert world.stored.refresh_token == "RT2"


def test_no_repr_shows_a_secret() -> None:
    shown = repr(first_token()) + repr(World().stored) + repr(configuration())
    assert not any(secret in shown for secret in ("AT1", "RT1", "secretP4ssw0rd"))


@pytest.mark.parametrize(
    "name",
    ["name", "provider_type", "client_id", "client_secret", "authorization_endpoint", "token_endpoint", "scopes"],
)
def test_every_field_of_a_configuration_but_the_description_is_required(name: str) -> None:
    members = {key: value for key, value in vars(configuration()).items() if key not in {name, "description"}}
    with pytest.raises(TypeError, match=name):
        ClientConfiguration(**members)
    assert World().configuration.description == ""


def test_blank_fields_are_refused_by_the_storage_service_too() -> None:
    with pytest.raises(FieldErrors, match="tokenEndpoint: must not be blank"):
        World(token_endpoint=" ")


def test_the_suffix_is_derived_from_the_exact_endpoint_unless_one_is_given() -> None:
    """C-39, CFG-04."""
    assert World().configuration.redirect_uri_suffix == redirect_uri_suffix(configuration().authorization_endpoint)
    assert redirect_uri_suffix("https://a.example/") != redirect_uri_suffix("https://a.example")
    given = "WuBLhHpPAguypjRS7906Jg"
    assert World(redirect_uri_suffix=given).configuration.redirect_uri_suffix == given


def test_the_three_provider_types_and_nothing_else() -> None:
    assert [kind.value for kind in ProviderType] == ["GENERIC", "GOOGLE", "MICROSOFT"]
    with pytest.raises(ValueError, match="CUSTOM"):
        ProviderType("CUSTOM")


def test_every_public_name_is_listed_importable_and_explained() -> None:
    assert package.__all__ == sorted(package.__all__, key=lambda name: (not name.isupper(), name))
    for name in package.__all__:
        value = getattr(package, name)
        assert isinstance(value, int) or inspect.getdoc(value), name


def test_the_seed_s_calls_exist_under_their_python_names() -> None:
    engine = World().engine
    for service, names in {
        "configurations": "save get_by_id_or_fail find_by_id_or_fail find_by_id get_by_name list delete is_name_unique",
        "flows": "create get_flow_request save_result",
        "tokens": "save get_by_id_or_fail find_by_id_or_fail delete",
        "handler": "execute get_refreshed_token",
        "service": "force_refresh refresh_if_needed",
    }.items():
        assert all(callable(getattr(getattr(engine, service), name)) for name in names.split())
