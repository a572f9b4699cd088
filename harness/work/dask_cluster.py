"""A cluster of Dask distributed, which others have set up, as a place where work is done.

A worker that is lost costs time: what it was at, and what nobody has fetched from it, is done again by another.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from queue import Empty, SimpleQueue
from typing import Any

from distributed import CancelledError, Client, Future, wait
from distributed.comm import connect
from distributed.core import send_recv
from distributed.security import Security
from distributed.utils import LoopRunner, sync

from refreshproof.harness.adapters.library.wall_clock import WALL_CLOCK
from refreshproof.harness.work.pieces import Doing, Likeness, Piece, PlaceError, WorkerLostError, unlike
from refreshproof.harness.work.worker_process import done_beside, end_run, outcome

PATIENCE = 5
"""Seconds in which a scheduler has to answer."""
LONGEST = 60
"""Seconds in which every worker has to say what it is like, and for which a run goes on without any worker."""
LOOK = 5
"""Seconds after which a run that has heard of nothing looks for workers."""
AGAIN = 2
"""How often a piece is done again that its process was lost over; after a lost worker the scheduler decides."""

UNDER_WAY = 2000
"""Pieces that the scheduler knows of at a time: it keeps each in memory, and no more workers than so many have work."""
LOGS = ("distributed", "distributed.client")
"""The logs of Dask in which a lost connection stands: each has a level of its own."""
GONE = "the scheduler of the cluster has gone"


@dataclass(frozen=True, kw_only=True)
class DaskCluster:
    """The cluster whose scheduler is at an address."""

    address: str

    def check(self, likeness: Likeness) -> None:
        """See that the scheduler answers, that it has workers, and that each of them is like this process; raises
        PlaceError."""
        here = likeness()  # now: whatever it plays, no loop of a client may be shown its virtual time
        if self.address.startswith("tls:"):
            self._check_certificates()
        try:
            with _connected(self.address) as client:
                complaints = list(_complaints(client, likeness, here))
        except _NobodyError:
            start = "start one with `dask scheduler`, or name another address"
            raise PlaceError(f"{self.address}: no scheduler answers there within {PATIENCE} s; {start}") from None
        if not complaints:
            return
        others = f"; it is not the only one: {len(complaints)} workers are unlike" if len(complaints) > 1 else ""
        raise PlaceError(f"{self.address}: {complaints[0]}{others}")

    def _check_certificates(self) -> None:
        try:
            named = Security().get_connection_args("client")["ssl_context"] is not None
            trouble = "" if named else "Dask knows of no certificate for TLS"
        except OSError as error:
            trouble = f"Dask cannot read its certificates for TLS ({error})"
        if trouble:
            places = "ca-file, client.cert and client.key of distributed.comm.tls in Dask's configuration"
            raise PlaceError(f"{self.address}: {trouble}; name them as {places}")

    @contextmanager
    def opened(self) -> Iterator[Doing]:
        """Work on the cluster; what is still under way there at the end is killed."""
        try:
            with _connected(self.address) as client, _begun(client) as submit:
                yield partial(_parts, client, submit)
        except _NobodyError:
            raise WorkerLostError(GONE) from None


class _NobodyError(Exception):
    """No scheduler answers."""


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Have a client of the scheduler, and no thread of it afterwards: whoever watches a client under test counts the
    threads that work."""
    for name in LOGS:  # what goes wrong is told by whoever began the run
        logging.getLogger(name).setLevel(logging.CRITICAL)
    WALL_CLOCK.thaw()  # a library that was played in this process has left its time standing
    runner = LoopRunner()
    runner.start()
    try:
        try:
            # A client that finds nobody would keep its loop.
            sync(runner.loop, _call, address, callback_timeout=PATIENCE)
        except Exception:  # what is not of Dask may say anything
            raise _NobodyError from None
        with Client(address, timeout=PATIENCE, set_as_default=False, loop=runner.loop) as client, client.as_current():
            yield client
    finally:
        runner.stop()


