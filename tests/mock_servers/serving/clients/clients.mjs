// Libraries for Node, as they are: node clients.mjs NAME. Each builds the login's address, takes the callback, and
// returns what it was told of the user, and the access tokens before and after a refresh. To add one, write a row.
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';

const { FOLDER, DOOR, ISSUER, CLIENT_ID, CLIENT_SECRET, CALLBACK, SCOPE, AUTHORIZATION, TOKEN, RESOURCE } = process.env;
const require = createRequire(`${FOLDER}/package.json`), lines = createInterface({ input: process.stdin });
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const OFFLINE = JSON.parse(process.env.OFFLINE), state = randomBytes(16).toString('hex'), scopes = SCOPE.split(' ');

if (DOOR) { // what a line of /etc/hosts does: whatever the host, its TLS is spoken with the vendors on loopback
  const { connect } = tls;
  tls.connect = (options, ...more) => connect({ ...options, host: '127.0.0.1', port: Number(DOOR) }, ...more);
}

// Go to the login's address, and come back.
const callbackOf = (url) => {
  console.log(`${url}`);
  return new Promise((resolve) => lines.once('line', (line) => resolve(new URL(line))));
};
const codeOf = async (url) => (await callbackOf(url)).searchParams.get('code');
const userBy = async (token) => (await fetch(RESOURCE, { headers: { authorization: `Bearer ${token}` } })).text();

// Passport's strategies as its middleware drives them, and a refresh as passport-oauth2-refresh makes it.
async function passport(Strategy, options) {
  let found;
  const strategy = new Strategy({ authorizationURL: AUTHORIZATION, tokenURL: TOKEN, ...options, clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET, callbackURL: CALLBACK, scope: scopes, state: true,
  }, (before, refresh, profile, done) => done(null, { before, refresh, profile }));
  strategy.authorizationParams = ((usual) => (given) => ({ ...usual(given), ...OFFLINE }))(strategy.authorizationParams);
  const session = {}, meet = (query) => new Promise((redirect, error) => {
    Object.assign(strategy, { redirect, error, fail: error, success: (user) => { found = user; redirect(); } });
    strategy.authenticate({ query, session }, {});
  });
  const callback = await callbackOf(await meet({}));
  await meet(Object.fromEntries(callback.searchParams));
  const after = await new Promise((done, failed) => strategy._oauth2.getOAuthAccessToken(found.refresh,
    { grant_type: 'refresh_token' }, (error, token) => (error ? failed(new Error(error.data)) : done(token))));
  return { ...found, after };
}

