// @modelcontextprotocol/sdk 1: `withOAuth` makes a fetch that asks for authorization when the resource answers 401; the
// application is its provider, which stores. The metadata of the server is known, so that nothing is discovered but
// what the SDK looks for each time. https://github.com/modelcontextprotocol/typescript-sdk, seen 2026-11-30.
import { auth, refreshAuthorization, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { withOAuth } from '@modelcontextprotocol/sdk/client/middleware.js';
import { OAuthError } from '@modelcontextprotocol/sdk/server/auth/errors.js';

export const library = '@modelcontextprotocol/sdk';

class Provider {
  constructor(app) {
    const { client_id, client_secret, client_authentication, redirect_uri, scope_separator } = app.registration;
    this.app = app;
    this.redirectUrl = redirect_uri;
    this.clientMetadata = { redirect_uris: [redirect_uri], scope: app.scopes.join(scope_separator) };
    this.information = { client_id, client_secret, redirect_uris: [redirect_uri], token_endpoint_auth_method: client_authentication };
  }
  get metadata() {
    const { issuer, authorization_endpoint, token_endpoint, client_authentication } = this.app.registration;
    return { issuer, authorization_endpoint, token_endpoint, response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'], token_endpoint_auth_methods_supported: [client_authentication] };
  }
  // The MCP server is known by its address here on loopback, and to its authorization server by the one that is registered.
  validateResourceURL() { const { resource } = this.app.registration.token_parameters; return resource && new URL(resource); }
  discoveryState() { return { authorizationServerUrl: this.app.registration.issuer, authorizationServerMetadata: this.metadata }; }
  clientInformation() { return this.information; }
  state() { return this.login?.state; }
  tokens() { return this.login ? undefined : this.app.stored; }
  saveTokens(tokens) { this.app.keep(tokens); }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  redirectToAuthorization(url) { this.address = url; }
  invalidateCredentials(scope) { if (['all', 'tokens'].includes(scope)) this.app.keep(undefined); }
}

export class Client {
  constructor(app) {
    this.app = app;
    this.provider = new Provider(app);
  }
  async authorize(login) { // a login that is wanted while there are tokens: the SDK begins one where it finds none
    const provider = new Provider(this.app);
    provider.login = login;
    await auth(provider, { serverUrl: this.app.resource, scope: provider.clientMetadata.scope });
    login.verifier = provider.verifier;
    Object.entries(this.app.registration.authorization_parameters).forEach(([name, value]) => provider.address.searchParams.set(name, value));
    return provider.address.href;
  }
  async callback(url, login) {
    this.provider.saveCodeVerifier(login.verifier);
    await auth(this.provider, { serverUrl: this.app.resource, authorizationCode: this.app.code(url, login) });
  }
  async call(resource) { return (await withOAuth(this.provider, resource)(fetch)(resource)).status; }
  async refresh() {
    const { issuer } = this.app.registration, { metadata, information } = this.provider;
    const refreshToken = this.app.stored.refresh_token;
    const resource = this.provider.validateResourceURL();
    this.app.keep(await refreshAuthorization(issuer, { metadata, clientInformation: information, refreshToken, resource }));
  }
}

export function errorOf(error) {
  if (error instanceof UnauthorizedError) return { kind: 'reauth_required' };
  return error instanceof OAuthError ? { oauth_error: error.errorCode } : undefined;
}
