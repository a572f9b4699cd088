// A library for Node as a program under test: node program.mjs simple-oauth2
// The module beside this one of that name is what the library's documentation has an application write.
import './clock.mjs';
import { Console } from 'node:console';
import { createInterface } from 'node:readline';
import { Application } from './application.mjs';
import { told } from './failures.mjs';
import { versionOf } from './packages.mjs';

globalThis.console = new Console(process.stderr); // stdout is for answers
const { library, Client, errorOf = () => undefined, unsuited = () => undefined } = await import(`./${process.argv[2]}.mjs`);
const subject = { name: library ?? process.argv[2], version: versionOf(library),
  capabilities: ['refresh', 'restart', 'parallel', 'clock', 'visible_output'] };
let app, client;

const COMMANDS = {
  hello: () => ({ protocol: 2 }),
  start: (sent) => {
    app = new Application(sent);
    client = new Client(app);
    return { subject: { ...subject, unsuited: unsuited(app.registration) } };
  },
  clock: () => ({ now: Date.now() / 1000 }),
  authorize: async () => ({ url: await client.authorize(app.begin()) }),
  callback: async ({ url }) => {
    await app.finish((login) => client.callback(url, login));
    return { refreshable: Boolean(client.refreshable ?? app.stored?.refresh_token) };
  },
  call: async ({ resource }) => ({ status: await client.call(app.needed(resource)) }),
  refresh: async () => { await client.refresh(app.needed()); return {}; },
  restart: () => { client = new Client(app); return {}; },
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const sent = JSON.parse(line);
  const work = async () => (COMMANDS[sent.cmd] ? { ok: true, ...(await COMMANDS[sent.cmd](sent)) } : { unsupported: true });
  const answer = await work().catch((error) => ({ ok: false, error: told(error, errorOf(error)) }));
  process.stdout.write(`${JSON.stringify({ id: sent.id, ...answer })}\n`);
});