async def _call(address: str) -> None:
    """Be answered by a scheduler; raises OSError where a worker is, or what is not of Dask and may never answer."""
    comm = await connect(address, timeout=PATIENCE, **Security().get_connection_args("client"))
    try:
        answer = await send_recv(comm, op="identity")
    finally:
        comm.abort()
    if answer["type"] != "Scheduler":
        raise ConnectionRefusedError


def _complaints(client: Client, likeness: Likeness, here: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the workers of a cluster."""
    workers = _workers(client)
    if not workers:
        yield f"no worker is there; start some with `dask worker {client.scheduler.address}`"
    with _begun(client) as submit:
        asked = {one: submit(partial(_told, likeness), workers=[one], allow_other_workers=False) for one in workers}
        with suppress(TimeoutError):
            wait(list(asked.values()), timeout=LONGEST)
        for name, future in asked.items():
            if (complaint := _complaint(here, future)) is not None:
                yield f"worker {name} {complaint}"


def _told(likeness: Likeness) -> list[Mapping[str, str]]:
    return [likeness()]


def _complaint(here: Mapping[str, str], future: Future) -> str | None:
    if future.status == "pending":
        return f"did not say within {LONGEST} s what it is like; wait until it has done its other work"
    if future.status != "finished":
        error = future.exception()
        return f"cannot do such work ({type(error).__name__}: {error}); install there what is installed here"
    try:
        (there,) = outcome(future.result())
    except RuntimeError as error:
        return f"cannot do such work ({error}); install there what is installed here"
    return unlike(here, there)


def _workers(client: Client) -> list[str]:
    return list(client.scheduler_info(n_workers=-1)["workers"])


@contextmanager
def _begun(client: Client) -> Iterator[Callable[..., Future]]:
    """Submit pieces of a run, until the block ends, and everything that is under way with it."""
    run, folder, futures = secrets.token_hex(8), os.getcwd(), dict[str, Future]()
    numbers = count()

    def submit(piece: Piece, **options: Any) -> Future:
        key = f"refreshproof-{run}-{next(numbers)}"
        future = client.submit(done_beside, run, folder, pickle.dumps(piece), key=key, pure=False, **options)
        futures[key] = future
        future.add_done_callback(lambda done: futures.pop(done.key, None))
        return future

    try:
        yield submit
    finally:
        with suppress(Exception):  # there may be no scheduler any more, or one that says nothing
            sync(client.loop, partial(_ended, client, run, list(futures.values())), callback_timeout=PATIENCE)


async def _ended(client: Client, run: str, futures: Sequence[Future]) -> None:
    await client.cancel(futures)
    await client.run(end_run, run, on_error="ignore")


def _parts(client: Client, submit: Callable[..., Future], work: Sequence[Piece]) -> Generator[Any, None, None]:
    """Yield the parts of all pieces in the order of the work; each is fetched as soon as it is done."""
    arrived, come = SimpleQueue[Future](), dict[int, bytes]()
    numbers: dict[str, int] = {}
    left = iter(enumerate(work))

    def send() -> None:
        for number, piece in islice(left, 1):
            future = submit(piece, retries=AGAIN, priority=-number)
            numbers[future.key] = number
            future.add_done_callback(arrived.put)

    for _ in range(UNDER_WAY):
        send()
    for number in range(len(work)):
        while number not in come:
            future = _next(client, arrived)
            come[numbers.pop(future.key)] = _fetched(future)
            send()
        yield from outcome(come.pop(number))


def _next(client: Client, arrived: SimpleQueue[Future]) -> Future:
    for _ in range(0, LONGEST, LOOK):
        while True:
            try:
                return arrived.get(timeout=LOOK)
            except Empty:
                if client.status == "running" and not _workers(client):
                    break
    raise WorkerLostError(f"no worker has been left at {client.scheduler.address} for {LONGEST} s")


def _fetched(future: Future) -> bytes:
    if future.status == "cancelled":
        raise WorkerLostError(GONE)
    try:
        told: bytes = future.result()  # which waits, if it is lost meanwhile, until it has been done again
    except CancelledError:
        raise WorkerLostError(GONE) from None
    except Exception as error:
        raise WorkerLostError(str(error)) from None
    future.release()
    return told
