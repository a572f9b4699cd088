// @badgateway/oauth2-client 3: OAuth2Fetch is used like fetch and refreshes by itself; the application gives it what it
// has stored, and a way to get tokens anew, which a program without a user does not have. The timer that refreshes a
// minute before the end is off: timers are real while time is virtual.
// https://github.com/badgateway/oauth2-client, seen 2026-11-30.
import { OAuth2Client, OAuth2Error, OAuth2Fetch } from '@badgateway/oauth2-client';
import { Failure } from './failures.mjs';

export const library = '@badgateway/oauth2-client';

export class Client {
  constructor(app) {
    const { client_id, client_secret, token_endpoint, authorization_endpoint, client_authentication } = app.registration;
    this.app = app;
    this.client = new OAuth2Client({ clientId: client_id, clientSecret: client_secret, tokenEndpoint: token_endpoint,
      authorizationEndpoint: authorization_endpoint, authenticationMethod: client_authentication });
    this.open();
  }
  open() {
    this.session = new OAuth2Fetch({ client: this.client, scheduleRefresh: false,
      getStoredToken: () => this.app.stored ?? null,
      storeToken: (token) => this.app.keep(token),
      getNewToken: () => { throw new Failure('reauth_required', { message: 'getNewToken' }); } });
  }
  get refreshable() { return this.app.stored?.refreshToken; }
  authorize({ state, verifier }) {
    const { redirect_uri, authorization_parameters } = this.app.registration;
    return this.client.authorizationCode.getAuthorizeUri({ redirectUri: redirect_uri, state, codeVerifier: verifier,
      scope: this.app.scopes, extraParams: authorization_parameters });
  }
  async callback(url, login) {
    const code = this.app.code(url, login), { redirect_uri } = this.app.registration;
    this.app.keep(await this.client.authorizationCode.getToken({ code, redirectUri: redirect_uri, codeVerifier: login.verifier }));
    this.open();
  }
  async call(resource) { return (await this.session.fetch(resource)).status; }
  async refresh() { await this.session.refreshToken(); }
}

export function errorOf(error) {
  return error instanceof OAuth2Error ? { oauth_error: error.oauth2Code, status: error.httpCode } : undefined;
}
