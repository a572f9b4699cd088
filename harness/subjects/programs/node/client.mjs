// An OAuth 2.0 client as a program under test: refreshproof run 'exec:node client.mjs'
// Copy it and put your own client in the place of Client; the loop at the end is all that speaks the protocol.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const LEAD = 60, TIMEOUT = 10_000, ASSUMED = 3600; // seconds before expiry, milliseconds, seconds
const now = () => Number(readFileSync(process.env.REFRESHPROOF_CLOCK, 'utf8'));
const secret = () => randomBytes(32).toString('base64url');
const fail = (kind, about = {}) => { throw Object.assign(new Error(kind), { about: { class: kind, ...about } }); };
const request = (url, options) => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT), ...options })
  .then(async (r) => ({ status: r.status, text: await r.text() })).catch(() => fail('transport'));
const text = (value) => (typeof value === 'string' && value.trim() ? value : undefined);

class Client {
  constructor({ registration, resource, store }) {
    Object.assign(this, { app: registration, resource, file: `${store}/tokens.json`, flows: new Map() });
    this.tokens = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : {};
  }
  save(changes) { // in one move: the process may end at any moment
    this.tokens = { ...this.tokens, ...changes };
    writeFileSync(`${this.file}.new`, JSON.stringify(this.tokens), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
  authorize() {
    const state = secret(), verifier = secret(), challenge = createHash('sha256').update(verifier).digest('base64url');
    this.flows.set(state, verifier);
    const pkce = this.app.pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {};
    const scope = [...this.app.scopes, ...(this.app.provider_type === 'MICROSOFT' ? ['offline_access'] : [])].join(this.app.scope_separator);
    const { client_id, redirect_uri, authorization_parameters } = this.app;
    const url = new URL(this.app.authorization_endpoint);
    for (const [name, value] of Object.entries({ ...authorization_parameters, ...pkce, client_id, redirect_uri, scope, state, response_type: 'code' })) url.searchParams.set(name, value);
    return { url: url.href };
  }
  async callback({ url }) {
    const query = new URL(url).searchParams, verifier = this.flows.get(query.get('state')), iss = query.get('iss');
    if (!verifier || (iss ?? (this.app.iss_expected ? '' : this.app.issuer)) !== this.app.issuer) fail('config', { message: 'not a callback of ours' });
    this.flows.delete(query.get('state'));
    if (!query.get('code')) fail('oauth_error', { oauth_error: query.get('error') ?? undefined });
    const grant = await this.token({ grant_type: 'authorization_code', code: query.get('code'), redirect_uri: this.app.redirect_uri, ...(this.app.pkce && { code_verifier: verifier }) });
    this.tokens = {};
    this.save(grant);
    return { refreshable: Boolean(this.tokens.refresh_token) };
  }
  async call({ resource }) {
    if (!this.tokens.access_token) fail('reauth_required');
    if (now() >= this.tokens.expires_at - LEAD) await this.renew();
    let used = this.tokens.access_token, answer = await this.get(resource, used);
    if (answer.status === 401) { if (used === this.tokens.access_token) await this.renew(); answer = await this.get(resource, this.tokens.access_token); }
    return answer.status < 400 ? { status: answer.status } : fail('http_status', { status: answer.status });
  }
  get(url, token) { return request(url ?? this.resource, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } }); }
  renew() { return (this.renewal ??= this.refresh().finally(() => { this.renewal = undefined; })); } // one for all callers
  async refresh() {
    if (!this.tokens.refresh_token) fail('reauth_required');
    const grant = await this.token({ grant_type: 'refresh_token', refresh_token: this.tokens.refresh_token });
    this.save(grant);
    return {};
  }
  async token(form) {
    const { client_id, client_secret, token_parameters, client_authentication, body_format } = this.app, headers = { accept: 'application/json' };
    const sent = { ...form, ...token_parameters };
    if (client_authentication === 'client_secret_basic') headers.authorization = `Basic ${Buffer.from([client_id, client_secret].map(encodeURIComponent).join(':')).toString('base64')}`;
    else Object.assign(sent, { client_id, client_secret });
    const json = body_format === 'json', body = json ? JSON.stringify(sent) : new URLSearchParams(sent).toString();
    headers['content-type'] = json ? 'application/json' : 'application/x-www-form-urlencoded';
    const { status, text: said } = await request(this.app.token_endpoint, { method: 'POST', headers, body });
    let answer; try { answer = JSON.parse(said); } catch { fail(status === 200 ? 'parse' : 'http_status', { status }); }
    if (text(answer?.error)) { if (answer.error === 'invalid_grant') this.save({ access_token: undefined, refresh_token: undefined }); fail(answer.error === 'invalid_grant' ? 'invalid_grant' : 'oauth_error', { status, oauth_error: answer.error }); }
    if (status !== 200 || !text(answer?.access_token)) fail(status === 200 ? 'parse' : 'http_status', { status });
    const lifetime = Number(answer.expires_in) > 0 ? Number(answer.expires_in) : ASSUMED;
    return { access_token: answer.access_token, expires_at: now() + lifetime, refresh_token: text(answer.refresh_token) ?? (form.refresh_token || undefined) };
  }
}

let client;
const subject = { name: 'sample client in Node', version: '1', capabilities: ['refresh', 'restart', 'parallel', 'clock', 'visible_output'] };
const COMMANDS = { hello: () => ({ protocol: 2 }), start: (sent) => { client = new Client(sent); return { subject }; }, clock: () => ({ now: now() }),
  authorize: () => client.authorize(), callback: (sent) => client.callback(sent), call: (sent) => client.call(sent), refresh: () => client.renew() };
createInterface({ input: process.stdin }).on('line', async (line) => { // callers may be under way together: no waiting here
  const sent = JSON.parse(line);
  const answer = await Promise.resolve().then(async () => (COMMANDS[sent.cmd] ? { ok: true, ...(await COMMANDS[sent.cmd](sent)) } : { unsupported: true }))
    .catch((error) => ({ ok: false, error: error.about ?? { class: 'crash', message: String(error) } }));
  process.stdout.write(`${JSON.stringify({ id: sent.id, ...answer })}\n`);
});
