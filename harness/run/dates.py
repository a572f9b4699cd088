"""At which date a vendor is met, as an option on the command line and in the file of a saved scenario."""

from __future__ import annotations

from collections.abc import Mapping

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


def when_met(vendor: Vendor) -> str:
    """Say at which date a vendor is met, after its title; nothing where it is met at none."""
    when = "" if vendor.begins is None else f", from {in_words(vendor.begins).removesuffix('T00:00:00+00:00')} on"
    return f"{when}{', with all that it has announced' if vendor.is_future else ''}"


def as_dated(vendor: Vendor, at: str | None, future: str | None) -> Vendor:
    """Return the vendor as `date_of` told it; raises ValueError that names the key, what was found, what is allowed."""
    if future not in (None, STRICT):
        raise ValueError(f"{FUTURE} is {future!r}; allowed is {STRICT!r}, or nothing")
    try:
        begins = None if at is None else instant_of(at)
    except ValueError as error:
        raise ValueError(f"{AT} is {at!r}; expected a date, such as 2027-03-31: {error}") from None
    return dated(vendor, begins, future == STRICT)
