"""The operations of the control API that keep a provider as it stands, and put it back.

What is kept stays in the server; a caller knows it by a number.
"""

from __future__ import annotations

from typing import Any

from refreshproof.mock_servers.serving.control import schemas
from refreshproof.mock_servers.serving.control.call import AT, Call, Operation
from refreshproof.mock_servers.serving.control.values import clock_row, snapshot


def _read(call: Call) -> Any:
    return snapshot(call.provider, call.clock)


def _keep(call: Call) -> Any:
    return _row(call.provider.keep(call.clock.now()), call)


def _restore(call: Call) -> Any:
    number, kept = call.body["snapshot"], call.provider.snapshots
    if number not in kept:
        raise ValueError(f"snapshot is {number}; there are {', '.join(map(str, kept)) or 'none'}")
    call.clock.return_to(call.provider.restore(number))
    return _row(number, call)


def _row(number: int, call: Call) -> dict[str, Any]:
    return {"snapshot": number, "clock": clock_row(call.clock)}


SNAPSHOT_OPERATIONS: tuple[Operation, ...] = (
    Operation(name="snapshot", method="GET", path=f"{AT}/snapshot",
              summary="All that the provider keeps, as it stands, by aliases",
              act=_read, answer=schemas.SNAPSHOT),
    Operation(name="keep_snapshot", method="POST", path=f"{AT}/snapshots", status=201,
              summary="Keep the provider as it stands in the server, under a number",
              act=_keep, answer=schemas.KEPT),
    Operation(name="restore_snapshot", method="POST", path=f"{AT}/restore",
              summary="Put the provider back as it stood, and virtual time with it; what was issued since is void",
              act=_restore, body=schemas.TO_RESTORE, answer=schemas.KEPT),
)  # fmt: skip
