// The storage tests that cut the power and flip bits, with nothing left out: minutes, not seconds.
import { spawnSync } from 'node:child_process';

const tests = ['crash-exhaustive', 'damage'].map((name) => `packages/storage/test/${name}.test.ts`);
const { status } = spawnSync('npx', ['vitest', 'run', ...tests], {
  stdio: 'inherit',
  env: { STORAGE_SUBSETS: '1024', STORAGE_STRIDE: '1', ...process.env },
});
process.exitCode = status ?? 1;
