// openid-client at an issuer, by discovery: the login's address out, the callback in, userinfo and a refresh after it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline/promises';
import { pathToFileURL } from 'node:url';

const { FOLDER, ISSUER, CLIENT_ID, CLIENT_SECRET, CALLBACK, SCOPE } = process.env;
const oidc = await import(pathToFileURL(createRequire(`${FOLDER}/package.json`).resolve('openid-client')));
const insecure = { execute: [oidc.allowInsecureRequests] }; // the vendors stand on loopback
const found = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.ClientSecretPost(CLIENT_SECRET), insecure);
const pkceCodeVerifier = oidc.randomPKCECodeVerifier(), expectedState = oidc.randomState(), expectedNonce = oidc.randomNonce();
const challenge = await oidc.calculatePKCECodeChallenge(pkceCodeVerifier);
console.log(oidc.buildAuthorizationUrl(found, {
  redirect_uri: CALLBACK, scope: SCOPE, state: expectedState, nonce: expectedNonce, code_challenge: challenge,
  code_challenge_method: 'S256' }).href);
const lines = createInterface({ input: process.stdin });
const callback = await new Promise((resolve) => lines.once('line', resolve));
lines.close();
const tokens = await oidc.authorizationCodeGrant(found, new URL(callback), { pkceCodeVerifier, expectedState, expectedNonce });
const user = await oidc.fetchUserInfo(found, tokens.access_token, tokens.claims().sub);
const renewed = await oidc.refreshTokenGrant(found, tokens.refresh_token);
console.log(JSON.stringify({ user: user.name, renewed: renewed.access_token !== tokens.access_token }));
