#!/usr/bin/env bash
# 2026-11-30. npm: simple-oauth2 5.1.0, the newest release, and 5.0.0 before it (Node.js 20.20.2).
#
# A refresh answer may come without refresh_token; then the old one goes on. Release 5.1.0 takes care of that case, but
# what it fills in is `undefined`. Two things follow that a test of one refresh does not show. The next refresh sends an
# empty refresh_token; and merging the answer over the stored token, which kept the refresh token up to 5.0.0, now
# erases it.
#
# Seen: with both releases the server was sent RT1, then an empty refresh_token; merged over the stored token the answer
# gives RT1 with 5.0.0, and undefined with 5.1.0.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true, "type": "module"}' > package.json
npm install --silent --no-audit --no-fund \
  simple-oauth2@5.1.0 simple-oauth2-before@npm:simple-oauth2@5.0.0 > npm.log 2>&1 || { cat npm.log >&2; exit 1; }

cat > probe.js <<'JAVASCRIPT'
import http from 'node:http';
import { text } from 'node:stream/consumers';
import newest from 'simple-oauth2';
import before from 'simple-oauth2-before';

async function twoRefreshes({ AuthorizationCode }) {
  const sent = [];
  const server = http.createServer(async (request, response) => {
    sent.push(new URLSearchParams(await text(request)).get('refresh_token'));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: `AT${sent.length}`, token_type: 'Bearer', expires_in: 3600 }));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const application = new AuthorizationCode({
    client: { id: 'app', secret: 'secret' },
    auth: { tokenHost: `http://127.0.0.1:${server.address().port}`, tokenPath: '/token' },
  });
  const stored = { access_token: 'AT0', refresh_token: 'RT1', token_type: 'Bearer', expires_in: 3600 };
  const refreshed = await application.createToken(stored).refresh();
  await refreshed.refresh();
  const merged = { ...stored, ...refreshed.token };
  return `sent ${JSON.stringify(sent)}, merged over the stored token ${merged.refresh_token}`;
}

console.log('5.0.0:', await twoRefreshes(before));
console.log('5.1.0:', await twoRefreshes(newest));
process.exit(0);
JAVASCRIPT

expected='5.0.0: sent ["RT1",""], merged over the stored token RT1
5.1.0: sent ["RT1",""], merged over the stored token undefined'
seen=$(node probe.js)
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
