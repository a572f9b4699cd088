"""Every probe, in the order in which they are played: what a probe builds on stands before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from refreshproof.harness.vendor_check.probes import (
    answers,
    endings,
    engine,
    issuance,
    metadata,
    refusals,
    replay,
    rotation,
    siblings,
)
from refreshproof.harness.vendor_check.probes.probe import Probe

_BY_ID: Mapping[str, Probe] = {
    one.id: one
    for family in (issuance, rotation, answers, siblings, replay, refusals, endings, engine, metadata)
    for one in family.PROBES
}

STAGES: Sequence[Sequence[str]] = (
    ("issuance",),
    ("public-client", "rotation", "answers", "second-login", "parallel", "parallel-codes", "scopes", "refusals",
     "bodies", "authentication", "basic-encoding", "strangers", "revocation", "code-twice", "lifetimes"),
    ("replay",),
    ("generations", "late-rotation"),
    ("reuses", "access-tokens"),
    ("breach",),
    ("engine",),
    ("metadata",),
)  # fmt: skip
"""Probes that may be played beside each other; a stage builds on those before it."""

PROBES: Mapping[str, Probe] = {name: _BY_ID[name] for stage in STAGES for name in stage}
"""Every probe by id."""
