import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

it('counts on after its leader was stopped', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => line.replace(/node \d/, 'node N'))).toEqual([
    'node N: 1',
    'node N: 2',
    'node N: 3',
    'stopping node N, which leads',
    'node N: 13',
    'node N: 23',
    'node N reads 23',
    'node N reads 23',
  ]);
});
