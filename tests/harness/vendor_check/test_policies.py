"""For every value that a refresh policy can have, a check of a server that has it finds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.checked_vendor import checked, generic, target_of
from refreshproof.harness.vendor_check.recording.drift import drift_from_profile
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.released import MEASURED

REPLAYS = ("replay", "generations", "reuses", "breach")
POLICY = ("issuance", "rotation", "second-login", "scopes", "strangers", *REPLAYS, "access-tokens")


def policies() -> st.SearchStrategy[dict[str, Any]]:
    kept = st.fixed_dictionaries({
        "rotation": st.just("never"), "refresh_token_on_refresh": st.sampled_from(["omitted", "same", "null", "empty"]),
    })  # fmt: skip
    late = st.fixed_dictionaries({
        "rotation": st.just("sometimes"), "refresh_token_on_refresh": st.sampled_from(["omitted", "same"]),
        "rotate_every": st.integers(1, 61),
    })  # fmt: skip
    return st.one_of(kept, late, rotating())


def rotating() -> st.SearchStrategy[dict[str, Any]]:
    """Policies that rotate; where replays bring new generations, what bounds them is the generations alone. A window
    of no seconds is none: two requests never meet at one instant."""
    ends = {
        "on_breach": st.sampled_from(["nothing", "revoke_family", "revoke_grant", "revoke_client_and_user"]),
        "breach_ends_access_tokens": st.just(True),
        "previous_access_token": st.sampled_from(["lives", "dies_at_once", "dies_at_first_use"]),
        "spent_before": st.sampled_from(["answer", "scope", "client"]),
        "rotation": st.just("always"),
    }
    strict = st.fixed_dictionaries(ends | {"on_replay": st.just("reject")})
    window = {"window": st.one_of(st.integers(1, 60), st.none()), "generations": st.sampled_from([1, 2, 3, None])}
    lenient = st.fixed_dictionaries(
        ends | window | {
            "on_replay": st.sampled_from(["same_successor", "same_pair", "access_token_only", "presented"]),
            "max_reuses": st.sampled_from([1, 2, 3, None]),
        }
    )  # fmt: skip
    renewing = st.fixed_dictionaries(
        ends | window | {"on_replay": st.sampled_from(["new_pair", "last_replay_wins"])}
    )  # fmt: skip
    return st.one_of(strict, lenient, renewing)


@given(policy=policies())
@settings(deadline=None, max_examples=40)
def test_a_check_finds_the_policy_that_the_server_has(policy: dict[str, Any]) -> None:
    found = checked(generic(**{f"refresh__{name}": value for name, value in policy.items()}), *POLICY)
    assert found.troubles == {}
    told = {name.removeprefix("refresh."): value for name, value in found.fields.items() if name.startswith("refresh.")}
    assert {name: value for name, value in policy.items() if name in told} == {
        name: value for name, value in told.items() if name in policy
    }
    assert set(policy) - set(told) <= unseen(policy), found.facts


def unseen(policy: dict[str, Any]) -> set[str]:
    """Return the fields that a policy hides from every client, or that lie beyond the longest wait."""
    hidden: set[str] = set()
    if policy.get("window", 0) is None:
        hidden |= {"window"}
        if policy["generations"] is None and policy.get("max_reuses") is None:
            hidden |= {"on_breach", "breach_ends_access_tokens"}
    if policy.get("on_breach") == "nothing":
        hidden |= {"breach_ends_access_tokens"}
    if policy["rotation"] == "sometimes":
        hidden |= {"on_replay"}
    return hidden | {"max_reuses"}


ENCODINGS = {"raw": "raw", "raw_to_colon": "raw", "percent_encoded": "percent_encoded"}


@pytest.mark.parametrize("name", [vendor.name for vendor in MEASURED])
def test_a_check_of_a_released_server_as_it_is_emulated_finds_its_profile(name: str) -> None:
    profile = VENDORS[name].profile
    target = target_of(profile, revocation_endpoint=profile.url("revocation"))
    how: dict[str, Any] = {"authentication": profile.token_request.authentication[0]}
    how["encoding"] = ENCODINGS.get(profile.token_request.basic_encoding, "form_encoded")
    clients = {name: replace(getattr(target, name), **how) for name in ("client", "second")}
    target = replace(target, metadata=None, **clients)
    found = checked(profile, target=target, handler=lambda p: VENDORS[name].handler(p))
    assert found.troubles == {}
    assert [(d.name, d.was, d.now) for d in drift_from_profile(found, profile)] == []
