"""A served vendor at a date: what is announced at the start, and clocks that begin there."""

from dataclasses import replace

import pytest

from refreshproof.mock_servers.dates import in_words, instant_of
from refreshproof.mock_servers.serving.announcement import announcement
from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.clock import RealClock, VirtualClock
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import DAY, Instant

EVE = instant_of("2027-03-31")
OPTIONS = ServeOptions(vendors=(VENDORS["zendesk-endless"],), time="virtual", token="a-token-of-the-control-api")


def told(at: Instant | None) -> str:
    options = replace(OPTIONS, at=at)
    vendor = options.vendors[0] if at is None else options.vendors[0].at(at)
    served = Served(vendor, options, "http://127.0.0.1:8001")
    return announcement(options, (served,), control="http://127.0.0.1:8002", token="t", ca_file=None)


def test_a_server_says_what_its_vendors_have_announced_and_from_when_it_counts() -> None:
    standing, dated = told(None), told(EVE)
    assert "--at 2027-04-01" in standing
    assert "from 2027-04-01" in dated
    assert "Access tokens that were issued without an end are over." in standing
    assert "it stands still at 2027-03-31T00:00:00+00:00 until" in dated


def test_a_served_vendor_stands_still_unless_it_was_served_at_a_date() -> None:
    for vendor, ever in ((OPTIONS.vendors[0], False), (OPTIONS.vendors[0].at(EVE), True)):
        served = Served(vendor, OPTIONS, "http://127.0.0.1:8001")
        served.provider.come_to(EVE + DAY)
        assert served.provider.profile.issuance.ever is ever


def test_virtual_time_begins_at_the_date_and_goes_back_there() -> None:
    clock = VirtualClock(EVE)
    clock.advance(86_400)
    assert in_words(clock.now()) == "2027-04-01T00:00:00+00:00"
    clock.begin_anew()
    assert clock.now() == EVE


def test_real_time_goes_on_from_the_date() -> None:
    clock = RealClock(EVE)
    clock.advance(86_400)
    assert EVE + DAY <= clock.now() < EVE + 2 * DAY
    clock.begin_anew()
    assert EVE <= clock.now() < EVE + DAY


def test_a_date_too_far_away_is_refused() -> None:
    with pytest.raises(ValueError, match="more than a hundred years ahead"):
        replace(OPTIONS, at=instant_of("2199-01-01"))
