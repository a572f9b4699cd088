// google-auth-library 10: OAuth2Client refreshes when it is used and hands new tokens over by an event; the
// application looks at the callback and stores what the event brings.
// https://github.com/googleapis/google-auth-library-nodejs, seen 2026-11-30.
import { Gaxios, GaxiosError } from 'gaxios';
import { OAuth2Client } from 'google-auth-library';

export const library = 'google-auth-library';
const AT_ONCE = { retryConfig: { retryBackoff: () => Promise.resolve() } }; // timers are real while time is virtual

class Transport extends Gaxios {
  request(options = {}) { return super.request({ ...options, retryConfig: { ...options.retryConfig, ...AT_ONCE.retryConfig } }); }
}

export class Client {
  constructor(app) {
    const { client_id, client_secret, redirect_uri, token_endpoint, authorization_endpoint } = app.registration;
    this.app = app;
    this.client = new OAuth2Client({ clientId: client_id, clientSecret: client_secret, redirectUri: redirect_uri,
      endpoints: { oauth2TokenUrl: token_endpoint, oauth2AuthBaseUrl: authorization_endpoint }, transporter: new Transport() });
    this.client.on('tokens', (tokens) => this.app.keep({ ...this.app.stored, ...tokens }));
    if (app.stored) this.client.setCredentials({ ...app.stored });
  }
  authorize(login) {
    const { redirect_uri, ...parameters } = this.app.parameters(login);
    return this.client.generateAuthUrl(parameters);
  }
  async callback(url, login) {
    const { tokens } = await this.client.getToken({ code: this.app.code(url, login), codeVerifier: login.verifier });
    this.app.keep(tokens);
    this.client.setCredentials({ ...tokens });
  }
  async call(resource) { return (await this.client.request({ url: resource })).status; }
  async refresh() { await this.client.refreshAccessToken(); }
}

export function errorOf(error) {
  if (/^No refresh token/.test(error.message)) return { kind: 'reauth_required' };
  if (!(error instanceof GaxiosError)) return undefined;
  return { oauth_error: error.response?.data?.error, status: error.response?.status };
}
