"""The control API keeps what its OpenAPI document says."""

from __future__ import annotations

from typing import Any, cast

import pytest

from kit.schemathesis_run import Run, run
from kit.serving import ORIGIN, TOKEN, options
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.control.openapi import DOCUMENT_PATH
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.control_port import Control
from refreshproof.mock_servers.serving.sockets.clock import VirtualClock
from refreshproof.mock_servers.serving.wsgi import WsgiApplication
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse

BEARER = {"Authorization": f"Bearer {TOKEN}"}
AUTHORIZED = {"openapi": {"token": {"bearer": TOKEN}}}

JUDGED = frozenset(
    {
        "set_clock", "advance_clock", "queue_fault", "withdraw", "password", "policy", "register_account", "decide",
        "restore_snapshot", "set_own_clock", "advance_own_clock", "make_provider", "end_provider",
    }
)  # fmt: skip
"""Operations that may refuse what their schema allows: what is a later time, a fault's parameter, a known account or
site depends on clock, fault and provider, and without ports no provider is made."""

JUDGES = {
    "include-operation-id": sorted(JUDGED),
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "422"]}},
}


class ControlOfOne:
    """The control API of one vendor, in the place of a vendor; each request finds it as new."""

    def handle(self, request: WireRequest, now: Instant) -> WireResponse:
        chosen = options("generic")
        vendors = {vendor.name: Served(vendor, chosen, ORIGIN) for vendor in chosen.vendors}
        return Control(vendors, VirtualClock(), TOKEN).answer(request)

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Nothing is recorded."""


def control(**settings: Any) -> Run:
    application = WsgiApplication(cast(Served, ControlOfOne()), lambda: 0)
    return run(application, DOCUMENT_PATH, headers=BEARER, **settings)


def holds(**settings: Any) -> None:
    provider = {"path.provider": "generic", "path.client_id": "refreshproof-client"}
    found = control(auth=AUTHORIZED, parameters=provider, operations=[JUDGES], **settings)
    assert found.failures == []
    for one in OPERATIONS:
        assert {one.status, 422 if one.name in JUDGED else one.status} & found.statuses[f"{one.method} {one.path}"]


def test_any_request_with_the_token_is_answered_as_the_document_says() -> None:
    holds(phases=["fuzzing"], examples=4)


@pytest.mark.slow
def test_every_border_of_every_schema_is_where_the_document_says() -> None:
    holds(phases=["coverage", "fuzzing"], examples=25)


def test_without_the_token_every_operation_is_refused() -> None:
    found = control(phases=["fuzzing"], examples=2)
    assert found.failures == []
    assert len(found.statuses) == len(OPERATIONS)
    assert set().union(*found.statuses.values()) <= {401, 403}
