// What an exception means to whoever called. A library's module says which code and status an exception carries; the
// network's own exceptions are known here, and every other one is a crash. Their texts, in which servers have a say, are
// no answer of the application's: it tells the name.

const OVER = ['invalid_grant', 'interaction_required', 'consent_required', 'login_required']; // a new login is needed
const PASSING = ['temporarily_unavailable', 'server_error', 'slow_down'];
const NETWORK = /^(E[A-Z]{4,}|UND_ERR_\w+)$/;

export class Failure extends Error {
  constructor(kind, about = {}) {
    super(about.message ?? kind);
    this.about = { class: kind, ...about };
  }
}

const network = (error) => [error, error?.cause].some((one) => NETWORK.test(one?.code ?? '')) || error?.message === 'terminated';
const busy = (status) => status === 429 || status >= 500;

function classOf({ kind, oauth_error, status }) {
  if (kind) return kind;
  if (OVER.includes(oauth_error)) return 'invalid_grant';
  if (PASSING.includes(oauth_error)) return 'transport';
  if (oauth_error && !busy(status)) return 'oauth_error';
  return status ? 'http_status' : 'parse';
}

export function told(error, known) {
  if (error instanceof Failure) return error.about;
  const message = error?.constructor?.name;
  if (network(error)) return { class: 'transport', message };
  if (known === undefined) {
    const lines = `${error?.stack ?? error}`.replaceAll(/file:\/\/\S*\//g, '').split('\n'); // where it stands here is nobody's matter
    return { class: 'crash', message: lines.slice(0, 3).join('\n') };
  }
  const { kind, ...about } = known, oauth_error = typeof known.oauth_error === 'string' ? known.oauth_error : undefined;
  return { ...about, oauth_error, class: classOf({ ...known, oauth_error }), message };
}
