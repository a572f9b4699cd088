"""Miniatures: clients with exactly one flaw, each of which one check must catch; `refreshproof run miniature:NAME`
runs one.

A miniature is named after the requirement that it breaks.
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.harness.miniatures import (
    accept,
    authz,
    callback,
    concurrency,
    device,
    diagnosis,
    exchange,
    expiry,
    failure,
    lifecycle,
    processes,
    refresh,
    resource,
    rotation,
    security,
    servers,
)
from refreshproof.harness.miniatures.miniature import Miniature

FAMILIES = (
    rotation,
    expiry,
    authz,
    accept,
    callback,
    refresh,
    resource,
    exchange,
    security,
    diagnosis,
    failure,
    concurrency,
    lifecycle,
    servers,
    processes,
    device,
)

MINIATURES: Mapping[str, Miniature] = {
    name: miniature for family in FAMILIES for name, miniature in family.MINIATURES.items()
}
"""Every miniature by the requirement it breaks."""
