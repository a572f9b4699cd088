// A client in Node as a program under test: refreshproof run 'exec:node adapter.mjs'
// Copy this, and put your own client in the place of Client. Commands are answered as they are done: callers may be
// under way at the same time.
import { createInterface } from 'node:readline';
import { Client, now } from './client.mjs';

let client;
const subject = { name: 'Node sample', version: '1', capabilities: ['refresh', 'restart', 'parallel', 'clock', 'visible_output'] };
const COMMANDS = { hello: () => ({ protocol: 2 }), start: (sent) => { client = new Client(sent); return { subject }; },
  clock: () => ({ now: now() }), authorize: () => client.authorize(), callback: (sent) => client.callback(sent),
  call: (sent) => client.call(sent), refresh: () => client.renew() };
createInterface({ input: process.stdin }).on('line', async (line) => {
  const sent = JSON.parse(line), failed = (error) => ({ ok: false, error: error.about ?? { class: 'crash', message: String(error) } });
  const work = async () => (COMMANDS[sent.cmd] ? { ok: true, ...(await COMMANDS[sent.cmd](sent)) } : { unsupported: true });
  process.stdout.write(`${JSON.stringify({ id: sent.id, ...(await work().catch(failed)) })}\n`);
});