const CLIENTS = {
  'openid-client': async () => {
    const oidc = await load('openid-client');
    const insecure = { execute: [oidc.allowInsecureRequests] }; // the vendors stand on loopback
    const found = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.ClientSecretPost(CLIENT_SECRET), insecure);
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier(), expectedState = state, expectedNonce = oidc.randomNonce();
    const code_challenge = await oidc.calculatePKCECodeChallenge(pkceCodeVerifier);
    const callback = await callbackOf(oidc.buildAuthorizationUrl(found, { redirect_uri: CALLBACK, scope: SCOPE, state,
      nonce: expectedNonce, code_challenge, code_challenge_method: 'S256', ...OFFLINE }));
    const tokens = await oidc.authorizationCodeGrant(found, callback, { pkceCodeVerifier, expectedState, expectedNonce });
    const user = await oidc.fetchUserInfo(found, tokens.access_token, tokens.claims().sub);
    const renewed = await oidc.refreshTokenGrant(found, tokens.refresh_token);
    return { user: user.name, before: tokens.access_token, after: renewed.access_token };
  },
  'simple-oauth2': async () => {
    const { AuthorizationCode } = await load('simple-oauth2'), [authorize, token] = [new URL(AUTHORIZATION), new URL(TOKEN)];
    const client = new AuthorizationCode({
      client: { id: CLIENT_ID, secret: CLIENT_SECRET },
      auth: { tokenHost: token.origin, tokenPath: token.pathname, authorizeHost: authorize.origin, authorizePath: authorize.pathname },
      options: { authorizationMethod: 'body', bodyFormat: 'json' },
    });
    const code = await codeOf(client.authorizeURL({ redirect_uri: CALLBACK, scope: SCOPE, state, ...OFFLINE }));
    const before = await client.getToken({ code, redirect_uri: CALLBACK }), after = await before.refresh();
    const user = await userBy(after.token.access_token);
    return { user, before: before.token.access_token, after: after.token.access_token };
  },
  '@badgateway/oauth2-client': async () => {
    const { OAuth2Client } = await load('@badgateway/oauth2-client');
    const client = new OAuth2Client({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, authorizationEndpoint: AUTHORIZATION, tokenEndpoint: TOKEN });
    const login = { redirectUri: CALLBACK, state, codeVerifier: randomBytes(32).toString('base64url') };
    const url = await client.authorizationCode.getAuthorizeUri({ ...login, scope: scopes, extraParams: OFFLINE });
    const before = await client.authorizationCode.getTokenFromCodeRedirect(await callbackOf(url), login);
    const user = await userBy(before.accessToken);
    return { user, before: before.accessToken, after: (await client.refreshToken(before)).accessToken };
  },
  'client-oauth2': async () => {
    const { default: ClientOAuth2 } = await load('client-oauth2');
    const client = new ClientOAuth2({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, accessTokenUri: TOKEN,
      authorizationUri: AUTHORIZATION, redirectUri: CALLBACK, scopes, state, query: OFFLINE });
    const before = await client.code.getToken((await callbackOf(client.code.getUri())).href);
    const user = await userBy(before.accessToken);
    return { user, before: before.accessToken, after: (await before.refresh()).accessToken };
  },
  'google-auth-library': async () => {
    const { CodeChallengeMethod, OAuth2Client } = await load('google-auth-library');
    const client = new OAuth2Client({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUri: CALLBACK });
    const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
    const code = await codeOf(client.generateAuthUrl({ scope: scopes, state, ...OFFLINE,
      code_challenge: codeChallenge, code_challenge_method: CodeChallengeMethod.S256 }));
    const { tokens } = await client.getToken({ code, codeVerifier }), before = tokens.access_token;
    const ticket = await client.verifyIdToken({ idToken: tokens.id_token, audience: CLIENT_ID });
    client.setCredentials(tokens);
    const after = (await client.refreshAccessToken()).credentials.access_token, { email } = await client.getTokenInfo(after);
    await client.revokeCredentials();
    return { user: `${ticket.getPayload().name}, ${email}`, before, after };
  },
  '@azure/msal-node': async () => {
    const { ConfidentialClientApplication, CryptoProvider } = await load('@azure/msal-node');
    const client = new ConfidentialClientApplication({ auth: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } });
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes(), login = { scopes, redirectUri: CALLBACK };
    const code = await codeOf(await client.getAuthCodeUrl({ ...login, state, codeChallenge: challenge, codeChallengeMethod: 'S256' }));
    const before = await client.acquireTokenByCode({ ...login, code, codeVerifier: verifier });
    const after = await client.acquireTokenSilent({ account: before.account, scopes, forceRefresh: true });
    return { user: before.account.name, before: before.accessToken, after: after.accessToken };
  },
  'passport-oauth2': async () => {
    const { before, after } = await passport((await load('passport-oauth2')).default, { scopeSeparator: ' ' });
    return { user: await userBy(after), before, after };
  },
  'passport-google-oauth20': async () => {
    const { Strategy } = await load('passport-google-oauth20');
    const { profile, before, after } = await passport(Strategy, { authorizationURL: undefined, tokenURL: undefined });
    return { user: profile.displayName, before, after };
  },
  'arctic-gitlab': async () => {
    const { GitLab, generateState } = await load('arctic');
    const client = new GitLab(new URL(TOKEN).origin, CLIENT_ID, CLIENT_SECRET, CALLBACK);
    const before = await client.validateAuthorizationCode(await codeOf(client.createAuthorizationURL(generateState(), scopes)));
    const after = await client.refreshAccessToken(before.refreshToken()), user = await userBy(after.accessToken());
    await client.revokeToken(after.accessToken());
    return { user, before: before.accessToken(), after: after.accessToken() };
  },
  'arctic-okta': async () => {
    const { Okta, decodeIdToken, generateCodeVerifier, generateState } = await load('arctic');
    const client = new Okta(new URL(AUTHORIZATION).host, 'default', CLIENT_ID, CLIENT_SECRET, CALLBACK);
    const verifier = generateCodeVerifier(), code = await codeOf(client.createAuthorizationURL(generateState(), verifier, scopes));
    const before = await client.validateAuthorizationCode(code, verifier);
    const after = await client.refreshAccessToken(before.refreshToken(), scopes);
    return { user: decodeIdToken(before.idToken()).name, before: before.accessToken(), after: after.accessToken() };
  },
};

const { user, before, after } = await CLIENTS[process.argv[2]]();
lines.close();
console.log(JSON.stringify({ user, renewed: Boolean(after) && after !== before }));
