"""A profile is changed by dotted names, and an object becomes the value that the field holds."""

from typing import Any

import pytest

from refreshproof.mock_servers import VENDORS, SecondPair
from refreshproof.mock_servers.profile.changes import changed

PROFILE = VENDORS["generic"].profile
PAIR: dict[str, Any] = {"member": "authed_user", "token_type": "user", "access_token": 1800}


def test_an_object_becomes_the_value_that_an_optional_field_holds() -> None:
    found = changed(PROFILE, {"issuance.second": PAIR}).issuance.second
    assert found == SecondPair(member="authed_user", token_type="user", access_token=1800)


def test_the_value_itself_is_taken_too_and_so_is_none() -> None:
    second = changed(PROFILE, {"issuance.second": SecondPair(**PAIR)})
    assert changed(second, {"issuance.second": None}).issuance.second is None


def test_an_object_with_another_member_is_no_such_value() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'lifetime'"):
        changed(PROFILE, {"issuance.second": PAIR | {"lifetime": 1}})
