#!/usr/bin/env bash
# 2026-11-30. PyPI: hypothesis 6.170.15, freezegun 1.5.5 (Python 3.11.7).
#
# Hypothesis measures its own work with the clocks that freezegun freezes. A property that lets an hour of frozen time
# pass in every example uses up at once the five minutes that Hypothesis grants itself for shrinking, and it says so
# although no minute has gone by; `deadline=None` does not help. Who tests token refresh that way gets a long story
# where a short one exists: here two waits of three hours each in place of the smallest counterexample.
#
# Seen: with the real clock 23 failing examples were tried, down to [0, 1000]; with the frozen one 4, the last of them
# [10799, 10799], and the message that more than five minutes were spent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q hypothesis==6.170.15 freezegun==1.5.5

cat > probe.py <<'PYTHON'
import contextlib
import io
import time

from freezegun import freeze_time
from hypothesis import given, settings, strategies as st


def smallest(frozen):
    failing = []

    @settings(deadline=None, derandomize=True, database=None)
    @given(st.lists(st.integers(0, 1_000_000)))
    def no_two_waits_reach_a_thousand_seconds(waits):
        if frozen is not None:
            frozen.tick(3600)
        if len(waits) >= 2 and sum(waits) >= 1000:
            failing.append(waits)
            raise AssertionError

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(AssertionError):
        no_two_waits_reach_a_thousand_seconds()
    return failing[-1] == [0, 1000], "five minutes" in said.getvalue()


began = time.clock_gettime(time.CLOCK_MONOTONIC)
print("real clock: smallest %s, says that five minutes were spent %s" % smallest(None))
with freeze_time("2030-01-01") as frozen:
    print("frozen clock: smallest %s, says that five minutes were spent %s" % smallest(frozen))
print("in truth under a minute:", time.clock_gettime(time.CLOCK_MONOTONIC) - began < 60)
PYTHON

expected='real clock: smallest True, says that five minutes were spent False
frozen clock: smallest False, says that five minutes were spent True
in truth under a minute: True'
seen=$(venv/bin/python -I probe.py)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
