"""The queue of faults that scenarios and served vendors share: which request a queued fault strikes, and when it is
gone."""

from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.queue import FaultQueue
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.wire import WireRequest, WireResponse

_REFRESH = WireRequest(
    method="POST",
    url=GENERIC.url("token") or "",
    headers=(("Content-Type", "application/x-www-form-urlencoded"),),
    body=b"grant_type=refresh_token&refresh_token=x",
)


def _fine(request: WireRequest, now: int) -> WireResponse:
    return WireResponse(status=200)


def _statuses(*specs: FaultSpec, requests: int, client_id: str | None = None) -> list[int]:
    provider = Provider(GENERIC)
    queue = FaultQueue(provider.sight)
    for spec in specs:
        queue.add(spec, client_id=client_id)
    handler = queue.wrap(_fine)
    return [handler(_REFRESH, 0).status for _ in range(requests)]


def _status(code: int, **selection: Any) -> FaultSpec:
    return FaultSpec(fault="status", parameters={"code": code}, **selection)


def test_a_fault_lets_some_pass_strikes_so_often_and_is_gone() -> None:
    assert _statuses(_status(503, skip=1, times=2), requests=5) == [200, 503, 503, 200, 200]


def test_a_fault_that_lets_a_request_pass_leaves_it_to_the_next() -> None:
    assert _statuses(_status(503, skip=1, times=1), _status(429, times=1), requests=3) == [429, 503, 200]


def test_a_fault_of_rounds_strikes_in_each_of_them() -> None:
    assert _statuses(_status(503, times=1, every=3), requests=7) == [503, 200, 200, 503, 200, 200, 503]


def test_a_fault_for_another_client_strikes_nobody() -> None:
    assert _statuses(_status(503), requests=2, client_id="another") == [200, 200]
