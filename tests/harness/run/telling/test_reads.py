"""What a rule read of a profile is written down, and the profile stays what it is."""

from dataclasses import fields, replace

import pytest

from kit.journal import TOKEN, exchange
from refreshproof.harness.run.telling.reads import Reads, acted_by
from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.requirements import CATALOGUE


def test_each_field_that_is_read_is_named_by_its_path() -> None:
    reads = Reads(VENDORS["google"])
    assert reads.profile.refresh.rotation == "never"
    assert reads.profile.reply(Cause.WRONG_SECRET).status == 401
    assert reads.profile.lifetimes.access_token == 3599
    assert reads.take() == {"refresh.rotation", "errors.wrong_secret", "lifetimes.access_token"}
    assert reads.take() == set()


def test_what_a_profile_answers_about_itself_names_what_it_looked_at() -> None:
    reads = Reads(VENDORS["google"])
    assert reads.profile.url("token") == VENDORS["google"].profile.url("token")
    assert reads.take() == {"endpoints"}


def test_a_copy_with_changes_is_a_profile_that_tells_nothing() -> None:
    reads = Reads(VENDORS["google"])
    copy = replace(reads.profile, name="other")
    reads.take()
    assert isinstance(copy, Profile)
    assert (copy.name, copy.scopes) == ("other", VENDORS["google"].profile.scopes)
    assert reads.take() == set()


@pytest.mark.parametrize("name", ["google", "microsoft", "atlassian", "generic"])
def test_a_watched_profile_has_the_values_of_the_one_it_watches(name: str) -> None:
    plain, watched = VENDORS[name].profile, Reads(VENDORS[name]).profile
    assert isinstance(watched, Profile)
    assert {one.name for one in fields(watched)} == {one.name for one in fields(plain)}
    assert dict(watched.errors) == dict(plain.errors)
    assert all(watched.reply(cause) == plain.reply(cause) for cause in Cause)
    assert watched.hosts == plain.hosts


def test_rules_apply_to_a_watched_vendor_where_they_apply_to_the_vendor() -> None:
    for vendor in VENDORS.values():
        watched = Reads(vendor).vendor
        assert all(one.applies(watched) == one.applies(vendor) for one in CATALOGUE.values())


def test_a_vendor_acts_by_its_rotation_its_window_and_its_errors() -> None:
    records = [
        exchange(1, "token", TOKEN, event=TokenEvent.ROTATED, issued=("RT2",)),
        exchange(2, "token", TOKEN, event=TokenEvent.REPLAYED, issued=("RT3",)),
        exchange(3, "token", TOKEN, cause=Cause.REFRESH_TOKEN_REVOKED, status=400),
        exchange(4, "token", TOKEN, cause=Cause.WRONG_SECRET, arrived_at=None),
    ]
    evidence = Evidence(journal=Journal(records=list(records)), profile=VENDORS["atlassian"].profile)
    assert acted_by(evidence) == {
        "refresh.rotation",
        "refresh.on_replay",
        "refresh.window",
        "errors.refresh_token_revoked",
    }
