"""The profile in force at an instant, and a provider that lives through the day of a change."""

from dataclasses import replace

import pytest

from kit.dumb_client import Play
from refreshproof.mock_servers.dates import day, days_between, in_words, instant_of
from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.in_force import all_endpoints, all_in_force, in_force
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.vendor import well_behaved
from refreshproof.mock_servers.wire import Instant

NEWS = source("https://vendor.example/news", seen="2026-11-30")
FIRST, SECOND = "2031-02-01", "2031-03-01"


def announcing(**more: object) -> Profile:
    """The generic server, whose access tokens become shorter twice."""
    changes: tuple[tuple[str, int, dict[str, int]], ...] = ((FIRST, 600, {"refresh.window": 7}), (SECOND, 300, {}))
    announced = tuple(
        Announcement(effective=on, what="shorter", source=NEWS, fields={"lifetimes.access_token": life, **also})
        for on, life, also in changes
    )
    return replace(GENERIC, announced=announced, **more)  # type: ignore[arg-type]


def life_at(date: str) -> int:
    return in_force(announcing(), instant_of(date)).lifetimes.access_token


@pytest.mark.parametrize(
    ("date", "life"),
    [("2031-01-31T23:59:59", 3600), (FIRST, 600), ("2031-02-28", 600), (SECOND, 300), ("2099-01-01", 300)],
)
def test_a_change_is_in_force_from_the_first_instant_of_its_day(date: str, life: int) -> None:
    assert life_at(date) == life


def test_the_profile_in_force_has_the_source_of_the_change_and_keeps_what_is_ahead() -> None:
    met = in_force(announcing(), day(FIRST))
    assert met.sources["lifetimes.access_token"] == NEWS
    assert [one.effective for one in met.announced] == [SECOND]
    assert in_force(met, day(SECOND)) == in_force(announcing(), day(SECOND)) == all_in_force(announcing())


def test_asking_early_and_asking_who_announces_nothing_gives_the_very_same_profile() -> None:
    announces = announcing()
    assert in_force(announces, day(FIRST) - 1) is announces
    assert in_force(GENERIC, day(SECOND)) is GENERIC


@pytest.mark.parametrize("said", ["lifetimes.access_token", "lifetimes"])
def test_what_somebody_says_of_a_field_stays_as_they_say(said: str) -> None:
    value = 42 if "." in said else replace(GENERIC.lifetimes, access_token=42)
    met = all_in_force(changed(announcing(), {said: value}))
    assert (met.lifetimes.access_token, met.refresh.window) == (42, 7)


def playing(profile: Profile) -> Play:
    one = well_behaved(profile)
    provider = Provider(profile)
    return Play(vendor=one, provider=provider, handler=one.handler(provider))


def after(date: str) -> float:
    """Seconds after the start of every test."""
    return (day(date) - 1_900_000_000_000_000) / 1_000_000


def test_a_provider_changes_with_the_first_request_on_the_day() -> None:
    game = playing(announcing())
    lives = [game.login(after=after(FIRST) + seconds)["expires_in"] for seconds in (-1, 0)]
    assert lives == [3600, 600]
    assert game.login(after=after(SECOND) + 9)["expires_in"] == 300


def test_a_provider_that_is_put_back_is_as_it_was_before_the_day() -> None:
    game = playing(announcing())
    before = game.provider.snapshot()
    game.login(after=after(SECOND))
    game.provider.restore(before)
    assert game.login(after=after(FIRST) - 60)["expires_in"] == 3600


def test_tokens_that_would_live_on_for_longer_than_a_new_one_can_be_over_on_the_day() -> None:
    long = replace(GENERIC.lifetimes, access_token=3650 * 86_400)
    ends = Announcement(
        effective=FIRST, what="short", source=NEWS, fields={"lifetimes.access_token": 600}, ends_long_lived=True
    )
    game = playing(replace(GENERIC, lifetimes=long, announced=(ends,)))
    game.login()
    assert game.take("AT1", after(FIRST) - 1)[0] == "open"
    assert game.take("AT1", after(FIRST))[0] == "access_token_expired"
    game.login(after=after(FIRST))
    assert game.take("AT2", after(FIRST) + 599)[0] == "open"


def test_an_address_that_is_gone_answers_not_found_and_is_still_known_for_what_it_was() -> None:
    met = VENDORS["hubspot-v1"].at(instant_of("2027-02-15"))
    provider, url = Provider(met.lived), met.profile.url("token")
    assert url in {one.url for one in all_endpoints(met.profile)}
    provider.come_to(instant_of("2027-02-16"))
    game = Play(vendor=met, provider=provider, handler=met.handler(provider))
    gone = game.send(str(url), "application/x-www-form-urlencoded", "grant_type=refresh_token")
    assert gone.status == 404
    assert provider.profile.url("token") == "https://api.hubapi.com/oauth/2026-03/token"


def test_a_vendor_stands_still_unless_time_begins_at_a_date() -> None:
    zendesk = VENDORS["zendesk-endless"]
    assert zendesk.profile.announced
    assert zendesk.lived.announced == ()
    assert zendesk.at(instant_of("2027-03-31")).lived.announced
    assert zendesk.future().profile.issuance.ever


@pytest.mark.parametrize(
    ("name", "date", "ever"),
    [("linear", "2026-03-31", False), ("linear", "2026-04-01", True), ("zendesk", "2026-01-01", True)],
)
def test_a_vendor_can_be_met_as_it_was(name: str, date: str, ever: bool) -> None:
    assert VENDORS[name].at(instant_of(date)).profile.issuance.ever is ever


def test_what_is_announced_for_a_day_that_has_come_is_in_force_where_nobody_asks_for_a_date() -> None:
    past = replace(announcing().announced[0], effective="2026-01-01")
    assert vendor(replace(GENERIC, announced=(past,))).profile.lifetimes.access_token == 600


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon", "ISO 8601"),
        ("2027-02-30", "no day of the calendar"),
        ("1969-12-31", "the year is 1969"),
        ("", "ISO 8601"),
    ],
)
def test_what_is_no_date_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        instant_of(text)


def test_dates_are_utc_where_they_name_no_zone() -> None:
    noon: Instant = instant_of("2027-03-31T12:00:00")
    assert in_words(noon) == "2027-03-31T12:00:00+00:00"
    assert instant_of("2027-03-31T14:00:00+02:00") == noon
    assert days_between("2027-03-30", noon) == 1


@pytest.mark.parametrize("name", [name for name, one in VENDORS.items() if one.before and one.before.announced])
def test_every_announcement_has_a_link_a_day_and_says_what_it_changes(name: str) -> None:
    before = VENDORS[name].before
    assert before is not None
    days = [one.begins for one in before.announced]
    assert days == sorted(days)
    for one in before.announced:
        assert one.what.endswith(".")
        assert "http" in one.source.where or one.source.evidence == "unverified"
        assert one.source.seen >= "2026-11-29"
        assert one.fields or one.ends_long_lived
