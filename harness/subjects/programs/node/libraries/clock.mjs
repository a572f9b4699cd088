// All time that a library looks at, Date, is the time that the program is told.
import { readFileSync } from 'node:fs';

const now = () => Math.floor(Number(readFileSync(process.env.REFRESHPROOF_CLOCK, 'utf8')) * 1000);

globalThis.Date = new Proxy(Date, {
  construct: (real, given, target) => Reflect.construct(real, given.length ? given : [now()], target === globalThis.Date ? real : target),
  apply: (real) => new real(now()).toString(),
  get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
});
