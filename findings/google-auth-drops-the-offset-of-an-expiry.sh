#!/usr/bin/env bash
# 2026-11-30. PyPI: google-auth 2.62.2 (Python 3.11.7).
#
# Credentials.from_authorized_user_info cuts a stored expiry off at its first dot before it reads it as UTC. Of two
# texts for the same instant, the one without a fraction is refused for its offset, the one with a fraction loses its
# offset without a word. Python's own isoformat() of an aware instant writes just that second form whenever there are
# microseconds, which is nearly always, so the refusal shows up in a tidy test (whole seconds) and not in use. East of
# Greenwich the access token then counts as alive for hours after its end, and is presented dead in place of a refresh.
#
# Seen, for 2030-01-01T00:00:00Z: with Z right; as 02:00:00+02:00 a ValueError; as 02:00:00.000001+02:00 two hours late.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q google-auth==2.62.2

cat > probe.py <<'PYTHON'
from datetime import datetime, timedelta, timezone

from google.oauth2.credentials import Credentials

east = timezone(timedelta(hours=2))
for expiry in (
    "2030-01-01T00:00:00Z",
    datetime(2030, 1, 1, 2, tzinfo=east).isoformat(),
    datetime(2030, 1, 1, 2, microsecond=1, tzinfo=east).isoformat(),
):
    stored = {"token": "AT", "refresh_token": "RT", "client_id": "app", "client_secret": "secret", "expiry": expiry}
    try:
        print(expiry, "is read as", Credentials.from_authorized_user_info(stored).expiry)
    except ValueError:
        print(expiry, "is refused")
PYTHON

expected='2030-01-01T00:00:00Z is read as 2030-01-01 00:00:00
2030-01-01T02:00:00+02:00 is refused
2030-01-01T02:00:00.000001+02:00 is read as 2030-01-01 02:00:00'
seen=$(venv/bin/python -I probe.py)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
