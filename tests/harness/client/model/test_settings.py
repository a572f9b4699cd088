"""The eleven settings: defaults, sources, and errors that name the key."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.harness.client import ConfigurationError, Settings
from refreshproof.harness.client.model.settings import KEYS, from_environment, from_mapping, from_toml, key

PAGE = {
    "atlassian.oauth2.client.default.refresh.token.duration.days": 30,
    "atlassian.oauth2.client.minimum.access.token.only.lifetime.days": 30,
    "atlassian.oauth2.client.max.clock.skew.seconds": 60,
    "atlassian.oauth2.client.max.client.delay.seconds": 60,
    "atlassian.oauth2.client.max.server.delay.seconds": 120,
    "atlassian.oauth2.client.lifetime.invalid.token.days": 30,
    "atlassian.oauth2.client.prune.expired.tokens.schedule": "0 0 23 * * ?",
    "atlassian.oauth2.client.default.monitor.stripe.count": 64,
    "atlassian.oauth2.client.skip.base.url.https.requirement": False,
    "atlassian.oauth2.client.skip.provider.https.requirement": False,
    "atlassian.oauth2.client.unrecoverable.token.failing.period.days": 7,
}


def test_the_page_s_eleven_keys_and_defaults() -> None:
    assert {key(name): getattr(Settings(), name) for name in KEYS} == PAGE


def test_the_printed_60120_is_read_as_60_struck_out_then_120() -> None:
    """K-01: 60120 s would be 16.7 hours; it can be set but is not the default."""
    assert Settings().max_server_delay_seconds == 120
    assert from_mapping({key("max_server_delay_seconds"): 60120}).server_delay == 60_120_000_000


def test_all_sources_agree(tmp_path: Path) -> None:
    path = tmp_path / "client.toml"
    path.write_text('[atlassian.oauth2.client]\nmax.clock.skew.seconds = 5\n"default.monitor.stripe.count" = 1\n')
    dotted = {key("max_clock_skew_seconds"): "5", key("default_monitor_stripe_count"): "1"}
    upper = {name.upper().replace(".", "_"): value for name, value in dotted.items()}
    expected = Settings(max_clock_skew_seconds=5, default_monitor_stripe_count=1)
    assert from_toml(path) == from_environment({**upper, "PATH": "/bin"}) == from_mapping(dotted) == expected
    assert from_environment(dotted) == expected


@pytest.mark.parametrize("name", PAGE)
@pytest.mark.parametrize("value", [-1, "x", 10**12, None, 1.5, "-1", "", [], "1 1"])
def test_a_bad_value_is_an_error_that_names_its_key(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=name):
        from_mapping({name: value})


def test_an_unknown_key_is_named_with_the_allowed_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"max\.skew: unknown key; allowed: atlassian"):
        from_mapping({"max.skew": 1})
    with pytest.raises(ConfigurationError, match=r"max\.clock\.skew\.minutes"):
        from_environment({"ATLASSIAN_OAUTH2_CLIENT_MAX_CLOCK_SKEW_MINUTES": "1"})


@pytest.mark.parametrize("value", ["true", "TRUE", " true ", True])
def test_booleans_are_read_without_case(value: object) -> None:
    assert from_mapping({key("skip_provider_https_requirement"): value}).skip_provider_https_requirement is True


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_settings_file_gives_settings_or_one_clear_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text(text, "utf-8", errors="replace")
    with suppress(ConfigurationError):
        assert isinstance(from_toml(path), Settings)


def outcome(values: dict[str, object]) -> Settings | str:
    try:
        return from_mapping(values)
    except ConfigurationError as error:
        return str(error)


KEY_NAMES = st.sampled_from(sorted(PAGE))


@given(st.dictionaries(KEY_NAMES, st.integers() | st.text() | st.booleans() | st.none() | st.floats()))
def test_any_values_give_settings_within_bounds_or_an_error_naming_one_of_the_keys(values: dict[str, object]) -> None:
    result = outcome(values)
    if isinstance(result, Settings):
        assert 0 <= result.skew < 2**62
    else:
        assert any(name in result for name in values)
