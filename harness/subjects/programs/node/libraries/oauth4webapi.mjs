// oauth4webapi 3: a function for each request and each answer, which the application puts together; it builds the
// authorization request, decides when to refresh, and stores. https://github.com/panva/oauth4webapi, seen 2026-11-30.
import * as oauth from 'oauth4webapi';

export const library = 'oauth4webapi';
const AUTHENTICATION = { client_secret_basic: oauth.ClientSecretBasic, client_secret_post: oauth.ClientSecretPost };
const OPTIONS = { [oauth.allowInsecureRequests]: true }; // the vendors stand on loopback

export class Client {
  constructor(app) {
    const { issuer, authorization_endpoint, token_endpoint, iss_expected, client_id, client_secret, client_authentication } = app.registration;
    const server = { issuer, authorization_endpoint, token_endpoint, authorization_response_iss_parameter_supported: iss_expected };
    Object.assign(this, { app, who: [server, { client_id }], how: AUTHENTICATION[client_authentication](client_secret) });
  }
  authorize(login) { return this.app.url(login); }
  async callback(url, { state, verifier }) {
    const query = oauth.validateAuthResponse(...this.who, new URL(url), state), { redirect_uri } = this.app.registration;
    const answer = await oauth.authorizationCodeGrantRequest(...this.who, this.how, query, redirect_uri, verifier ?? oauth.nopkce, OPTIONS);
    this.app.merge(await oauth.processAuthorizationCodeResponse(...this.who, answer));
  }
  async call(resource) {
    if (this.app.due) await this.refresh();
    const { access_token } = this.app.stored;
    return (await oauth.protectedResourceRequest(access_token, 'GET', new URL(resource), undefined, undefined, OPTIONS)).status;
  }
  async refresh() {
    const answer = await oauth.refreshTokenGrantRequest(...this.who, this.how, this.app.refreshToken, OPTIONS);
    this.app.merge(await oauth.processRefreshTokenResponse(...this.who, answer));
  }
}

export function errorOf(error) {
  if (error instanceof oauth.ResponseBodyError) return { oauth_error: error.error, status: error.status };
  if (error instanceof oauth.AuthorizationResponseError) return { oauth_error: error.error };
  if (error instanceof oauth.WWWAuthenticateChallengeError) return { status: error.status };
  if (error instanceof oauth.OperationProcessingError) return { status: error.cause instanceof Response ? error.cause.status : undefined };
  return undefined;
}
