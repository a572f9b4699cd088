// openid-client 6: the library builds the authorization request, reads the callback, sends every request and checks
// every answer; the application decides when to refresh and stores. https://github.com/panva/openid-client, seen
// 2026-11-30.
import * as oidc from 'openid-client';

export const library = 'openid-client';
const AUTHENTICATION = { client_secret_basic: oidc.ClientSecretBasic, client_secret_post: oidc.ClientSecretPost };

export class Client {
  constructor(app) {
    const { issuer, authorization_endpoint, token_endpoint, iss_expected, client_id, client_secret, client_authentication } = app.registration;
    this.app = app;
    this.configuration = new oidc.Configuration(
      { issuer, authorization_endpoint, token_endpoint, authorization_response_iss_parameter_supported: iss_expected },
      client_id, undefined, AUTHENTICATION[client_authentication](client_secret));
    oidc.allowInsecureRequests(this.configuration); // the vendors stand on loopback
  }
  authorize(login) { return oidc.buildAuthorizationUrl(this.configuration, this.app.parameters(login)).href; }
  async callback(url, { state, verifier }) {
    const checks = { expectedState: state, pkceCodeVerifier: verifier };
    this.app.merge(await oidc.authorizationCodeGrant(this.configuration, new URL(url), checks));
  }
  async call(resource) {
    if (this.app.due) await this.refresh();
    const answer = await oidc.fetchProtectedResource(this.configuration, this.app.stored.access_token, new URL(resource), 'GET');
    return answer.status;
  }
  async refresh() { this.app.merge(await oidc.refreshTokenGrant(this.configuration, this.app.refreshToken)); }
}

export function errorOf(error) {
  if (error instanceof oidc.ResponseBodyError) return { oauth_error: error.error, status: error.status };
  if (error instanceof oidc.AuthorizationResponseError) return { oauth_error: error.error };
  if (error instanceof oidc.WWWAuthenticateChallengeError) return { status: error.status };
  if (error instanceof oidc.ClientError) return { status: error.cause instanceof Response ? error.cause.status : undefined };
  return undefined;
}
