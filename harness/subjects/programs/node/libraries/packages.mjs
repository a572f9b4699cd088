// Which version of a package is installed, beside package.json or in a folder above it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

export function versionOf(name) {
  if (name === undefined) return process.version;
  const file = require.resolve.paths(name).map((folder) => join(folder, name, 'package.json')).find((one) => existsSync(one));
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
