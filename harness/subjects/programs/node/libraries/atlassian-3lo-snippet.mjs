// What the page on OAuth 2.0 (3LO) apps of Atlassian's developer documentation shows for a rotating refresh token
// (developer.atlassian.com, "How do I configure the refresh token behavior?", seen 2026-11-30), in other words: the
// refresh is sent as JSON, and members are read of a promise. The application around it logs in, stores both tokens,
// and refreshes when the lifetime that the login told is over.
import { Failure } from './failures.mjs';

export const unsuited = ({ body_format }) => (body_format === 'json' ? undefined
  : 'the sample sends JSON, which is not what the documentation of this vendor asks for');

export class Client {
  constructor(app) { Object.assign(this, { app, ...app.stored }); }
  authorize(login) { return this.app.url(login); }
  async callback(url, login) {
    const { redirect_uri } = this.app.registration, code = this.app.code(url, login);
    const verifier = login.verifier && { code_verifier: login.verifier };
    const answer = await this.post({ grant_type: 'authorization_code', code, redirect_uri, ...verifier });
    if (!answer.ok) throw new Failure('http_status', { status: answer.status });
    const tokens = await answer.json();
    this.lifetime = tokens.expires_in;
    this.take(tokens);
  }
  async call(resource) {
    if (Date.now() >= this.due) await this.refresh();
    return this.app.get(resource);
  }
  async refresh() {
    await this.taken(await this.post({ grant_type: 'refresh_token', refresh_token: this.refresh_token }));
  }
  async taken(answer) {
    const tokens = answer.json(); // no await, as on the page
    this.take(tokens);
    await tokens; // what nobody catches ends a Node process: it is told as the crash of this operation
  }
  take(tokens) {
    this.access_token = tokens.access_token;
    if (tokens.refresh_token) this.refresh_token = tokens.refresh_token;
    this.due = Date.now() + this.lifetime * 1000;
    const { access_token, refresh_token, due, lifetime } = this;
    this.app.keep({ access_token, refresh_token, due, lifetime });
  }
  post(document) {
    const { token_endpoint, client_id, client_secret } = this.app.registration, headers = { 'content-type': 'application/json' };
    return fetch(token_endpoint, { method: 'POST', headers, body: JSON.stringify({ client_id, client_secret, ...document }) });
  }
}
