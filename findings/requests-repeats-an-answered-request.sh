#!/usr/bin/env bash
# 2026-11-30. PyPI: requests 2.34.2, urllib3 2.8.0 (Python 3.11.7).
#
# The documentation of requests says of an integer HTTPAdapter(max_retries=...) that it is for connections that fail
# and never for a request whose data has reached the server. One header changes that: a GET that the server answers
# with 503 and Retry-After is sent again, and before that the calling thread sleeps as long as the server says.
# Without the header the same 503 is handed to the caller. So an API's throttling is invisible in a client whose author
# only wanted to bridge broken connections, a test that serves a long Retry-After sleeps for it under freezegun too,
# and whether a client "waits as it was told" turns on a parameter that says nothing of it.
#
# Seen, status and requests at the server, max_retries=3: a GET with Retry-After 200 after 2 and an hour of sleep, which
# the probe only writes down; without it 503 after 1; a POST with it 503 after 1. With max_retries=0, requests' default,
# a GET with it 503 after 1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q requests==2.34.2 urllib3==2.8.0

cat > probe.py <<'PYTHON'
import http.server
import threading
from unittest import mock

import requests
from requests.adapters import HTTPAdapter


class Api(http.server.BaseHTTPRequestHandler):
    """Throttles its first request and no other."""

    seen = 0
    retry_after = None

    def answer(self):
        Api.seen += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(503 if Api.seen == 1 else 200)
        if Api.seen == 1 and Api.retry_after:
            self.send_header("Retry-After", Api.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
for method, retries, retry_after in (("GET", 3, "3600"), ("GET", 3, None), ("POST", 3, "3600"), ("GET", 0, "3600")):
    Api.seen, Api.retry_after = 0, retry_after
    with requests.Session() as session, mock.patch("time.sleep") as sleep:
        session.trust_env = False
        session.mount("http://", HTTPAdapter(max_retries=retries))
        status = session.request(method, f"http://127.0.0.1:{server.server_port}/").status_code
    slept = [call.args[0] for call in sleep.call_args_list]
    print(f"{method}, max_retries={retries}, Retry-After {retry_after}: {status} after {Api.seen}, slept {slept}")
PYTHON

expected='GET, max_retries=3, Retry-After 3600: 200 after 2, slept [3600]
GET, max_retries=3, Retry-After None: 503 after 1, slept []
POST, max_retries=3, Retry-After 3600: 503 after 1, slept []
GET, max_retries=0, Retry-After 3600: 503 after 1, slept []'
seen=$(venv/bin/python -I probe.py)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
