"""Variants of Atlassian Cloud: each does the one thing it is for; and every fact of a profile has a source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from kit.provider import DAY, Bench, granted, query
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.layers import apply
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.atlassian.bitbucket import BITBUCKET_CLOUD, BITBUCKET_CLOUD_PERSISTENT
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.atlassian.data_center import ATLASSIAN_DC
from refreshproof.mock_servers.vendors.atlassian.variants import VARIANTS

DEAD_BODIES = [
    ("atlassian-unauthorized-client", 403, "unauthorized_client", "refresh_token is invalid"),
    ("atlassian-expired-or-revoked", 403, "invalid_grant", "Token has been expired or revoked."),
    ("atlassian-dead-400", 400, "invalid_grant", "Unknown or invalid refresh token."),
    ("atlassian-dead-401", 401, "invalid_grant", "Unknown or invalid refresh token."),
]


@pytest.mark.parametrize(
    ("variant", "status", "error", "description"), [pytest.param(*row, id=f"K-07-R-08-{row[0]}") for row in DEAD_BODIES]
)
def test_a_dead_refresh_token_is_refused_in_several_ways(
    variant: str, status: int, error: str, description: str
) -> None:
    bench = Bench(VARIANTS[variant])
    token = bench.login()["refresh_token"]
    bench.advance(91 * DAY)
    response = bench.refresh(token)
    assert (response.status, response.document) == (status, {"error": error, "error_description": description})


def test_the_letter_of_the_documentation_has_no_token_type() -> None:
    """K-14."""
    bench = Bench(VARIANTS["atlassian-without-token-type"])
    assert list(bench.login()) == ["access_token", "refresh_token", "expires_in", "scope"]


def test_a_breach_may_spare_access_tokens() -> None:
    """K-19: the switch."""
    bench = Bench(VARIANTS["atlassian-breach-spares-access-tokens"])
    first = bench.login()
    second = granted(bench.refresh(first["refresh_token"]))
    bench.advance(601)
    assert bench.refresh(first["refresh_token"]).status == 403
    assert bench.refresh(second["refresh_token"]).status == 403
    assert bench.call(second["access_token"]) == 200


@pytest.mark.parametrize(("later", "status"), [pytest.param(3, 200, id="inside"), pytest.param(4, 403, id="outside")])
def test_the_leeway_of_2021_was_three_seconds(later: int, status: int) -> None:
    bench = Bench(VARIANTS["atlassian-leeway-3s"])
    token = bench.login()["refresh_token"]
    granted(bench.refresh(token))
    bench.advance(later)
    assert bench.refresh(token).status == status


def test_the_lenient_variant_needs_neither_audience_nor_prompt_and_skips_consent_already_given() -> None:
    """K-06."""
    bench = Bench(VARIANTS["atlassian-lenient"])
    assert query(bench.authorize(audience=None, prompt="none"))["error"] == "interaction_required"
    assert "code" in query(bench.authorize(audience=None, prompt=None))
    assert "code" in query(bench.authorize(audience=None, prompt="none"))


def test_a_flow_without_consent_takes_nothing_from_the_grant() -> None:
    """K-06, K-20: asking for less while consent is skipped leaves the tokens in use as they are."""
    bench = Bench(VARIANTS["atlassian-lenient"])
    token = bench.login()["access_token"]
    bench.login(prompt="none", scope="read:jira-user")
    assert bench.call(token) == 200


@pytest.mark.parametrize(
    ("variant", "status"), [pytest.param(ATLASSIAN, 401, id="default"), pytest.param(VARIANTS["atlassian-basic"], 200)]
)
def test_basic_client_authentication_is_a_variant(variant: Profile, status: int) -> None:
    bench = Bench(variant)
    basic = (("Authorization", "Basic cmVmcmVzaHByb29mLWNsaWVudDpzM2NyZXR+b2YrdGhlL3Rlc3Q9Y2xpZW50"),)
    token = bench.login()["refresh_token"]
    assert bench.refresh(token, client_id=None, client_secret=None, headers=basic).status == status


@pytest.mark.parametrize(
    ("variant", "shortest", "longest", "dots"),
    [
        pytest.param(ATLASSIAN, 600, 1000, 2, id="R-10-default"),
        pytest.param(VARIANTS["atlassian-long-tokens"], 4000, 4100, 2, id="R-10-long"),
        pytest.param(VARIANTS["atlassian-short-tokens"], 12, 16, 0, id="D-76-R-10-short"),
    ],
)
def test_codes_and_tokens_come_in_every_length_and_shape(
    variant: Profile, shortest: int, longest: int, dots: int
) -> None:
    bench = Bench(variant)
    code = bench.code()
    tokens = granted(bench.exchange(code))
    for value in (code, tokens["access_token"], tokens["refresh_token"]):
        assert shortest <= len(value) <= longest
        assert value.count(".") == dots
    assert bench.call(tokens["access_token"]) == 200


def test_an_answer_may_come_without_refresh_token_while_the_presented_one_is_superseded() -> None:
    """R-07: seen at times; the client keeps what it has, and the leeway forgives it once more."""
    bench = Bench(ATLASSIAN)
    token = bench.login()["refresh_token"]
    without = FaultSpec(fault="member", parameters={"name": "refresh_token", "remove": True}, times=1)
    bench.handler = apply(bench.provider.handle, (without,), bench.provider.sight)
    assert "refresh_token" not in granted(bench.refresh(token))
    assert "refresh_token" in granted(bench.refresh(token))


PROFILES = [ATLASSIAN, ATLASSIAN_DC, BITBUCKET_CLOUD, BITBUCKET_CLOUD_PERSISTENT, *VARIANTS.values()]
UNSOURCED = {"name", "title", "sources"}


def differing(profile: Profile) -> Iterator[str]:
    """Name every field that a profile sets otherwise than the plain one, by its dotted name."""
    plain = Profile(name="", title="", issuer="", endpoints=(), scopes=())
    for one in fields(Profile):
        value, default = getattr(profile, one.name), getattr(plain, one.name)
        if one.name in UNSOURCED or value == default:
            continue
        yield from _parts(one.name, value, default)


def _parts(name: str, value: Any, default: Any) -> Iterator[str]:
    if name == "errors":
        yield from (f"errors.{cause}" for cause in value)
    elif is_dataclass(value):
        yield from (
            f"{name}.{part.name}" for part in fields(value) if getattr(value, part.name) != getattr(default, part.name)
        )
    else:
        yield name


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_fact_of_a_profile_has_a_source_and_every_source_a_fact(profile: Profile) -> None:
    facts = set(differing(profile))
    sourced = set(profile.sources)
    assert {fact for fact in facts if fact not in sourced and fact.partition(".")[0] not in sourced} == set()
    groups = {fact.partition(".")[0] for fact in facts}
    assert {name for name in sourced if name not in facts and name not in groups} == set()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_source_says_where_and_when(profile: Profile) -> None:
    for source in profile.sources.values():
        assert source.where
        assert source.seen in ("2026-11-22", "2026-11-29")
