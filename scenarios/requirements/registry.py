"""The catalogue of requirements, written out by family: to add one, add it to its family's module."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements import (
    accept,
    accept_lifetimes,
    accept_shapes,
    authz,
    authz_secrets,
    callback,
    concurrency,
    concurrency_processes,
    device,
    diagnosis,
    exchange,
    expiry,
    expiry_cluster,
    expiry_lead,
    expiry_operation,
    failure,
    failure_answers,
    failure_pacing,
    lifecycle,
    lifecycle_consent,
    refresh,
    resource,
    rotation,
    rotation_recovery,
    security,
    security_output,
    servers,
)

FAMILIES = (
    rotation,
    rotation_recovery,
    expiry,
    expiry_lead,
    expiry_operation,
    authz,
    authz_secrets,
    accept,
    callback,
    refresh,
    resource,
    failure,
    failure_answers,
    failure_pacing,
    concurrency,
    concurrency_processes,
    lifecycle,
    lifecycle_consent,
    exchange,
    security,
    security_output,
    diagnosis,
    accept_lifetimes,
    accept_shapes,
    servers,
    device,
    expiry_cluster,
)

CATALOGUE: Mapping[str, Requirement] = {one.id: one for family in FAMILIES for one in family.REQUIREMENTS}
"""Every requirement by id, family by family."""
