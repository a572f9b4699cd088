"""Work in several processes comes in its order, and nothing that was started for it outlives it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from refreshproof.harness.work.jobs import results, streamed
from refreshproof.harness.work.pieces import WorkerLostError


def square(number: int) -> int:
    return number * number


def end(number: int) -> int:
    os._exit(number)


def fail() -> int:
    raise KeyError("no such thing")


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_the_order_of_the_work(jobs: int) -> None:
    assert list(results([partial(square, number) for number in range(12)], jobs)) == [n * n for n in range(12)]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_parts_come_in_the_order_of_the_work(jobs: int) -> None:
    work = [partial(range, number) for number in range(12)]
    assert list(streamed(work, jobs)) == [part for number in range(12) for part in range(number)]


def test_parts_of_what_is_under_way_come_before_it_is_done() -> None:
    """The first piece goes on only when somebody has read its first part."""
    reader, writer = os.pipe()

    def first() -> Iterator[str]:
        yield "begun"
        yield os.read(reader, 4).decode()

    parts = streamed([first, lambda: ["other"]], 2)
    assert next(parts) == "begun"
    os.write(writer, b"read")
    assert list(parts) == ["read", "other"]


def test_a_process_that_is_lost_is_told_with_its_exit_status() -> None:
    with pytest.raises(WorkerLostError, match="exit status 3"):
        list(results([partial(square, 1), partial(end, 3)], 2))


def test_an_exception_in_a_process_is_told_with_its_type() -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'no such thing'"):
        list(results([fail, fail], 2))


def alive(number: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


PARENT = """
import os, sys
from functools import partial
from refreshproof.harness.work.jobs import results

def linger(number):
    child = os.posix_spawn("/bin/sleep", ["sleep", "600"], {})
    print(os.getpid(), child, flush=True)
    return number if number < 0 else os.read(os.pipe()[0], 1)

for _ in results([partial(linger, 1), partial(linger, 2)], 2):
    pass
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_parent_whatever_ends_that(number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        started = [int(one) for _ in range(2) for one in parent.stdout.readline().split()]
        ends = [os.pidfd_open(one) for one in started]
        assert len(ends) == 4
        parent.send_signal(number)
        for end in ends:
            assert select.select([end], [], [], 10)[0], "it is still there"
            os.close(end)


def test_what_was_started_ends_when_nobody_wants_the_rest() -> None:
    def tell() -> int:
        return os.getpid()

    work: list[Callable[[], int]] = [tell] * 6
    going = results(work, 2)
    first = next(going)
    going.close()
    assert not alive(first)
