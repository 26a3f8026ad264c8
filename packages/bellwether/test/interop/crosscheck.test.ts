import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { java, PROGRAMS } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const PROGRAM = join(PROGRAMS, 'crosscheck', 'dist', 'run.js');
const DIFFERENCES = fileURLToPath(new URL('../../../../docs/differences.md', import.meta.url));
const TEST_TIMEOUT_MS = 90_000;
const { missing } = java;

describe('the differences that crosscheck knows of', () => {
  it('stand in the document, but for those of older ZooKeepers', () => {
    const { stdout } = spawnSync(process.execPath, [PROGRAM, '--differences'], {
      encoding: 'utf8',
    });
    const ids = stdout.split('\n').map((line) => line.split(':', 1)[0]!);
    const ours = ids.filter((id) => id !== '' && !id.startsWith('older-'));
    const text = readFileSync(DIFFERENCES, 'utf8');
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((id) => !text.includes(`(\`${id}\`)`))).toEqual([]);
  });
});

describe.skipIf(missing !== undefined)(
  missing === undefined
    ? 'every answer is that of Apache ZooKeeper'
    : `every answer is that of Apache ZooKeeper (skipped: ${missing})`,
  () => {
    it(
      'in the rounds written by hand, and in some random ones',
      async () => {
        const program = new ServerProcess([
          process.execPath,
          PROGRAM,
          ...['--operations', '400', '--no-shrink'],
        ]);
        try {
          await program.waitForEnd();
          expect(program.output).toContain('no unexplained difference');
          expect(program.exitCode).toBe(0);
        } finally {
          await program.end('SIGTERM');
        }
      },
      TEST_TIMEOUT_MS,
    );
  },
);
