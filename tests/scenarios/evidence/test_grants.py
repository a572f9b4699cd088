"""Which logins begin a grant, and which leave the one before in place."""

import pytest

from kit.journal import journal, redemption
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.grants import grants, lasts
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME


@pytest.mark.parametrize(
    ("members", "whole"),
    [
        ({"refresh_token": "RT2", "expires_in": 60}, True),
        ({"expires_in": MINIMUM_LIFETIME}, True),
        ({"expires_in": MINIMUM_LIFETIME - 1}, False),
        ({"refresh_token": "", "expires_in": 3600}, False),
        ({}, False),
    ],
)
def test_a_second_login_replaces_a_grant_if_it_brings_what_lasts(members: dict[str, object], whole: bool) -> None:
    """A refresh token, or an access token that lives as long as one without it has to."""
    second = redemption(4, presented="CODE2", members={"access_token": "AT2", **members})
    assert lasts(second) is whole
    found = grants(Evidence(journal=journal(redemption(), second), profile=VENDORS["generic"].profile))
    assert [one.login.number for one in found] == ([2, 4] if whole else [2])
