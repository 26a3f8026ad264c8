// Before a package is packed: what is built is of today, what is left of sources that are gone goes, and
// the license comes along. Run by `npm pack` and `npm publish` in the package's directory. Plain
// JavaScript, as prepare.mjs.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const directory = process.cwd();
const dist = join(directory, 'dist');

/** `x.js`, `x.js.map`, `x.d.ts` and `x.d.ts.map` come from `x.ts`. */
function hasSource(path) {
  return existsSync(join(directory, 'src', path.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts')));
}

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && entry.name !== '.tsbuildinfo' && !hasSource(path.slice(dist.length + 1))) {
    console.error(`bellwether: ${path} has no source any more: removed`);
    rmSync(path);
  }
}
copyFileSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
