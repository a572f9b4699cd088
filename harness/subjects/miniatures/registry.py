"""Miniatures: clients with exactly one flaw, each of which one check must catch; `refreshproof run miniature:NAME`
runs one.

A miniature is named after the requirement that it breaks.
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.harness.subjects.miniatures.acceptance import answers as accept
from refreshproof.harness.subjects.miniatures.authorization import (
    callback,
    device,
    diagnosis,
    discovery,
    exchange,
    servers,
)
from refreshproof.harness.subjects.miniatures.authorization import request as authz
from refreshproof.harness.subjects.miniatures.concurrency import callers as concurrency
from refreshproof.harness.subjects.miniatures.concurrency import processes
from refreshproof.harness.subjects.miniatures.expiry import expiry
from refreshproof.harness.subjects.miniatures.failure import failure
from refreshproof.harness.subjects.miniatures.lifecycle import lifecycle
from refreshproof.harness.subjects.miniatures.refresh import proofs, refresh, resource, step_up
from refreshproof.harness.subjects.miniatures.rotation import rotation
from refreshproof.harness.subjects.miniatures.security import credentials as security

FAMILIES = (
    rotation,
    expiry,
    authz,
    accept,
    callback,
    refresh,
    proofs,
    resource,
    step_up,
    exchange,
    security,
    diagnosis,
    failure,
    concurrency,
    lifecycle,
    servers,
    discovery,
    processes,
    device,
)

MINIATURES: Mapping[str, Miniature] = {
    name: miniature for family in FAMILIES for name, miniature in family.MINIATURES.items()
}
"""Every miniature by the requirement it breaks."""
