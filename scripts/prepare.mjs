// Makes a checkout ready to run: installs the dependencies when the lock file has changed since the
// last install, then builds what is out of date. This one file is plain JavaScript, because nothing
// that could compile it is there yet on a fresh machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MIN = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  console.error(
    `bellwether: Node.js ${NODE_MIN.join('.')} or newer is needed, this is ${process.version}`,
  );
  process.exit(1);
}

function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules', '.bellwether-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('bellwether: installing dependencies (npm ci)');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  writeFileSync(stamp, lock);
}

function build() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
}

checkNode();
try {
  install();
  if (!process.argv.includes('--install-only')) build();
} catch (error) {
  console.error(`bellwether: preparing failed: ${error.message}`);
  process.exit(1);
}
