#!/usr/bin/env bash
# 2026-11-30. PyPI: msal 1.39.0, freezegun 1.5.5 (Python 3.11.7).
#
# An application object of MSAL for Python remembers an answer with status 400 for a minute, even if it tells of a
# passing cause, and hands it out again for the same request without sending that. So a refresh that failed goes on
# failing after the server is well again, and the server's log has one request where the application has made several.
# A test that counts refresh requests, or lets the second one succeed, judges this memory and not the application's
# retry; and it judges it differently when its virtual clock jumps past the minute.
#
# Seen: refused at 0 s; at 30 s the server would have granted, but the same refusal came and the server saw nothing; at
# 61 s the same call was granted, with the server's second request.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q msal==1.39.0 freezegun==1.5.5

cat > probe.py <<'PYTHON'
import json

import msal
from freezegun import freeze_time

AUTHORITY = "https://login.microsoftonline.com/contoso.example"
METADATA = {
    "issuer": AUTHORITY + "/v2.0",
    "authorization_endpoint": AUTHORITY + "/oauth2/v2.0/authorize",
    "token_endpoint": AUTHORITY + "/oauth2/v2.0/token",
}
REFUSED = {"error": "temporarily_unavailable", "error_description": "The server is too busy."}
GRANTED = {"access_token": "AT1", "refresh_token": "RT1", "token_type": "Bearer", "expires_in": 3600, "scope": "api"}


class Answer:
    def __init__(self, status_code, body):
        self.status_code = status_code
        self.headers = {"Content-Type": "application/json"}
        self.text = json.dumps(body)

    def raise_for_status(self):
        pass


class Server:
    """MSAL's own hook for an HTTP client: busy for the first token request, well from then on."""

    requests = 0

    def get(self, url, **kwargs):
        return Answer(200, METADATA)

    def post(self, url, **kwargs):
        self.requests += 1
        return Answer(400, REFUSED) if self.requests == 1 else Answer(200, GRANTED)

    def close(self):
        pass


server = Server()
with freeze_time("2030-01-01") as frozen:
    application = msal.ConfidentialClientApplication(
        "app", client_credential="secret", authority=AUTHORITY, http_client=server, instance_discovery=False
    )
    at = 0
    for wait in (0, 30, 31):
        frozen.tick(wait)
        at += wait
        answer = application.acquire_token_by_refresh_token("RT0", scopes=["api"])
        print(f"at {at} s: {answer.get('error', 'granted')}, token requests so far: {server.requests}")
PYTHON

expected='at 0 s: temporarily_unavailable, token requests so far: 1
at 30 s: temporarily_unavailable, token requests so far: 1
at 61 s: granted, token requests so far: 2'
seen=$(venv/bin/python -I probe.py)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
