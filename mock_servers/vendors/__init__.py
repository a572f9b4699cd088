"""The vendors, as values: profiles with their sources, and faults that some of them have. `registry` lists them.

To add one, write its profile beside those it is like (identity_servers, sales_and_support, business, consumer,
developer_tools; in `measured` released servers that were held against the profile) and name it in the tuple at the foot
of that module; one that is like none gets a module here and a line in `registry`. What a vendor has announced for a
date stands in its profile too.
`profile/pieces` holds what profiles are put together from. What a profile sets without naming a source is taken for
unverified.
"""

from __future__ import annotations

from refreshproof.mock_servers.vendors.registry import CORE, VENDORS

__all__ = ["CORE", "VENDORS"]
