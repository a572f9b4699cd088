// An OAuth 2.0 client on Node alone, as a program under test: refreshproof run 'exec:node client.mjs'
// Copy it and put your own client in the place of Client; the lines below it are all that speak the protocol.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const LEAD = 60, PAUSE = 60, ASSUMED = 3600; // seconds: before expiry, after a failure, where no lifetime is told
const now = () => Number(readFileSync(process.env.REFRESHPROOF_CLOCK, 'utf8'));
const text = (value) => (typeof value === 'string' && value.trim() ? value : undefined);
const fail = (kind, about) => { throw Object.assign(new Error(kind), { about: { class: kind, ...about } }); };
const send = (url, options) => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options })
  .then(async (answer) => ({ status: answer.status, text: await answer.text() })).catch(() => fail('transport'));

class Client {
  constructor({ registration, store }) {
    Object.assign(this, { app: registration, file: `${store}/tokens.json`, flows: new Map(), paused: -Infinity });
    this.grant = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : {};
  }
  save(grant) { // in one move: the process may end at any moment
    writeFileSync(`${this.file}.new`, JSON.stringify(this.grant = grant), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
  authorize() {
    const { provider_type, client_id, redirect_uri, scope_separator, authorization_parameters, pkce } = this.app;
    const [state, verifier] = [1, 2].map(() => randomBytes(32).toString('base64url')), url = new URL(this.app.authorization_endpoint);
    const scope = [...this.app.scopes, ...(provider_type === 'MICROSOFT' ? ['offline_access'] : [])].join(scope_separator);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    Object.entries({ ...authorization_parameters, response_type: 'code', client_id, redirect_uri, scope, state,
      ...(pkce && { code_challenge: challenge, code_challenge_method: 'S256' }) }).forEach((pair) => url.searchParams.set(...pair));
    this.flows.set(state, verifier);
    return { url: url.href };
  }
  async callback({ url }) {
    const query = new URL(url).searchParams, iss = query.getAll('iss'), verifier = this.flows.get(query.get('state'));
    const known = iss.length ? iss.length === 1 && iss[0] === this.app.issuer : !this.app.iss_expected;
    if (!verifier || !known) fail('config', { message: 'no callback of a login that is under way' });
    this.flows.delete(query.get('state'));
    if (query.has('error') || !query.get('code')) fail('oauth_error', { oauth_error: query.get('error') ?? undefined });
    const grant = await this.token({ grant_type: 'authorization_code', code: query.get('code'), redirect_uri: this.app.redirect_uri,
      ...(this.app.pkce && { code_verifier: verifier }) });
    if (grant.refresh_token || !this.grant.refresh_token) this.save(grant); // what can be refreshed is not given up for less
    Object.assign(this, { renewal: undefined, paused: -Infinity });
    return { refreshable: Boolean(this.grant.refresh_token) };
  }
  async call({ resource }) {
    if (!this.grant.access_token) fail('reauth_required');
    if (now() >= this.grant.expires_at - LEAD) await this.renew().catch((error) => { if (!(now() < this.grant.expires_at)) throw error; });
    const get = () => send(resource, { headers: { authorization: `Bearer ${this.grant.access_token}`, accept: 'application/json' } });
    const used = this.grant.access_token, { status } = await get();
    if (status !== 401) return status < 400 ? { status } : fail('http_status', { status });
    if (used === this.grant.access_token) await this.renew();
    const again = await get();
    return again.status < 400 ? { status: again.status } : fail('http_status', { status: again.status });
  }
  renew() { return (this.renewal ??= this.refresh().finally(() => { this.renewal = undefined; })); } // one for all callers
  async refresh() {
    const before = this.grant, same = () => this.grant === before; // unless the user has logged in anew meanwhile
    if (!before.refresh_token) fail('reauth_required');
    if (now() < this.paused) throw this.failure;
    try {
      const grant = await this.token({ grant_type: 'refresh_token', refresh_token: before.refresh_token });
      if (same()) this.save({ ...grant, refresh_token: grant.refresh_token ?? before.refresh_token });
    } catch (error) {
      if (same()) Object.assign(this, { failure: error, paused: now() + PAUSE });
      if (same() && error.about?.class === 'invalid_grant') this.save({});
      throw error;
    }
  }
  async token(form) {
    const { client_id, client_secret, token_parameters, client_authentication, body_format, bearer_token_types } = this.app;
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }, sent = { ...form, ...token_parameters };
    const basic = Buffer.from([client_id, client_secret].map(encodeURIComponent).join(':')).toString('base64');
    if (client_authentication === 'client_secret_basic') headers.authorization = `Basic ${basic}`;
    else Object.assign(sent, { client_id, client_secret });
    if (body_format === 'json') headers['content-type'] = 'application/json';
    const body = body_format === 'json' ? JSON.stringify(sent) : new URLSearchParams(sent).toString();
    const { status, text: said } = await send(this.app.token_endpoint, { method: 'POST', headers, body });
    const answer = (() => { try { return JSON.parse(said); } catch { return undefined; } })(), good = status >= 200 && status < 300;
    const oauth_error = text(answer?.error), type = text(answer?.token_type)?.toLowerCase() ?? 'bearer';
    if (oauth_error) fail(oauth_error === 'invalid_grant' ? 'invalid_grant' : 'oauth_error', { status, oauth_error });
    if (!good || !text(answer?.access_token) || !['bearer', ...bearer_token_types].includes(type)) fail(good ? 'parse' : 'http_status', { status });
    const lifetime = Number(answer.expires_in) > 0 ? Number(answer.expires_in) : ASSUMED;
    return { access_token: answer.access_token, refresh_token: text(answer.refresh_token), expires_at: now() + lifetime };
  }
}

let client;
const subject = { name: 'Node sample', version: '1', capabilities: ['refresh', 'restart', 'parallel', 'clock', 'visible_output'] };
const COMMANDS = { hello: () => ({ protocol: 2 }), start: (sent) => { client = new Client(sent); return { subject }; },
  clock: () => ({ now: now() }), authorize: () => client.authorize(), callback: (sent) => client.callback(sent),
  call: (sent) => client.call(sent), refresh: () => client.renew() };
createInterface({ input: process.stdin }).on('line', async (line) => { // callers may be under way at the same time
  const sent = JSON.parse(line), run = async () => ({ ok: true, ...(await COMMANDS[sent.cmd](sent)) });
  const answer = sent.cmd in COMMANDS ? await run().catch((error) => ({ ok: false, error: error.about ?? { class: 'crash', message: String(error) } }))
    : { unsupported: true };
  process.stdout.write(`${JSON.stringify({ id: sent.id, ...answer })}\n`);
});
