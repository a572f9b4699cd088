"""A recording is a profile that plays the server as it was measured; what has changed since is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kit.checked_vendor import checked, generic, target_of
from refreshproof.harness.vendor_check.recording.advice import advice, settings_of
from refreshproof.harness.vendor_check.recording.drift import (
    drift_from_profile,
    drift_from_recording,
    read_recording,
)
from refreshproof.harness.vendor_check.recording.needs import NEEDED_BY, unknown_for, unknown_to_serve
from refreshproof.harness.vendor_check.recording.page import page
from refreshproof.harness.vendor_check.recording.profile_text import profile_text, vendor_from
from refreshproof.mock_servers.profile_files.file import read_vendor
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.scenarios.requirements import CATALOGUE

GRACIOUS: dict[str, Any] = {
    "refresh__on_replay": "same_pair",
    "refresh__window": 30,
    "refresh__on_breach": "revoke_client_and_user",
    "issuance__scope": "offline_access",
    "issuance__parameter": ("prompt", "consent"),
    "token_request__basic_encoding": "form_encoded",
    "accounts__revoking_access_token_revokes_grant": True,
}


@pytest.mark.parametrize("rules", [{}, GRACIOUS], ids=["plain", "gracious"])
def test_a_recording_read_back_and_checked_again_has_no_drift(rules: dict[str, Any], tmp_path: Path) -> None:
    first = checked(generic(**rules))
    file = tmp_path / "profile.toml"
    file.write_text(profile_text(first))
    again = read_vendor(file).profile
    assert drift_from_profile(first, again) == []
    second = checked(again, target=replace(target_of(again), scopes=("read", "write")))
    assert drift_from_recording(second, json.loads(json.dumps(first.document()))) == []
    assert second.troubles == {}


def test_every_value_of_a_recording_is_observed_with_server_and_day() -> None:
    found = checked(generic(), "issuance", "rotation")
    sources = vendor_from(replace(found, title="Server 1.2.3")).profile.sources
    assert set(found.fields) <= set(sources)
    for name in found.fields:
        assert sources[name].evidence == "observed"
        assert sources[name].seen == "2030-03-17"
        assert sources[name].where.startswith("Server 1.2.3")


def test_a_changed_setting_is_drift() -> None:
    earlier = json.loads(json.dumps(checked(generic()).document()))
    now = checked(generic(refresh__on_replay="same_successor", refresh__window=5))
    changed = {one.name: (one.was, one.now) for one in drift_from_recording(now, earlier)}
    assert changed["refresh.on_replay"] == ("reject", "same_successor")
    assert changed["fact.replay_after_1_s"] == ("400 invalid_grant", "200, same refresh token as the first answer")
    assert {one.name for one in drift_from_profile(now, GENERIC)} >= {"refresh.on_replay"}
    assert drift_from_recording(checked(generic()), earlier) == []


def test_what_is_open_is_named_in_the_profile_and_refused_where_it_is_needed(tmp_path: Path) -> None:
    found = checked(generic(), "issuance", "rotation", "answers", "authentication", "bodies", "basic-encoding")
    assert found.missing["refresh.on_replay"] == "replay: not asked for (--probe)"
    text = profile_text(found)
    assert "# refresh.on_replay is open: replay: not asked for (--probe)" in text
    (tmp_path / "profile.toml").write_text(text)
    profile = read_vendor(tmp_path / "profile.toml").profile
    assert "refresh.on_replay" in profile.not_measured
    assert unknown_for(profile, ["authz-state-unguessable"]) == {}
    assert unknown_for(profile, ["rotation-replace"])["refresh.on_replay"] == ("rotation-replace",)
    assert unknown_to_serve(profile) == ()


def test_every_requirement_named_by_the_table_of_needs_exists() -> None:
    from fnmatch import fnmatchcase

    globs = {glob for globs in NEEDED_BY.values() for glob in globs}
    assert all(any(fnmatchcase(name, glob) for name in CATALOGUE) for glob in globs)


def test_advice_says_what_to_set_and_what_to_heed() -> None:
    found = checked(generic(**GRACIOUS))
    assert settings_of(found) == {
        "provider type": "GENERIC",
        "scope": "read write offline_access",
        "authorization parameters": "prompt=consent",
        "client authentication": "client_secret_basic or client_secret_post",
    }
    told = advice(found)
    assert "A retry with the previous token is answered for 30 s." in told
    assert "It ends the user's other logins at this client too." in told


def test_the_page_stands_for_itself_and_escapes_what_the_server_said() -> None:
    found = checked(generic(), "issuance", "rotation", "replay")
    shown = page(replace(found, title="<b>Server</b>"), [], "generic")
    assert "<b>Server" not in shown
    assert "&lt;b&gt;Server" in shown
    assert "<script" not in shown
    assert "after 61 s" in shown


def test_a_file_that_is_no_recording_is_none(tmp_path: Path) -> None:
    for text in ("", "[]", '{"format": "another"}', "[" * 100_000):
        (tmp_path / "x.json").write_text(text)
        assert read_recording(tmp_path / "x.json") is None
