#!/usr/bin/env bash
# 2026-11-30. Debian bookworm: libfaketime 0.9.10-2.1. Python 3.11.7.
#
# libfaketime documents FAKETIME_DONT_FAKE_MONOTONIC as the setting that leaves CLOCK_MONOTONIC alone, for programs
# whose timers must not be touched. Python 3.11 and newer sleep until an instant of that clock, and there the two meet:
# with the setting, `time.sleep` of any length raises OSError EINVAL at once, while a wait with a timeout (an event, a
# queue, select, asyncio) lasts as long as it should. So a client that waits with `time.sleep` before it asks again
# fails in a test under libfaketime with an exception that is in none of its branches, and the same client on Python
# 3.10 does not. Whoever moves only the date of a program for such a test has to give it another sleep.
#
# Seen, with the date moved by a hundred seconds: with the setting, sleep: EINVAL; event 0.2 s; select 0.2 s.
# Without libfaketime, sleep: 0.2 s.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -qq download libfaketime=0.9.10-2.1
dpkg-deb -x libfaketime_*.deb files
library=$(find "$PWD/files" -name libfaketime.so.1)
python3 -c 'import sys; assert sys.version_info >= (3, 11), "needs Python 3.11 or newer"'

cat > probe.py <<'PYTHON'
import errno
import select
import sys
import threading
import time


def lasted(wait):
    """How long a wait of 0.2 s takes, to a tenth of a second, or the error it raises."""
    began = time.monotonic()
    try:
        wait(0.2)
    except OSError as error:
        return errno.errorcode[error.errno]
    return f"{time.monotonic() - began:.1f} s"


seen = {
    "sleep": lasted(time.sleep),
    "event": lasted(threading.Event().wait),
    "select": lasted(lambda seconds: select.select([], [], [], seconds)),
}
print(sys.argv[1], seen)
sleep = {"alone": "0.2 s", "preloaded": "EINVAL"}[sys.argv[1]]
sys.exit(seen != {"sleep": sleep, "event": "0.2 s", "select": "0.2 s"})
PYTHON

python3 probe.py alone
env LD_PRELOAD="$library" FAKETIME='+100s' FAKETIME_DONT_FAKE_MONOTONIC=1 python3 probe.py preloaded
