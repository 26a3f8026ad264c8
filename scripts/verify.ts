// The gate: `npm run verify`. It only reads; `npm run fix` changes files.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkStructure } from './structure.ts';

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

interface Step {
  readonly name: string;
  /** What to do when it fails. */
  readonly advice: string;
  run(): Outcome;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A program of node_modules, run by this same node. */
function tool(script: string, ...args: readonly string[]): () => Outcome {
  return () => {
    const result = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    const failure = result.error === undefined ? '' : `${result.error.message}\n`;
    return {
      passed: result.status === 0,
      output: `${result.stdout ?? ''}${result.stderr ?? ''}${failure}`,
    };
  };
}

function structure(): Outcome {
  const problems = checkStructure(root);
  return { passed: problems.length === 0, output: problems.map((line) => `${line}\n`).join('') };
}

const STEPS: readonly Step[] = [
  {
    name: 'format',
    advice: 'npm run fix',
    run: tool('prettier/bin/prettier.cjs', '--check', '--cache', '--log-level', 'warn', '.'),
  },
  {
    name: 'types',
    advice: 'correct them',
    run: tool('typescript/bin/tsc', '-b'),
  },
  {
    name: 'types of tests',
    advice: 'correct them',
    run: tool('typescript/bin/tsc', '-b', 'tsconfig.test.json'),
  },
  {
    name: 'lint',
    advice: 'npm run fix corrects some',
    run: tool('oxlint/bin/oxlint'),
  },
  {
    name: 'structure',
    advice: 'scripts/structure.ts holds the rules',
    run: structure,
  },
  {
    name: 'unused code',
    advice: 'remove it, or what nobody imports need not be exported',
    run: tool('knip/bin/knip.js', '--no-progress'),
  },
];

let failed = 0;
for (const step of STEPS) {
  const { name, advice } = step;
  const startedMs = performance.now();
  const { passed, output } = step.run();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(16)} ${seconds.padStart(5)} s`);
  if (passed) continue;
  failed += 1;
  console.log(`${output.trimEnd()}\n(${name}: ${advice})\n`);
}
if (failed > 0) console.log(`verify: ${failed} of ${STEPS.length} steps failed`);
process.exitCode = failed === 0 ? 0 : 1;
