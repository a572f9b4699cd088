"""At which date a vendor is met, as an option on the command line and in the file of a saved scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from refreshproof.mock_servers.dates import in_words, instant_of
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant

AT, FUTURE = "at", "future"
"""Keys of a saved scenario."""
STRICT = "strict"


def dated(vendor: Vendor, at: Instant | None, strict_future: bool = False) -> Vendor:
    """Return the vendor as it is met at a date, and with all that it has announced in force if the future is strict."""
    met = vendor if at is None else vendor.at(at)
    return met.future() if strict_future else met


def date_of(vendor: Vendor) -> Mapping[str, str]:
    """Return what `as_dated` needs to meet a vendor at the same date again; nothing where it was met at none."""
    begins = {} if vendor.begins is None else {AT: in_words(vendor.begins)}
    return begins | ({FUTURE: STRICT} if vendor.is_future else {})


def as_options(vendor: Vendor) -> tuple[str, ...]:
    """Return the words of a command line that meet a vendor at the same date again."""
    begins = () if vendor.begins is None else ("--at", in_words(vendor.begins))
    return (*begins, *(("--strict-future",) if vendor.is_future else ()))


def when_met(vendor: Vendor) -> str:
    """Say at which date a vendor is met, after its title; nothing where it is met at none."""
    when = "" if vendor.begins is None else f", from {in_words(vendor.begins).removesuffix('T00:00:00+00:00')} on"
    return f"{when}{', with all that it has announced' if vendor.is_future else ''}"


def _earlier(vendor: Vendor) -> Vendor | None:
    """Return a vendor as it was before every change that is known, where it is met at a date after one."""
    met = vendor.begins is not None or vendor.is_future
    return None if vendor.before is None or not met else replace(vendor, profile=vendor.before)


def no_longer(vendor: Vendor, applied: Callable[[Vendor], bool]) -> str:
    """Say since when a vendor that is met at a date has a case no more that it had; empty where it never had it."""
    earlier = _earlier(vendor)
    if earlier is None or not applied(earlier):
        return ""
    changes = [one for one in earlier.profile.announced if one not in vendor.profile.announced]
    told = "; ".join(f"{one.effective}: {one.what}" for one in changes)
    return (
        f"The vendor has no such case any more{when_met(vendor)}. It had it before what is in force by then ({told})."
    )


def as_dated(vendor: Vendor, at: str | None, future: str | None) -> Vendor:
    """Return the vendor as `date_of` told it; raises ValueError that names the key, what was found, what is allowed."""
    if future not in (None, STRICT):
        raise ValueError(f"{FUTURE} is {future!r}; allowed is {STRICT!r}, or nothing")
    try:
        begins = None if at is None else instant_of(at)
    except ValueError as error:
        raise ValueError(f"{AT}: found {at!r}; expected a date, such as 2027-03-31: {error}") from None
    return dated(vendor, begins, future == STRICT)
