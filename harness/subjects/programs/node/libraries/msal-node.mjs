// @azure/msal-node 7: ConfidentialClientApplication with its token cache, which the application serialises; it refreshes
// when a token is asked for, and leaves the call itself to the application. It speaks to https://login.microsoftonline.com
// alone, so that the fetch which its HTTP client uses is led to where that stands.
// https://github.com/AzureAD/microsoft-authentication-library-for-js, seen 2026-11-30.
import { AuthError, ConfidentialClientApplication } from '@azure/msal-node';
import { Failure } from './failures.mjs';

export const library = '@azure/msal-node';
const TOKEN_PATH = '/oauth2/v2.0/token';
const UNREADABLE = ['token_parsing_error', 'unexpected_error'];
const GONE = ['no_tokens_found', 'no_account_found', 'no_account_in_silent_request', 'refresh_token_expired'];

const direct = globalThis.fetch;
let door; // the origin at which the vendors stand

globalThis.fetch = (url, options) => direct(`${url}`.replace(/^https:\/\//, `${door}/`), options);

export const unsuited = ({ token_endpoint }) => (token_endpoint.endsWith(TOKEN_PATH) ? undefined
  : `MSAL speaks to authorities of the Microsoft identity platform, whose token endpoints end in ${TOKEN_PATH}`);

export class Client {
  constructor(app) {
    const { client_id, client_secret, token_endpoint } = app.registration, { origin, pathname } = new URL(token_endpoint);
    door = origin;
    this.app = app;
    this.client = new ConfidentialClientApplication({
      auth: { clientId: client_id, clientSecret: client_secret, authority: `https:/${pathname.replace(TOKEN_PATH, '')}` },
    });
    if (app.stored) this.client.getTokenCache().deserialize(app.stored.cache);
  }
  get refreshable() { return this.app.stored?.cache.includes('"RefreshToken":{"'); }
  authorize({ state, challenge }) {
    const { scopes, redirect_uri, authorization_parameters } = this.app.registration;
    return this.client.getAuthCodeUrl({ scopes, redirectUri: redirect_uri, state, codeChallenge: challenge,
      codeChallengeMethod: 'S256', extraQueryParameters: authorization_parameters });
  }
  async callback(url, login) {
    const { scopes, redirect_uri } = this.app.registration, code = this.app.code(url, login);
    await this.client.acquireTokenByCode({ scopes, code, redirectUri: redirect_uri, codeVerifier: login.verifier });
    this.keep();
  }
  async call(resource) {
    const { accessToken } = await this.silently(false);
    return (await fetch(resource, { headers: { authorization: `Bearer ${accessToken}` } })).status;
  }
  async refresh() { await this.silently(true); }
  async silently(forceRefresh) {
    const [account] = await this.client.getTokenCache().getAllAccounts();
    if (!account) throw new Failure('reauth_required', { message: 'no account' });
    try {
      return await this.client.acquireTokenSilent({ account, scopes: this.app.registration.scopes, forceRefresh });
    } finally {
      this.keep();
    }
  }
  keep() { if (this.client.getTokenCache().hasChanged()) this.app.keep({ cache: this.client.getTokenCache().serialize() }); }
}

export function errorOf(error) {
  if (!(error instanceof AuthError)) return undefined;
  if (error.errorCode === 'network_error') return { kind: 'transport' };
  if (UNREADABLE.includes(error.errorCode)) return { kind: 'parse' };
  return GONE.includes(error.errorCode) ? { kind: 'reauth_required' } : { oauth_error: error.errorCode, status: error.status };
}
