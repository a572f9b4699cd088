"""The catalogue of requirements, written out by family: to add one, add it to its family's module."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements.acceptance import answers as accept
from refreshproof.scenarios.requirements.acceptance import lifetimes as accept_lifetimes
from refreshproof.scenarios.requirements.acceptance import oddities as accept_oddities
from refreshproof.scenarios.requirements.acceptance import shapes as accept_shapes
from refreshproof.scenarios.requirements.authorization import callback, device, diagnosis, discovery, exchange, servers
from refreshproof.scenarios.requirements.authorization import request as authz
from refreshproof.scenarios.requirements.authorization import secrets as authz_secrets
from refreshproof.scenarios.requirements.concurrency import callers as concurrency
from refreshproof.scenarios.requirements.concurrency import processes as concurrency_processes
from refreshproof.scenarios.requirements.expiry import cluster as expiry_cluster
from refreshproof.scenarios.requirements.expiry import expiry
from refreshproof.scenarios.requirements.expiry import lead as expiry_lead
from refreshproof.scenarios.requirements.expiry import operation as expiry_operation
from refreshproof.scenarios.requirements.failure import answers as failure_answers
from refreshproof.scenarios.requirements.failure import failure
from refreshproof.scenarios.requirements.failure import giving_up as failure_giving_up
from refreshproof.scenarios.requirements.failure import memory as failure_memory
from refreshproof.scenarios.requirements.failure import pacing as failure_pacing
from refreshproof.scenarios.requirements.lifecycle import announced as lifecycle_announced
from refreshproof.scenarios.requirements.lifecycle import consent as lifecycle_consent
from refreshproof.scenarios.requirements.lifecycle import harm as lifecycle_harm
from refreshproof.scenarios.requirements.lifecycle import lifecycle
from refreshproof.scenarios.requirements.refresh import proofs, refresh, repeats, resource, step_up, targets
from refreshproof.scenarios.requirements.rotation import keeping, lost, pair, pairs, rotation
from refreshproof.scenarios.requirements.rotation import recovery as rotation_recovery
from refreshproof.scenarios.requirements.security import credentials as security
from refreshproof.scenarios.requirements.security import hosts as security_hosts
from refreshproof.scenarios.requirements.security import output as security_output

FAMILIES = (
    rotation,
    keeping,
    lost,
    pair,
    pairs,
    rotation_recovery,
    expiry,
    expiry_lead,
    expiry_operation,
    authz,
    authz_secrets,
    accept,
    accept_oddities,
    callback,
    refresh,
    repeats,
    proofs,
    targets,
    resource,
    step_up,
    failure,
    failure_giving_up,
    failure_answers,
    failure_pacing,
    failure_memory,
    concurrency,
    concurrency_processes,
    lifecycle,
    lifecycle_consent,
    lifecycle_announced,
    exchange,
    security,
    security_hosts,
    security_output,
    diagnosis,
    accept_lifetimes,
    accept_shapes,
    servers,
    discovery,
    device,
    expiry_cluster,
    lifecycle_harm,
)

CATALOGUE: Mapping[str, Requirement] = {one.id: one for family in FAMILIES for one in family.REQUIREMENTS}
"""Every requirement by id, family by family."""
