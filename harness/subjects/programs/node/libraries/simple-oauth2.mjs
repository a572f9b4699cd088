// simple-oauth2 5: the library exchanges, tells when a token has expired and refreshes; the application looks at the
// callback, stores what `token.toJSON()` gives, and makes a token of it again with `createToken`.
// https://github.com/lelylan/simple-oauth2, seen 2026-11-30.
import { AuthorizationCode } from 'simple-oauth2';

export const library = 'simple-oauth2';
const AUTHENTICATION = { client_secret_basic: 'header', client_secret_post: 'body' };

export class Client {
  constructor(app) {
    const { client_id, client_secret, client_authentication, scope_separator } = app.registration;
    const [token, authorize] = [app.registration.token_endpoint, app.registration.authorization_endpoint].map((one) => new URL(one));
    this.app = app;
    this.client = new AuthorizationCode({
      client: { id: client_id, secret: client_secret },
      auth: { tokenHost: token.origin, tokenPath: token.pathname, authorizeHost: authorize.origin, authorizePath: authorize.pathname },
      options: { authorizationMethod: AUTHENTICATION[client_authentication], scopeSeparator: scope_separator },
    });
  }
  get token() { return this.client.createToken(this.app.stored); }
  authorize(login) { return this.client.authorizeURL(this.app.parameters(login)); }
  async callback(url, login) {
    const code = this.app.code(url, login), { redirect_uri } = this.app.registration;
    const verifier = login.verifier && { code_verifier: login.verifier };
    this.keep(await this.client.getToken({ code, redirect_uri, ...verifier }));
  }
  async call(resource) {
    if (this.token.expired()) await this.refresh();
    return this.app.get(resource);
  }
  async refresh() { this.keep(await this.token.refresh()); }
  keep(token) { this.app.keep(JSON.parse(JSON.stringify(token))); }
}

export function errorOf(error) { // what @hapi/wreck throws is a Boom with the answer in `data`
  if (!error.isBoom) return undefined;
  return { oauth_error: error.data?.payload?.error, status: error.data?.res?.statusCode };
}
