"""Five vendors that misbehave on every other refresh or so, and in between let a correct client recover; and one that
makes a request pay for being refused, from which none recovers.

Each is a profile and faults as data; the title states the pattern of the strikes. Only refresh requests are struck.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.vendor import Vendor

FORGIVING = RefreshPolicy(rotation="always", on_replay="new_pair", window=600, on_breach="revoke_family")
"""Rotates, and gives a usable pair to whoever repeats the last refresh within ten minutes; later reuse ends the
family."""

ROTATING = replace(GENERIC, refresh=FORGIVING)
KEEPING = replace(GENERIC, refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted"))
_MEASURED = source(
    "glewlwyd 2.7.5 with one-use tokens; @node-oauth/oauth2-server 5.3.0, which looks at the scope alone too late",
    "observed",
    seen="2026-11-29",
)


def _misbehaving(*, name: str, title: str, profile: Profile, faults: tuple[FaultSpec, ...]) -> Vendor:
    return Vendor(name=name, title=title, profile=replace(profile, name=name, title=title), faults=faults)


LOST_RESPONSE = _misbehaving(
    name="lost-response",
    title="Commits a rotation and loses the answer: refreshes 1, 3, 5 ...; a replay within 600 s gets a usable pair",
    profile=ROTATING,
    faults=(FaultSpec(fault="drop", parameters={"how": "before_headers"}, every=2),),
)
ERROR_WITH_200 = _misbehaving(
    name="error-with-200",
    title="Answers 200 with an error body and does nothing: refreshes 1, 3, 5 ...",
    profile=ROTATING,
    faults=(FaultSpec(fault="error_body", every=2),),
)
MAINTENANCE_PAGE = _misbehaving(
    name="maintenance-page",
    title="Answers 200 with an HTML maintenance page and does nothing: refreshes 1, 3, 5 ...",
    profile=ROTATING,
    faults=(FaultSpec(fault="html", every=2),),
)
NULL_REFRESH_TOKEN = _misbehaving(
    name="null-refresh-token",
    title="Keeps its refresh token, but sends it as null (refreshes 1, 4, 7 ...) or empty (2, 5, 8 ...)",
    profile=KEEPING,
    faults=(
        FaultSpec(fault="member", parameters={"name": "refresh_token", "value": None}, every=3),
        FaultSpec(fault="member", parameters={"name": "refresh_token", "value": ""}, skip=1, every=3),
    ),
)
RETRY_AFTER = _misbehaving(
    name="retry-after",
    title="Refuses refreshes 1, 5, 9 ... with 429 and Retry-After in seconds, 3, 7, 11 ... with 503 and a date",
    profile=ROTATING,
    faults=(
        FaultSpec(fault="status", parameters={"code": 429, "retry_after": "30"}, every=4),
        FaultSpec(fault="status", parameters={"code": 503, "retry_after": "date:30"}, skip=2, every=4),
    ),
)

SPENT_WHEN_REFUSED = _misbehaving(
    name="spent-when-refused",
    title="Spends a refresh token before it looks at client, proof and scope: a refused refresh has cost the token",
    profile=replace(
        GENERIC,
        refresh=replace(FORGIVING, spent_before="client"),
        sources={**GENERIC.sources, "refresh.spent_before": _MEASURED},
    ),
    faults=(),
)
"""No core vendor: nothing that a client does after such a refusal can save its grant."""

MISBEHAVING: tuple[Vendor, ...] = (LOST_RESPONSE, ERROR_WITH_200, MAINTENANCE_PAGE, NULL_REFRESH_TOKEN, RETRY_AFTER)
"""The misbehaving vendors that a correct client recovers from, in the order in which they are listed."""
