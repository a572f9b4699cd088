#!/usr/bin/env bash
# 2026-11-30. PyPI: mcp 2.3.0, httpx2 2.16.2 (Python 3.11.7).
#
# The OAuth provider of MCP's Python SDK builds its own requests, and those have no timeout: that of the httpx2 client
# that the provider stands in is for the requests which the client builds. So a token endpoint that takes the
# connection and never answers stops a call for good, under a lock that every other call of the provider waits for.
#
# Seen: the call has the client's 5 s; the request for metadata and the one for tokens have none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q mcp==2.3.0 httpx2==2.16.2

cat > probe.py <<'PYTHON'
import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata

BACK = "https://app.example/callback"
seen, page = {}, []


class Storage:
    async def get_tokens(self):
        return None

    async def set_tokens(self, tokens):
        pass

    async def get_client_info(self):
        return OAuthClientInformationFull(client_id="app", redirect_uris=[BACK], token_endpoint_auth_method="none")

    async def set_client_info(self, client_info):
        pass


def server(request):
    seen[f"{request.method} {request.url.path}"] = request.extensions.get("timeout", {}).get("read")
    if request.url.path == "/token":
        return httpx2.Response(200, json={"access_token": "AT1", "token_type": "Bearer", "expires_in": 3600})
    if request.url.path == "/mcp":
        return httpx2.Response(200 if "authorization" in request.headers else 401)
    return httpx2.Response(404)


async def redirected(url):
    page.append(url)


async def called_back():
    return AuthorizationCodeResult(code="C", state=parse_qs(urlsplit(page[0]).query)["state"][0])


async def main():
    provider = OAuthClientProvider(
        "https://api.example/mcp", OAuthClientMetadata(redirect_uris=[BACK]), Storage(), redirected, called_back
    )
    async with httpx2.AsyncClient(auth=provider, timeout=5.0, transport=httpx2.MockTransport(server)) as client:
        print("status", (await client.get("https://api.example/mcp")).status_code)
    for name in ("GET /mcp", "GET /.well-known/oauth-authorization-server", "POST /token"):
        print(f"{name}: read timeout {seen[name]}")


asyncio.run(main())
PYTHON

expected='status 200
GET /mcp: read timeout 5.0
GET /.well-known/oauth-authorization-server: read timeout None
POST /token: read timeout None'
seen=$(venv/bin/python -I probe.py)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
