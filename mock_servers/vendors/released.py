"""The released servers that were measured, as vendors: their profiles, and what some of them add to each answer."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.measured.debian import DEBIAN_SERVERS, GLEWLWYD, GLEWLWYD_ONE_USE, GLEWLWYD_WAYS
from refreshproof.mock_servers.vendors.measured.django import DJANGO_SERVERS
from refreshproof.mock_servers.vendors.measured.django_identity import DJANGO_IDENTITY_PROVIDERS
from refreshproof.mock_servers.vendors.measured.hosted import (
    BETTER_AUTH,
    BETTER_AUTH_REUSE,
    BETTER_AUTH_WAYS,
    HOSTED_SERVERS,
)
from refreshproof.mock_servers.vendors.measured.node import NODE_SERVERS
from refreshproof.mock_servers.vendors.measured.python import PYTHON_SERVERS
from refreshproof.mock_servers.vendors.vendor import Vendor

_WAYS: Mapping[str, tuple[FaultSpec, ...]] = {
    BETTER_AUTH.name: BETTER_AUTH_WAYS,
    BETTER_AUTH_REUSE.name: BETTER_AUTH_WAYS,
    GLEWLWYD.name: GLEWLWYD_WAYS,
    GLEWLWYD_ONE_USE.name: GLEWLWYD_WAYS,
}

_SERVERS = (
    *NODE_SERVERS, *HOSTED_SERVERS, *DJANGO_SERVERS, *DJANGO_IDENTITY_PROVIDERS, *PYTHON_SERVERS, *DEBIAN_SERVERS,
)  # fmt: skip
MEASURED: tuple[Vendor, ...] = tuple(vendor(profile, *_WAYS.get(profile.name, ())) for profile in _SERVERS)
"""Released servers as they were measured, one setting a vendor, in the order in which they are listed."""
