import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/cli/simulate.ts';
import { scratchDirectory } from '../support/scratch.ts';

const PACKAGE = 'node_modules/@bellwether/simulator';

describe('bellwether simulate', () => {
  test('says how to get the simulator where it is not installed', () => {
    const elsewhere = join(scratchDirectory(), 'package.json');
    expect(() => simulate([], [elsewhere])).toThrow(
      'is not installed: npm install --save-dev @bellwether/simulator',
    );
  });

  test('hands its arguments to the one that is installed, and its exit code back', async () => {
    const directory = scratchDirectory({
      [`${PACKAGE}/package.json`]: '{ "exports": { "./command": "./command.cjs" } }',
      [`${PACKAGE}/command.cjs`]:
        "require('fs').writeFileSync(__dirname + '/args', process.argv.slice(2).join(' ')); process.exit(3);",
    });
    const code = await simulate(['--seeds', '5..9', '--log'], [join(directory, 'package.json')]);
    expect(code).toBe(3);
    expect(readFileSync(join(directory, PACKAGE, 'args'), 'utf8')).toBe('--seeds 5..9 --log');
  });

  test('runs it here', { timeout: 60_000 }, () => {
    const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
    const args = [cli, 'simulate', '--seeds', '1..2', '--nodes', '3', '--safety-ms', '300'];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stdout).toContain('2 runs, 0 failed');
    expect(status).toBe(0);
    const help = spawnSync(process.execPath, [cli, 'simulate', '--help'], { encoding: 'utf8' });
    expect(help.stdout).toContain('--seeds N');
  });
});
