#!/usr/bin/env bash
# 2026-11-30. npm: @badgateway/oauth2-client 3.3.1 (Node.js 20.20.2).
#
# OAuth2Fetch sets a timer, by default, that refreshes a minute before the access token expires. A timer of Node.js
# holds at most 2^31 - 1 milliseconds, a little under 25 days, and turns a longer one into one millisecond. So a vendor
# whose access tokens live for thirty days is asked for the next pair as soon as a pair has come, and for the next one
# after that, without any call of the application. A test with tokens of an hour never shows it.
#
# Seen in half a second on loopback: 1 refresh with 3600 s, 1 with 2,000,000 s, 94 with 2,592,000 s (thirty days).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true, "type": "module"}' > package.json
npm install --silent --no-audit --no-fund @badgateway/oauth2-client@3.3.1 > npm.log 2>&1 || { cat npm.log >&2; exit 1; }

cat > probe.js <<'JAVASCRIPT'
import http from 'node:http';
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';

async function refreshesInHalfASecond(expiresIn) {
  let refreshes = 0;
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      refreshes += 1;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({
        access_token: `AT${refreshes}`, refresh_token: `RT${refreshes}`, token_type: 'Bearer', expires_in: expiresIn,
      }));
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const client = new OAuth2Client({
    server: `http://127.0.0.1:${server.address().port}`, clientId: 'app', tokenEndpoint: '/token',
  });
  const fetcher = new OAuth2Fetch({
    client,
    getNewToken: () => null,
    getStoredToken: () => ({ accessToken: 'AT0', refreshToken: 'RT0', expiresAt: Date.now() - 1000 }),
  });
  await fetcher.getAccessToken();
  await new Promise((over) => setTimeout(over, 500));
  return refreshes;
}

for (const expiresIn of [3600, 2000000, 2592000]) {
  const refreshes = await refreshesInHalfASecond(expiresIn);
  console.log(`${expiresIn}: ${refreshes > 5 ? 'again and again' : refreshes}`);
}
process.exit(0);
JAVASCRIPT

expected='3600: 1
2000000: 1
2592000: again and again'
seen=$(node --no-warnings probe.js)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
