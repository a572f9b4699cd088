// What an application does around a library: it holds the registration and the login under way, and keeps in a file
// what the library hands over. It knows no library.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Failure } from './failures.mjs';

const OFFLINE = { MICROSOFT: ['offline_access'] }; // what a vendor's documentation asks for a refresh token
const secret = () => randomBytes(32).toString('base64url');

export class Application {
  constructor({ registration, resource, store }) {
    Object.assign(this, { registration, resource, file: `${store}/tokens.json` });
    this.scopes = [...new Set([...registration.scopes, ...(OFFLINE[registration.provider_type] ?? [])])];
    this.stored = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : undefined;
  }

  keep(tokens) { // in one move: the process may end at any moment
    this.stored = tokens;
    writeFileSync(`${this.file}.new`, JSON.stringify(tokens ?? null), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }

  // For a library that hands the answer over and leaves the rest to the application: what is absent stays as it was.
  merge({ access_token, refresh_token = this.stored?.refresh_token, expires_in }) {
    const expires_at = expires_in === undefined ? undefined : Date.now() + expires_in * 1000;
    this.keep({ access_token, refresh_token, expires_at });
  }

  get refreshToken() {
    if (!this.stored.refresh_token) throw new Failure('reauth_required', { message: 'no refresh token' });
    return this.stored.refresh_token;
  }

  get due() { return this.stored.expires_at !== undefined && Date.now() >= this.stored.expires_at; }

  needed(value) { // without a token no library is asked
    if (!this.stored) throw new Failure('reauth_required');
    return value;
  }

  begin() {
    const verifier = this.registration.pkce ? secret() : undefined;
    const challenge = verifier && createHash('sha256').update(verifier).digest('base64url');
    this.login = { state: secret(), verifier, challenge };
    return this.login;
  }

  async finish(work) { // the login is over when it has succeeded
    const { login } = this;
    if (!login) throw new Failure('config', { message: 'no login is under way' });
    this.login = undefined;
    try {
      await work(login);
    } catch (error) {
      this.login = login;
      throw error;
    }
  }

  // Everything that an authorization request says beside response_type and client_id.
  parameters({ state, challenge }) {
    const { redirect_uri, scope_separator, authorization_parameters } = this.registration;
    return { redirect_uri, scope: this.scopes.join(scope_separator), state, ...authorization_parameters,
      ...(challenge && { code_challenge: challenge, code_challenge_method: 'S256' }) };
  }

  url(login) {
    const { authorization_endpoint, client_id } = this.registration;
    const query = new URLSearchParams({ response_type: 'code', client_id, ...this.parameters(login) });
    return `${authorization_endpoint}?${query}`;
  }

  // The code of a callback, for a library that does not look at callbacks: state, iss and error are looked at first.
  code(url, { state }) {
    const query = new URL(url).searchParams, { issuer, iss_expected } = this.registration, told = query.getAll('iss');
    const known = told.length ? told.length === 1 && told[0] === issuer : !iss_expected;
    if (query.get('state') !== state || !known) throw new Failure('config', { message: 'no callback of this login' });
    if (query.has('error')) throw new Failure('oauth_error', { oauth_error: query.get('error') });
    if (!query.get('code')) throw new Failure('config', { message: 'no code' });
    return query.get('code');
  }

  async get(resource) {
    const headers = { authorization: `Bearer ${this.stored.access_token}` };
    return (await fetch(resource, { headers })).status;
  }
}
