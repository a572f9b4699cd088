// An OAuth 2.0 client on Node alone, the one that adapter.mjs tests. It knows nothing of the protocol: your own client
// goes in its place.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const DEAD = ['invalid_grant', 'unauthorized_client', 'interaction_required', 'consent_required']; // ask the user anew
const LEAD = 60, PAUSE = 120, ASSUMED = 3600; // seconds: before expiry, after a failure, where no lifetime is told
export const now = () => Number(readFileSync(process.env.REFRESHPROOF_CLOCK, 'utf8')); // Date.now() / 1000 in production
const text = (value) => (typeof value === 'string' && value.trim() ? value : undefined);
const fail = (kind, about) => { throw Object.assign(new Error(kind), { about: { class: kind, ...about } }); };
const read = (json) => { try { return json.length < 65_536 ? JSON.parse(json) : undefined; } catch { return undefined; } };
const send = (url, options) => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options })
  .then(async (answer) => ({ status: answer.status, body: await answer.text() })).catch(() => fail('transport'));

export class Client {
  constructor({ registration, store }) {
    Object.assign(this, { app: registration, file: `${store}/tokens.json`, flows: new Map(), paused: 0, hopeless: 0 });
    this.grant = existsSync(this.file) ? read(readFileSync(this.file, 'utf8')) : {};
  }
  save(grant) { // in one move: the process may end at any moment
    writeFileSync(`${this.file}.new`, JSON.stringify(this.grant = grant), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
  authorize() {
    const [state, verifier] = [1, 2].map(() => randomBytes(32).toString('base64url')), { app } = this;
    const challenge = createHash('sha256').update(verifier).digest('base64url'), url = new URL(app.authorization_endpoint);
    const scopes = [...new Set([...app.scopes, ...(app.provider_type === 'MICROSOFT' ? ['offline_access'] : [])])];
    Object.entries({ response_type: 'code', client_id: app.client_id, redirect_uri: app.redirect_uri, state,
      scope: scopes.join(app.scope_separator), ...(app.pkce && { code_challenge: challenge, code_challenge_method: 'S256' }),
      ...app.authorization_parameters }).forEach(([name, value]) => url.searchParams.set(name, value));
    this.flows.set(state, verifier);
    return { url: url.href };
  }
  async callback({ url }) {
    const query = new URL(url).searchParams, iss = query.getAll('iss'), verifier = this.flows.get(query.get('state'));
    const known = iss.length ? iss.length === 1 && iss[0] === this.app.issuer : !this.app.iss_expected;
    if (!verifier || !known) fail('config', { message: 'no callback of a login that is under way' });
    this.flows.delete(query.get('state'));
    if (query.has('error') || !query.get('code')) fail('oauth_error', { oauth_error: query.get('error') ?? undefined });
    const grant = await this.token({ grant_type: 'authorization_code', code: query.get('code'),
      redirect_uri: this.app.redirect_uri, ...(this.app.pkce && { code_verifier: verifier }) });
    if (grant.refresh_token || !this.grant.refresh_token) this.save(grant); // what can be renewed is not given up for less
    Object.assign(this, { renewal: undefined, paused: 0 });
    return { refreshable: Boolean(this.grant.refresh_token) };
  }
  async call({ resource }) {
    if (!this.grant.access_token) fail('reauth_required');
    if (now() >= this.grant.due) await this.renew().catch((error) => now() < this.grant.over || Promise.reject(error));
    const used = this.grant.access_token;
    let { status } = await this.get(resource);
    if (status === 401 && now() >= this.hopeless) {
      if (used === this.grant.access_token) await this.renew();
      ({ status } = await this.get(resource));
      if (status === 401) this.hopeless = now() + PAUSE;
    }
    return status < 400 ? { status } : fail('http_status', { status });
  }
  get(resource) { // a token of an unknown type is kept, and not sent
    const headers = { authorization: `Bearer ${this.grant.access_token}`, accept: 'application/json' };
    return this.grant.bearer ? send(resource, { headers }) : fail('config', { message: 'no bearer token' });
  }
  renew() { return (this.renewal ??= this.refresh().finally(() => { this.renewal = undefined; })); } // one for all callers
  async refresh() {
    const before = this.grant, form = { grant_type: 'refresh_token', refresh_token: before.refresh_token };
    if (!before.refresh_token) fail('reauth_required');
    if (now() < this.paused) throw this.failure;
    const grant = await this.token(form).catch((error) => (error.message === 'transport' ? this.token(form) : Promise.reject(error)))
      .catch((error) => { // once more where no answer came, then a pause; a login meanwhile outweighs all of it
        if (this.grant === before) Object.assign(this, { failure: error, paused: now() + PAUSE });
        if (this.grant === before && error.message === 'invalid_grant') this.save({});
        throw error;
      });
    if (this.grant === before) this.save({ ...grant, refresh_token: grant.refresh_token ?? before.refresh_token });
  }
  async token(form) {
    const { client_id, client_secret, token_endpoint, bearer_token_types } = this.app;
    const { status, body } = await send(token_endpoint, { method: 'POST', headers: { accept: 'application/json' },
      body: new URLSearchParams({ ...form, client_id, client_secret }) });
    const answer = read(body), good = status >= 200 && status < 300, oauth_error = text(answer?.error);
    if (oauth_error) fail(DEAD.includes(oauth_error) ? 'invalid_grant' : 'oauth_error', { status, oauth_error });
    if (!good || !text(answer?.access_token)) fail(good ? 'parse' : 'http_status', { status });
    const { access_token, refresh_token, token_type = 'bearer' } = answer, lifetime = Number(answer.expires_in) || ASSUMED;
    return { access_token, refresh_token: text(refresh_token), over: now() + lifetime, due: now() + lifetime - Math.min(LEAD, lifetime / 2),
      bearer: ['bearer', ...bearer_token_types.map((one) => one.toLowerCase())].includes(String(token_type ?? 'bearer').toLowerCase()) };
  }
}
